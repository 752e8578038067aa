"""Tests of mentorbot/ranking.py."""

from typing import Any

import pytest

from mentorbot import ranking
from mentorbot.models import OpenBug, OpenChange, Signal
from tests.builders import NOW, days_ago

BUG: dict[str, Any] = {
    "number": 12,
    "project": "harbour",
    "title": "It sinks",
    "url": "",
    "status": "New",
    "importance": "Undecided",
    "assignee": None,
    "reporter": "rita",
    "created": days_ago(200),
    "updated": days_ago(200),
    "comments": 1,
}
CHANGE: dict[str, Any] = {
    "number": 50,
    "project": "harbour",
    "subject": "Do not sink",
    "url": "",
    "owner": "nora",
    "created": days_ago(3),
    "uploaded": days_ago(3),
    "size": 80,
    "patch_set": 2,
    "earlier": 5,
}


def test_a_plain_bug_and_a_plain_change_have_no_signals() -> None:
    assert ranking.bug_signals(OpenBug(**BUG), ["first"], NOW) == ()
    assert ranking.change_signals(OpenChange(**CHANGE), NOW) == ()


@pytest.mark.parametrize(
    ("fact", "signal"),
    [
        ({"tags": frozenset({"a", "first", "b-first"})}, Signal("starter_tag", 5, "tagged b-first")),
        ({"answered": True}, Signal("answered", 3, "its reporter answered and still waits")),
        ({"created": days_ago(29)}, Signal("under_30_days", 3, "only 29 days old")),
        ({"created": days_ago(-1)}, Signal("under_30_days", 3, "only a moment old")),
        ({"created": days_ago(30)}, Signal("under_90_days", 1, "30 days old")),
        ({"created": days_ago(366)}, Signal("over_a_year", -4, "12 months old")),
        ({"importance": "Medium"}, Signal("low_or_medium", 2, "Medium importance")),
        ({"importance": "Critical"}, Signal("high", 1, "Critical importance")),
        ({"importance": "Wishlist"}, Signal("wishlist", -2, "a wish")),
        ({"comments": 0}, Signal("untouched", 1, "nobody has looked at it yet")),
        ({"comments": 8}, Signal("long_talk", -1, "8 comments already")),
        ({"dead_proposals": 2}, Signal("died_before", -1, "an earlier attempt was abandoned")),
        ({"title": "TYPO in it"}, Signal("small_words", 1, '"typo" in the title, as in many small fixes')),
    ],
    ids=str,
)
def test_each_fact_of_a_bug_gives_its_signal(fact: dict[str, Any], signal: Signal) -> None:
    assert ranking.bug_signals(OpenBug(**(BUG | fact)), ["first", "b-first"], NOW) == (signal,)


@pytest.mark.parametrize(
    ("fact", "signal"),
    [
        ({"earlier": 0}, Signal("newcomer", 10, "its author's first change")),
        ({"earlier": 2}, Signal("newcomer", 10, "its author is new")),
        ({"size": 0}, Signal("under_10_lines", 3, "not a single line")),
        ({"size": 1}, Signal("under_10_lines", 3, "only 1 line")),
        ({"size": 10}, Signal("under_50_lines", 1, "10 lines")),
        ({"uploaded": days_ago(8)}, Signal("waits_over_a_week", 2, "waiting for 8 days")),
        ({"uploaded": days_ago(91)}, Signal("waits_over_90_days", -3, "waiting for 91 days")),
        ({"patch_set": 1}, Signal("first_patch_set", 1, "still its first patch set")),
    ],
    ids=str,
)
def test_each_fact_of_a_change_gives_its_signal(fact: dict[str, Any], signal: Signal) -> None:
    assert ranking.change_signals(OpenChange(**(CHANGE | fact)), NOW) == (signal,)


@pytest.mark.parametrize("title", ["", "Backlog is lost", "Catalogue fails", "Testament", "helpless", "🐟"])
def test_a_small_word_inside_another_is_none(title: str) -> None:
    assert ranking.bug_signals(OpenBug(**(BUG | {"title": title})), [], NOW) == ()
