"""Nova's bugs as a researcher once dumped them, turned into the web service's shapes for the Launchpad twin.

The dump (its SOURCE.txt tells all) names the assignee `owner`, or "None", and repeats the description as the first
comment, whose author is the reporter.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("MENTORBOT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DUMP = SHARED / "data" / "nova-lp-bugs" / "open_or_lhf_2017-10-11.jsonl"
ROOT = "https://api.launchpad.net/1.0/"
CLOSED = ("Fix Released", "Invalid", "Opinion", "Won't Fix", "Expired")


def nova(path: Path | None = None) -> list[dict[str, Any]]:
    """The dump's bugs as `{"bug": …, "bug_tasks": [one], "messages": […], "activity": []}`.

    Skips the test where there is no dump.
    """
    path = path or DUMP
    if not path.exists():
        pytest.skip(f"{path} is not here; MENTORBOT_SHARED names the folder with the recordings")
    with path.open(encoding="utf-8") as lines:
        return [recorded(json.loads(line)) for line in lines]


def recorded(dumped: dict[str, Any]) -> dict[str, Any]:
    """One dumped bug in the web service's shapes; what the dump does not tell is left to the twin."""
    number, comments = dumped["id"], dumped["comments"]
    link = f"{ROOT}bugs/{number}"
    created, updated = moment(dumped["created"]), moment(dumped["last_updated"])
    reporter = comments[0]["author"] if comments else f"{ROOT}~unknown"
    bug = {
        "self_link": link,
        "web_link": f"https://bugs.launchpad.net/bugs/{number}",
        "id": number,
        "title": dumped["title"],
        "description": dumped["description"],
        "tags": dumped["tags"],
        "heat": dumped["heat"],
        "owner_link": reporter,
        "date_created": created,
        "date_last_updated": updated,
        "date_last_message": moment(comments[-1]["date_created"]) if comments else created,
        "message_count": len(comments),
        "information_type": "Public",
        "private": False,
        "security_related": False,
        "number_of_duplicates": 0,
    }
    task = {
        "self_link": f"{ROOT}nova/+bug/{number}",
        "web_link": dumped["link"],
        "bug_link": link,
        "target_link": f"{ROOT}nova",
        "bug_target_name": "nova",
        "bug_target_display_name": "OpenStack Compute (nova)",
        "title": f'Bug #{number} in OpenStack Compute (nova): "{dumped["title"]}"',
        "status": dumped["status"],
        "importance": dumped["importance"],
        "assignee_link": None if dumped["owner"] == "None" else dumped["owner"],
        "owner_link": reporter,
        "date_created": created,
        "date_closed": updated if dumped["status"] in CLOSED else None,
        "is_complete": dumped["status"] in CLOSED,
    }
    messages = [
        {
            "self_link": f"{ROOT}nova/+bug/{number}/comments/{place}",
            "content": comment["content"],
            "owner_link": comment["author"],
            "date_created": moment(comment["date_created"]),
            "subject": dumped["title"],
        }
        for place, comment in enumerate(comments)
    ]
    return {"bug": bug, "bug_tasks": [task], "messages": messages, "activity": []}


def moment(text: str) -> str:
    """The dump's `2017-10-10 15:40:59.467242+00:00` as the web service writes it."""
    return datetime.fromisoformat(text).isoformat()
