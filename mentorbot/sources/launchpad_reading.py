"""Bugs read in full, a few at the same time, each with its own fault where it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from mentorbot.errors import SourceError
from mentorbot.models import Gone, Targets, Task, Thing
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_search import Faults, address, along, is_of, tasks
from mentorbot.sources.launchpad_wire import Missing, Refused, Service, Unreachable
from mentorbot.store import Store

WORKERS = 4
"""Connections that read bugs at the same time; more would be impolite."""
FEW = 3
"""Bugs that Launchpad may fail to give by themselves; if it gives none of more, Launchpad itself is ill."""


class Reading(NamedTuple):
    """What came of reading one bug: its parts, when it last changed, or why it could not be read."""

    things: tuple[Thing, ...] = ()
    updated: datetime | None = None
    fault: SourceError | None = None


class Reader:
    """Reads bugs with a connection for each worker; what the store has under the same etag is read no further."""

    def __init__(self, service: Service, store: Store, workers: ThreadPoolExecutor) -> None:
        self._service, self._store, self._workers = service, store, workers

    def in_full(
        self, bugs: list[int], since: datetime | None, tasks_too: bool = False, anew: bool = False
    ) -> list[Reading]:
        """These bugs with their comments, and with the log of those that changed after `since`.

        `tasks_too`: with their tasks, since one that was moved or deleted shows in no search. `anew`: whatever the
        store has of them. Raises SourceError where none of more than a FEW can be read.
        """
        known = {} if anew else self._store.bugs.etags(bugs)
        readings = list(
            self._workers.map(lambda bug: self._read(bug, known.get(bug, ""), since, tasks_too), bugs),
        )
        if any(isinstance(reading.fault, Refused) for reading in readings) and self._is_shown():
            # It is these bugs that we may not see, not all there is: they are not for everybody.
            readings = [
                Reading((Gone("bug", bug),)) if isinstance(reading.fault, Refused) else reading
                for bug, reading in zip(bugs, readings, strict=True)
            ]
        if len(readings) > FEW and readings[0].fault and all(reading.fault for reading in readings):
            raise readings[0].fault
        return readings

    def _read(self, number: int, etag: str, since: datetime | None, tasks_too: bool) -> Reading:
        try:
            found = self._service.get(f"bugs/{number}").json
            if not shapes.is_public(found):
                return Reading((Gone("bug", number),))
            bug = shapes.bug(found)
            if bug.id != number:
                raise SourceError(f"Launchpad answered with bug {bug.id} for bug {number}.")
            things = self._tasks(number) if tasks_too else []
            if tasks_too and not things:
                return Reading((Gone("bug", number),), bug.updated)
            if etag and etag == bug.etag:
                return Reading(tuple(things), bug.updated)
            logged = since is not None and bug.updated > since
            things.append(replace(bug, logged=logged))
            if bug.message_count > 1:
                for page in along(self._service, f"bugs/{number}/messages"):
                    things += shapes.comments(number, page.json)
            if logged:
                for page in along(self._service, f"bugs/{number}/activity"):
                    things += shapes.activity(number, page.json)
            return Reading(tuple(things), bug.updated)
        except Missing:
            return Reading((Gone("bug", number),))
        except Unreachable:
            raise
        except SourceError as fault:
            return Reading(fault=fault)
        except ValueError as fault:
            return Reading(fault=SourceError(f"Launchpad's bug {number} cannot be understood: {fault}."))

    def _is_shown(self) -> bool:
        """Whether Launchpad shows anything to us."""
        for name in self._service.settings.projects:
            try:
                self._service.get(address(name))
                return True
            except Unreachable:
                raise
            except SourceError:
                continue
        return False

    def _tasks(self, number: int) -> list[Thing]:
        """A bug's tasks in the mirrored projects, and which these are; nothing where it moved away from them."""
        odd: Faults = []
        ours: list[Task] = [
            task
            for page in along(self._service, f"bugs/{number}/bug_tasks")
            for task in tasks(page, odd)
            if any(is_of(name, task.project) for name in self._service.settings.projects)
        ]
        if odd:  # it may be ours: the bug need not have moved away
            raise odd[0]
        return [*ours, Targets(number, frozenset(task.project for task in ours))] if ours else []


def faults(readings: Iterable[Reading]) -> list[SourceError]:
    return [reading.fault for reading in readings if reading.fault]


def parts(readings: Iterable[Reading]) -> list[Thing]:
    return [thing for reading in readings for thing in reading.things]
