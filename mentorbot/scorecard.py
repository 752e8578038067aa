"""Weighs items with all that the store knows: what was said, what the person did, how soon newcomers are answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from mentorbot import ranking
from mentorbot.config import Config
from mentorbot.models import Item
from mentorbot.store import Store, Wait, alike

FIRST = 50
"""So many of a queue's best are weighed with all that is known; what is not even among these is not offered first."""


def rank(item: Item) -> tuple[int, datetime, int]:
    """What makes one item better than another: more points, and among equals the younger."""
    return item.points, item.since, item.number


def ranked(items: list[Item], person: str, store: Store, config: Config, now: datetime) -> Iterator[Item]:
    """These items for this person, the best first."""
    rest = iter(sorted(items, key=rank, reverse=True))
    yield from sorted(_weighed(list(islice(rest, FIRST)), person, store, config, now), key=rank, reverse=True)
    yield from rest


def _weighed(items: list[Item], person: str, store: Store, config: Config, now: datetime) -> Iterator[Item]:
    """The items with all their signals."""
    works = store.tastes.of(person, now)
    near = alike({item.ref: item.title for item in items}, works) if works else {}
    bugs = [item.number for item in items if item.kind == "bug"]
    said, usual = store.discussions.on(bugs, config.robots, now), store.waits.usual()
    for item in items:
        is_bug = item.kind == "bug"
        further = ranking.further_signals(
            item.kind,
            said.get(item.number) if is_bug else None,
            near.get(item.ref),
            slowest(usual, item.project, item.tags) if is_bug else None,
            now,
            config.weights,
        )
        yield replace(item, signals=(*item.signals, *further))


def slowest(usual: dict[tuple[str, str], Wait], project: str, tags: frozenset[str]) -> Wait | None:
    """The usual wait of a bug: the longest among its components, else the project's; None where it is not known."""
    known = [usual[project, tag] for tag in tags if (project, tag) in usual]
    return max(known, key=_length) if known else usual.get((project, ""))


def _length(wait: Wait) -> tuple[timedelta, str]:
    return timedelta.max if wait.half is None else wait.half, wait.component


def scores(store: Store, config: Config, now: datetime) -> dict[int, float]:
    """The points of every bug that was open then, by number; part of a point for youth, so that no two are equal.

    Nobody in particular asks, so what a person did does not count; all else is as a suggestion of that moment has it.
    """
    bugs = store.discussions.open_bugs(config.robots, now)
    said, usual = store.discussions.on({bug.number for bug in bugs}, config.robots, now), store.waits.usual()
    found: dict[int, float] = {}
    for bug in bugs:
        signals = (
            *ranking.bug_signals(bug, config.launchpad.starter_tags, now, config.weights),
            *ranking.further_signals(
                "bug", said[bug.number], None, slowest(usual, bug.project, bug.tags), now, config.weights
            ),
        )
        days = max((now - bug.created).total_seconds(), 0) / 86400
        points = sum(signal.points for signal in signals) + 1 / (2 + days)
        found[bug.number] = max(points, found.get(bug.number, points))
    return found
