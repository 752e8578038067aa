"""What changes without a word from Launchpad: what vanished or moved, each day; questions and blueprints, each hour."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote

from mentorbot.errors import SourceError
from mentorbot.models import Gone, Page, Task, Thing
from mentorbot.questions import LIVE_QUESTIONS, Blueprint, Profile, Question
from mentorbot.sources import launchpad_questions as shapes
from mentorbot.sources.launchpad_bugs import BATCH, Mirror
from mentorbot.sources.launchpad_progress import Progress
from mentorbot.sources.launchpad_reading import faults, parts
from mentorbot.sources.launchpad_search import (
    EVERY,
    Faults,
    Unreadable,
    address,
    along,
    down,
    entries,
    following,
    just_above_the_oldest,
    readable,
    tasks,
    unknown,
)
from mentorbot.sources.launchpad_wire import Answer, Missing, Service, Unreachable
from mentorbot.store import Store

RENEWED = 100
"""Open bugs of a project that are read anew each day, in turn: for what changes without a date, such as the heat, or a
comment that was hidden, of which not even the bug's etag tells."""

T = TypeVar("T", Question, Blueprint)
Shown = TypeVar("Shown")


def check(mirror: Mirror, name: str) -> Iterator[Page]:
    """Compare the bugs that the store has with the tasks that are there, once a day; then renew a few of them.

    A bug that turned private or was deleted, a task that was moved or removed, a person who was renamed: none of them
    counts as a change. What is missing is looked at by itself, since a page may be short for other reasons.
    """
    now, copies = mirror.progress[name], mirror.store.copies
    if not now.check_is_due:
        return
    failed: list[SourceError] = []
    for found, missing, now in _compared(mirror, name):
        yield from _looked_at(mirror, name, missing, failed)
        known = copies.etags(name, [task.bug for task in found])
        # Of those that are closed only what the store has is wanted.
        other = [task for task in found if known.get(task.bug, "" if task.is_open else task.etag) != task.etag]
        mirror.progress[name] = now
        yield mirror.page(other, f"comparison of {name}", len(found))
    renewed = copies.next_open(name, now.renewed, RENEWED)
    yield from _looked_at(mirror, name, renewed, failed, anew=True)
    if name == next(iter(mirror.progress)):
        yield from _profiles(mirror, failed)
    last = renewed[-1] if len(renewed) == RENEWED else 0
    now = replace(now, checked=now.polled, checking=None, renewed=last)
    if now.missed:  # that may be older than all that the store has, so that no comparison comes to it
        now = replace(now, before=None, done=0, walked=False, missed=False)
    mirror.progress[name] = now
    mirror.faults += failed
    yield mirror.page([], f"comparison of {name}", len(renewed))


def _compared(mirror: Mirror, name: str) -> Iterator[tuple[list[Task], list[int], Progress]]:
    """Page by page the tasks that are there, the bugs that the store has but are not, and how far that came."""
    now, copies = mirror.progress[name], mirror.store.copies
    # Down to where the first walk came, too: the oldest bug of all may have been hidden for a moment.
    oldest = min(filter(None, (copies.oldest(name), now.before)), default=None)
    if oldest is None:
        return
    query = EVERY | {"created_since": (oldest - timedelta(microseconds=2)).isoformat()}
    seen: set[int] = set()
    bound = now.checking
    for answer, before in down(mirror.service, name, query, now.checking):
        found, lowest, more = tasks(answer, mirror.faults), just_above_the_oldest(answer), bool(following(answer))
        # Over a page full of one moment the bound stays, and what stood on the page before is not missing on this one.
        seen = {task.bug for task in found} | (seen if before == bound else set())
        bound = before
        if more and lowest is None:
            continue
        # What was filed at the moment of a page's last row may stand on the next page.
        below = lowest - timedelta(microseconds=1) if lowest and more else None
        missing = sorted(copies.filed(name, below, before) - seen)
        now = replace(now, checking=lowest if more else now.checking)
        yield found, missing, now


def _looked_at(
    mirror: Mirror, name: str, bugs: Sequence[int], failed: list[SourceError], *, anew: bool = False
) -> Iterator[Page]:
    """These bugs read in full, with the tasks they have now; the rest is left where none of a batch can be read."""
    since = mirror.progress[name].since
    for start in range(0, len(bugs), BATCH):
        try:
            readings = mirror.reader.in_full([*bugs[start : start + BATCH]], since, tasks_too=True, anew=anew)
        except Unreachable:
            raise
        except SourceError as fault:
            failed.append(fault)
            return
        failed += faults(readings)
        yield mirror.page(parts(readings), f"comparison of {name}", start + len(readings), len(bugs))


def _profiles(mirror: Mirror, failed: list[SourceError]) -> Iterator[Page]:
    """The profiles of those whom the bot may name."""
    names = mirror.store.profiles.wanted()
    for done, name in enumerate(names, 1):
        try:
            found = _profile(mirror.service, name)
        except Unreachable:
            raise
        except SourceError as fault:
            failed.append(fault)
        else:
            yield mirror.page([found], "profiles", done, len(names))


def ask(mirror: Mirror, name: str) -> Iterator[Page]:
    """A project's questions that wait for somebody and its blueprints, once an hour."""
    now = mirror.progress[name]
    if not now.asking_is_due:
        return
    for kind, things, done in lists(mirror.service, mirror.store, name, mirror.faults):
        yield mirror.page(things, f"{kind} of {name}", done)
    mirror.progress[name] = replace(mirror.progress[name], asked=now.polled)
    yield mirror.page([], f"blueprints of {name}", len(mirror.store.blueprints.etags(name)))


def lists(service: Service, store: Store, name: str, faults: Faults) -> Iterator[tuple[str, list[Thing], int]]:
    """The "questions" and "blueprints" of a project that the store has otherwise, page by page, and how many were seen.

    Those that cannot be read are left out, and told in `faults`. Raises SourceError.
    """
    root = service.devel + address(name)
    live = {"ws.op": "searchQuestions", "status": json.dumps(LIVE_QUESTIONS), "sort": "oldest first"}
    try:
        for things, done in _listed(
            along(service, root, live),
            lambda found: readable("question", shapes.question, found, faults),
            {str(number): etag for number, etag in store.questions.live(name).items()},
            lambda one: str(one.number),
            lambda number: question(service, name, int(number)),
            faults,
        ):
            yield "questions", things, done
        for things, done in _listed(
            along(service, f"{root}/all_specifications"),
            lambda found: readable("blueprint", shapes.blueprint, found, faults),
            store.blueprints.etags(name),
            lambda one: one.name,
            lambda key: blueprint(service, f"{name}/{key}"),
            faults,
        ):
            yield "blueprints", things, done
    except Missing:
        raise unknown(name) from None


def _listed(
    pages: Iterator[Answer],
    shaped: Callable[[list[object]], Iterator[T | None]],
    known: dict[str, str],
    key: Callable[[T], str],
    look: Callable[[str], Thing],
    faults: Faults,
) -> Iterator[tuple[list[Thing], int]]:
    """The things of a list that the store lacks or has otherwise, then what vanished from the list, a page each.

    `known` are the etags of what the store has of it by key; `look` finds out what became of one.
    """
    seen: set[str] = set()
    for answer in pages:
        found = [one for one in shaped(entries(answer)) if one is not None]
        seen |= {key(one) for one in found}
        yield [one for one in found if not one.etag or known.get(key(one)) != one.etag], len(seen)
    # A row that left the list while it was walked may have pushed another one past a page's end: so each is looked at.
    for gone in sorted(known.keys() - seen):
        try:
            found_there = look(gone)
        except Unreadable as fault:
            faults.append(fault)
        else:
            yield [found_there], len(seen)


def _one(kind: str, shape: Callable[[object], Shown], json: object) -> Shown:
    faults: Faults = []
    for found in readable(kind, shape, [json], faults):
        return found
    raise faults[0]


def question(service: Service, project: str, number: int) -> Thing:
    """What a question of a project is now. Raises SourceError."""
    try:
        url = f"{service.devel}{address(project)}/+question/{number}"
        return _one("question", shapes.question, service.get(url).json)
    except Missing:
        return Gone("question", number)


def blueprint(service: Service, key: str) -> Thing:
    """What a blueprint (`project/name`) is now. Raises SourceError."""
    project, _, name = key.rpartition("/")
    try:
        url = f"{service.devel}{address(project)}/+spec/{quote(name)}"
        found = _one("blueprint", shapes.blueprint, service.get(url).json)
    except Missing:
        return Gone("blueprint", key=key)
    return found if found and found.key == key else Gone("blueprint", key=key)


def _profile(service: Service, name: str) -> Profile | Gone:
    """What stands at a person's address; nobody is there who was renamed, suspended, or never was."""
    try:
        found = service.get(f"~{quote(name)}").json
    except Missing:
        return Gone("profile", key=name)
    profile = _one("profile of", shapes.profile, found)
    return profile if profile and profile.name == name else Gone("profile", key=name)
