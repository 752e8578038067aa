"""Bugs from Launchpad, read anonymously: the open ones first, then what changed, then the texts never read."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from mentorbot import clock
from mentorbot.errors import SourceError
from mentorbot.models import OPEN_STATUSES, Gone, Page, Tagged, Task, Thing
from mentorbot.sources import launchpad_progress
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_progress import Progress
from mentorbot.sources.launchpad_wire import Answer, Missing, Service, Unreachable

__all__ = ["Service", "changed_since"]

log = logging.getLogger(__name__)

WORKERS = 4
"""Connections that read bugs at the same time; more would be impolite."""

BATCH = 20
"""Bugs read in full for one page of the store."""

CLOSED_STATUSES = ("Opinion", "Invalid", "Won't Fix", "Expired", "Fix Released", "Does Not Exist")
OPEN = {"status": json.dumps(OPEN_STATUSES)}
EVERY = {"status": json.dumps(OPEN_STATUSES + CLOSED_STATUSES), "omit_duplicates": "false"}

Unread = Callable[[int], list[int]]
Etags = Callable[[Iterable[int]], Mapping[int, str]]


class Reading(NamedTuple):
    """What came of reading one bug: its parts, when it last changed, or why it could not be read."""

    things: tuple[Thing, ...] = ()
    updated: datetime | None = None
    fault: SourceError | None = None


def changed_since(service: Service, cursor: str | None, unread: Unread, etags: Etags = lambda _: {}) -> Iterator[Page]:
    """Each project's open bugs and which of them carry the tags of interest, then what changed, then texts never read.

    `unread(limit)` are bugs whose text the store lacks, the most wanted first; `etags` tells under which etag it has a
    bug. Both are asked while pages are taken, so a page must be stored before the next one. Raises SourceError: at the
    end, where the fault was one project's or one bug's.
    """
    faults = []
    with closing(service), ThreadPoolExecutor(WORKERS) as workers:
        mirror = _Mirror(service, launchpad_progress.read(cursor), etags, workers)
        for part in (*map(mirror.project, service.settings.projects), mirror.backfill(unread)):
            try:
                yield from part
            except Unreachable:
                raise
            except SourceError as fault:
                log.info("%s", fault)
                faults.append(fault)
    if faults:
        waits = [fault.retry_after for fault in faults if fault.retry_after]
        raise SourceError(" ".join(dict.fromkeys(map(str, faults))), max(waits, default=None))


def check(service: Service, name: str) -> None:
    """Raises SourceError where Launchpad shows no project of that name, in words an operator can act on."""
    with closing(service):
        try:
            found = service.get(quote(name, safe="/+~")).json
        except Missing:
            raise _unknown(name) from None
        if not str(found.get("self_link")).endswith(f"/{name}") or _is_group(found):
            raise _misnamed(name, found)


def profiles(service: Service, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What these people write of themselves (their description), as (name, text); who is not there is left out.

    So are teams, in whose name several write, and people whom Launchpad shows under another name. Raises SourceError.
    """
    with closing(service):
        for name in names:
            try:
                found = service.get(f"~{quote(name)}").json
            except Missing:
                continue
            if found.get("name") == name and not found.get("is_team"):
                yield name, str(found.get("description") or "")


class _Mirror:
    """One run: how far each project came, and how to go on."""

    def __init__(
        self, service: Service, known: Mapping[str, Progress], etags: Etags, workers: ThreadPoolExecutor
    ) -> None:
        self.service, self.etags, self.workers = service, etags, workers
        self.progress = {name: known.get(name, Progress()) for name in service.settings.projects}

    def project(self, name: str) -> Iterator[Page]:
        yield from self._walk(name)
        yield from self._search_tags(name)
        yield from self._poll(name)

    def backfill(self, unread: Unread) -> Iterator[Page]:
        """The texts that were never read, a batch at a time until the store asks for none."""
        since = min((now.since for now in self.progress.values() if now.since), default=None)
        tried: set[int] = set()
        faults: list[SourceError] = []
        while batch := [bug for bug in unread(BATCH + len(faults)) if bug not in tried][:BATCH]:
            readings = self._in_full(batch, since)
            tried.update(batch)
            faults += [reading.fault for reading in readings if reading.fault]
            yield self._page(_things(readings), "texts", len(tried))
        if faults:
            raise faults[0]

    def _walk(self, name: str) -> Iterator[Page]:
        """The open bugs, the youngest task first: in this order no row moves while it is walked."""
        now = self.progress[name]
        if now.walked:
            return
        for answer in self._down(name, OPEN, now.before):
            tasks = _tasks(answer)
            if now.before is None and now.polled is None:
                # All dates on the first page are older than the walk, and some not by much: poll from there.
                now = replace(now, watermark=_newest(answer), polled=answer.date)
            # Every page but the first begins with the last row of the one before.
            seen = now.done - bool(now.before)
            total = seen + answer.json.get("total_size", len(tasks))
            now = replace(now, before=_lowest(answer) or now.before, done=seen + len(tasks), walked=not _next(answer))
            self.progress[name] = now
            yield self._page(tasks, f"open bugs of {name}", now.done, total)

    def _search_tags(self, name: str) -> Iterator[Page]:
        """Which open bugs carry a tag of interest: one search for each tag that was not searched for yet."""
        settings = self.service.settings
        tags = list(dict.fromkeys((*settings.starter_tags, *settings.docs_tags)))
        for tag in tags:
            now = self.progress[name]
            if tag in now.tags:
                continue
            answers = self._down(name, OPEN | {"tags": json.dumps([tag])})
            tasks = [task for answer in answers for task in _tasks(answer)]
            self.progress[name] = now = replace(now, tags=(*now.tags, tag))
            tagged = Tagged(name, tag, frozenset(task.bug for task in tasks))
            yield self._page([*tasks, tagged], f"tags of {name}", len(now.tags), len(tags))

    def _poll(self, name: str) -> Iterator[Page]:
        """What changed in any way, then each of these bugs in full; one request where nothing did."""
        now, step = self.progress[name], f"news of {name}"
        query = EVERY | ({"modified_since": now.since.isoformat()} if now.since else {})
        answer = self._search(name, query | {"order_by": "-date_last_updated"})
        tasks = _tasks(answer)
        if _next(answer):
            # In this order rows do move, so what is longer than a page is walked in the other.
            tasks += [task for more in self._down(name, query) for task in _tasks(more)]
        bugs = list(dict.fromkeys(task.bug for task in tasks))
        if bugs:
            yield self._page(tasks, step, 0, len(bugs))
        newest, faults = now.watermark, []
        for start in range(0, len(bugs), BATCH):
            readings = self._in_full(bugs[start : start + BATCH], now.since)
            if start == 0 and (updated := readings[0].updated):
                # Only the first: another one may have changed after the search, and more with it.
                newest = max(updated, newest or updated)
            faults += [reading.fault for reading in readings if reading.fault]
            yield self._page(_things(readings), step, start + len(readings), len(bugs))
        if faults:
            # Without a step forward, so that the next poll finds these bugs again.
            raise faults[0]
        self.progress[name] = replace(now, watermark=newest, polled=answer.date)
        yield self._page([], step, len(bugs), len(bugs))

    def _in_full(self, bugs: list[int], since: datetime | None) -> list[Reading]:
        known = self.etags(bugs)
        readings = list(self.workers.map(lambda bug: self._read(bug, known.get(bug, ""), since), bugs))
        if readings[0].fault and all(reading.fault for reading in readings):
            raise readings[0].fault
        return readings

    def _read(self, number: int, etag: str, since: datetime | None) -> Reading:
        """A bug with its comments, and with its log if it changed after `since`; nothing where the store has it."""
        try:
            found = self.service.get(f"bugs/{number}").json
            if not shapes.is_public(found):
                return Reading((Gone("bug", number),))
            bug = shapes.bug(found)
            if etag and etag == bug.etag:
                return Reading((), bug.updated)
            things: list[Thing] = [bug]
            if bug.message_count > 1:
                for page in self._along(f"bugs/{number}/messages"):
                    things += shapes.comments(number, page)
            if since and bug.updated > since:
                for page in self._along(f"bugs/{number}/activity"):
                    things += shapes.activity(number, page)
            return Reading(tuple(things), bug.updated)
        except Missing:
            return Reading((Gone("bug", number),))
        except Unreachable:
            raise
        except SourceError as fault:
            return Reading(fault=fault)
        except ValueError as fault:
            return Reading(fault=SourceError(f"Launchpad's bug {number} cannot be understood: {fault}."))

    def _search(self, name: str, query: Mapping[str, str]) -> Answer:
        try:
            answer = self.service.get(
                quote(name, safe="/+~"), {"ws.op": "searchTasks", "omit_targeted": "true", **query}
            )
        except Missing:
            raise _unknown(name) from None
        if any(task.project.split("/")[0] != name.split("/")[0] for task in _tasks(answer)):
            raise _misnamed(name, self.service.get(quote(name, safe="/+~")).json)
        return answer

    def _down(self, name: str, query: Mapping[str, str], before: datetime | None = None) -> Iterator[Answer]:
        """All pages of a search from the youngest task down.

        Each page is asked for by the date the last one ended with, since a row that leaves the result would shift
        another one past an offset; offsets only help over a page full of one moment.
        """
        link = ""
        while True:
            bound = {"created_before": before.isoformat()} if before else {}
            answer = (
                self.service.get(link) if link else self._search(name, {**query, **bound, "order_by": "-datecreated"})
            )
            yield answer
            link = _next(answer)
            if not link:
                return
            lowest = _lowest(answer)
            if lowest and (before is None or lowest < before):
                before, link = lowest, ""

    def _along(self, address: str) -> Iterator[Any]:
        """All pages of a collection that only grows at its end."""
        answer = self.service.get(address, {})
        yield answer.json
        while link := _next(answer):
            answer = self.service.get(link)
            yield answer.json

    def _page(self, things: Iterable[Thing], step: str, done: int, total: int | None = None) -> Page:
        return Page(tuple(things), launchpad_progress.written(self.progress), done, total, step)


def _unknown(name: str) -> SourceError:
    return SourceError(f"Launchpad knows no project {name}.")


def _misnamed(name: str, found: Any) -> SourceError:
    """What to tell an operator who names something that is no project, or has another name by now."""
    if _is_group(found):
        return SourceError(f"{name} is a group of projects on Launchpad; name those you want instead.")
    return SourceError(f"Launchpad calls {name} {found.get('name')} now; write that under [launchpad] projects.")


def _is_group(found: Any) -> bool:
    return str(found.get("resource_type_link")).endswith("#project_group")


def _tasks(answer: Answer) -> list[Task]:
    try:
        return [shapes.task(entry) for entry in answer.json["entries"]]
    except KeyError:
        raise SourceError('Launchpad\'s search gave no "entries".') from None
    except ValueError as fault:
        raise SourceError(f"Launchpad's search cannot be understood: {fault}.") from None


def _things(readings: Iterable[Reading]) -> list[Thing]:
    return [thing for reading in readings for thing in reading.things]


def _next(answer: Answer) -> str:
    return answer.json.get("next_collection_link") or ""


def _newest(answer: Answer) -> datetime | None:
    """The newest of all dates on a page of tasks."""
    dates = [
        value for entry in answer.json["entries"] for key, value in entry.items() if key.startswith("date_") and value
    ]
    return max(map(clock.parse, dates), default=None)


def _lowest(answer: Answer) -> datetime | None:
    """Just above the oldest task on a page: asked for what is older, Launchpad gives that task's twins too."""
    dates = [clock.parse(entry["date_created"]) for entry in answer.json["entries"]]
    return min(dates) + timedelta(microseconds=1) if dates else None
