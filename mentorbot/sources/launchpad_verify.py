"""Compares the store with Launchpad: how many bugs there are, the youngest by their tasks, some field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace

from mentorbot.errors import SourceError
from mentorbot.models import Activity, Bug, Comment, Gone, Targets, Task, Thing
from mentorbot.sources.launchpad_reading import WORKERS, Reader, Reading
from mentorbot.sources.launchpad_rounds import lists
from mentorbot.sources.launchpad_search import OPEN, search, size, tasks
from mentorbot.sources.launchpad_wire import Service, Unreachable
from mentorbot.store import Store
from mentorbot.text import listed

SAMPLE = 20
"""Bugs of each project that are compared field by field."""


def verify(service: Service, store: Store) -> Iterator[str]:
    """What of the store is not as Launchpad shows it now, a sentence each. Raises SourceError: at the end, where it is
    of one project."""
    faults = list[str]()
    with closing(service), ThreadPoolExecutor(WORKERS) as workers:
        reader = Reader(service, store, workers)
        for name in service.settings.projects:
            try:
                yield from _counts(service, store, name)
                yield from _sampled(reader, store, name)
                yield from _lists(service, store, name)
            except Unreachable:
                raise
            except SourceError as fault:
                faults.append(str(fault))
    if faults:
        raise SourceError(" ".join(faults))


def _counts(service: Service, store: Store, name: str) -> Iterator[str]:
    youngest, odd = search(service, name, OPEN | {"order_by": "-datecreated"}), list[SourceError]()
    here = store.copies.count(name)
    if (there := size(youngest, here)) != here:
        yield f"{name} has {there} open bugs there and {here} in the store."
    found = tasks(youngest, odd)
    yield from map(str, odd)
    known = store.copies.etags(name, [task.bug for task in found])
    among = f"of the {len(found):,} youngest bugs of {name}, such as"
    if lacking := [task.bug for task in found if task.bug not in known]:
        yield f"Not in the store: {len(lacking):,} {among} LP#{lacking[0]}."
    if changed := [task.bug for task in found if known.get(task.bug, task.etag) != task.etag]:
        yield f"With another task there: {len(changed):,} {among} LP#{changed[0]}."


def _sampled(reader: Reader, store: Store, name: str) -> Iterator[str]:
    bugs = store.copies.sample(name, SAMPLE)
    for bug, reading in zip(bugs, reader.in_full(bugs, None, tasks_too=True, anew=True), strict=True):
        yield from _differences(bug, store.copies.of(bug), reading)


def _lists(service: Service, store: Store, name: str) -> Iterator[str]:
    others, odd = {"questions": 0, "blueprints": 0}, list[SourceError]()
    for kind, things, _ in lists(service, store, name, odd):
        others[kind] += len(things)
    yield from dict.fromkeys(map(str, odd))
    yield from (f"{kind} of {name}: {number} differ." for kind, number in others.items() if number)


def _differences(bug: int, stored: list[Thing], reading: Reading) -> Iterator[str]:
    if reading.fault:
        yield str(reading.fault)
    elif any(isinstance(thing, Gone) for thing in reading.things):
        yield f"LP#{bug} is not shown any more."
    elif differing := [*_fields(stored, reading.things)]:
        yield f"LP#{bug} differs in {listed(differing)}."


def _fields(stored: Iterable[Thing], read: Iterable[Thing]) -> Iterator[str]:
    """What differs, in words: the fields of the bug itself, then its tasks and its comments."""
    here, there = _sorted(stored), _sorted(read)
    if here.keys() != there.keys():
        yield "the number of its tasks or comments"
    for key in (key for key in here if key in there):
        kind = type(here[key]).__name__.lower()
        for field in fields(here[key]):
            if getattr(here[key], field.name) != getattr(there[key], field.name):
                yield f"its {kind}'s {field.name}" if kind != "bug" else f"its {field.name}"


def _sorted(things: Iterable[Thing]) -> dict[object, Bug | Task | Comment]:
    """The parts that are compared, each by what it is; a log is only read when its bug changes, so it is not."""
    found: dict[object, Bug | Task | Comment] = {}
    for thing in things:
        match thing:
            case Bug():
                found[Bug] = replace(thing, whole=True, logged=False)
            case Task():
                found[thing.project] = replace(thing, title="", reporter="")
            case Comment():
                found[thing.number] = thing
            case Activity() | Targets():
                pass
    return found
