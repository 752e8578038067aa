"""Launchpad, read anonymously and copied into the store: bugs, questions, blueprints, and who may be named."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

from mentorbot.errors import PartlyRead, SourceError
from mentorbot.models import Page, Thing
from mentorbot.sources import launchpad_progress, launchpad_rounds
from mentorbot.sources.launchpad_bugs import Mirror
from mentorbot.sources.launchpad_reading import WORKERS, Reader, faults, parts
from mentorbot.sources.launchpad_search import address, is_group, misnamed, unknown
from mentorbot.sources.launchpad_wire import Missing, Service, Unreachable
from mentorbot.store import Store

__all__ = ["Service", "changed_since", "check", "profiles", "reread", "reread_blueprints", "reread_questions"]

log = logging.getLogger(__name__)


def changed_since(service: Service, cursor: str | None, store: Store) -> Iterator[Page]:
    """Each project's open bugs, their tags and what changed; then the texts never read; then what has its hour or day.

    What the store has is asked while pages are taken, so a page must be stored before the next one. Raises SourceError:
    at the end, where the fault was one project's; PartlyRead where it was some bugs' or other things' alone.
    """
    failed: list[SourceError] = []
    with closing(service), ThreadPoolExecutor(WORKERS) as workers:
        reader = Reader(service, store, workers)
        mirror = Mirror(service, store, reader, launchpad_progress.read(cursor))
        projects = service.settings.projects
        steps = (
            *map(mirror.project, projects),
            mirror.backfill(),
            *(launchpad_rounds.ask(mirror, name) for name in projects),
            *(launchpad_rounds.check(mirror, name) for name in projects),
        )
        for step in steps:
            try:
                yield from step
            except Unreachable:
                raise
            except SourceError as fault:
                log.info("%s", fault)
                failed.append(fault)
    if told := [*failed, *mirror.faults]:
        waits = [fault.retry_after for fault in told if fault.retry_after]
        kind = SourceError if failed else PartlyRead
        raise kind(" ".join(dict.fromkeys(map(str, told))), max(waits, default=None))


def reread(service: Service, store: Store, bugs: Iterable[int]) -> list[Thing]:
    """These bugs as they are now, each with its tasks, for the store to save; what is private, moved or gone is Gone.

    For what is about to be offered, claimed or named. One that cannot be read is left out. Raises SourceError where
    none can be.
    """
    with closing(service), ThreadPoolExecutor(WORKERS) as workers:
        readings = Reader(service, store, workers).in_full([*bugs], None, tasks_too=True)
    if (failed := faults(readings)) and len(failed) == len(readings):
        raise failed[0]
    return parts(readings)


def reread_questions(service: Service, store: Store, numbers: Iterable[int]) -> list[Thing]:
    """These questions as they are now; one that is gone is Gone. Raises SourceError."""
    with closing(service):
        places = ((number, store.questions.project(number)) for number in numbers)
        return [launchpad_rounds.question(service, project, number) for number, project in places if project]


def reread_blueprints(service: Service, store: Store, numbers: Iterable[int]) -> list[Thing]:
    """These blueprints, by the store's numbers, as they are now; one that is private or gone is Gone.

    Raises SourceError.
    """
    with closing(service):
        return [launchpad_rounds.blueprint(service, key) for key in map(store.blueprints.key, numbers) if key]


def check(service: Service, name: str) -> None:
    """Raises SourceError where Launchpad shows no project of that name, in words an operator can act on."""
    with closing(service):
        try:
            found = service.get(address(name)).json
        except Missing:
            raise unknown(name) from None
        if found.get("name") != name or is_group(found):
            raise misnamed(name, found)


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
