"""People as they come: in a hurry, under two names, wanting all or nothing; what each of them may rely on."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot import config as settings
from mentorbot import leases, loader, refresh
from mentorbot.config import Config
from mentorbot.dispatch import Dispatch
from mentorbot.errors import ConfigError
from mentorbot.models import Credit, Gone, Heard, Thing, Who
from mentorbot.store import Store
from mentorbot.store.moments import written
from tests.builders import NOW, blueprint, bug, days_ago, question
from tests.conftest import CONFIG

Ask = Callable[..., list[str]]
HOUR = timedelta(hours=1)


def first_fixes(count: int) -> list[Thing]:
    return [thing for n in range(101, 101 + count) for thing in bug(n, tags=("low-hanging-fruit",))]


def refs(lines: list[str]) -> list[str]:
    """What the numbered lines of an answer offer."""
    return [
        " ".join(line.split()[1:3] if "LP#" not in line else line.split()[1:2]) for line in lines if line[0].isdigit()
    ]


def held(store: Store, person: str, at: str) -> int:
    rows = store.rows(
        "select distinct kind, number from offers where person = :person and expires > :at", person=person, at=at
    )
    return len(rows)


# The interview.


@pytest.mark.parametrize("time", ["20 hours", "4d", "999 days", "1.5 hours", "2,5h", "half a day"])
def test_an_interview_ends_in_items_whatever_time_is_named(ask: Ask, store: Store, time: str) -> None:
    store.save(first_fixes(4))
    for word in ("niche", "3", time, "1"):
        ask(word, where=None)
    said = ask("any", where=None)
    assert said[0].startswith("Your niche: ") and len(refs(said)) in (0, 3)
    assert "no niche or project" not in " ".join(ask("!another", where=None))


def test_what_is_done_meanwhile_does_not_end_an_interview(ask: Ask, store: Store) -> None:
    store.save(first_fixes(3))
    for text in ("!starter fixes", "!claim 1"):
        ask(text, account="al")
    ask("niche", account="al", where=None)
    ask("1", account="al", where=None)
    assert "tell me how LP#103 was" in ask("done", account="al", where=None)[1]
    assert ask("2", account="al", where=None)[0].startswith("What do you know well?")
    assert ask("!feedback easy", account="al") == [
        "Thank you; I keep that with LP#103, and not with your name in any count."
    ]
    assert ask("1", account="al", where=None)[0].startswith("Which project?")


def one_niche(folder: Path, own: str = "") -> Config:
    off = "".join(f"[{name}]\noff = true\n" for name in settings.parse(CONFIG).niches.names if name != "fixes")
    (folder / "niches.toml").write_text(off + own, encoding="utf-8")
    (folder / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    return settings.load(folder / "mentorbot.toml")


def asking(config: Config, store: Store, *lines: str) -> list[list[str]]:
    """What Alice hears in private."""
    loaded = loader.load(config)
    dispatch = Dispatch(config, loaded, store, lambda: NOW)
    try:
        answers = [dispatch.answer(Heard(Who("alice", "al"), None, line)) for line in lines]
        return [answer.lines if answer else [] for answer in answers]
    finally:
        dispatch.close()
        loaded.close()


def test_with_one_niche_there_is_no_second_choice_and_who_refuses_it_is_told_so(store: Store, tmp_path: Path) -> None:
    store.save(first_fixes(3))
    config = one_niche(tmp_path)
    interview = ("niche", "3", "3", "1", "any")
    said = asking(config, store, *interview)[-1]
    assert refs(said) == ["LP#103", "LP#102", "LP#101"]
    assert said[0].endswith("!howto fixes tells how to begin.")
    assert asking(config, store, "!another not fixes", *interview)[-1] == [
        "You said no to every niche that I know, and I remember that for 90 days. !starter NAME leads you to one all"
        " the same; !niches lists them."
    ]


def test_a_project_may_be_called_like_a_niche(store: Store) -> None:
    config = settings.parse(CONFIG.replace('"harbour", "harbour-client"]', '"harbour", "docs", "tests"]'))
    store.save(
        [*bug(1, tags=("docs",)), *bug(2, tags=("docs",), project="docs"), *bug(3, tags=("docs",), project="tests")]
    )
    both, project, unsaid = asking(config, store, "!starter docs", "!starter docs docs", "!starter fixes docs tests")
    assert sorted(refs(both)) == ["LP#1", "LP#2", "LP#3"]
    assert refs(project)[0] == "LP#2" and project[0].startswith("There is only 1 free in documentation")
    assert refs(unsaid) == ["LP#3"] and unsaid[0].startswith("There is nothing free in first fixes")
    said = asking(config, store, "niche", "1", "2", "1", "tests")[-1]
    assert said[0].startswith("Your niche: documentation.") and refs(said) == ["LP#3"]


def test_a_mentor_may_be_asked_for_in_a_project_that_is_called_like_a_niche(store: Store) -> None:
    config = settings.parse(CONFIG.replace('"harbour", "harbour-client"]', '"harbour", "docs"]'))
    said = asking(config, store, "!mentor docs", "!mentor docs docs", "!mentor fixes docs", "!mentor docs harbour")
    named = [line.partition("No mentor for ")[2].partition(" is free")[0] for [line] in said]
    assert named == ["documentation", "documentation in docs", "first fixes in docs", "documentation in harbour"]


# Naming items.


def test_two_projects_may_call_their_plans_the_same(ask: Ask, store: Store) -> None:
    store.save(
        [blueprint("pier", days=2), blueprint("pier", project="harbour-client", days=3), blueprint("12", days=4)]
    )
    offered = ask("!starter specs", account="al")[1:]
    urls = [line.rsplit(" ", 1)[1] for line in offered]
    assert [url.split("/")[3] for url in urls] == ["harbour", "harbour-client", "harbour"]
    for n, url in enumerate(urls, 1):
        assert ask(f"!why {n}", account="al")[0].endswith(f" {url}")
        assert f" {url}" in ask(f"!claim {n}", account="al")[0]
    assert [url in line for url, line in zip(urls, ask("!claims", account="al"), strict=False)] == [True] * 3


@pytest.mark.parametrize(
    "words", ["LP#101", "lp 101.", "bug 101!", "1.", "#1", "https://bugs.harbour.example/harbour/+bug/101", "1?"]
)
def test_an_item_is_known_however_it_is_written(ask: Ask, store: Store, words: str) -> None:
    store.save(first_fixes(1))
    ask("!starter fixes", account="al")
    assert ask(f"!why {words}", account="al")[0].startswith("LP#101 has ")
    assert ask(f"!claim {words}", account="al")[0].startswith("LP#101 is yours for 14 days.")
    assert ask(f"!unclaim {words.rstrip('?')}", account="al")[0].startswith("LP#101 is free again")


@pytest.mark.parametrize("words", ["4", "0 too hard", "#9"])
def test_a_number_that_was_not_suggested_passes_nothing_on(ask: Ask, store: Store, words: str) -> None:
    store.save(first_fixes(2))
    assert ask("!starter fixes", account="al")[0].startswith("There are only 2 free in first fixes just now")
    assert ask(f"!another {words}", account="al") == ["Say which: another 1 or another 2; or another alone."]
    assert store.rows("select * from offers where passed is not null") == []
    assert ask("!another 90 minutes are too long for me", account="al")[0].startswith("Nothing is free")


def test_a_channel_does_not_hear_what_somebody_did_under_another_name(ask: Ask, store: Store) -> None:
    store.people.join("account:al", "launchpad", "alice-l", NOW)
    store.save(
        [
            *bug(90, "Anchor watch sinks", assignee="alice-l"),
            *bug(91, "Anchor watch floats", tags=("low-hanging-fruit",)),
        ]
    )
    said = [line for text in ("!starter fixes", "!why 1") for line in ask(text, account="al")]
    assert "like your own work" in said[-1] and "LP#90" not in " ".join(said)
    assert "like your LP#90: anchor, watch" in ask("!why 1", account="al", where=None)[0]


def test_one_of_several_may_be_passed_on_by_its_name(ask: Ask, store: Store) -> None:
    store.save(first_fixes(4))
    assert refs(ask("!starter fixes", account="al")) == ["LP#104", "LP#103", "LP#102"]
    assert refs(ask("!another LP#103 too hard", account="al")) == ["LP#104", "LP#102", "LP#101"]
    assert [row["reason"] for row in store.rows("select reason from offers where passed is not null")] == ["too hard"]


def test_a_plan_that_is_called_like_a_number_takes_nothing_else_with_it(store: Store) -> None:
    store.save([blueprint("12")])
    store.outbox.put("#mentors", ["LP#12 is free since 12 days.", "blueprint 12 is free."], NOW)
    thanked = Credit("account:bob", "bob", "thanks", "12 reviews", "", NOW)
    store.credits.add([thanked])
    store.save([Gone("blueprint", key="harbour/12")])
    assert [letter.lines for letter in store.outbox.take(NOW)] == [["LP#12 is free since 12 days."]]
    assert [credit.reason for credit in store.credits.between(days_ago(1), NOW + HOUR)] == ["12 reviews"]


@pytest.mark.parametrize(
    ("gone", "link"),
    [
        (Gone("bug", 1013), "https://bugs.launchpad.net/harbour/+bug/1013/comments/3"),
        (Gone("bug", 1013), "https://bugs.launchpad.net/bugs/1013/"),
        (Gone("change", 1013), "https://review.harbour.example/c/1013"),
        (Gone("change", 1013), "https://review.harbour.example/c/harbour/harbour/+/1013/2/log.py"),
        (Gone("question", 1013), "https://answers.launchpad.net/harbour/+question/1013#c1"),
        (Gone("blueprint", key="harbour/pier"), "https://blueprints.launchpad.net/harbour/+spec/pier/+whiteboard"),
    ],
)
def test_thanks_with_a_link_into_what_is_private_now_are_gone_too(store: Store, gone: Gone, link: str) -> None:
    store.save([blueprint("pier")])
    near = link.replace("1013", "10131").replace("pier", "piers")
    store.credits.add([Credit("account:bob", "bob", "thanks", "his help", url, NOW) for url in (link, near)])
    store.save([gone])
    assert [credit.url for credit in store.credits.between(days_ago(1), NOW + HOUR)] == [near]


def test_a_question_that_moved_to_another_project_stays_whose_it_is(ask: Ask, store: Store, config: Config) -> None:
    store.save([question(7)])
    ask("!starter support", account="al")
    ask("!claim 1", account="al")
    store.save([question(7, project="harbour-client")])
    leases.see(store, config, NOW + HOUR)
    assert [lease.item.ref for lease in store.leases.of("account:al", NOW + HOUR)] == ["question 7"]
    assert store.outbox.awaited() == []


# One who logs in, and one who wants all.


def test_who_logs_in_goes_on_where_they_were(ask: Ask, store: Store) -> None:
    store.save(first_fixes(9))
    assert refs(ask("!starter fixes")) == ["LP#109", "LP#108", "LP#107"]
    refresh.said(store, Who("alice"), "#mentors", ["https://bugs.harbour.example/harbour/+bug/109"], NOW)
    assert refs(ask("!another too hard", account="al")) == ["LP#106", "LP#105", "LP#104"]
    assert refs(ask("!starter fixes", account="al")) == ["LP#106", "LP#105", "LP#104"]
    assert refs(ask("!starter fixes", nick="bob")) == ["LP#109", "LP#108", "LP#107"]
    assert [(row["person"], row["round"]) for row in store.rows("select person, round from rereads")] == [
        ("account:al", 1)
    ]


def test_nobody_keeps_all_items_from_others_by_asking_on(ask: Ask, store: Store) -> None:
    store.save([thing for n in range(1, 41) for thing in bug(n, tags=("doc",), project="harbour")])
    store.save([*first_fixes(12), *(question(n) for n in range(1, 9)), *(blueprint(f"b{n}") for n in range(9))])
    for niche in ("fixes", "docs", "support", "specs"):
        ask(f"!starter {niche}", nick="eve", account="eve")
        ask("!another 1", nick="eve", account="eve")
    assert held(store, "account:eve", written(NOW)) == 9


def test_nobody_keeps_all_items_from_others_by_calling_them_taken(ask: Ask, store: Store) -> None:
    store.save(first_fixes(30))
    ask("!starter fixes", nick="eve", account="eve")
    for _ in range(9):
        ask("!another 1 taken", nick="eve", account="eve")
    assert held(store, "account:eve", written(NOW + 3 * 24 * HOUR)) == 5
    assert len(refs(ask("!starter fixes"))) == 3


# A community's own niches.


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ("[docs]\noff = 'yes'", "[docs] off: write true or false"),
        ("[docs]\naliases = ['Texts']", "[docs] aliases: another word for a niche is one word of small letters"),
        ("[docs]\naliases = ['two words']", "[docs] aliases: another word for a niche is one word of small letters"),
        ("[docs]\naliases = ['30m']", "[docs] aliases: another word for a niche is one word of small letters"),
        (
            "[[docs.bugs]]\nolder_days = 1000000000000",
            "[docs] bugs older_days: input should be less than or equal to 36500",
        ),
        (
            "[[docs.questions]]\nyounger_days = -1",
            "[docs] questions younger_days: input should be greater than or equal to 0",
        ),
        ("[fixes]\noff = true", "all niches are off, and one at least is needed"),
    ],
)
def test_what_could_not_be_meant_is_refused_with_the_key(tmp_path: Path, own: str, fault: str) -> None:
    (tmp_path / "niches.toml").write_text(own, encoding="utf-8")
    (tmp_path / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        if own.startswith("[fixes]"):
            one_niche(tmp_path, own)
        settings.load(tmp_path / "mentorbot.toml")
    assert fault in str(refused.value)


@pytest.mark.parametrize("name", ["niches.toml", "ranking.toml", "guides/docs.md"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "guides").mkdir()
    (tmp_path / "niches.toml").write_text("[docs]\nminutes = 30\n", encoding="utf-8")
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(ConfigError, match=f"{tmp_path / name} cannot be read: it is no file"):
        settings.load(tmp_path / "mentorbot.toml")


def test_the_exact_name_of_a_niche_counts_more_than_a_plural_of_another(tmp_path: Path) -> None:
    own = '[song]\ntitle = "t"\nwhat = "w"\nwhy = "y"\npitch = "p"\nsteps = ["s"]\nskills = ["people"]\nminutes = 30\n'
    own += 'done = "d"\nguide = "fixes.md"\naliases = ["sängerin"]\n'
    config = one_niche(tmp_path, own + own.replace("[song]", "[songs]").replace("sängerin", "chor"))
    found = {word: niche.name for word in ("song", "songs", "SÄNGERIN", "chor") if (niche := config.niches.named(word))}
    assert found == {"song": "song", "songs": "songs", "SÄNGERIN": "song", "chor": "songs"}
