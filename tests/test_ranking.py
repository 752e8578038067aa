"""Tests of mentorbot/ranking.py."""

from datetime import timedelta
from typing import Any

import pytest

from mentorbot import ranking
from mentorbot.kinds import KINDS
from mentorbot.models import OpenBug, OpenChange, Signal
from mentorbot.questions import Blueprint, Question
from mentorbot.store import Alike, Said, Wait
from mentorbot.weights import shipped
from tests.builders import NOW, blueprint, days_ago, question

BUG: dict[str, Any] = {
    "number": 12,
    "project": "harbour",
    "title": "It sinks",
    "url": "",
    "status": "New",
    "importance": "Undecided",
    "assignee": None,
    "reporter": "rita",
    "created": days_ago(120),
    "updated": days_ago(120),
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
        ({"answered": True, "status": "Incomplete"}, Signal("answered", 3, "its reporter answered and still waits")),
        ({"importance": "Low"}, Signal("judged", 4, "Low importance")),
        ({"importance": "High"}, Signal("judged", 4, "High importance")),
        ({"created": days_ago(29)}, Signal("under_30_days", 3, "only 29 days old")),
        ({"created": days_ago(-1)}, Signal("under_30_days", 3, "only a moment old")),
        ({"created": days_ago(181)}, Signal("over_180_days", -1, "5 months old")),
        ({"comments": 0}, Signal("untouched", 1, "nobody has looked at it yet")),
        ({"comments": 8}, Signal("long_talk", -1, "8 comments already")),
        ({"title": "TYPO in it"}, Signal("small_words", 1, '"typo" in the title, as in many small fixes')),
    ],
    ids=lambda value: value.words if isinstance(value, Signal) else "",  # a set has another order each time
)
def test_each_fact_of_a_bug_gives_its_signal(fact: dict[str, Any], signal: Signal) -> None:
    assert ranking.bug_signals(OpenBug(**(BUG | fact)), ["first", "b-first"], NOW) == (signal,)


@pytest.mark.parametrize(
    "fact",
    [
        {"importance": "Wishlist"},
        {"importance": "Critical"},
        {"answered": True},
        {"created": days_ago(180)},
        {"created": days_ago(30)},
    ],
)
def test_what_says_nothing_gives_no_signal(fact: dict[str, Any]) -> None:
    assert ranking.bug_signals(OpenBug(**(BUG | fact)), [], NOW) == ()


def test_a_very_old_bug_counts_down_twice() -> None:
    assert ranking.bug_signals(OpenBug(**(BUG | {"created": days_ago(731)})), [], NOW) == (
        Signal("over_180_days", -1, "2 years old"),
        Signal("over_two_years", -2, "more than two years is very old"),
    )


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("said", "alike", "wait", "signal"),
    [
        (
            Said(unanswered=True),
            None,
            None,
            Signal("unanswered", -2, "the last word is a question that its reporter has not answered"),
        ),
        (Said(spoken=days_ago(59)), None, None, Signal("lately", 1, "somebody spoke of it 59 days ago")),
        (Said(given_up=True), None, None, Signal("tried_before", -2, "somebody took it once and gave up")),
        (
            Said(given_up=True, merged=True),
            None,
            None,
            Signal("tried_before", -2, "a change for it is merged, and it is open all the same"),
        ),
        (None, Alike("LP#9", ("anchor", "lost")), None, Signal("alike", 1, "like your LP#9: anchor, lost")),
        (
            None,
            None,
            Wait("harbour", "", WEEK * 2, 20),
            Signal(
                "slow_answers", -2, "first answers are slow in harbour: half of the newcomers wait 14 days or longer"
            ),
        ),
        (
            None,
            None,
            Wait("harbour", "sails", None, 20),
            Signal("slow_answers", -2, "first answers are slow in sails: most newcomers get none"),
        ),
    ],
    ids=str,
)
def test_what_was_said_done_and_waited_for_gives_signals(
    said: Said | None, alike: Alike | None, wait: Wait | None, signal: Signal
) -> None:
    assert ranking.further_signals("bug", said, alike, wait, NOW) == (signal,)


def test_a_quick_project_and_an_item_of_which_nothing_is_known_have_no_further_signals() -> None:
    assert ranking.further_signals("bug", Said(), None, Wait("harbour", "", WEEK, 20), NOW) == ()
    assert ranking.further_signals("bug", Said(spoken=days_ago(60)), None, None, NOW) == ()
    assert ranking.further_signals("change", None, None, None, NOW) == ()


@pytest.mark.parametrize(
    ("asked", "signals"),
    [
        (question(1, days=40, responded=20), ()),
        (question(1, days=40), (Signal("untouched", 1, "nobody has answered yet"),)),
        (
            question(1, days=29, responded=9, queried=8),
            (
                Signal("answered", 3, "its asker answered and still waits"),
                Signal("under_30_days", 3, "only 29 days old"),
            ),
        ),
        (question(1, days=181, responded=9), (Signal("over_180_days", -1, "5 months old"),)),
    ],
)
def test_each_fact_of_a_question_gives_its_signal(asked: Question, signals: tuple[Signal, ...]) -> None:
    assert ranking.question_signals(asked, NOW) == signals


@pytest.mark.parametrize(
    ("planned", "signals"),
    [
        (blueprint("a", days=40), ()),
        (blueprint("a", days=40, priority="Essential"), (Signal("judged", 4, "Essential priority"),)),
        (blueprint("a", days=2), (Signal("under_30_days", 3, "only 2 days old"),)),
        (
            blueprint("a", days=731, priority="Not"),
            (
                Signal("over_180_days", -1, "2 years old"),
                Signal("over_two_years", -2, "more than two years is very old"),
            ),
        ),
    ],
)
def test_each_fact_of_a_blueprint_gives_its_signal(planned: Blueprint, signals: tuple[Signal, ...]) -> None:
    assert ranking.blueprint_signals(planned, NOW) == signals


def test_there_are_at_most_14_signals_and_each_is_a_whole_number() -> None:
    points = {kind: list(signals.values()) for kind, signals in shipped().items()}
    assert {kind: len(all_of_them) <= 14 for kind, all_of_them in points.items()} == dict.fromkeys(KINDS, True)
    assert all(type(one) is int for all_of_them in points.values() for one in all_of_them)


def test_weights_are_handed_in_and_one_of_0_is_left_out() -> None:
    weights = {"bug": {**shipped()["bug"], "untouched": 9, "small_words": 0}}
    bug = OpenBug(**(BUG | {"comments": 0, "title": "Typo"}))
    assert ranking.bug_signals(bug, [], NOW, weights) == (Signal("untouched", 9, "nobody has looked at it yet"),)


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
