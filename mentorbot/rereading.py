"""Reads anew, beside the mirrors' walks, what people were just told of: those take hours, and people wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from mentorbot.changes import Discussion
from mentorbot.clock import Clock
from mentorbot.errors import StoreError
from mentorbot.models import Activity, Bug, Change, Comment, Gone, Page, Targets, Task, Thing
from mentorbot.store import Store
from mentorbot.sync import Source, attempt

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks for what is to be read anew, and how long who ends waits for the last one."""


class Rereading:
    """Reads of one source what is due, in a thread of its own, and knows what the walk may have stored too late."""

    def __init__(self, source: Source, store: Store, clock: Clock) -> None:
        self._source, self._store, self._clock = source, store, clock
        self._lock = threading.Lock()
        self._now: set[int] = set()
        self._lately: set[int] = set()

    def go_on(self, ended: threading.Event) -> None:
        """Look again and again, until the event is set."""
        while not ended.is_set():
            try:
                self.look()
            except StoreError as error:
                log.info("%s Nothing is read anew until then.", error)  # the walk says it louder
            except Exception:
                log.exception("what people were told of could not be read anew; it is tried again")
            ended.wait(LOOK)

    def look(self) -> None:
        """Read what is due; what its source does not give now is left to the walk."""
        source, store = self._source, self._store
        if not (due := store.rereads.due(source.kind)):
            return
        store.try_writing()  # else it would be due, and asked for, again and again
        numbers = set(due.values())
        with self._lock:
            self._now = numbers
        if not store.cursors.rests(source.name, self._clock()):
            attempt(source, partial(self._read, sorted(numbers)), store, self._clock)
        store.rereads.done(due, self._clock())
        with self._lock:
            self._lately, self._now = self._lately | numbers, set()

    def _read(self, numbers: list[int]) -> None:
        self._store.save(list(self._source.reread(numbers)))  # a list: nobody waits for a server with the store locked

    def heed(self, page: Page) -> None:
        """The walk stored a page, which may be older than what was read anew since it was begun: have that read again.

        Else a bug that was found private meanwhile would be back in the store.
        """
        with self._lock:
            older = (self._lately | self._now) & {_number(thing) for thing in page.things}
            self._lately = set()
        if older:
            self._store.rereads.once_more(self._source.kind, older, self._clock())


def _number(thing: Thing) -> int | None:
    match thing:
        case Change() | Gone():
            return thing.number
        case Discussion():
            return thing.change
        case Bug():
            return thing.id
        case Task() | Comment() | Activity() | Targets():
            return thing.bug
    return None


@contextmanager
def beside(all_sources: list[Source], store: Store, clock: Clock) -> Iterator[Callable[[str, Page], None]]:
    """While this lasts, what people are told of is read anew within seconds; gives what is to be told of each page."""
    rereadings = {source.name: Rereading(source, store, clock) for source in all_sources}
    ended = threading.Event()
    threads = [threading.Thread(target=one.go_on, args=(ended,), daemon=True) for one in rereadings.values()]
    for thread in threads:
        thread.start()
    try:
        yield lambda name, page: rereadings[name].heed(page)
    finally:
        ended.set()
        for thread in threads:
            thread.join(LOOK)  # one that waits for a server ends with the process
