"""What Launchpad's searchTasks finds, and in which order (lib/lp/bugs/model/bugtasksearch.py), over plain dicts."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Row = tuple[dict[str, Any], dict[str, Any]]
"""A bug and one of its tasks, both as the web service writes them."""

WITH, WITHOUT = "Incomplete (with response)", "Incomplete (without response)"
OPEN = ("New", WITH, WITHOUT, "Confirmed", "Triaged", "In Progress", "Deferred", "Fix Committed")
CLOSED = ("Opinion", "Invalid", "Won't Fix", "Expired", "Fix Released", "Does Not Exist")
IMPORTANCE = ("Unknown", "Critical", "High", "Medium", "Low", "Wishlist", "Undecided")
INFORMATION = ("Public", "Public Security", "Private Security", "Private", "Proprietary", "Embargoed")
PUBLIC = INFORMATION[:2]
PEOPLE = ("assignee", "owner", "bug_reporter", "bug_commenter")
UNBUILT = frozenset(
    {"affected_user", "bug_subscriber", "bug_supervisor", "component", "has_cve", "has_no_package", "linked_branches"}
    | {"milestone", "nominated_for", "status_upstream", "structural_subscriber"}
)

ORDERS: dict[str, Callable[[Row], Any]] = {
    "id": lambda row: row[0]["id"],
    "importance": lambda row: -IMPORTANCE.index(row[1]["importance"]),
    "status": lambda row: row[1]["status"],
    "title": lambda row: row[0]["title"],
    "datecreated": lambda row: row[1]["date_created"],
    "date_last_updated": lambda row: row[0]["date_last_updated"],
    "date_closed": lambda row: row[1]["date_closed"] or "",
    "heat": lambda row: row[0]["heat"] or 0,
    "message_count": lambda row: row[0]["message_count"],
    "assignee": lambda row: row[1]["assignee_link"] or "",
}


class BadValue(Exception):
    """What the web service answers with 400 and this text."""


def search(
    rows: Iterable[Row],
    asked: Mapping[str, list[str]],
    logs: Mapping[int, dict[str, Any]],
    broken: frozenset[str] = frozenset(),
) -> list[Row]:
    """The public rows that match, in order.

    `logs` has each bug's messages and activity; `broken` names rules to break.
    """
    wanted = _Wanted(asked, logs, broken)
    found = sorted((row for row in rows if wanted(*row)), key=lambda row: row[0]["id"])
    for key in reversed(values(asked, "order_by") or ["-importance"]):
        order = ORDERS.get(str(key).removeprefix("-"))
        if order is None:
            raise BadValue(f"Unrecognized order_by: {key}")
        found.sort(key=order, reverse=str(key).startswith("-"))
    return found


def values(asked: Mapping[str, list[str]], name: str) -> list[Any]:
    """A parameter's values: each JSON, or where it is none, the bare text; a JSON list counts as its parts."""
    found = []
    for text in asked.get(name, []):
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        found.extend(value if isinstance(value, list) else [value])
    return found


def is_public(bug: Mapping[str, Any]) -> bool:
    return not bug["private"] and bug["information_type"] in PUBLIC


class _Wanted:
    def __init__(
        self, asked: Mapping[str, list[str]], logs: Mapping[int, dict[str, Any]], broken: frozenset[str]
    ) -> None:
        if unbuilt := sorted(UNBUILT & set(asked)):
            raise BadValue(f"The twin does not know {unbuilt[0]}.")
        self.logs, self.broken = logs, broken
        self.statuses = _of(asked, "status", (*OPEN, *CLOSED, "Incomplete")) or list(OPEN)
        if "Incomplete" in self.statuses:
            self.statuses += [WITH, WITHOUT]
        self.importance = _of(asked, "importance", IMPORTANCE)
        self.information = _of(asked, "information_type", INFORMATION)
        self.tags = [str(tag) for tag in values(asked, "tags")]
        combinator = _of(asked, "tags_combinator", ("Any", "All"))
        self.every_tag = ["All"] in (combinator, ["All"] if "tags_combinator" in broken else [])
        self.omit_duplicates = _flag(asked, "omit_duplicates", "omit_duplicates" not in broken)
        self.omit_targeted = _flag(asked, "omit_targeted", True)
        self.has_patch = _flag(asked, "has_patch", False)
        self.modified_since = _moment(asked, "modified_since")
        self.created_since = _moment(asked, "created_since")
        self.created_before = _moment(asked, "created_before")
        self.people = {key: str(values(asked, key)[0]).rsplit("~", 1)[-1] for key in PEOPLE if asked.get(key)}
        self.text = str((values(asked, "search_text") or [""])[0])

    def __call__(self, bug: dict[str, Any], task: dict[str, Any]) -> bool:
        return (
            (is_public(bug) or "private" in self.broken)
            and self._status(bug, task) in self.statuses
            and (not self.importance or task["importance"] in self.importance)
            and (not self.information or bug["information_type"] in self.information)
            and self._tagged(set(bug["tags"]))
            and not (self.omit_duplicates and bug["duplicate_of_link"])
            and not (self.omit_targeted and is_series(task["target_link"]))
            and not (self.has_patch and not bug["latest_patch_uploaded"])
            and self._dated(bug, task)
            and all(name in self._people(role, bug, task) for role, name in self.people.items())
            and self._worded(bug)
        )

    def _status(self, bug: dict[str, Any], task: dict[str, Any]) -> str:
        status: str = task["status"]
        if status != "Incomplete":
            return status
        since = task["date_incomplete"] or task["date_created"]
        return WITH if any(m["date_created"] > since for m in self.logs[bug["id"]]["messages"][1:]) else WITHOUT

    def _tagged(self, tags: set[str]) -> bool:
        if not self.tags:
            return True
        within = [bool(tags) if tag == "*" else tag in tags for tag in self.tags if not tag.startswith("-")]
        without = [bool(tags) if tag == "-*" else tag[1:] in tags for tag in self.tags if tag.startswith("-")]
        if self.every_tag:
            return all(within) and not any(without)
        return any(within) or (bool(without) and not all(without))

    def _dated(self, bug: dict[str, Any], task: dict[str, Any]) -> bool:
        later = operator.ge if "modified_since" in self.broken else operator.gt
        updated, created = read(bug["date_last_updated"]), read(task["date_created"])
        return (
            (self.modified_since is None or bool(later(updated, self.modified_since)))
            and (self.created_since is None or created > self.created_since)
            and (self.created_before is None or created < self.created_before)
        )

    def _people(self, role: str, bug: dict[str, Any], task: dict[str, Any]) -> set[str]:
        log = self.logs[bug["id"]]
        links = {
            "assignee": [task["assignee_link"]],
            "owner": [task["owner_link"]],
            "bug_reporter": [bug["owner_link"]],
            "bug_commenter": [m["owner_link"] for m in log["messages"][1:]]
            + [a["person_link"] for a in log["activity"] if a["message"] != "added bug"],
        }[role]
        return {link.rsplit("~", 1)[-1] for link in links if link}

    def _worded(self, bug: dict[str, Any]) -> bool:
        if self.text.isdigit():
            return bool(bug["id"] == int(self.text))
        return self.text.lower() in f"{bug['title']} {bug['description']}".lower()


def is_series(link: str) -> bool:
    """Whether a target is a series, such as nova/liberty, and no project, distribution or package."""
    path = link.split("/", 4)[-1]
    return "/" in path and "+" not in path


def read(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of(asked: Mapping[str, list[str]], name: str, known: Iterable[str]) -> list[Any]:
    found = values(asked, name)
    if wrong := [value for value in found if value not in known]:
        raise BadValue(f'{name}: Invalid value "{wrong[0]}". Acceptable values are: {", ".join(known)}')
    return found


def _flag(asked: Mapping[str, list[str]], name: str, default: bool) -> bool:
    found = values(asked, name)
    if not found:
        return default
    if str(found[0]).lower() not in ("true", "false"):
        raise BadValue(f"{name}: got '{found[0]}', expected bool")
    return str(found[0]).lower() == "true"


def _moment(asked: Mapping[str, list[str]], name: str) -> datetime | None:
    found = values(asked, name)
    try:
        return read(str(found[0])) if found else None
    except ValueError:
        raise BadValue(f"{name}: Value doesn't look like a date.") from None
