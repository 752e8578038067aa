"""Tests of plugins/feedback.py and mentorbot/feedback.py: one optional question, and what an answer means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.dispatch import Answer
from mentorbot.errors import UserError
from mentorbot.feedback import understood, verdict
from mentorbot.store import Store
from tests.builders import NOW, bug

Ask = Callable[..., list[str]]
THANKS = "Thank you; I keep that with LP#12, and not with your name in any count."


@pytest.fixture
def done(ask: Ask, store: Store) -> None:
    """Alice has done LP#12."""
    store.save(bug(12, tags=("low-hanging-fruit",), status="Triaged"))
    for text in ("!starter fixes", "!claim 1", "!done"):
        ask(text, account="alice")


def kept(store: Store) -> list[str]:
    return [row["feedback"] for row in store.rows("select feedback from offers order by id")]


def test_one_word_in_private_answers(done: None, ask: Ask, store: Store) -> None:
    assert ask("just right!", where=None, account="alice") == [THANKS]
    assert kept(store) == ["right"]
    # The question is answered: what comes next is none of its answers.
    assert ask("just right!", where=None, account="alice")[0].startswith("I am only a program")


def test_it_can_be_said_by_name_later_and_said_again(done: None, ask: Ask, store: Store) -> None:
    assert ask("!feedback boring", account="alice", now=NOW + timedelta(days=29)) == [THANKS]
    assert ask("!feedback too hard", account="alice", now=NOW + timedelta(days=29)) == [THANKS]
    assert kept(store) == ["hard"]


def test_no_answer_is_needed(done: None, ask: Ask, store: Store) -> None:
    assert ask("how is the weather", where=None, account="alice") == [
        'I do not understand "how is the weather": say feedback and one of right, easy, hard, unclear, obsolete, dull.'
    ]
    assert ask("how is the weather", where=None, account="alice")[0].startswith("I am only a program")
    assert kept(store) == [""]


@pytest.mark.parametrize(
    "text", ["no", "No, thanks!", "thanks, but no", "rather not", "Not now, sorry", "skip", "stop", "nothing, thanks"]
)
def test_a_no_is_taken_kindly_once(done: None, ask: Ask, store: Store, text: str) -> None:
    assert ask(text, where=None, account="alice") == ["As you like."]
    assert ask("no", where=None, account="alice")[0].startswith("I am only a program")
    assert kept(store) == [""]


def test_what_nobody_had_lately_cannot_be_judged(done: None, answer: Callable[..., Answer | None], ask: Ask) -> None:
    said = ["There is nothing you finished or gave back lately."]
    assert ask("!feedback right", nick="bob", account="bob") == said
    assert ask("!feedback right", account="alice", now=NOW + timedelta(days=31)) == said


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Too easy.", "easy"),
        ("boring", "dull"),
        ("confusng", "unclear"),
        ("fixed already", "obsolete"),
        ("It was too easy, thanks", "easy"),
        ("quite confusing for me", "unclear"),
    ],
)
def test_answers_are_understood_as_people_write_them(text: str, answer: str) -> None:
    assert understood(text) == answer


@pytest.mark.parametrize("text", ["", "yes", "not hard", "it wasn't boring", "good but too hard", "x" * 5000])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=": say feedback and one of right, easy, hard, unclear, obsolete, dull"):
        understood(text)


@pytest.mark.parametrize(
    ("outcome", "feedback", "reason", "good"),
    [
        ("done", "", "", True),
        ("merged", "", "", True),
        ("given up", "", "", False),
        ("lapsed", "", "", False),
        ("closed", "", "", None),
        ("taken", "", "", None),
        ("done", "hard", "", False),
        ("given up", "right", "", True),
        ("done", "dull", "", None),
        ("", "", "too hard", False),
        ("", "", "not docs", None),
        ("", "", "boring", None),
        ("given up", "", "no time", False),
    ],
)
def test_a_verdict_is_what_somebody_said_or_else_what_became_of_it(
    outcome: str, feedback: str, reason: str, good: bool | None
) -> None:
    assert verdict(outcome, feedback, reason) is good
