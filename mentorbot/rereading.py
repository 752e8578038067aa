"""Reads anew, beside the mirrors' walks, what people were just told of: those take hours, and people wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from mentorbot.changes import Discussion
from mentorbot.clock import Clock
from mentorbot.errors import StoreError
from mentorbot.models import Activity, Bug, Change, Comment, Gone, Page, Targets, Task, Thing
from mentorbot.questions import Blueprint, Question
from mentorbot.store import Store
from mentorbot.sync import Source, attempt

log = logging.getLogger(__name__)

Named = tuple[str, int | str]
"""An item by its kind and its number; a blueprint by its key, which it has also where the store forgot it."""
Reread = Callable[[list[int]], Iterable[Thing]]

LOOK = 1.0
"""Seconds between two looks for what is to be read anew, and how long who ends waits for the last one."""


class Rereading:
    """Reads of one source what is due, in a thread of its own, and knows what the walk may have stored too late."""

    def __init__(self, source: Source, store: Store, clock: Clock) -> None:
        self._source, self._store, self._clock = source, store, clock
        self._lock = threading.Lock()
        self._now: set[Named] = set()
        self._lately: set[Named] = set()

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
        for kind, reread in self._source.rereads.items():
            self._look(kind, reread)

    def _look(self, kind: str, reread: Reread) -> None:
        source, store = self._source, self._store
        if not (due := store.rereads.due(kind)):
            return
        store.try_writing()  # else it would be due, and asked for, again and again
        numbers = set(due.values())
        named = {(kind, store.blueprints.key(number) if kind == "blueprint" else number) for number in numbers}
        with self._lock:
            self._now = named
        if not store.cursors.rests(source.name, self._clock()):
            # A list: nobody waits for a server with the store locked.
            attempt(source, lambda: store.save(list(reread(sorted(numbers)))), store, self._clock)
        store.rereads.done(due, self._clock())
        with self._lock:
            self._lately, self._now = self._lately | named, set()

    def heed(self, page: Page) -> None:
        """The walk stored a page, which may be older than what was read anew since it was begun: have that read again.

        Else a bug that was found private meanwhile would be back in the store.
        """
        with self._lock:
            older = (self._lately | self._now) & {_named(thing) for thing in page.things}
            self._lately = set()
        for kind, name in older:
            # A blueprint that was gone, and is back with the page, has another number.
            number = name if isinstance(name, int) else self._store.blueprints.number(name)
            self._store.rereads.once_more(kind, [number], self._clock())


def _named(thing: Thing) -> Named:
    match thing:
        case Change():
            return "change", thing.number
        case Discussion():
            return "change", thing.change
        case Bug():
            return "bug", thing.id
        case Task() | Comment() | Activity() | Targets():
            return "bug", thing.bug
        case Question():
            return "question", thing.number
        case Blueprint():
            return "blueprint", thing.key
        case Gone():
            return thing.kind, thing.key or thing.number
    return "", 0


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
