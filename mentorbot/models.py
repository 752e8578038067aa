"""The things mentorbot talks about: bugs, changes, people's words about them, and what is offered.

All of them are frozen; every moment is an aware datetime in UTC. Names of people are the names of their source
(`~alice` of Launchpad is "alice"; a Gerrit account is its username, or its number where it has none).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

OPEN_STATUSES = frozenset(
    {"New", "Incomplete", "Confirmed", "Triaged", "In Progress", "Deferred", "Fix Committed"}
)
"""What Launchpad counts as open (lib/lp/bugs/interfaces/bugtask.py)."""


@dataclass(frozen=True)
class Bug:
    """A Launchpad bug: what is true of it in every project."""

    id: int
    title: str
    reporter: str
    created: datetime
    updated: datetime
    description: str = ""
    tags: frozenset[str] = frozenset()
    heat: int = 0
    message_count: int = 0
    duplicate_of: int | None = None
    private: bool = False
    etag: str = ""

    @property
    def url(self) -> str:
        return f"https://bugs.launchpad.net/bugs/{self.id}"


@dataclass(frozen=True)
class Task:
    """A bug in one project: its status there and who works on it."""

    bug: int
    project: str
    status: str
    importance: str
    assignee: str | None
    created: datetime
    title: str = ""
    reporter: str = ""
    milestone: str | None = None
    left_new: datetime | None = None
    closed: datetime | None = None
    url: str = ""
    etag: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


@dataclass(frozen=True)
class Comment:
    """A message on a bug; number 0 is the description again, so it is never stored."""

    bug: int
    number: int
    author: str
    date: datetime
    text: str


@dataclass(frozen=True)
class Activity:
    """A line of a bug's log: who changed what, and when. Launchpad gives it no number."""

    bug: int
    date: datetime
    person: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Tagged:
    """All bugs of one project that carry a tag, as a search by tag gives them."""

    project: str
    tag: str
    bugs: frozenset[int]


@dataclass(frozen=True)
class Gone:
    """A bug or change (`kind`) that its source no longer shows: private now, or deleted. The store forgets its text."""

    kind: str
    number: int


@dataclass(frozen=True)
class Vote:
    """A vote on the current patch set; `value` is never 0."""

    label: str
    person: str
    value: int
    date: datetime | None = None
    robot: bool = False


@dataclass(frozen=True)
class ChangeMessage:
    """A message on a change; without an author it is the server's own."""

    id: str
    author: str | None
    date: datetime
    text: str
    tag: str = ""
    patch_set: int | None = None
    robot: bool = False


@dataclass(frozen=True)
class Change:
    """A Gerrit change with its current patch set, its votes and its messages. `number` is its key."""

    number: int
    project: str
    branch: str
    change_id: str
    subject: str
    status: str
    owner: str
    created: datetime
    updated: datetime
    url: str
    owner_name: str = ""
    submitted: datetime | None = None
    insertions: int = 0
    deletions: int = 0
    wip: bool = False
    private: bool = False
    topic: str = ""
    hashtags: tuple[str, ...] = ()
    patch_set: int = 1
    uploaded: datetime | None = None
    unresolved: int = 0
    comment_count: int = 0
    commit_message: str = ""
    files: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    messages: tuple[ChangeMessage, ...] = ()
    meta_rev: str = ""


Thing = Bug | Task | Comment | Activity | Tagged | Gone | Change


@dataclass(frozen=True)
class Page:
    """What a source gave in one go, to be stored in one transaction together with its cursor.

    `cursor` is a text only the source understands: handed back, it goes on after this page. `done` of `total`
    (None where nobody knows) is for the progress bar; `step` names the part of the walk ("open bugs").
    """

    things: tuple[Thing, ...]
    cursor: str
    done: int = 0
    total: int | None = None
    step: str = ""


@dataclass(frozen=True)
class OpenBug:
    """An open bug in one project with the facts that offers, ranking and backlog queries ask for.

    Comments are people's only: robots are not counted. `answered` is True where the reporter spoke last.
    `dead_proposals` are changes that would have fixed it and were abandoned.
    """

    number: int
    project: str
    title: str
    url: str
    status: str
    importance: str
    assignee: str | None
    reporter: str
    created: datetime
    updated: datetime
    tags: frozenset[str] = frozenset()
    heat: int = 0
    comments: int = 0
    commenters: frozenset[str] = frozenset()
    last_comment: datetime | None = None
    answered: bool = False
    dead_proposals: int = 0


@dataclass(frozen=True)
class OpenChange:
    """An open change with the facts that offers and ranking ask for. `earlier` counts its owner's changes before it."""

    number: int
    project: str
    subject: str
    url: str
    owner: str
    owner_name: str
    created: datetime
    uploaded: datetime
    size: int
    patch_set: int
    earlier: int
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Who:
    """A person in the chat. `account` is the services account, None where it is not known."""

    nick: str
    account: str | None = None
    host: str = ""

    @property
    def key(self) -> str:
        """What the store remembers this person by; a nick can never pass for an account."""
        return f"account:{self.account.lower()}" if self.account else f"nick:{self.nick.lower()}"


@dataclass(frozen=True)
class Heard:
    """A line somebody said; `where` is the channel, None in private."""

    who: Who
    where: str | None
    text: str


@dataclass(frozen=True)
class Signal:
    """One reason for or against an item: its name in ranking.toml, its points, and the reason in words."""

    name: str
    points: int
    words: str


@dataclass(frozen=True)
class Item:
    """A piece of work to offer. `kind` is "bug" or "change"; `since` is since when it waits."""

    kind: str
    number: int
    project: str
    title: str
    url: str
    since: datetime
    niche: str = ""
    signals: tuple[Signal, ...] = ()

    @property
    def ref(self) -> str:
        return f"LP#{self.number}" if self.kind == "bug" else f"change {self.number}"

    @property
    def points(self) -> int:
        return sum(signal.points for signal in self.signals)


@dataclass(frozen=True)
class Credit:
    """Recognition of one contribution: who did what, and where it can be seen.

    `person` is a key of the store (`account:…`, `nick:…`, `launchpad:…`, `gerrit:…`); `given_by` is one too, or ""
    where the evidence was found by the bot itself.
    """

    person: str
    name: str
    kind: str
    reason: str
    url: str
    at: datetime
    given_by: str = ""
    evidence: str = ""
    id: int | None = None
