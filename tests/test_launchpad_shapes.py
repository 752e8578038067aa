"""Launchpad's JSON, turned into models."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentorbot.models import Activity, Bug, Comment, Task
from mentorbot.questions import Blueprint, Question
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_fields import REDACTED
from tests.twins import launchpad_devel as devel
from tests.twins.launchpad_records import BEGIN, ROOT, record, task


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


WHOLE = record(7, tags=["docs"], status="Triaged", importance="Low", assignee="bob", comments=[("carol", "Me too.")])


def parts() -> tuple[Bug, Task]:
    bug, bug_task, *_ = shapes.recorded(WHOLE)
    assert isinstance(bug, Bug)
    assert isinstance(bug_task, Task)
    return bug, bug_task


def test_a_bug_without_comments_is_whole_by_itself() -> None:
    (bug,) = shapes.recorded(record(8)["bug"])
    assert isinstance(bug, Bug)
    assert bug.whole


def test_a_whole_recording_gives_the_bug_its_tasks_comments_and_log() -> None:
    assert shapes.recorded(WHOLE) == [
        Bug(
            id=7,
            title="The crane 7 is stuck",
            reporter="alice",
            created=at(2026, 1, 1, 7),
            updated=at(2026, 1, 1, 8),
            description="When I lift 7 boxes, it stops.",
            tags=frozenset({"docs"}),
            heat=6,
            message_count=2,
        ),
        Task(
            bug=7,
            project="harbour",
            status="Triaged",
            importance="Low",
            assignee="bob",
            created=at(2026, 1, 1, 7),
            title="The crane 7 is stuck",
            reporter="alice",
            left_new=at(2026, 1, 1, 7),
        ),
        Comment(bug=7, number=1, author="carol", date=at(2026, 1, 1, 8), text="Me too."),
        Activity(bug=7, date=at(2026, 1, 1, 7), person="alice", what="bug", old="", new="added bug"),
    ]


def test_parts_may_be_collections_and_the_last_two_absent() -> None:
    whole = WHOLE | {"bug_tasks": {"start": 0, "entries": WHOLE["bug_tasks"]}}
    del whole["messages"], whole["activity"]
    bug, bug_task = parts()
    bug = replace(bug, whole=False)
    assert isinstance(bug, Bug)
    assert shapes.recorded(whole) == [replace(bug, whole=False), bug_task]


def test_bare_bugs_tasks_lists_and_collections_are_read() -> None:
    whole, bug_task = shapes.recorded(WHOLE)[:2]
    assert isinstance(whole, Bug)
    bug = replace(whole, whole=False)
    assert shapes.recorded(WHOLE["bug"]) == [bug]
    assert shapes.recorded(WHOLE["bug_tasks"][0]) == [bug_task]
    assert shapes.recorded([WHOLE["bug"], WHOLE["bug_tasks"][0]]) == [bug, bug_task]
    assert shapes.recorded({"entries": WHOLE["bug_tasks"], "total_size": 1}) == [bug_task]


@pytest.mark.parametrize("kind", ["Private", "Private Security", "Proprietary", "Embargoed", REDACTED])
def test_of_a_private_bug_nothing_is_read(kind: str) -> None:
    hidden = record(8, information_type=kind)
    assert shapes.recorded(hidden) == []
    assert shapes.recorded(hidden["bug"]) == []
    assert shapes.recorded([hidden["bug"], hidden["bug_tasks"][0], WHOLE]) == shapes.recorded(WHOLE)
    assert shapes.recorded(WHOLE | {"bug": WHOLE["bug"] | {"private": True}}) == []
    assert shapes.recorded(WHOLE | {"bug": WHOLE["bug"] | {"information_type": kind}}) == []


def test_a_security_bug_that_is_public_is_read() -> None:
    assert len(shapes.recorded(record(8, information_type="Public Security"))) == 3


def test_hidden_values_are_empty() -> None:
    hidden = {"title": REDACTED, "description": REDACTED, "owner_link": REDACTED}
    bug = shapes.bug(WHOLE["bug"] | hidden | {"tags": REDACTED, "duplicate_of_link": REDACTED})
    assert (bug.title, bug.description, bug.reporter, bug.tags, bug.duplicate_of) == ("", "", "", frozenset(), None)
    bug_task = shapes.task(WHOLE["bug_tasks"][0] | {"assignee_link": REDACTED, "milestone_link": REDACTED})
    assert (bug_task.assignee, bug_task.milestone) == (None, None)


@pytest.mark.parametrize(
    ("target", "project"),
    [("harbour", "harbour"), ("harbour/tide", "harbour/tide"), ("isle/+source/synaptic", "isle/+source/synaptic")],
)
def test_a_project_is_named_by_its_target(target: str, project: str) -> None:
    assert shapes.task(task(7, target)).project == project


def test_links_give_the_duplicate_and_the_milestone() -> None:
    assert shapes.bug(record(9, duplicate_of=7)["bug"]).duplicate_of == 7
    assert (
        shapes.task(task(7, "harbour") | {"milestone_link": f"{ROOT}harbour/+milestone/tide-1"}).milestone == "tide-1"
    )


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ('Bug #7 in Harbour: "A "quoted" word"', 'A "quoted" word'),
        ('Bug #7 in Harbour: "One: two in three: four"', "One: two in three: four"),
        ("Bug #7 in synaptic (Isle): without quotes", "without quotes"),
        ("no bug's title at all", "no bug's title at all"),
    ],
)
def test_a_tasks_title_is_the_bugs(given: str, title: str) -> None:
    assert shapes.task(task(7, "harbour") | {"title": given}).title == title


def test_comments_are_numbered_by_their_links_or_their_place_in_all_pages() -> None:
    message = {"content": "Yes.", "owner_link": f"{ROOT}~bob", "date_created": BEGIN.isoformat()}
    linked = message | {"self_link": f"{ROOT}harbour/+bug/7/comments/12"}
    page = {"start": 3, "entries": [message, linked]}
    assert [comment.number for comment in shapes.comments(7, page)] == [3, 12]
    assert [comment.number for comment in shapes.comments(7, [message, message])] == [1]


@pytest.mark.parametrize(
    ("part", "key"),
    [("bug", key) for key in ("id", "title", "owner_link", "date_created", "date_last_updated", "tags")]
    + [
        ("bug_tasks", key)
        for key in ("bug_link", "target_link", "status", "importance", "assignee_link", "date_created")
    ]
    + [("messages", key) for key in ("content", "owner_link", "date_created")]
    + [("activity", key) for key in ("whatchanged", "person_link", "datechanged")],
)
def test_a_missing_key_is_named(part: str, key: str) -> None:
    broken: dict[str, Any] = copy.deepcopy(WHOLE)
    for entry in [broken[part]] if part == "bug" else broken[part]:
        del entry[key]
    with pytest.raises(ValueError, match=f'has no "{key}"$'):
        shapes.recorded(broken)


@pytest.mark.parametrize(
    ("json", "words"),
    [
        ({"bug": WHOLE["bug"]}, 'the recording of bug 7 has no "bug_tasks"'),
        ({"bug": 7}, '"bug" is not a JSON object'),
        (WHOLE | {"bug_tasks": "none"}, "a bug task should stand in a list"),
        (WHOLE | {"bug_tasks": ["none"]}, "a bug task should be a JSON object"),
        (WHOLE["bug"] | {"date_created": "soon"}, '"date_created" of a bug (7) is no date: soon'),
        (WHOLE["bug"] | {"id": "seven"}, '"id" of a bug (seven) should be a number'),
        ({"id": 7, "title": "x"}, 'a bug (7) has neither "information_type" nor "private"'),
        (task(7, "harbour") | {"target_link": "harbour"}, '"target_link" names no project: harbour'),
    ],
)
def test_a_wrong_shape_is_named(json: object, words: str) -> None:
    with pytest.raises(ValueError) as error:
        shapes.recorded(json)
    assert str(error.value) == words


@pytest.mark.parametrize("json", [None, 7, "text", {}, {"kind": "question"}])
def test_what_is_no_recording_is_told_what_one_is(json: object) -> None:
    with pytest.raises(ValueError, match="a recording is "):
        shapes.recorded(json)


def test_recorded_answers_of_the_real_service_are_read(shared: Path) -> None:
    folder = shared / "data" / "lp-api-shapes"
    read = [json.loads(path.read_text()) for path in sorted(folder.glob("launchpadlib-rs/bug*.json"))]
    things = [thing for found in read for thing in shapes.recorded(found)]
    assert [type(thing) for thing in things] == [Bug, Bug] + [Task] * 30
    tasks = [thing for thing in things if isinstance(thing, Task)]
    assert {bug_task.bug for bug_task in tasks} == {1}
    assert len({bug_task.project for bug_task in tasks}) == 30
    assert {bug_task.title for bug_task in tasks} == {things[0].title}  # type: ignore[union-attr]


def test_recorded_pages_of_a_package_are_read(shared: Path) -> None:
    folder = shared / "data" / "lp-api-shapes" / "perceval"
    (found,) = shapes.recorded(json.loads((folder / "launchpad_issues_page_1.json").read_text()))
    assert isinstance(found, Task)
    assert (found.bug, found.project, found.assignee) == (1, "mydistribution/+source/mypackage", "user")
    messages = json.loads((folder / "launchpad_issue_1_comments_next_2.json").read_text())
    assert [comment.number for comment in shapes.comments(1, messages)] == [2, 3]
    log = json.loads((folder / "launchpad_issue_1_activities.json").read_text())
    assert [line.new for line in shapes.activity(1, log)] == ["added bug"]


def test_a_recording_may_have_questions_and_blueprints_and_none_that_are_private() -> None:
    question, public = devel.question(7), devel.blueprint("pier")
    found = shapes.recorded([question, {"entries": [public, devel.blueprint("mole", information_type="Proprietary")]}])
    assert [(type(thing), getattr(thing, "title", "")) for thing in found] == [
        (Question, "How do I lift 7 boxes?"),
        (Blueprint, "Pier"),
    ]


def test_what_has_no_address_gets_launchpads_own() -> None:
    found = shapes.recorded([devel.question(7) | {"web_link": None}, devel.blueprint("pier") | {"web_link": None}])
    assert [getattr(thing, "url", "") for thing in found] == [
        "https://answers.launchpad.net/harbour/+question/7",
        "https://blueprints.launchpad.net/harbour/+spec/pier",
    ]
