"""Invented bugs in the shapes of Launchpad's web service, for its twin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

ROOT = "https://api.launchpad.net/1.0/"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def record(
    number: int,
    target: str = "harbour",
    *,
    title: str = "",
    status: str = "New",
    importance: str = "Undecided",
    assignee: str | None = None,
    reporter: str = "alice",
    tags: Iterable[str] = (),
    created: datetime | None = None,
    updated: datetime | None = None,
    comments: Iterable[tuple[str, str]] = (),
    duplicate_of: int | None = None,
    information_type: str = "Public",
) -> dict[str, Any]:
    """One bug with one task, filed `number` hours into 2026, and its comments (author, text), one an hour."""
    title = title or f"The crane {number} is stuck"
    created = created or BEGIN + timedelta(hours=number)
    words = [(reporter, f"When I lift {number} boxes, it stops."), *comments]
    dates = [created + timedelta(hours=place) for place in range(len(words))]
    link = f"{ROOT}bugs/{number}"
    return {
        "bug": {
            "id": number,
            "title": title,
            "description": words[0][1],
            "owner_link": f"{ROOT}~{reporter}",
            "tags": sorted(tags),
            "heat": 6,
            "message_count": len(words),
            "date_created": created.isoformat(),
            "date_last_updated": (updated or dates[-1]).isoformat(),
            "date_last_message": dates[-1].isoformat(),
            "duplicate_of_link": f"{ROOT}bugs/{duplicate_of}" if duplicate_of else None,
            "information_type": information_type,
            "private": not information_type.startswith("Public"),
        },
        "bug_tasks": [task(number, target, title, status, importance, assignee, reporter, created)],
        "messages": [
            {
                "subject": title,
                "content": text,
                "owner_link": f"{ROOT}~{author}",
                "date_created": date.isoformat(),
            }
            for (author, text), date in zip(words, dates, strict=True)
        ],
        "activity": [
            {
                "bug_link": link,
                "datechanged": created.isoformat(),
                "person_link": f"{ROOT}~{reporter}",
                "whatchanged": "bug",
                "message": "added bug",
            }
        ],
    }


def task(
    number: int,
    target: str,
    title: str = "",
    status: str = "New",
    importance: str = "Undecided",
    assignee: str | None = None,
    reporter: str = "alice",
    created: datetime | None = None,
) -> dict[str, Any]:
    """One more task of a bug."""
    name = target.split("/")[-1]
    closed = status in ("Fix Released", "Invalid", "Won't Fix", "Expired", "Opinion")
    date = (created or BEGIN + timedelta(hours=number)).isoformat()
    return {
        "bug_link": f"{ROOT}bugs/{number}",
        "target_link": f"{ROOT}{target}",
        "bug_target_name": name,
        "bug_target_display_name": name.title(),
        "title": f'Bug #{number} in {name.title()}: "{title}"',
        "status": status,
        "importance": importance,
        "is_complete": closed,
        "assignee_link": f"{ROOT}~{assignee}" if assignee else None,
        "owner_link": f"{ROOT}~{reporter}",
        "date_created": date,
        "date_left_new": None if status == "New" else date,
        "date_closed": date if closed else None,
        "date_incomplete": date if status == "Incomplete" else None,
    }
