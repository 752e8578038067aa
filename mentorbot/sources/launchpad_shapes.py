"""Launchpad's web-service JSON, live or recorded, turned into bugs, tasks, comments and log lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from mentorbot.models import Activity, Bug, Comment, Task, Thing
from mentorbot.sources import launchpad_questions
from mentorbot.sources.launchpad_fields import (
    PUBLIC,
    REDACTED,
    Json,
    bug_number,
    called,
    keyed,
    last,
    listed,
    moment,
    moment_or_none,
    needed,
    person,
    seen,
    target,
    whole,
)
from mentorbot.sources.sound import sound

_DEVEL: dict[str, Callable[[object], Thing | None]] = {
    "question": launchpad_questions.question,
    "specification": launchpad_questions.blueprint,
}
_COMMENT = re.compile(r"/comments/(\d+)$")
_TITLE = re.compile(r'Bug #\d+ in .*?: (?="|\S)(.*)', re.DOTALL)


def recorded(json: object) -> list[Thing]:
    """The things in a recording: `{"bug": …, "bug_tasks": […], "messages": […], "activity": […]}` (the last two
    optional, each a list or a collection with "entries"), a bare bug or task, a question or a blueprint, or a list or
    collection of any of these.

    Of a private bug or blueprint nothing is given at all. Raises ValueError naming the key that is missing.
    """
    parts = list(_parts(json))
    hidden = {part["id"] for part in parts if _is_bug(part) and not is_public(part)}
    return [thing for part in parts for thing in _things(part) if _bug_of(thing) not in hidden]


def is_public(bug: Json) -> bool:
    """Whether everybody may see this bug; what does not say so is private."""
    kind = bug.get("information_type")
    if kind is None and "private" not in bug:
        raise ValueError(f'{called(bug, "a bug")} has neither "information_type" nor "private"')
    return not bug.get("private", False) and (kind is None or kind in PUBLIC)


def bug(json: object) -> Bug:
    """One bug, as `/bugs/N` gives it."""
    what = called(json, "a bug")
    number = needed(json, "id", what)
    duplicate_of = seen(json, "duplicate_of_link", what)
    found = Bug(
        id=whole(number, "id", what),
        title=seen(keyed(json, "title", what), "title", what) or "",
        reporter=person(needed(json, "owner_link", what)) or "",
        created=moment(json, "date_created", what),
        updated=moment(json, "date_last_updated", what),
        description=seen(json, "description", what) or "",
        tags=frozenset(listed(needed(json, "tags", what), "tags", what)),
        heat=seen(json, "heat", what) or 0,
        message_count=seen(json, "message_count", what) or 0,
        duplicate_of=bug_number(duplicate_of, "duplicate_of_link", what) if duplicate_of else None,
        private=not is_public(keyed(json, "id", what)),
        etag=seen(json, "http_etag", what) or "",
    )
    return sound(found)


def task(json: object) -> Task:
    """One bug task, as searchTasks gives it: the title is the bug's, the reporter who opened the task."""
    what = called(json, "a bug task")
    found = Task(
        bug=bug_number(needed(json, "bug_link", what), "bug_link", what),
        project=target(needed(json, "target_link", what)),
        status=needed(json, "status", what),
        importance=needed(json, "importance", what),
        assignee=person(needed(json, "assignee_link", what)),
        created=moment(json, "date_created", what),
        title=_title(keyed(json, "title", what)),
        reporter=person(seen(json, "owner_link", what)) or "",
        milestone=last(seen(json, "milestone_link", what)),
        left_new=moment_or_none(json, "date_left_new", what),
        closed=moment_or_none(json, "date_closed", what),
        url=seen(json, "web_link", what) or "",
        etag=seen(json, "http_etag", what) or "",
    )
    return sound(found)


def comments(bug_id: int, messages: object) -> list[Comment]:
    """The comments among a bug's messages; message 0 is its description again and left out."""
    what = f"a message of bug {bug_id}"
    numbered = [(_number_of(entry, place), entry) for place, entry in _placed(messages, what)]
    return [
        sound(
            Comment(
                bug=bug_id,
                number=number,
                author=person(needed(entry, "owner_link", what)) or "",
                date=moment(entry, "date_created", what),
                text=seen(keyed(entry, "content", what), "content", what) or "",
            )
        )
        for number, entry in numbered
        if number
    ]


def activity(bug_id: int, log: object) -> list[Activity]:
    """The lines of a bug's log; what the log calls `bug` says what happened in its message only."""
    what = f"a log line of bug {bug_id}"
    return [
        sound(
            Activity(
                bug=bug_id,
                date=moment(entry, "datechanged", what),
                person=person(needed(entry, "person_link", what)) or "",
                what=needed(entry, "whatchanged", what),
                old=seen(entry, "oldvalue", what) or "",
                new=seen(entry, "newvalue", what) or seen(entry, "message", what) or "",
            )
        )
        for _, entry in _placed(log, what)
    ]


def _parts(json: object) -> Iterator[Json]:
    """A recording taken apart into bugs, tasks, and whole bugs with their parts."""
    if isinstance(json, list):
        for part in json:
            yield from _parts(part)
    elif isinstance(json, dict) and "entries" in json:
        yield from _parts(json["entries"])
    elif isinstance(json, dict) and "bug" in json:
        if not isinstance(json["bug"], dict):
            raise ValueError('"bug" is not a JSON object')
        if is_public(json["bug"]):
            yield json
        else:
            yield json["bug"]
    elif isinstance(json, dict) and ("bug_link" in json or _is_bug(json) or _shape(json)):
        yield json
    else:
        raise ValueError(
            'a recording is {"bug": …, "bug_tasks": …}, a bug (with "id" and "title"), a bug task (with "bug_link"), '
            "or a list of these"
        )


def _things(part: Json) -> Iterator[Thing]:
    if "bug" in part:
        found = bug(part["bug"])
        yield replace(found, whole="messages" in part or found.message_count <= 1)
        for _, entry in _placed(needed(part, "bug_tasks", f"the recording of bug {found.id}"), "a bug task"):
            yield task(entry)
        yield from comments(found.id, part.get("messages") or [])
        yield from activity(found.id, part.get("activity") or [])
    elif "bug_link" in part:
        yield task(part)
    elif shape := _shape(part):
        if (found_there := shape(part)) is not None:
            yield found_there
    else:
        alone = bug(part)
        yield replace(alone, whole=alone.message_count <= 1)


def _is_bug(json: Json) -> bool:
    return "id" in json and "title" in json and "bug_link" not in json and not _shape(json)


def _shape(json: Json) -> Callable[[object], Thing | None] | None:
    """What reads something of the version devel, which its type tells; None for anything else."""
    return _DEVEL.get(str(json.get("resource_type_link")).rpartition("#")[2])


def _bug_of(thing: Thing) -> int | None:
    return thing.id if isinstance(thing, Bug) else thing.bug if isinstance(thing, Task | Comment | Activity) else None


def _placed(found: object, what: str) -> Iterable[tuple[int, Json]]:
    """The entries of a list or a collection, each with its place in the whole."""
    start = 0
    if isinstance(found, dict):
        start, found = (
            whole(found.get("start") or 0, "start", f"the collection with {what}"),
            needed(found, "entries", f"the collection with {what}"),
        )
    if not isinstance(found, list):
        raise ValueError(f"{what} should stand in a list")
    return enumerate(found, start)


def _number_of(message: object, place: int) -> int:
    """A message's number; a recording may lack the link that tells it, then its place does."""
    link = message.get("self_link") if isinstance(message, Mapping) else None
    match = _COMMENT.search(str(link))
    return int(match[1]) if match else place


def _title(task: Json) -> str:
    """The bug's title out of the task's: `Bug #12 in Project: "Title"`."""
    title = str(task["title"])
    for name in (task.get("bug_target_display_name"), task.get("bug_target_name")):
        _, found, rest = title.partition(f" in {name}: ")
        if name and found:
            break
    else:
        match = _TITLE.fullmatch(title)
        rest = match[1] if match else title
    quoted = len(rest) > 1 and rest[0] == rest[-1] == '"'
    return "" if title == REDACTED else rest[1:-1] if quoted else rest
