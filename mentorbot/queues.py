"""The queues that niches.toml declares: which bugs, changes, questions and blueprints of a niche are free now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from fnmatch import translate
from functools import cache

from mentorbot.commands import Request
from mentorbot.models import Item, OpenBug, OpenChange
from mentorbot.niches import BlueprintQueue, BugQueue, ChangeQueue, Niche, QuestionQueue
from mentorbot.questions import Blueprint, Question
from mentorbot.store import Foremost, Store

Waiting = OpenBug | OpenChange | Question | Blueprint

CLAIM_LASTS = timedelta(days=90)
"""A comment that says "I take this" holds a bug so long."""
NEW = 3
"""Who has sent fewer changes before is a newcomer."""


def found(niche: Niche, projects: list[str], request: Request, store: Store) -> Iterator[Waiting]:
    """All that is free of what niches.toml asks for; one may come twice."""
    for of_bugs in niche.bugs:
        yield from free_bugs(of_bugs, projects, request, store)
    for of_changes in niche.changes:
        yield from changes(of_changes, projects, request, store)
    for of_questions in niche.questions:
        yield from questions(of_questions, projects, request, store)
    for of_blueprints in niche.blueprints:
        yield from blueprints(of_blueprints, projects, request, store)


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
        fixed=queue.fixed,
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


def questions(queue: QuestionQueue, projects: list[str], request: Request, store: Store) -> Iterator[Question]:
    """The questions of a queue, the youngest first; none that may be the asker's own."""
    mine = names_of(request, store, "launchpad")
    for question in store.questions.waiting(queue.state, _matching(projects, queue.projects), not_by=mine):
        text = f"{question.title}\n{question.description}"
        language = question.language or "en"
        # "pt_BR" is Portuguese, too.
        if {language, language.partition("_")[0]} & set(queue.languages) and _is_wanted(
            queue, text, question.created, request.now
        ):
            yield question


def blueprints(queue: BlueprintQueue, projects: list[str], request: Request, store: Store) -> Iterator[Blueprint]:
    """The blueprints of a queue, the youngest first; none to read that may be the asker's own."""
    mine = names_of(request, store, "launchpad")
    for blueprint in store.blueprints.waiting(queue.state, _matching(projects, queue.projects), not_by=mine):
        if _is_wanted(queue, f"{blueprint.title}\n{blueprint.summary}", blueprint.created, request.now):
            yield blueprint


def still_waits(item: Item, request: Request, store: Store) -> bool:
    """Whether a change, a question or a blueprint waits still for what its niche is about; of bugs more is known."""
    niche = request.config.niches.called(item.niche)
    match item.kind:
        case "bug":
            return True
        case "question":
            asked = {queue.state for queue in niche.questions} if niche else set()
            return store.questions.is_waiting(item.number, asked or {"unanswered", "replied"})
        case "blueprint":
            planned = {queue.state for queue in niche.blueprints} if niche else set()
            return store.blueprints.is_waiting(item.number, planned or {"draft", "approved"})
        case _:
            states = {queue.state for queue in niche.changes} if niche else set()
            return store.changes.is_waiting(
                item.number, states or {"unreviewed"}, request.config.robots, request.now - CLAIM_LASTS
            )


def _is_wanted(queue: QuestionQueue | BlueprintQueue, text: str, created: datetime, now: datetime) -> bool:
    return (
        (not queue.words or any(word.lower() in text.lower() for word in queue.words))
        and (not queue.older_days or now - created >= timedelta(days=queue.older_days))
        and (not queue.younger_days or now - created <= timedelta(days=queue.younger_days))
    )


def _matching(projects: Iterable[str], patterns: tuple[str, ...]) -> list[str]:
    return [project for project in projects if not patterns or _fits(project, patterns)]


def _fits(text: str, patterns: tuple[str, ...]) -> bool:
    return bool(_pattern(patterns).match(text))


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))
