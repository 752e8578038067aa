"""The queues that niches.toml declares: which bugs and changes of a niche are free now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from fnmatch import translate
from functools import cache

from mentorbot.commands import Request
from mentorbot.models import OpenBug, OpenChange
from mentorbot.niches import BugQueue, ChangeQueue, Niche
from mentorbot.store import Foremost, Store

CLAIM_LASTS = timedelta(days=90)
"""A comment that says "I take this" holds a bug so long."""
NEW = 3
"""Who has sent fewer changes before is a newcomer."""


def found(niche: Niche, projects: list[str], request: Request, store: Store) -> Iterator[OpenBug | OpenChange]:
    """The free bugs and changes that niches.toml asks for; one may come twice."""
    for of_bugs in niche.bugs:
        yield from free_bugs(of_bugs, projects, request, store)
    for of_changes in niche.changes:
        yield from changes(of_changes, projects, request, store)


def names_of(request: Request, store: Store, source: str) -> list[str]:
    """What the asker may be called in "launchpad" or "gerrit": what they proved and, as a guess, their names here."""
    guessed = [name for name in (request.who.account, request.who.nick) if name]
    return [*guessed, *store.people.names(request.who.key, source)]


def free_bugs(queue: BugQueue, projects: list[str], request: Request, store: Store) -> list[OpenBug]:
    """The bugs of a queue that nobody has, as far as anybody said; the youngest first."""
    settings, now = request.config.launchpad, request.now
    tags = {"": queue.tags, "starter_tags": settings.starter_tags, "docs_tags": settings.docs_tags}[queue.tags_of]
    if queue.tags_of and not tags:
        return []
    return foremost(request, store).free(
        _matching(projects, queue.projects),
        robots=request.config.robots,
        claimed_since=now - CLAIM_LASTS,
        tags=tags,
        statuses=queue.status,
        importances=queue.importance,
        without=queue.without,
        words=queue.words,
        talk=queue.talk,
        older=now - timedelta(days=queue.older_days) if queue.older_days else None,
        younger=now - timedelta(days=queue.younger_days) if queue.younger_days else None,
    )


def foremost(request: Request, store: Store) -> Foremost:
    """Where to ask for the bugs of a queue: the best that may be offered to the asker, however many there are."""
    return Foremost(store, request.who.key, request.now)


def changes(queue: ChangeQueue, projects: list[str], request: Request, store: Store) -> Iterator[OpenChange]:
    """The changes of a queue, the oldest first; none that may be the asker's own, under any name we know of."""
    found = store.changes.waiting(
        queue.state,
        _matching(projects, queue.projects),
        most_lines=queue.most_lines or None,
        not_by=names_of(request, store, "gerrit"),
        robots=request.config.robots,
        claimed_since=request.now - CLAIM_LASTS,
    )
    for change in found:
        if (
            (not queue.files or (change.files and all(_fits(path, queue.files) for path in change.files)))
            and (not queue.touches or any(_fits(path, queue.touches) for path in change.files))
            and (not queue.branches or _fits(change.branch, queue.branches))
            and (not queue.words or any(word.lower() in change.subject.lower() for word in queue.words))
            and (not queue.newcomer or change.earlier < NEW)
            and (not queue.older_days or request.now - change.uploaded >= timedelta(days=queue.older_days))
        ):
            yield change


def _matching(projects: Iterable[str], patterns: tuple[str, ...]) -> list[str]:
    return [project for project in projects if not patterns or _fits(project, patterns)]


def _fits(text: str, patterns: tuple[str, ...]) -> bool:
    return bool(_pattern(patterns).match(text))


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))
