"""What speaks for and against an item, in points anybody can check. The weights are in data/ranking.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files

from mentorbot.models import OpenBug, OpenChange, Signal
from mentorbot.text import age, count

_SMALL = re.compile(
    r"\b(typos?|spelling|wording|messages?|log(?:s|ging)?|rename|remove|unused|deprecat\w*|docs?|docstrings?|help|comments?|"
    r"missing|default|cleanup|clean up|test|unit tests?|link|example)\b",
    re.IGNORECASE,
)


@cache
def weights() -> dict[str, dict[str, int]]:
    """The points of each signal, for "bug" and for "change"."""
    text = (files("mentorbot_data") / "ranking.toml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, int]] = tomllib.loads(text)
    return loaded


def bug_signals(bug: OpenBug, starter_tags: Iterable[str], now: datetime) -> tuple[Signal, ...]:
    """The signals of a bug, as known at `now`."""
    return _weighed("bug", _of_bug(bug, frozenset(starter_tags), now))


def change_signals(change: OpenChange, now: datetime) -> tuple[Signal, ...]:
    """The signals of a change that waits for a review."""
    return _weighed("change", _of_change(change, now))


def _weighed(kind: str, found: Iterator[tuple[str, str]]) -> tuple[Signal, ...]:
    return tuple(Signal(name, weights()[kind][name], words) for name, words in found)


def _of_bug(bug: OpenBug, starter_tags: frozenset[str], now: datetime) -> Iterator[tuple[str, str]]:
    if tags := sorted(bug.tags & starter_tags):
        yield "starter_tag", f"tagged {tags[0]}"
    if bug.answered:
        yield "answered", "its reporter answered and still waits"
    days = (now - bug.created).days
    if days < 30:
        yield "under_30_days", f"only {age(bug.created, now)} old"
    elif days < 90:
        yield "under_90_days", f"{age(bug.created, now)} old"
    elif days > 365:
        yield "over_a_year", f"{age(bug.created, now)} old"
    if bug.importance in ("Low", "Medium"):
        yield "low_or_medium", f"{bug.importance} importance"
    elif bug.importance in ("High", "Critical"):
        yield "high", f"{bug.importance} importance"
    elif bug.importance == "Wishlist":
        yield "wishlist", "a wish"
    if not bug.comments:
        yield "untouched", "nobody has looked at it yet"
    elif bug.comments >= 8:
        yield "long_talk", f"{count(bug.comments, 'comment')} already"
    if bug.dead_proposals:
        yield "died_before", "an earlier attempt was abandoned"
    if small := _SMALL.search(bug.title):
        yield "small_words", f'"{small[0].lower()}" in the title, as in many small fixes'


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
