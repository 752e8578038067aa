"""Tests of mentorbot/assent.py: who says yes, who says no, and who says something else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.assent import said


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes!", "y", "yep", "sure", "Sure, why not", "sure thing", "ok", "OK.", "of course", "yes please",
        "gladly", "no problem", "Hi, yes, of course!", "I'd love to help", "I would be glad to", "I can", "I do",
        "I'll take it", "will do", "not a problem", "I can help her",
        "Sounds good!", "fine by me", "👍", "+1", "oh yes", "still working on it", "I am still on it",
    ],
)  # fmt: skip
def test_who_agrees_says_yes(text: str) -> None:
    assert said(text) == ("yes", "")


@pytest.mark.parametrize(
    "text",
    [
        "no", "No.", "nope", "n", "not now", "sorry, not now", "Sorry!", "thanks, but no", "no thanks", "I can't",
        "I’m too busy, sorry", "maybe later", "not this week", "no time", "I don't", "not any more", "I gave it up",
        "unfortunately not", "I'm busy this month", "sorry, can't today", "-1",
    ],
)  # fmt: skip
def test_who_declines_says_no(text: str) -> None:
    assert said(text) == ("no", "")


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("yes ann", "yes", "ann"),
        ("No thanks, Ann.", "no", "ann"),
        ("yes, ann may write to me", "yes", "ann may write to me"),
        ("sorry, I am in the middle of a release", "no", "i am in the middle of a release"),
        ("yes, I'd be happy to help Ben!", "yes", "ben"),
    ],
)
def test_what_is_said_besides_is_given_too(text: str, word: str, rest: str) -> None:
    assert said(text) == (word, rest)


@pytest.mark.parametrize(
    "text",
    [
        "yes?", "sure, who is that?", "yes, but only next week", "ok, sorry", "not sure", "maybe", "perhaps", "depends",
        "ok let me think", "no, I will", "sorry for the wait, yes", "yes and no", "yes unless I am ill",
        "ok, I can't", "no, wait, I'll do it",
    ],
)  # fmt: skip
def test_what_may_be_the_other_is_unclear(text: str) -> None:
    assert said(text)[0] == "unclear"


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "thanks", "2", "writing", "who is ann?", "north", "note this", "okapi", "yesterday", "none",
        "I don't know", "I can write", "I will think about it", "nothing", "notify me", "?", "starter", "cannot-find",
        "fine",
    ],
)  # fmt: skip
def test_what_is_neither_is_no_answer(text: str) -> None:
    assert said(text)[0] == ""


@pytest.mark.parametrize("word", ["yes ", "no, ", "i ", "hm", "not ", "thanks but ", " "])
def test_no_long_text_takes_long(word: str) -> None:
    started = time.monotonic()
    said(word * 100_000)
    assert time.monotonic() - started < 2


@given(st.text())
def test_any_text_can_be_heard(text: str) -> None:
    assert said(text)[0] in ("yes", "no", "unclear", "")
