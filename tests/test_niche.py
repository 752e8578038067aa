"""Tests of plugins/niche.py: five made-up people find their niche, through the dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.config import Config
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from mentorbot.store import Store, Wait
from tests.builders import NOW, activity, bug, change
from tests.test_starter import numbers

Answers = Callable[..., Answer | None]
LIKES = "What do you like to do? 1 write, 2 try things out, 3 program, 4 run systems, 5 answer people."
MINUTES = "How much time have you got for a start? 1 half an hour, 2 two hours, 3 a day or more."
KNOWS = (
    "What do you know well? 1 Python, 2 C++ or another compiled language, 3 shell, Ansible or containers,"
    " 4 web pages, 5 a language beside English, 6 none of these."
)
PROJECT = "Which project? 1 harbour, 2 harbour-client; or any."
HOW = " (A number or a word will do, several where several are true; “I don't know” is an answer, “stop” leaves it.)"


@pytest.fixture(autouse=True)
def community(store: Store) -> None:
    """Three free items for each of some niches."""
    for n in range(3):
        store.save(
            [
                *bug(10 + n, "A page is wrong", tags=("docs",), status="Triaged"),
                *bug(20 + n, "Crash. Steps to reproduce: sail", comments=(("bob", "When?"),)),
                *bug(30 + n, "The mast is too short", tags=("low-hanging-fruit",), status="Triaged"),
                *bug(40 + n, "It stops at night", tags=("ops",), status="Confirmed"),
                *bug(60 + n, status="Triaged"),
                change(70 + n, status="ABANDONED", message=f"Closes-Bug: #{60 + n}"),
                change(80 + n, "Lengthen the mast", owner="vera"),
                change(90 + n, status="MERGED", owner="vera", days=99),
            ]
        )


@pytest.fixture
def talk(answer: Answers) -> Callable[..., list[str]]:
    """Say lines in private, one after the other; gives the last answer's lines."""

    def say(*lines: str, nick: str = "alice", account: str | None = None) -> list[str]:
        said: Answer | None = None
        for line in lines:
            said = answer(line, nick=nick, account=account, where=None)
        return said.lines if said else []

    return say


Talk = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("lines", "niche", "second", "items"),
    [
        (("niche", "writing", "2", "none", "any"), "documentation", "starter duplicates", ["LP#12", "LP#11", "LP#10"]),
        (
            ("niche", "testing", "an hour", "bash", "any"),
            "reproducing bugs",
            "starter duplicates",
            ["LP#22", "LP#21", "LP#20"],
        ),
        (
            ("niche", "3", "30 minutes", "python beginner", "I don't know"),
            "code review",
            "starter fixes",
            ["change 82", "change 81", "change 80"],
        ),
        (
            ("niche", "I run servers", "half an hour", "no code", "any"),
            "the operator's view",
            "starter duplicates",
            ["LP#42", "LP#41", "LP#40"],
        ),
        (
            ("niche", "program", "a day", "C++", "any"),
            "bringing abandoned changes home",
            "starter reviews",
            ["change 72", "change 71", "change 70"],
        ),
    ],
    ids=["a writer", "a tester", "a Python beginner with 30 minutes", "an operator with no code", "a C++ expert"],
)
def test_each_finds_a_fitting_niche(
    talk: Talk, lines: tuple[str, ...], niche: str, second: str, items: list[str]
) -> None:
    said = talk(*lines)
    assert said[0].startswith(f"Your niche: {niche}. ")
    assert said[0].endswith(f"(!{second}).")
    assert numbers(said) == items


def test_the_whole_talk_is_private_and_short(answer: Answers) -> None:
    def say(text: str, where: str | None = None) -> Answer | None:
        return answer(text, where=where)

    assert say("!niche", "#mentors") == Answer("alice", [LIKES + HOW], "#mentors", "I answered you in private.")
    assert say("1") == Answer("alice", [MINUTES])
    assert say("1") == Answer("alice", [KNOWS])
    assert say("6") == Answer("alice", [PROJECT])
    end = say("1")
    assert end is not None
    assert end.lines == [
        "Your niche: documentation. It asks for writing, and that is you. You see what is unclear because you are new;"
        " in a month you will not see it any more. One takes about 2 hours; !howto docs tells how to begin. Second"
        " choice: hunting duplicates (!starter duplicates).",
        *end.lines[1:4],
        "Say !claim 1 to keep the first, !why 1 for more, !another and your reason (too hard, boring, taken) to move"
        " on; !mentor docs finds you somebody to ask.",
    ]
    assert say("1") == Answer(
        "alice",
        ['I am only a program and do not understand "1". Say starter for something to do, help for the rest.'],
    )


def test_in_a_channel_a_bare_word_is_no_answer(talk: Talk, answer: Answers) -> None:
    talk("niche")
    assert answer("writing") is None
    assert answer("2") is None
    assert talk("2") == [MINUTES]


def test_what_is_told_at_the_beginning_is_not_asked_again(talk: Talk) -> None:
    assert talk("niche I like Python and have 30 minutes") == [LIKES + HOW]
    assert talk("3") == [PROJECT]


def test_one_does_not_have_to_know_anything(talk: Talk) -> None:
    said = talk("niche", "I don't know", "?", "dunno", "any")
    assert said[0].startswith("Your niche: code review. It is a good place to begin for anybody. ")
    assert len(numbers(said)) == 3


def test_what_is_not_understood_is_asked_again_and_commands_still_work(talk: Talk) -> None:
    talk("niche")
    assert talk("fish") == [f'I do not understand "fish". {LIKES}{HOW}']
    assert talk("about")[0].startswith("I am mentorbot, for Harbour")
    assert talk("starter fixes")[0].startswith("Try first fixes")
    assert talk("writing") == [MINUTES]
    assert talk("about 2 hours") == [KNOWS]


def test_who_answers_another_question_than_was_asked_is_not_asked_that_again(talk: Talk) -> None:
    talk("niche")
    assert talk("2 hours of C++") == [f"Noted. {LIKES}{HOW}"]
    assert talk("3") == [PROJECT]


@pytest.mark.parametrize("words", ["write", "try things out", "program", "run systems", "answer people"])
def test_every_answer_that_is_named_is_understood_by_its_words(talk: Talk, words: str) -> None:
    assert words in LIKES
    assert talk("niche", words) == [MINUTES]


def test_to_help_people_is_an_answer_and_help_with_a_command_is_help(talk: Talk) -> None:
    assert talk("niche", "help people") == [MINUTES]
    assert talk("help starter")[0].startswith("starter: Suggest a niche")
    assert talk("help")[0].startswith("I help newcomers")


def test_where_the_niche_has_too_few_items_it_is_said_which_fill_up(talk: Talk, store: Store) -> None:
    store.save(bug(51, tags=("i18n",), status="Triaged"))
    said = talk("niche I write in Portuguese, 30 minutes", "any")
    assert said[0].endswith(
        "Second choice: documentation (!starter docs). There is only 1 free in translation just now, so here is the"
        " next best too: documentation."
    )
    assert numbers(said) == ["LP#51", "LP#12", "LP#11"]


def test_it_can_be_left_and_gone_on_with_or_begun_anew(talk: Talk) -> None:
    talk("niche", "writing")
    assert talk("stop") == ["As you like. !niche goes on where we were."]
    assert talk("2") == [
        'I am only a program and do not understand "2". Say starter for something to do, help for the rest.'
    ]
    assert talk("niche") == [f"Where were we? {MINUTES}{HOW}"]
    assert talk("2") == [KNOWS]
    assert talk("niche again") == [LIKES + HOW]


def test_two_people_do_not_hear_each_others_questions(talk: Talk) -> None:
    talk("niche", "writing")
    assert talk("niche", nick="bob") == [LIKES + HOW]
    assert talk("program", nick="bob") == [MINUTES]
    assert talk("2") == [KNOWS]
    said = talk("6", "any")
    assert said[0].startswith("Your niche: documentation.")


def test_somebody_elses_nick_does_not_go_on_with_an_accounts_talk(talk: Talk) -> None:
    talk("niche", "writing", account="alice")
    assert talk("2") == [f'I do not understand "2"; let me ask. {LIKES}{HOW}']
    assert talk("2", account="alice") == [KNOWS]


@pytest.fixture
def restart(config: Config, loaded: Loaded, tmp_path: Path) -> Iterator[Callable[[str], list[str]]]:
    """Say one line to a bot that was just started on the same file."""

    def say(text: str) -> list[str]:
        store = Store(tmp_path / "bot.db")
        dispatch = Dispatch(config, loaded, store, lambda: NOW)
        said = dispatch.answer(Heard(Who("alice"), None, text))
        dispatch.close()
        store.close()
        return said.lines if said else []

    yield say


def test_a_restart_of_the_bot_forgets_no_answer(restart: Callable[[str], list[str]]) -> None:
    assert [restart(text) for text in ("niche", "writing", "2", "niche", "5")] == [
        [LIKES + HOW], [MINUTES], [KNOWS], [f"Where were we? {KNOWS}{HOW}"], [PROJECT],
    ]  # fmt: skip


def test_the_usual_wait_for_an_answer_is_told_where_it_is_known(talk: Talk, store: Store) -> None:
    store.waits.keep([Wait("harbour", "", timedelta(hours=9), 20)], NOW)
    said = talk("niche", "program", "a day", "python", "harbour")
    assert said[0].startswith("Your niche: first fixes. ")
    assert said[-1].endswith(" In harbour half of the newcomers' first changes get an answer within 9 hours.")


def test_a_refused_niche_is_not_chosen_again(talk: Talk) -> None:
    talk("niche", "writing", "2", "none", "any", "another not docs")
    assert talk("niche", "writing", "2", "none", "any")[0].startswith("Your niche: hunting duplicates. ")


def test_where_nothing_is_free_the_niche_is_told_all_the_same(config: Config, loaded: Loaded) -> None:
    empty = Store()
    dispatch = Dispatch(config, loaded, empty, lambda: NOW)
    said = [dispatch.answer(Heard(Who("alice"), None, text)) for text in ("niche", "1", "2", "6", "any")][-1]
    dispatch.close()
    empty.close()
    assert said is not None
    assert said.lines[0].startswith("Your niche: documentation. ")
    assert said.lines[1:] == [
        "Nothing is free there right now; new work comes in every day. Please ask again tomorrow."
    ]


def test_what_one_did_tells_it_where_the_name_is_proved(talk: Talk, store: Store) -> None:
    store.save([*bug(100, reporter="al"), activity(100, "bob", "status", "New", "Triaged")])
    store.save(change(n, owner="al-g", status="MERGED", files=("docs/a.rst",)) for n in (200, 201))
    assert talk("niche from lp:al", account="alice") == [
        "I look at what al did for al alone. Show me that this is you, with !iam lp:al, and ask again."
    ]
    store.people.join("account:alice", "launchpad", "al", NOW)
    assert talk("niche from lp:al", account="alice")[0].startswith(
        "Your niche: bug triage. I know of 1 report of yours. "
    )
    store.people.join("account:alice", "gerrit", "al-g", NOW)
    said = talk("niche from gerrit:al-g", account="alice")
    assert said[0].startswith("Your niche: documentation. I know of 1 report and 2 changes of yours. ")
    assert len(numbers(said)) == 3


def test_who_did_nothing_yet_is_asked(talk: Talk, store: Store) -> None:
    store.people.join("account:alice", "launchpad", "al", NOW)
    assert talk("niche from lp:al", account="alice") == [
        f"I have seen nothing that you did yet, so let me ask. {LIKES}{HOW}"
    ]
