"""What speaks for and against an item, in points anybody can check. The weights are in data/ranking.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from mentorbot.models import OpenBug, OpenChange, Signal
from mentorbot.questions import Blueprint, Question
from mentorbot.store import Alike, Said, Wait
from mentorbot.text import age, ago, count, lasting
from mentorbot.weights import Weights, shipped

_SMALL = re.compile(
    r"\b(typos?|spelling|wording|messages?|log(?:s|ging)?|rename|remove|unused|deprecat\w*|docs?|docstrings?|help|comments?|"
    r"missing|default|cleanup|clean up|test|unit tests?|link|example)\b",
    re.IGNORECASE,
)
LATELY = timedelta(days=60)
"""A bug of which somebody spoke so lately still matters to somebody."""
SLOW = timedelta(days=7)
"""A usual first answer that takes longer is slow."""


def bug_signals(
    bug: OpenBug, starter_tags: Iterable[str], now: datetime, weights: Weights | None = None
) -> tuple[Signal, ...]:
    """The signals of a bug by itself, as known at `now`; `weights` are ours where none are given."""
    return _weighed("bug", _of_bug(bug, frozenset(starter_tags), now), weights)


def change_signals(change: OpenChange, now: datetime, weights: Weights | None = None) -> tuple[Signal, ...]:
    """The signals of a change that waits for a review."""
    return _weighed("change", _of_change(change, now), weights)


def question_signals(question: Question, now: datetime, weights: Weights | None = None) -> tuple[Signal, ...]:
    """The signals of a question that waits for an answer."""
    return _weighed("question", _of_question(question, now), weights)


def blueprint_signals(blueprint: Blueprint, now: datetime, weights: Weights | None = None) -> tuple[Signal, ...]:
    """The signals of a blueprint that waits for readers, or for somebody to build it."""
    return _weighed("blueprint", _of_blueprint(blueprint, now), weights)


def further_signals(
    kind: str,
    said: Said | None,
    alike: Alike | None,
    wait: Wait | None,
    now: datetime,
    weights: Weights | None = None,
) -> tuple[Signal, ...]:
    """The signals of what was said on an item, of how near it is to the person's own work, and of how soon newcomers
    are answered there; None where nothing is known, or it does not matter."""
    return _weighed(kind, _further(said, alike, wait, now), weights)


def _weighed(kind: str, found: Iterator[tuple[str, str]], weights: Weights | None) -> tuple[Signal, ...]:
    points = (weights or shipped())[kind]
    return tuple(Signal(name, points[name], words) for name, words in found if points[name])


def _of_bug(bug: OpenBug, starter_tags: frozenset[str], now: datetime) -> Iterator[tuple[str, str]]:
    if tags := sorted(bug.tags & starter_tags):
        yield "starter_tag", f"tagged {tags[0]}"
    if bug.answered and bug.status == "Incomplete":
        yield "answered", "its reporter answered and still waits"
    if bug.importance in ("Low", "Medium", "High"):
        yield "judged", f"{bug.importance} importance"
    yield from _of_age(bug.created, now)
    if not bug.comments:
        yield "untouched", "nobody has looked at it yet"
    elif bug.comments >= 8:
        yield "long_talk", f"{count(bug.comments, 'comment')} already"
    if small := _SMALL.search(bug.title):
        yield "small_words", f'"{small[0].lower()}" in the title, as in many small fixes'


def _of_age(created: datetime, now: datetime) -> Iterator[tuple[str, str]]:
    days = (now - created).days
    if days < 30:
        yield "under_30_days", f"only {age(created, now)} old"
    elif days > 180:
        yield "over_180_days", f"{age(created, now)} old"
    if days > 730:
        yield "over_two_years", "more than two years is very old"


def _of_question(question: Question, now: datetime) -> Iterator[tuple[str, str]]:
    if question.responded is None:
        yield "untouched", "nobody has answered yet"
    elif question.queried and question.queried > question.responded:
        yield "answered", "its asker answered and still waits"
    yield from _of_age(question.created, now)


def _of_blueprint(blueprint: Blueprint, now: datetime) -> Iterator[tuple[str, str]]:
    if blueprint.priority in ("Low", "Medium", "High", "Essential"):
        yield "judged", f"{blueprint.priority} priority"
    yield from _of_age(blueprint.created, now)


def _further(said: Said | None, alike: Alike | None, wait: Wait | None, now: datetime) -> Iterator[tuple[str, str]]:
    if said and said.spoken and now - said.spoken < LATELY:
        yield "lately", f"somebody spoke of it {ago(said.spoken, now)}"
    if said and said.unanswered:
        yield "unanswered", "the last word is a question that its reporter has not answered"
    if said and said.merged:
        yield "tried_before", "a change for it is merged, and it is open all the same"
    elif said and said.given_up:
        yield "tried_before", "somebody took it once and gave up"
    if alike:
        yield "alike", f"like your {alike.ref}: {', '.join(alike.words)}"
    if wait and (wait.half is None or wait.half > SLOW):
        usual = (
            "most newcomers get none"
            if wait.half is None
            else f"half of the newcomers wait {lasting(wait.half)} or longer"
        )
        yield "slow_answers", f"first answers are slow in {wait.component or wait.project}: {usual}"


def _of_change(change: OpenChange, now: datetime) -> Iterator[tuple[str, str]]:
    if change.earlier == 0:
        yield "newcomer", "its author's first change"
    elif change.earlier < 3:
        yield "newcomer", "its author is new"
    if change.size < 10:
        yield "under_10_lines", f"only {count(change.size, 'line')}" if change.size else "not a single line"
    elif change.size < 50:
        yield "under_50_lines", count(change.size, "line")
    waited = (now - change.uploaded).days
    if waited > 90:
        yield "waits_over_90_days", f"waiting for {age(change.uploaded, now)}"
    elif waited > 7:
        yield "waits_over_a_week", f"waiting for {age(change.uploaded, now)}"
    if change.patch_set == 1:
        yield "first_patch_set", "still its first patch set"
