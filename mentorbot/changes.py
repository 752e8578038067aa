"""What a Gerrit change has beside votes and messages: patch sets, reviewers, whose turn it is, inline comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PatchSet:
    """A version of a change; `kind` is Gerrit's word for what it did: REWORK, TRIVIAL_REBASE, NO_CODE_CHANGE …"""

    number: int
    uploader: str
    uploaded: datetime
    kind: str = ""


@dataclass(frozen=True)
class Reviewer:
    """Somebody a change is shown to; `state` is REVIEWER or CC."""

    person: str
    state: str
    robot: bool = False


@dataclass(frozen=True)
class Attention:
    """Whose turn it is on a change, since when, and why, in Gerrit's words."""

    person: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True)
class InlineComment:
    """A published comment on a line of a file, on the whole file, or (`/PATCHSET_LEVEL`) on a patch set."""

    id: str
    author: str | None
    date: datetime
    path: str
    text: str
    line: int | None = None
    patch_set: int | None = None
    in_reply_to: str = ""
    unresolved: bool = False
    robot: bool = False


@dataclass(frozen=True)
class Discussion:
    """All inline comments of a change, as read when its list entry said there were `count` of them."""

    change: int
    count: int
    comments: tuple[InlineComment, ...] = ()
