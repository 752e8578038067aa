"""What Launchpad has besides bugs: questions, blueprints, and what people show of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

LIVE_QUESTIONS = ("Open", "Needs information", "Answered")
"""The states of a question that still waits for somebody."""


@dataclass(frozen=True)
class Question:
    """A question of Launchpad's Answers. `answerer` is who gave the answer that its asker confirmed.

    `queried` is when its asker last said something, `responded` when somebody else did.
    """

    number: int
    project: str
    title: str
    description: str
    status: str
    language: str
    owner: str
    created: datetime
    assignee: str | None = None
    answerer: str | None = None
    answer: int | None = None
    queried: datetime | None = None
    responded: datetime | None = None
    solved: datetime | None = None
    due: datetime | None = None
    url: str = ""
    etag: str = ""


@dataclass(frozen=True)
class Blueprint:
    """A blueprint (specification) of a project on Launchpad; `key` names it. Launchpad does not date its changes.

    Nor does it number them: `number` is the store's, and None before the store has it.
    """

    project: str
    name: str
    title: str
    summary: str
    definition: str
    implementation: str
    priority: str
    owner: str
    created: datetime
    assignee: str | None = None
    drafter: str | None = None
    approver: str | None = None
    approved: bool = False
    started: bool = False
    complete: bool = False
    milestone: str | None = None
    specification: str = ""
    whiteboard: str = ""
    work_items: str = ""
    url: str = ""
    etag: str = ""
    number: int | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        return f"{self.project}/{self.name}"


@dataclass(frozen=True)
class Profile:
    """What a person, or a team, shows of themselves on Launchpad; `created` tells a later person of the same name."""

    name: str
    display_name: str
    is_team: bool
    description: str
    created: datetime | None
    url: str = ""
