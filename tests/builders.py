"""Bugs, changes, questions and blueprints in a few words, for tests. Days count back from NOW."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mentorbot.models import Activity, Bug, Change, ChangeMessage, Comment, Task, Thing, Vote
from mentorbot.questions import Blueprint, Question

NOW = datetime(2026, 2, 13, 14, 30, tzinfo=UTC)
BUGS = "https://bugs.harbour.example"
REVIEW = "https://review.harbour.example"
ANSWERS = "https://answers.harbour.example"
PLANS = "https://blueprints.harbour.example"


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def bug(
    number: int,
    title: str = "",
    *,
    project: str = "harbour",
    days: float = 10,
    tags: tuple[str, ...] = (),
    status: str = "New",
    importance: str = "Low",
    assignee: str | None = None,
    reporter: str = "rita",
    comments: tuple[tuple[str, str] | tuple[str, str, float], ...] = (),
    duplicate_of: int | None = None,
    private: bool = False,
    read: bool = True,
) -> list[Thing]:
    """A bug with one task and its comments, each (author, text) or (author, text, days ago).

    `read=False`: only the task is known, as after the first walk over a project's list.
    """
    title = title or f"Bug number {number}"
    task = Task(
        bug=number,
        project=project,
        status=status,
        importance=importance,
        assignee=assignee,
        created=days_ago(days),
        title=title,
        reporter=reporter,
        url=f"{BUGS}/{project}/+bug/{number}",
    )
    if not read:
        return [task]
    said = [
        Comment(number, n, comment[0], days_ago(comment[2] if len(comment) > 2 else days / 2), comment[1])
        for n, comment in enumerate(comments, 1)
    ]
    whole = Bug(
        id=number,
        title=title,
        reporter=reporter,
        created=days_ago(days),
        updated=max([days_ago(days), *(c.date for c in said)]),
        tags=frozenset(tags),
        message_count=len(said) + 1,
        duplicate_of=duplicate_of,
        private=private,
    )
    return [task, whole, *said]


def activity(number: int, who: str, what: str, old: str, new: str, *, days: float = 1) -> Activity:
    return Activity(number, days_ago(days), who, what, old, new)


def change(
    number: int,
    subject: str = "",
    *,
    project: str = "harbour/harbour",
    owner: str = "nora",
    days: float = 3,
    lines: int = 12,
    verified: int = 1,
    votes: tuple[Vote, ...] = (),
    messages: tuple[tuple[str, str] | tuple[str, str, float], ...] = (),
    files: tuple[str, ...] = ("harbour/log.py",),
    message: str = "",
    **more: Any,
) -> Change:
    """A change on its first patch set with CI's vote; `messages` are (author, text) or (author, text, days ago)."""
    subject = subject or f"Change number {number}"
    ci = (Vote("Verified", "harbour-ci", verified, days_ago(days), robot=True),) if verified else ()
    said = tuple(
        ChangeMessage(f"m{number}-{n}", m[0], days_ago(m[2] if len(m) > 2 else days / 2), m[1], patch_set=1)
        for n, m in enumerate(messages, 1)
    )
    defaults: dict[str, Any] = {
        "branch": "master",
        "change_id": f"I{number:040x}",
        "status": "NEW",
        "owner_name": owner.capitalize(),
        "created": days_ago(days),
        "updated": days_ago(days / 2),
        "uploaded": days_ago(days),
        "insertions": lines,
        "commit_message": f"{subject}\n\n{message}",
        "url": f"{REVIEW}/c/{project}/+/{number}",
    }
    return Change(
        number=number,
        project=project,
        subject=subject,
        owner=owner,
        files=files,
        votes=(*ci, *votes),
        messages=said,
        **(defaults | more),
    )


def question(
    number: int,
    title: str = "",
    *,
    project: str = "harbour",
    days: float = 3,
    status: str = "Open",
    owner: str = "rita",
    queried: float | None = None,
    responded: float | None = None,
    language: str = "en",
    **more: Any,
) -> Question:
    """A question; `queried` and `responded` are days ago, too."""
    return Question(
        number=number,
        project=project,
        title=title or f"Question number {number}?",
        description=more.pop("description", ""),
        status=status,
        language=language,
        owner=owner,
        created=days_ago(days),
        queried=days_ago(days if queried is None else queried),
        responded=None if responded is None else days_ago(responded),
        url=f"{ANSWERS}/{project}/+question/{number}",
        **more,
    )


def blueprint(
    name: str,
    title: str = "",
    *,
    project: str = "harbour",
    days: float = 10,
    definition: str = "Discussion",
    implementation: str = "Not started",
    **more: Any,
) -> Blueprint:
    defaults: dict[str, Any] = {"summary": "", "priority": "Undefined", "owner": "rita"}
    return Blueprint(
        project=project,
        name=name,
        title=title or f"Plan {name}",
        definition=definition,
        implementation=implementation,
        created=days_ago(days),
        url=f"{PLANS}/{project}/+spec/{name}",
        **(defaults | more),
    )
