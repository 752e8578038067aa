"""What plugins may say besides commands, and when they are asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pluggy

from mentorbot.models import Credit, Item

if TYPE_CHECKING:
    from mentorbot.commands import Request
    from mentorbot.config import Config
    from mentorbot.store import Store

PROJECT = "mentorbot"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class Terms:
    """What a hook must give a list of, and in how many seconds."""

    gives: type
    seconds: float


TERMS = {
    "queue": Terms(Item, 2.0),
    "evidence": Terms(Credit, 20.0),
    "greet": Terms(str, 2.0),
}


@hookspec(firstresult=True)
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Give the free items of the queue `name` in these projects; None if that queue is not yours.

    niches.toml says which niche has which queue.
    """


@hookspec
def evidence(since: datetime, until: datetime, config: Config, store: Store) -> Iterable[Credit]:  # type: ignore[empty-body]
    """Give the contributions seen in the mirrors in that time that deserve thanks; each with its own `evidence` key."""


@hookspec(firstresult=True)
def greet(request: Request, store: Store) -> list[str] | None:
    """Give lines to say in private to who spoke in a channel, and not to the bot, for the first time since it started.

    The request's text is what they said. None, or no lines: nothing is said.
    """
