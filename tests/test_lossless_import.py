"""What the real service once answered goes into the store without a loss: every column equals its recorded field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.questions import Profile
from mentorbot.sources import launchpad_questions, recorded
from mentorbot.store import Store
from mentorbot.store.moments import read, written

BUG = {
    "title": "title",
    "description": "description",
    "heat": "heat",
    "message_count": "message_count",
    "etag": "http_etag",
    "created": "date_created",
    "updated": "date_last_updated",
    "reporter": "owner_link",
}
TASK = {
    "status": "status",
    "importance": "importance",
    "assignee": "assignee_link",
    "created": "date_created",
    "left_new": "date_left_new",
    "closed": "date_closed",
    "milestone": "milestone_link",
    "url": "web_link",
    "etag": "http_etag",
}
COMMENT = {"author": "owner_link", "date": "date_created", "text": "content"}
LOG = {"date": "datechanged", "person": "person_link", "what": "whatchanged"}
"""Each a column of the store and the field of the web service that it keeps."""


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "data" / "lp-api-shapes"


def fields(entry: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What the store should have: a link's last part, dates in UTC, the rest as it is."""
    return {column: value(name, entry.get(name)) for column, name in names.items()}


def value(name: str, given: Any) -> Any:
    if name.startswith("date") and given:
        return written(datetime.fromisoformat(given))
    if name.endswith("_link") and name != "web_link" and given:
        return given.rsplit("/", 1)[-1].removeprefix("~")
    return given


def kept(store: Store, table: str, names: dict[str, str]) -> list[dict[str, Any]]:
    return store.rows(f"select {', '.join(names)} from {table}")


def whole(folder: Path) -> Iterator[dict[str, Any]]:
    """The recorded bugs, each with what was recorded of its parts."""

    def entries(name: str) -> list[dict[str, Any]]:
        path = folder / name
        return json.loads(path.read_text())["entries"] if path.exists() else []

    real = json.loads((folder / "launchpadlib-rs/bug.json").read_text())
    yield {"bug": real, "bug_tasks": entries("launchpadlib-rs/bug_tasks.json")}
    for number in (1, 2):
        name = f"perceval/launchpad_issue_{number}"
        bug = json.loads((folder / f"{name}.json").read_text())
        yield {
            "bug": bug,
            "bug_tasks": entries(f"perceval/launchpad_issues_page_{number}.json"),
            "messages": entries(f"{name}_comments.json"),
            "activity": entries(f"{name}_activities.json"),
        }


@pytest.mark.parametrize("place", range(3))
def test_every_field_of_a_recorded_bug_is_in_the_store(folder: Path, tmp_path: Path, place: int) -> None:
    recording = [*whole(folder)][place]
    file, store = tmp_path / "bug.json", Store()
    file.write_text(json.dumps(recording))
    recorded.launchpad(file, store)
    assert kept(store, "bugs", BUG) == [fields(recording["bug"], BUG)]
    assert [row["tag"] for row in store.rows("select tag from bug_tags order by tag")] == sorted(
        recording["bug"]["tags"]
    )
    tasks = [fields(task, TASK) for task in recording["bug_tasks"]]
    assert sorted(kept(store, "tasks", TASK), key=str) == sorted(tasks, key=str)
    assert len(tasks) == (30 if place == 0 else 1)
    comments = [fields(message, COMMENT) for message in recording.get("messages", [])[1:]]
    assert kept(store, "comments", COMMENT) == comments
    log = recording.get("activity", [])
    assert kept(store, "activity", LOG) == [fields(line, LOG) for line in log]
    assert [row["new"] for row in store.rows("select new from activity")] == [line["message"] for line in log]


@pytest.mark.parametrize("name", ["person", "team", "team2", "team-ubuntu-security"])
def test_every_field_of_a_recorded_profile_is_in_the_store(folder: Path, name: str) -> None:
    given, store = json.loads((folder / f"launchpadlib-rs/{name}.json").read_text()), Store()
    profile = launchpad_questions.profile(given)
    assert profile
    store.save([profile])
    assert store.profiles.get(given["name"]) == Profile(
        name=given["name"],
        display_name=given["display_name"],
        is_team=given["is_team"],
        description=given["description"] or "",
        created=read(value("date_created", given["date_created"])),
        url=given["web_link"],
    )
