"""What people ask in the demo's community, and what it means to build, as Launchpad's version devel writes both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from shapes import etag, moment, person
from stories import PROJECTS
from words import HEROES, NOW, REPORTERS, TRIAGERS, WORDS, days, fill, other, pick, role

API = "https://api.harbour.example/devel"
FIRST_QUESTION = 712301

# How many there are, how many days ago the youngest and the oldest were asked, whether somebody answered, whether who
# asked has spoken since, and the state.
QUESTIONS: list[tuple[int, float, float, bool, bool, str]] = [
    (8, 0.3, 40, False, False, "Open"),
    (1, 200, 300, False, False, "Open"),
    (4, 3, 30, True, True, "Open"),
    (3, 3, 20, True, False, "Needs information"),
    (3, 3, 30, True, False, "Answered"),
    (2, 20, 60, True, False, "Solved"),
]
# How many, how many days ago they were registered, the definition, the implementation, whether it is somebody's.
BLUEPRINTS: list[tuple[int, float, float, str, str, bool]] = [
    (3, 4, 40, "Discussion", "Unknown", False),
    (2, 10, 60, "Review", "Not started", True),
    (2, 2, 20, "Drafting", "Unknown", False),
    (4, 30, 300, "Approved", "Not started", False),
    (2, 60, 300, "Approved", "Good progress", True),
    (1, 300, 500, "Approved", "Implemented", True),
    (1, 300, 500, "Superseded", "Unknown", False),
]


def questions() -> Iterator[dict[str, Any]]:
    planned = sorted(
        ((NOW - days(low, high), rest) for n, low, high, *rest in QUESTIONS for _ in range(n)), key=lambda one: one[0]
    )
    for number, (asked, (answered, replied, status)) in enumerate(planned, FIRST_QUESTION):
        project, known = PROJECTS[number % len(PROJECTS)], dict[str, str]()
        title, text = (fill(pick(WORDS["common"][name]), project, known) for name in ("ask", "ask_text"))
        owner = pick(role("reporter"))
        said = asked + timedelta(hours=20) if answered else None
        last = asked + timedelta(hours=30) if replied else asked
        solved = said if status == "Solved" else None
        link = f"{API}/{project}/+question/{number}"
        yield {
            "self_link": link,
            "web_link": f"https://answers.harbour.example/{project}/+question/{number}",
            "resource_type_link": f"{API}/#question",
            "id": number,
            "title": title,
            "description": text,
            "status": status,
            "owner_link": person(owner),
            "assignee_link": None,
            "answerer_link": person(other(TRIAGERS, owner)) if solved else None,
            "answer_link": f"{link}/messages/1" if solved else None,
            "language_link": f"{API}/+languages/en",
            "target_link": f"{API}/{project}",
            "date_created": moment(asked),
            "date_due": None,
            "date_last_query": moment(last),
            "date_last_response": moment(said),
            "date_solved": moment(solved),
            "http_etag": etag("question", number, status),
        }


def blueprints() -> Iterator[dict[str, Any]]:
    names = set[str]()
    for number, (created, definition, implementation, owned) in enumerate(_registered()):
        project, known = PROJECTS[number % len(PROJECTS)], dict[str, str]()
        title = name = ""
        while not name or name in names:
            known.clear()
            title = fill(pick(WORDS["common"]["plan"]), project, known)
            name = "-".join([word for word in title.lower().split() if len(word) > 3][:3])
        names.add(name)
        drafter = pick(HEROES)
        yield {
            "self_link": f"{API}/{project}/+spec/{name}",
            "web_link": f"https://blueprints.harbour.example/{project}/+spec/{name}",
            "resource_type_link": f"{API}/#specification",
            "name": name,
            "title": title,
            "summary": fill(pick(WORDS["common"]["plan_text"]), project, known),
            "specification_url": None,
            "definition_status": definition,
            "implementation_status": implementation,
            "priority": pick(["Low", "Medium", "High", "Undefined"]),
            "owner_link": person(pick(REPORTERS)),
            "assignee_link": person(pick(HEROES)) if owned else None,
            "drafter_link": person(drafter),
            "approver_link": person(other(HEROES, drafter)) if definition == "Approved" else None,
            "date_created": moment(created),
            "direction_approved": definition == "Approved",
            "information_type": "Public",
            "is_complete": implementation == "Implemented" or definition == "Superseded",
            "is_started": implementation in ("Good progress", "Implemented"),
            "milestone_link": None,
            "target_link": f"{API}/{project}",
            "whiteboard": None,
            "workitems_text": None,
            "http_etag": etag("blueprint", project, name),
        }


def _registered() -> list[tuple[datetime, str, str, bool]]:
    all_of_them = [(NOW - days(low, high), *rest) for n, low, high, *rest in BLUEPRINTS for _ in range(n)]
    return sorted(all_of_them, key=lambda one: one[0])
