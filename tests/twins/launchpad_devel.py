"""The part of Launchpad's twin that only the version devel has: questions and blueprints, all invented.

launchpadlib packages no description of devel, so the fields stand here, as lib/lp/answers/interfaces/question.py and
lib/lp/blueprints/interfaces/specification.py export them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.twins.launchpad_records import BEGIN
from tests.twins.launchpad_search import BadValue, values

ROOT = "https://api.launchpad.net/devel/"
STATUSES = ("Open", "Needs information", "Answered", "Solved", "Expired", "Invalid")
SORTS = ("by relevancy", "by status", "newest first", "oldest first", "recently updated first")
LISTS = ("all_specifications", "valid_specifications")

Entry = dict[str, Any]


def question(
    number: int,
    project: str = "harbour",
    *,
    status: str = "Open",
    owner: str = "alice",
    answerer: str | None = None,
    title: str = "",
) -> Entry:
    """A question as devel writes it, asked `number` hours into 2026; one with an answerer was solved an hour later."""
    asked = BEGIN + timedelta(hours=number)
    link = f"{ROOT}{project}/+question/{number}"
    solved = (asked + timedelta(hours=1)).isoformat() if answerer else None
    return {
        "self_link": link,
        "web_link": f"https://answers.launchpad.net/{project}/+question/{number}",
        "resource_type_link": f"{ROOT}#question",
        "id": number,
        "title": title or f"How do I lift {number} boxes?",
        "description": "The crane has three levers.",
        "status": status,
        "owner_link": f"{ROOT}~{owner}",
        "assignee_link": None,
        "answerer_link": f"{ROOT}~{answerer}" if answerer else None,
        "answer_link": f"{link}/messages/1" if answerer else None,
        "language_link": f"{ROOT}+languages/en",
        "target_link": f"{ROOT}{project}",
        "date_created": asked.isoformat(),
        "date_due": None,
        "date_last_query": asked.isoformat(),
        "date_last_response": solved,
        "date_solved": solved,
        "messages_collection_link": f"{link}/messages",
    }


def blueprint(
    name: str,
    project: str = "harbour",
    *,
    definition: str = "Approved",
    implementation: str = "Not started",
    priority: str = "Medium",
    assignee: str | None = None,
    information_type: str = "Public",
    created: datetime = BEGIN,
) -> Entry:
    """A blueprint as devel writes it."""
    link = f"{ROOT}{project}/+spec/{name}"
    return {
        "self_link": link,
        "web_link": f"https://blueprints.launchpad.net/{project}/+spec/{name}",
        "resource_type_link": f"{ROOT}#specification",
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "summary": "Ships that know their berth before they arrive.",
        "specification_url": f"https://specs.harbour.example/{name}",
        "definition_status": definition,
        "implementation_status": implementation,
        "lifecycle_status": "Not started" if implementation == "Not started" else "Started",
        "priority": priority,
        "owner_link": f"{ROOT}~alice",
        "assignee_link": f"{ROOT}~{assignee}" if assignee else None,
        "drafter_link": f"{ROOT}~alice",
        "approver_link": None,
        "starter_link": None,
        "completer_link": None,
        "date_created": created.isoformat(),
        "date_started": None,
        "date_completed": None,
        "direction_approved": definition == "Approved",
        "has_accepted_goal": False,
        "information_type": information_type,
        "is_complete": implementation == "Implemented",
        "is_started": implementation not in ("Not started", "Unknown", "Deferred"),
        "milestone_link": None,
        "target_link": f"{ROOT}{project}",
        "whiteboard": "Gerrit topic: bp/" + name,
        "workitems_text": "Draw the map: TODO",
    }


def listed(path: str, asked: Mapping[str, list[str]], questions: dict[int, Entry], blueprints: list[Entry]) -> Any:
    """The entries of a list at a path below devel, or the one thing that stands there; KeyError where there is none."""
    project, _, rest = path.partition("/")
    if asked.get("ws.op") == ["searchQuestions"]:
        return _searched(project, asked, questions)
    if rest in LISTS:
        return [one for one in blueprints if _is_of(one, project) and one["information_type"] == "Public"]
    if found := re.fullmatch(r"\+question/(\d+)", rest):
        return questions[int(found[1])]
    if found := re.fullmatch(r"\+spec/(.+)", rest):
        for one in blueprints:
            if _is_of(one, project) and one["name"] == found[1] and one["information_type"] == "Public":
                return one
    raise KeyError(path)


def _searched(project: str, asked: Mapping[str, list[str]], questions: dict[int, Entry]) -> list[Entry]:
    """Without a status every question is found, also an invalid one."""
    statuses, (sort, *_) = values(asked, "status"), values(asked, "sort") or ["newest first"]
    if wrong := [status for status in statuses if status not in STATUSES]:
        raise BadValue(f'status: Invalid value "{wrong[0]}".')
    if sort not in SORTS:
        raise BadValue(f'sort: Invalid value "{sort}".')
    found = [q for q in questions.values() if _is_of(q, project) and (not statuses or q["status"] in statuses)]
    return sorted(found, key=lambda q: q["date_created"], reverse=sort != "oldest first")


def _is_of(entry: Entry, project: str) -> bool:
    link: str = entry["target_link"]
    return link.rsplit("/", 1)[-1] == project
