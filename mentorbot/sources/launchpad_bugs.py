"""A project's bugs from Launchpad: the open ones first, then which carry the tags of interest, then what changed."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import filterfalse

from mentorbot.errors import SourceError
from mentorbot.models import Gone, Page, Tagged, Targets, Task, Thing
from mentorbot.sources import bounds, launchpad_progress
from mentorbot.sources.launchpad_progress import HOUR, Progress
from mentorbot.sources.launchpad_reading import Reader, faults, parts
from mentorbot.sources.launchpad_search import (
    EVERY,
    OPEN,
    Faults,
    Unknown,
    down,
    entries,
    following,
    just_above_the_oldest,
    newest,
    search,
    size,
    tasks,
)
from mentorbot.sources.launchpad_wire import Answer, Service
from mentorbot.store import Store

BATCH = 20
"""Bugs read in full for one page of the store."""
UNREAD = 1000
"""Bugs without a text that the store is asked for at a time: it orders all that are left whenever it is asked."""
TOLD = 10
"""Things that cannot be read which are told of, the last ones: that nobody can read a million of them takes no more."""


class Mirror:
    """One run over the bugs: how far each project came, and how to go on."""

    def __init__(self, service: Service, store: Store, reader: Reader, known: Mapping[str, Progress]) -> None:
        self.service, self.store, self.reader = service, store, reader
        self.progress = {name: known.get(name, Progress()) for name in service.settings.projects}
        self.tags = list(dict.fromkeys((*service.settings.starter_tags, *service.settings.docs_tags)))
        self.faults: Faults = deque(maxlen=TOLD)
        """Of single things that could not be read while all the others were."""

    def page(self, things: Iterable[Thing], step: str, done: int, total: int | None = None) -> Page:
        return Page(tuple(things), launchpad_progress.written(self.progress), done, total, step)

    def project(self, name: str) -> Iterator[Page]:
        try:
            yield from self._walk(name)
            yield from self._search_tags(name)
            yield from self._poll(name)
        except Unknown:
            yield from self._forgotten(name)
            raise

    def backfill(self) -> Iterator[Page]:
        """The texts that were never read, those of bugs with a tag of interest first, until the store asks for none."""
        since = min((now.since for now in self.progress.values() if now.since), default=None)
        failed: dict[int, SourceError] = {}
        done = 0
        for tags in (self.tags, ()):
            bugs: list[int] = []
            # What was just read is named again only by a store that did not take it.
            while bugs := [
                *filterfalse({*failed, *bugs}.__contains__, self.store.bugs.unread(UNREAD + len(failed), tags))
            ]:
                for start in range(0, len(bugs), BATCH):
                    batch = bugs[start : start + BATCH]
                    readings = self.reader.in_full(batch, since)
                    failed |= {bug: it.fault for bug, it in zip(batch, readings, strict=True) if it.fault}
                    done += len(batch)
                    yield self.page(parts(readings), "texts", done)
        self.faults += failed.values()

    def _forgotten(self, name: str) -> Iterator[Page]:
        """Forget a project that is private now, or given up; should it come back, it is read from its beginning."""
        self.progress[name] = Progress()
        left: list[Thing] = [
            Targets(bug, others) if others else Gone("bug", bug)
            for bug, others in self.store.copies.elsewhere(name).items()
        ]
        left += [Gone("question", one.number) for one in self.store.questions.of(name)]
        left += [Gone("blueprint", key=one.key) for one in self.store.blueprints.of(name)]
        for start in range(0, len(left), BATCH):
            some = left[start : start + BATCH]
            yield self.page(some, f"{name}, forgotten", start + len(some), len(left))

    def _walk(self, name: str) -> Iterator[Page]:
        """The open bugs, the youngest task first: in this order no row moves while it is walked."""
        now = self.progress[name]
        if now.walked:
            return
        for answer, _ in down(self.service, name, OPEN, now.before):
            found = tasks(answer, self.faults)
            if now.before is None and now.polled is None:
                # All dates on the first page are older than the walk, and some not by much: poll from there.
                now = replace(now, watermark=self._known_until(newest(answer), answer), polled=answer.date)
            # Every page but the first begins with the last row of the one before.
            seen = now.done - bool(now.before)
            total = seen + size(answer, len(found))
            now = replace(
                now,
                before=just_above_the_oldest(answer) or now.before,
                done=seen + len(found),
                walked=not following(answer),
                missed=now.missed or len(found) < len(entries(answer)),
            )
            self.progress[name] = now
            yield self.page(found, f"open bugs of {name}", now.done, total)

    def _search_tags(self, name: str) -> Iterator[Page]:
        """Which open bugs carry a tag of interest: one search for each tag that was not searched for yet."""
        for tag in self.tags:
            now = self.progress[name]
            if tag in now.tags:
                continue
            bugs, last = set[int](), list[Task]()
            for answer, _ in down(self.service, name, OPEN | {"tags": json.dumps([tag])}):
                if last:
                    yield self.page(last, f"tags of {name}", len(now.tags), len(self.tags))
                last = tasks(answer, self.faults)
                bugs |= {task.bug for task in last}
            self.progress[name] = now = replace(now, tags=(*now.tags, tag))
            tagged = Tagged(name, tag, frozenset(bugs))
            yield self.page([*last, tagged], f"tags of {name}", len(now.tags), len(self.tags))

    def _poll(self, name: str) -> Iterator[Page]:
        """What changed in any way, then each of these bugs in full; one request where nothing did."""
        now, step = self.progress[name], f"news of {name}"
        query = EVERY | ({"modified_since": now.since.isoformat()} if now.since else {})
        answer = search(self.service, name, query | {"order_by": "-date_last_updated"})
        failed: Faults = deque(maxlen=TOLD)
        found = tasks(answer, failed)
        numbers = dict.fromkeys(task.bug for task in found)
        if found:
            yield self.page(found, step, 0, len(numbers))
        if following(answer):
            # In this order rows do move, so what is longer than a page is walked in the other.
            for more, _ in down(self.service, name, query):
                found = tasks(more, failed)
                numbers |= dict.fromkeys(task.bug for task in found)
                yield self.page(found, step, 0, len(numbers))
        bugs, watermark = list(numbers), now.watermark
        for start in range(0, len(bugs), BATCH):
            readings = self.reader.in_full(bugs[start : start + BATCH], now.since)
            if start == 0 and (updated := readings[0].updated):
                # Only the first: another one may have changed after the search, and more with it.
                watermark = max(updated, watermark or updated)
            failed += faults(readings)
            yield self.page(parts(readings), step, start + len(readings), len(bugs))
        self.faults += failed
        if failed and abs(answer.date - (now.polled or answer.date)) < HOUR:
            # Without a step forward, so that the next poll finds these bugs again; and all others with them, so not
            # for ever: what is about to be offered is read anew by itself.
            return
        # The first walk has seen everything there is: it counts as a comparison.
        self.progress[name] = replace(
            now,
            watermark=self._known_until(watermark, answer),
            polled=answer.date,
            checked=now.checked or answer.date,
        )
        yield self.page([], step, len(bugs), len(bugs))

    def _known_until(self, watermark: datetime | None, answer: Answer) -> datetime | None:
        # One of the two clocks may be behind, and that is no reason to read anything again.
        now = max(answer.date, self.service.clock())
        return watermark and bounds.known_until(watermark, now, launchpad_progress.OVERLAP)
