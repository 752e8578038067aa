"""Compares the store with Gerrit: which changes there are and when they moved, and some of them field by field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from datetime import datetime

from mentorbot.errors import SourceError
from mentorbot.models import Change, Gone
from mentorbot.sources import gerrit, gerrit_shapes, gerrit_walk
from mentorbot.sources.gerrit_server import Server
from mentorbot.sources.gerrit_walk import Walk
from mentorbot.store.changes import Changes
from mentorbot.text import count, listed

SAMPLE = 20
"""Changes that are compared field by field."""


def verify(server: Server, stored: Changes) -> Iterator[str]:
    """What of the store is not as Gerrit shows it now, a sentence each. Raises SourceError."""
    projects = server.settings.projects
    with closing(server):
        odd = list[SourceError]()
        here, there = stored.updated(projects), _updated(server, projects, odd)
        if lacking := there.keys() - here.keys():
            yield f"{count(len(lacking), 'change')} of {len(there):,} there, such as {max(lacking)}, not in the store."
        if gone := here.keys() - there.keys():
            yield f"{count(len(gone), 'change')} in the store, such as {max(gone)}, not shown there any more."
        alike = [number for number in here.keys() & there.keys() if here[number] == there[number]]
        if moved := len(here.keys() & there.keys()) - len(alike):
            yield f"{count(moved, 'change')} moved there since they were read."
        sample = stored.sample(alike, SAMPLE)
        for thing in gerrit.reread(server, sample, odd):
            if isinstance(thing, Gone):
                yield f"change {thing.number} is not shown any more."
            elif isinstance(thing, Change) and (differing := _differing(stored.of(thing.number), thing)):
                yield f"change {thing.number} differs in its {listed(differing)}."
        yield from dict.fromkeys(map(str, odd))


def _updated(server: Server, projects: tuple[str, ...], odd: list[SourceError]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for group in gerrit_walk.groups(projects):
        walk, more = Walk(group, bare=True), True
        while more:
            rows = server.page(walk.query, odd, walk.skip, bare=True)
            found |= {row["_number"]: gerrit_shapes.moment(row["updated"]) for row in rows}
            walk, more = walk.onward(rows)
    return found


def _differing(here: Change | None, there: Change) -> list[str]:
    return [
        field.name.replace("_", " ")
        for field in fields(Change)
        if _in_order(getattr(here, field.name, None)) != _in_order(getattr(there, field.name))
    ]


def _in_order(value: object) -> object:
    return sorted(map(repr, value)) if isinstance(value, tuple) else value
