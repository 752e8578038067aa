"""Launchpad's JSON of questions, blueprints (both of the version devel) and people, turned into models."""

from __future__ import annotations

import re

from mentorbot.questions import Blueprint, Profile, Question
from mentorbot.sources.launchpad_fields import (
    PUBLIC,
    called,
    last,
    moment,
    moment_or_none,
    needed,
    person,
    seen,
    target,
    whole,
)
from mentorbot.sources.sound import sound

_ANSWER = re.compile(r"/messages/(\d+)$")


def question(json: object) -> Question:
    """One question, as searchQuestions gives it."""
    what = called(json, "a question")
    answer = _ANSWER.search(str(seen(json, "answer_link", what)))
    number, project = needed(json, "id", what), target(needed(json, "target_link", what))
    if isinstance(number, str) and re.fullmatch("[0-9]{1,18}", number):
        number = int(number)  # as this version of the service writes it
    found = Question(
        number=whole(number, "id", what),
        project=project,
        title=seen(json, "title", what) or "",
        description=seen(json, "description", what) or "",
        status=needed(json, "status", what),
        language=last(seen(json, "language_link", what)) or "",
        owner=person(needed(json, "owner_link", what)) or "",
        created=moment(json, "date_created", what),
        assignee=person(seen(json, "assignee_link", what)),
        answerer=person(seen(json, "answerer_link", what)),
        answer=int(answer[1]) if answer else None,
        queried=moment_or_none(json, "date_last_query", what),
        responded=moment_or_none(json, "date_last_response", what),
        solved=moment_or_none(json, "date_solved", what),
        due=moment_or_none(json, "date_due", what),
        url=seen(json, "web_link", what) or f"https://answers.launchpad.net/{project}/+question/{number}",
        etag=seen(json, "http_etag", what) or "",
    )
    return sound(found)


def blueprint(json: object) -> Blueprint | None:
    """One blueprint, as a project's list gives it; None for one that is not for everybody."""
    what = called(json, "a blueprint")
    name = needed(json, "name", what)
    if needed(json, "information_type", what) not in PUBLIC:
        return None
    project = target(needed(json, "target_link", what))
    found = Blueprint(
        project=project,
        name=name,
        title=seen(json, "title", what) or "",
        summary=seen(json, "summary", what) or "",
        definition=needed(json, "definition_status", what),
        implementation=needed(json, "implementation_status", what),
        priority=needed(json, "priority", what),
        owner=person(needed(json, "owner_link", what)) or "",
        created=moment(json, "date_created", what),
        assignee=person(seen(json, "assignee_link", what)),
        drafter=person(seen(json, "drafter_link", what)),
        approver=person(seen(json, "approver_link", what)),
        approved=bool(seen(json, "direction_approved", what)),
        started=bool(seen(json, "is_started", what)),
        complete=bool(seen(json, "is_complete", what)),
        milestone=last(seen(json, "milestone_link", what)),
        specification=seen(json, "specification_url", what) or "",
        whiteboard=seen(json, "whiteboard", what) or "",
        work_items=seen(json, "workitems_text", what) or "",
        url=seen(json, "web_link", what) or f"https://blueprints.launchpad.net/{project}/+spec/{name}",
        etag=seen(json, "http_etag", what) or "",
    )
    return sound(found)


def profile(json: object) -> Profile | None:
    """What a person or team shows of itself; None for a team that hides, and for an account that was given up."""
    what = called(json, "a person")
    if seen(json, "private", what) or seen(json, "visibility", what) not in (None, "Public"):
        return None
    if seen(json, "is_valid", what) is False and not seen(json, "is_team", what):
        return None
    found = Profile(
        name=needed(json, "name", what),
        display_name=seen(json, "display_name", what) or "",
        is_team=bool(seen(json, "is_team", what)),
        description=seen(json, "description", what) or "",
        created=moment_or_none(json, "date_created", what),
        url=seen(json, "web_link", what) or "",
    )
    return sound(found)
