"""Tests of mentorbot/claims.py."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.claims import MOST, claims


@pytest.mark.parametrize(
    "said",
    [
        "I will work on this.",
        "I'll take it",
        "I’d like to fix this",
        "I'm currently looking into this bug",
        "I am going to submit a patch",
        "Can I work on this?",
        "May I please take it?",
        "Assigning to myself",
        "assigned this bug to me",
        "Working on this.",
        "Hello!\nworking on a fix",
        "I have started working on it",
        "Could I take over?",
        "Patch: https://review.harbour.example/1234 and a fix is on its way",
        "proposed a change: https://review.opendev.example/c/1",
        "I WANT TO TAKE THIS",
        "I'm interested in working on this bug.",
        "Hi, would love to pick this up",
        "Let me work on this one",
        "I'd like to contribute to this issue",
        "Agreed. I'll take care of this today.",
        "Newbie here, could I be assigned this?",
        "Reassigning to me.",
    ],
)
def test_who_says_that_they_work_on_it_claims_it(said: str) -> None:
    assert claims(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "This happens to me too.",
        "> I will work on this\nWhat became of it?",
        "  > I'll take it",
        "Is anyone working on this?",
        "Is somebody working on this bug?",
        "I see it with version 3.",
        "I will be away next week.",
        "The fix works for me.",
        "It would be good to fix this.",
        "Can you work on this?",
        "Would you like to work on this?",
        "Let me know whether you fix this.",
        "Nobody is interested in fixing this.",
        "I wish I could take this.",
        "Do you know who assigned this to me?",
    ],
)
def test_what_is_no_promise_is_no_claim(said: str) -> None:
    assert not claims(said)


def test_a_claim_below_a_long_log_is_not_looked_for() -> None:
    assert claims("x" * (MOST - 40) + "\nI will take this")
    assert not claims("x" * MOST + "\nI will take this")


@pytest.mark.parametrize(
    "word", ["I am ", "patch ", "I'm going to ", "assign ", "can I please ", "> ", "\n", "fix a b "]
)
def test_no_long_comment_takes_long(word: str) -> None:
    started = time.monotonic()
    assert claims(word * 6000) is False
    assert time.monotonic() - started < 2


@given(st.text())
def test_any_text_can_be_read(said: str) -> None:
    assert claims(said) in (True, False)
