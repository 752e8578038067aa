"""Launchpad's lists, page by page: searches for bug tasks, in which no row is lost while rows change, and others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from mentorbot import clock
from mentorbot.errors import SourceError
from mentorbot.models import OPEN_STATUSES, Task
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_wire import Answer, Missing, Service

CLOSED_STATUSES = ("Opinion", "Invalid", "Won't Fix", "Expired", "Fix Released", "Does Not Exist")
OPEN = {"status": json.dumps(OPEN_STATUSES)}
EVERY = {"status": json.dumps(OPEN_STATUSES + CLOSED_STATUSES), "omit_duplicates": "false"}


class Unknown(SourceError):
    """Launchpad shows no project of that name: it never was, is private now, or was given up."""


def search(service: Service, name: str, query: Mapping[str, str]) -> Answer:
    """One page of a project's bug tasks without those of its series. Raises SourceError for what is no project."""
    try:
        answer = service.get(address(name), {"ws.op": "searchTasks", "omit_targeted": "true", **query})
    except Missing:
        raise unknown(name) from None
    if any(not is_of(name, task.project) for task in tasks(answer)):
        raise misnamed(name, service.get(address(name)).json)
    return answer


def down(
    service: Service, name: str, query: Mapping[str, str], before: datetime | None = None
) -> Iterator[tuple[Answer, datetime | None]]:
    """All pages of a search from the youngest task down, each with the moment it was bounded by.

    Each page is asked for by the date the last one ended with, since a row that leaves the result would shift
    another one past an offset; offsets only help over a page full of one moment.
    """
    link = ""
    while True:
        bound = {"created_before": before.isoformat()} if before else {}
        answer = service.get(link) if link else search(service, name, {**query, **bound, "order_by": "-datecreated"})
        yield answer, before
        link = following(answer)
        if not link:
            return
        lowest = just_above_the_oldest(answer)
        if lowest and (before is None or lowest < before):
            before, link = lowest, ""


def along(service: Service, address: str, query: Mapping[str, str] | None = None) -> Iterator[Answer]:
    """All pages of a list, by their offsets: for one that only grows at its end."""
    answer = service.get(address, query or {})
    yield answer
    while link := following(answer):
        answer = service.get(link)
        yield answer


def address(name: str) -> str:
    """Where a project, or something else that has a name, is found below the root."""
    return quote(name, safe="/+~")


def is_of(name: str, target: str) -> bool:
    """Whether a search in what is called `name` may give a task in that target: itself, or a package of it."""
    return target == name or target.startswith(f"{name}/+")


def tasks(answer: Answer) -> list[Task]:
    """The bug tasks of a page."""
    try:
        return [shapes.task(entry) for entry in entries(answer)]
    except ValueError as fault:
        raise SourceError(f"Launchpad's search cannot be understood: {fault}.") from None


def entries(answer: Answer) -> list[Any]:
    """What stands on a page."""
    try:
        found: list[Any] = answer.json["entries"]
    except KeyError:
        raise SourceError('Launchpad\'s search gave no "entries".') from None
    return found


def following(answer: Answer) -> str:
    """The address of the next page by its offset, or nothing: a page may be short, and empty, and not the last."""
    return answer.json.get("next_collection_link") or ""


def newest(answer: Answer) -> datetime | None:
    """The newest of all dates on a page of tasks."""
    return max(
        (clock.parse(v) for entry in entries(answer) for k, v in entry.items() if k.startswith("date_") and v),
        default=None,
    )


def just_above_the_oldest(answer: Answer) -> datetime | None:
    """The moment after the oldest task on a page: asked for what is older, Launchpad gives that task's twins too."""
    dates = _dates(entries(answer))
    return min(dates) + timedelta(microseconds=1) if dates else None


def _dates(found: Iterable[Any]) -> list[datetime]:
    return [clock.parse(entry["date_created"]) for entry in found]


def unknown(name: str) -> Unknown:
    return Unknown(f"Launchpad knows no project {name}.")


def misnamed(name: str, found: Any) -> SourceError:
    """What to tell an operator who names something that is no project, or has another name by now."""
    if is_group(found):
        return SourceError(f"{name} is a group of projects on Launchpad; name those you want instead.")
    return SourceError(f"Launchpad calls {name} {found.get('name')} now; write that under [launchpad] projects.")


def is_group(found: Any) -> bool:
    return str(found.get("resource_type_link")).endswith("#project_group")
