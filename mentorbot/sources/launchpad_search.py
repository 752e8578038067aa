"""Launchpad's lists, page by page: searches for bug tasks, in which no row is lost while rows change, and others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from mentorbot.errors import SourceError
from mentorbot.models import OPEN_STATUSES, Task
from mentorbot.sources import bounds
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_fields import name_of
from mentorbot.sources.launchpad_wire import Answer, Missing, Service

LONGEST_LIST = 1000
"""Pages of one list that are read by their offsets."""

CLOSED_STATUSES = ("Opinion", "Invalid", "Won't Fix", "Expired", "Fix Released", "Does Not Exist")
OPEN = {"status": json.dumps(OPEN_STATUSES)}
EVERY = {"status": json.dumps(OPEN_STATUSES + CLOSED_STATUSES), "omit_duplicates": "false"}


Faults = MutableSequence[SourceError]
T = TypeVar("T")


class Unreadable(SourceError):
    """One thing among others is not what Launchpad's description says; the others may be."""


class Unknown(SourceError):
    """Launchpad shows no project of that name: it never was, is private now, or was given up."""


def search(service: Service, name: str, query: Mapping[str, str]) -> Answer:
    """One page of a project's bug tasks without those of its series. Raises SourceError for what is no project."""
    try:
        answer = service.get(address(name), {"ws.op": "searchTasks", "omit_targeted": "true", **query})
    except Missing:
        raise unknown(name) from None
    if any(not is_of(name, task.project) for task in tasks(answer, [])):
        raise misnamed(name, service.get(address(name)).json)
    return answer


def down(
    service: Service, name: str, query: Mapping[str, str], before: datetime | None = None
) -> Iterator[tuple[Answer, datetime | None]]:
    """All pages of a search from the youngest task down, each with the moment it was bounded by.

    Each page is asked for by the date the last one ended with, since a row that leaves the result would shift
    another one past an offset; offsets only help over a page full of one moment.
    """
    link, ways = "", Ways()
    while True:
        bound = {"created_before": before.isoformat()} if before else {}
        answer = service.get(link) if link else search(service, name, {**query, **bound, "order_by": "-datecreated"})
        yield answer, before
        link = following(answer)
        if not link:
            return
        lowest = just_above_the_oldest(answer)
        if lowest and (before is None or lowest < before):
            before, link, ways = lowest, "", Ways()
        else:
            ways.take(link, answer)


def along(service: Service, address: str, query: Mapping[str, str] | None = None) -> Iterator[Answer]:
    """All pages of a list, by their offsets: for one that only grows at its end."""
    answer, ways = service.get(address, query or {}), Ways()
    yield answer
    while link := following(answer):
        ways.take(link, answer)
        answer = service.get(link)
        yield answer


class Ways:
    """Remembers how a list went on, since one that goes in a circle, or stays where it is, never ends."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._shown: list[Any] = []

    def take(self, link: str, answer: Answer) -> None:
        """Note that this link is followed from this page. Raises SourceError where that leads nowhere."""
        shown = entries(answer)
        if link in self._taken or len(self._taken) == LONGEST_LIST or (shown and shown == self._shown):
            raise SourceError("Launchpad's list does not end.")
        self._taken.add(link)
        self._shown = shown


def address(name: str) -> str:
    """Where a project, or something else that has a name, is found below the root."""
    return quote(name, safe="/+~")


def is_of(name: str, target: str) -> bool:
    """Whether a search in what is called `name` may give a task in that target: itself, or a package of it."""
    return target == name or target.startswith(f"{name}/+")


def tasks(answer: Answer, faults: Faults) -> list[Task]:
    """The bug tasks of a page; those that cannot be read are left out, and told in `faults`."""
    return [*readable("task of bug", shapes.task, entries(answer), faults)]


def readable(kind: str, shape: Callable[[object], T], found: Iterable[object], faults: Faults) -> Iterator[T]:
    """What a shape makes of each of these; those of which it makes nothing are left out, and told in `faults`."""
    for entry in found:
        try:
            yield shape(entry)
        except ValueError as fault:
            which = name_of(entry) or "(it does not say which)"
            faults.append(Unreadable(f"Launchpad's {kind} {which} cannot be understood: {fault}."))


def entries(answer: Answer) -> list[Any]:
    """What stands on a page."""
    found = answer.json.get("entries")
    if not isinstance(found, list):
        raise SourceError('Launchpad\'s list gave no "entries".')
    return found


def following(answer: Answer) -> str:
    """The address of the next page by its offset, or nothing: a page may be short, and empty, and not the last."""
    link = answer.json.get("next_collection_link") or ""
    if not isinstance(link, str):
        raise SourceError("Launchpad's list does not say where it goes on.")
    return link


def newest(answer: Answer) -> datetime | None:
    """The newest of all dates on a page of tasks."""
    return max(_dates(answer, "date_"), default=None)


def just_above_the_oldest(answer: Answer) -> datetime | None:
    """The moment after the oldest task on a page: asked for what is older, Launchpad gives that task's twins too."""
    oldest = min(_dates(answer, "date_created"), default=None)
    return oldest + timedelta(microseconds=1) if oldest else None


def size(answer: Answer, otherwise: int) -> int:
    """How many entries the whole list has, as far as the page tells."""
    told = answer.json.get("total_size")
    return told if isinstance(told, int) and told >= 0 else otherwise


def _dates(answer: Answer, begin: str) -> Iterator[datetime]:
    """The dates on a page whose names begin so, also of what else cannot be read; without those that are none."""
    for entry in entries(answer):
        for key, value in entry.items() if isinstance(entry, dict) else ():
            if key.startswith(begin):
                with suppress(ValueError):
                    yield bounds.moment(value)


def unknown(name: str) -> Unknown:
    return Unknown(f"Launchpad knows no project {name}.")


def misnamed(name: str, found: Any) -> SourceError:
    """What to tell an operator who names something that is no project, or has another name by now."""
    if is_group(found):
        return SourceError(f"{name} is a group of projects on Launchpad; name those you want instead.")
    if str(found.get("resource_type_link")).rpartition("#")[2] in ("person", "team") or not found.get("name"):
        return SourceError(f"{name} is no project on Launchpad; name those you want instead.")
    return SourceError(f"Launchpad calls {name} {found.get('name')} now; write that under [launchpad] projects.")


def is_group(found: Any) -> bool:
    return str(found.get("resource_type_link")).endswith("#project_group")
