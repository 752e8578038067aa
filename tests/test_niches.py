"""Tests of mentorbot/niches.py and plugins/niches.py."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mentorbot import config as settings
from mentorbot.dispatch import Answer
from mentorbot.errors import ConfigError
from mentorbot.niches import Niches, read, shipped
from mentorbot.store import Store
from tests.builders import bug, change

Ask = Callable[..., list[str]]
Answers = Callable[..., Answer | None]

NAMES = [
    "triage",
    "reviews",
    "docs",
    "fixes",
    "reproduce",
    "revisit",
    "support",
    "tests",
    "ci",
    "revive",
    "mentoring",
    "ux",
    "translation",
    "releases",
    "backports",
    "packaging",
    "deployment",
    "operators",
    "clients",
    "porting",
    "duplicates",
    "specs",
    "security",
]


def test_every_niche_is_complete() -> None:
    assert shipped().names == NAMES
    for niche in shipped():
        assert len(niche.steps) == 3
        assert niche.has_items
        assert [text for text in (niche.what, niche.why, niche.done, *niche.steps) if text[-1] not in ".?"] == []


def test_every_guide_has_a_begin_and_an_end_and_only_links_that_can_be_set() -> None:
    everything = {name: f"https://harbour.example/{name}" for name in settings.Links.model_fields}
    for niche in shipped():
        lines = shipped().guide(niche, everything)
        assert len(lines) > 10
        assert {"Begin:", "You are done when:"} <= {*lines, "Begin:" if "First of all:" in lines else ""}
        assert [line for line in lines if not line or line[0] in "#-!" or "{" in line.replace("{0}", "")] == []
    guide = Path(__file__).parents[1] / "data" / "guides"
    assert {path.name for path in guide.iterdir()} == {niche.guide for niche in shipped()}


def test_a_line_of_a_guide_whose_link_is_not_set_is_left_out() -> None:
    tests = shipped().called("tests")
    assert tests is not None
    none = dict.fromkeys(settings.Links.model_fields, "")
    some = shipped().guide(tests, none | {"testing": "https://harbour.example/testing"})
    added = [line for line in some if line not in shipped().guide(tests, none)]
    assert added == ["• How the tests are run here: https://harbour.example/testing"]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("triage", "triage"),
        ("Bugs", "triage"),
        ("review", "reviews"),
        ("REVIEWER", "reviews"),
        ("doc", "docs"),
        ("writers", "docs"),
        ("code", "fixes"),
        ("first-fix", "fixes"),
        ("i18n", "translation"),
        ("blueprints", "specs"),
        ("C++", "porting"),
    ],
)
def test_a_niche_is_known_by_its_words_in_singular_and_plural(word: str, name: str) -> None:
    assert shipped().named(word) == shipped().called(name) is not None


def test_a_title_of_several_words_stands_for_the_name() -> None:
    text = "not Code Review, but bringing abandoned changes home or code reviewing"
    assert shipped().by_name(text) == "not reviews, but revive or code reviewing"
    assert Niches((), {}).by_name(text) == text


@pytest.mark.parametrize("word", ["", "s", "poetry", "docsy", "🐟"])
def test_other_words_mean_no_niche(word: str) -> None:
    assert shipped().named(word) is None


def test_the_time_is_said_in_words() -> None:
    known = {niche.name: niche.time for niche in shipped()}
    assert [known[name] for name in ("revisit", "triage", "ci", "docs", "fixes")] == [
        *("20 minutes", "30 minutes", "an hour", "2 hours", "a day"),
    ]


# A community's own file.

POETRY = """
[poetry]
title = "poetry"
what = "Write a verse."
why = "It rhymes."
pitch = "verses to write"
steps = ["Begin."]
skills = ["writing"]
minutes = 15
done = "It is read aloud."
guide = "poetry.md"

[[poetry.bugs]]
tags = ["verse"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mentorbot.toml").write_text('[launchpad]\nprojects = ["harbour"]\n', encoding="utf-8")
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "poetry.md").write_text("# Poetry\n\n- Breathe.\n- See {bugs}\n", encoding="utf-8")
    return tmp_path


def test_a_community_adds_changes_and_takes_away_niches_with_a_file_beside_its_configuration(folder: Path) -> None:
    own = f'[docs]\nminutes = 60\ntitle = "the handbook"\n[security]\noff = true\n{POETRY}'
    (folder / "niches.toml").write_text(own, encoding="utf-8")
    (folder / "guides" / "docs.md").write_text("# The handbook\n- Ours.\n", encoding="utf-8")
    known = settings.load(folder / "mentorbot.toml").niches
    docs, poetry = known.called("docs"), known.called("poetry")
    assert docs and poetry
    assert known.names == [*NAMES[:-1], "poetry"]
    assert (docs.title, docs.time, docs.bugs) == ("the handbook", "an hour", shipped().all[2].bugs)
    assert known.guide(docs, {}) == ["• Ours."]
    assert known.guide(poetry, {"bugs": "https://x.example"}) == ["• Breathe.", "• See https://x.example"]
    assert settings.load(folder / "mentorbot.toml").links.bugs == ""


def test_without_such_a_file_ours_are_known_and_another_name_may_be_given(folder: Path) -> None:
    assert settings.load(folder / "mentorbot.toml").niches == shipped()
    (folder / "ours.toml").write_text(POETRY, encoding="utf-8")
    (folder / "mentorbot.toml").write_text('[community]\nniches = "ours.toml"\n', encoding="utf-8")
    assert settings.load(folder / "mentorbot.toml").niches.names == [*NAMES, "poetry"]


def without(key: str) -> str:
    return "\n".join(line for line in POETRY.splitlines() if not line.startswith(key))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[poetry", ["{}: this is not TOML: Expected ']' at the end of a table declaration (at end of document)"]),
        ("poetry = 1", ["{}: poetry: a niche is a section; write [poetry]"]),
        (without("why"), ["{}, line 2: [poetry] why: this is needed"]),
        (without("why") + "\n[docs]\nminutes = 1", [
            "{}, line 15: [docs] minutes: input should be greater than or equal to 5",
            "{}, line 2: [poetry] why: this is needed",
        ]),
        (POETRY.replace("minutes", "minuets"), [
            "{}, line 2: [poetry] minutes: this is needed",
            "{}, line 9: [poetry] minuets: there is no such key; did you mean minutes?",
        ]),
        (POETRY.replace('"Begin."', "1"), ['{}, line 7: [poetry] steps: write a text in quotes, such as "text"']),
        (POETRY.replace('["writing"]', '["rhyming"]'), [
            "{}, line 8: [poetry] skills: input should be 'writing', 'testing', 'programming', 'operating', 'people',"
            " 'python', 'compiled', 'shell', 'web' or 'languages'",
        ]),
        (POETRY.replace('tags = ["verse"]', 'label = ["verse"]'), [
            "{}, line 14: [poetry] bugs label: there is no such key; there are status, importance, tags, tags_of,"
            " without, words, talk, older_days, younger_days, projects, fixed.",
        ]),
        (POETRY.replace("poetry.bugs", "poetry.questions").replace("tags", "tag"), [
            "{}, line 14: [poetry] questions tag: there is no such key; there are state, languages, words, older_days,"
            " younger_days, projects.",
        ]),
        (POETRY.replace("poetry.bugs", "poetry.blueprints").replace('tags = ["verse"]', 'state = "new"'), [
            "{}, line 14: [poetry] blueprints state: input should be 'draft' or 'approved'",
        ]),
        (POETRY.replace('"poetry.md"', '"../poetry.md"'), [
            '{}, line 11: [poetry] guide: write the name of a file in guides/, such as "poetry.md"',
        ]),
        (POETRY.replace("poetry]", "Poetry]").replace("poetry.bugs", "Poetry.bugs"), [
            "{}, line 2: [Poetry] name: a niche is called by one word of small letters, digits and -",
        ]),
        (POETRY.replace('title = "poetry"', 'title = "poetry"\naliases = ["bugs"]'), [
            '{}: [poetry] aliases: "bugs" means triage already',
        ]),
    ],
)  # fmt: skip
def test_a_fault_in_it_is_named_with_file_and_key(folder: Path, text: str, faults: list[str]) -> None:
    file = folder / "niches.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        settings.load(folder / "mentorbot.toml")
    assert sorted(str(refused.value).splitlines()) == [fault.format(file) for fault in faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "there is no {}"),
        ("Poetry\n", "{} must begin with a title: # Title"),
        ("# Poetry\n" + "- x\n" * 60, "{} has 61 lines; 60 at most, for it is read in a chat"),
        ("# Poetry\n- {bogs}\n", "{}: there is no such link; did you mean bugs?"),
    ],
)
def test_a_fault_in_a_guide_is_named_with_its_file(folder: Path, text: str | None, fault: str) -> None:
    guide = folder / "guides" / "poetry.md"
    guide.unlink()
    if text is not None:
        guide.write_text(text, encoding="utf-8")
    (folder / "niches.toml").write_text(POETRY, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        settings.load(folder / "mentorbot.toml")
    assert str(refused.value) == f"{folder / 'niches.toml'}: [poetry] guide: {fault.format(guide)}"


def test_a_file_that_is_named_must_be_there(folder: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(folder / "ours.toml")
    assert str(refused.value).startswith(f"{folder / 'ours.toml'} cannot be read: ")


# The commands.


def test_niches_lists_them_in_private_by_what_one_likes_to_do(answer: Answers) -> None:
    assert answer("!niches") == Answer(
        "alice",
        [
            "If you like to write: docs, ux, translation, releases, specs.",
            "If you like to try things out: triage, reproduce, tests, ci, duplicates.",
            "If you like to program: reviews, fixes, revive, backports, clients, porting, security.",
            "If you run systems: packaging, deployment, operators.",
            "If you like to help people: revisit, support, mentoring.",
            "Say !niches NAME for what one does there, !starter NAME for something to do in it now; !niche helps"
            " you to choose.",
        ],
        "#mentors",
        "I answered you in private.",
    )


def test_niches_tells_of_one_how_much_waits(ask: Ask, store: Store) -> None:
    store.save([change(50, files=("doc/a.md",)), *bug(12, tags=("docs",))])
    assert ask("!niches writing") == [
        "Documentation (docs): Mend what the documentation says wrongly or leaves out, or review a change that does."
        " You see what is unclear because you are new; in a month you will not see it any more. About 2 hours an item;"
        " it asks for writing; 2 items waiting now. !howto docs tells how to begin, !starter docs gives you something"
        " to do."
    ]
    store.save([thing for number in range(100, 160) for thing in bug(number, tags=("docs",))])
    assert "; 50 items or more waiting now. " in ask("!niches writing")[0]
    assert "; it asks for programming, Python, a compiled language and testing; " in ask("!niches code review")[0]
    assert ask("!niches poetry") == [f'I know no niche "poetry". There are {", ".join(NAMES)}.']


def test_howto_tells_the_steps_in_private_and_more_the_guide(answer: Answers) -> None:
    niche = shipped().called("reviews")
    assert niche is not None
    guide = shipped().guide(niche, dict.fromkeys(settings.Links.model_fields, ""))
    assert answer("!howto review") == Answer(
        "alice",
        [
            f"Code review: {niche.why}",
            f"1. {niche.steps[0]}",
            f"2. {niche.steps[1]}",
            f"3. {niche.steps[2]}",
            f"Done when: {niche.done} ({len(guide)} more: say !more)",
        ],
        "#mentors",
        "I answered you in private.",
    )
    assert answer("!howto code review") == answer("!howto review")
    more = answer("more", where=None)
    assert more is not None
    assert more.lines[:7] == guide[:7]


def test_howto_asks_which_niche(ask: Ask) -> None:
    assert ask("!howto") == [f"Say which niche: {', '.join(NAMES)}. For example: !howto triage"]
    assert ask("!howto poetry") == [f'I know no niche "poetry". There are {", ".join(NAMES)}.']


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("suport", " Did you mean support?"),
        ("Trige", " Did you mean triage?"),
        ("habour", " Did you mean harbour?"),
        ("fish", ""),
    ],
)
def test_a_niche_that_is_misspelt_is_asked_after(word: str, question: str) -> None:
    assert shipped().meant(word, ["harbour"]) == question


def test_a_misspelt_niche_of_the_communitys_file_is_named_and_not_taken_for_a_new_one(folder: Path) -> None:
    file = folder / "niches.toml"
    file.write_text("[trigae]\noff = true\n", encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        settings.load(folder / "mentorbot.toml")
    assert str(fault.value) == (
        f"{file}: [trigae]: there is no such niche; did you mean triage? A new one needs a title."
    )
