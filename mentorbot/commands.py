"""What a command is: a function of a request and the store that gives lines."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, get_args

from mentorbot.config import Config
from mentorbot.errors import PluginError, UserError
from mentorbot.models import Who

if TYPE_CHECKING:
    from mentorbot.hooks import Hooks
    from mentorbot.loader import Loaded
    from mentorbot.store import Store

Access = Literal["anyone", "account", "organiser", "admin"]
"""Who may use a command: anyone, people logged in to services, or accounts in `[irc]` organisers or admins."""

TIMEOUT = 5.0
"""Seconds a command may take, unless it declares another time."""
LONGEST_TIMEOUT = 60


class Running(Protocol):
    """The bot that runs, as its admins steer it. What it is told it does soon; raises UserError where it cannot."""

    @property
    def loaded(self) -> Loaded:
        """Its plugins."""

    @property
    def channels(self) -> Sequence[str]:
        """Where it is now."""

    def join(self, channel: str) -> None:
        """Be in this channel too, until it starts again or reads its configuration anew."""

    def part(self, channel: str) -> bool:
        """Be in this channel no more, for as long; False where it was not there."""

    def quit(self, reason: str) -> None:
        """Say what waits, and leave the network."""

    def sync(self) -> None:
        """Have the mirrors ask for news."""


@dataclass(frozen=True)
class Request:
    """What somebody asks: who, where (a channel, or None in private), the words after the command, and when.

    `commands` and `hooks` are what the `loaded` plugins can do. `bot` is None where none runs, as under `ask`.
    """

    who: Who
    where: str | None
    text: str
    now: datetime
    config: Config
    loaded: Loaded
    bot: Running | None = None

    @property
    def words(self) -> list[str]:
        return self.text.split()

    @property
    def commands(self) -> Mapping[str, Command]:
        return self.loaded.commands

    @cached_property
    def hooks(self) -> Hooks:
        return self.loaded.hooks.for_one_call()

    @property
    def running(self) -> Running:
        """The bot that runs; a UserError where there is none."""
        if self.bot is None:
            raise UserError("This I can do only while I run: please say it to me in the chat.")
        return self.bot


@dataclass(frozen=True)
class Reply:
    """What to answer: lines now, and `rest` for those who say `more`. `private` sends all of it to the asker alone."""

    lines: list[str]
    rest: list[str] = field(default_factory=list)
    private: bool = False


Function = Callable[[Request, "Store"], "list[str] | Reply"]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True)
class Command:
    """A command as `help` shows it: how it is written, what it does, who may use it, and the plugin it is from.

    `timeout` is in seconds.
    """

    name: str
    usage: str
    purpose: str
    access: Access
    function: Function
    plugin: str = ""
    timeout: float = TIMEOUT


def command(usage: str, access: Access = "anyone", timeout: float = TIMEOUT) -> Callable[[F], F]:
    """Declare a command: `@command("waiting [project]")`.

    Its name is the first word, in lower case; its help is the docstring's first line. Who asks hears that it takes too
    long after `timeout` seconds; its lines are dropped then.
    """
    if not isinstance(usage, str) or not re.match(r"[a-z][a-z0-9-]*(?:\s|$)", usage):
        raise PluginError(
            f'A command is declared as @command("waiting [project]"), a lower-case name first; not {usage!r}.'
        )
    if access not in get_args(Access):
        raise PluginError(f'The command "{usage}" is for {access!r}; there are {", ".join(get_args(Access))}.')
    if not 0 < timeout <= LONGEST_TIMEOUT:
        raise PluginError(f'The command "{usage}" may take {timeout} s; write more than 0, {LONGEST_TIMEOUT} at most.')

    def declare(function: F) -> F:
        purpose = (inspect.getdoc(function) or "").partition("\n")[0]
        if not purpose:
            raise PluginError(f'The command "{usage}" has no docstring; its first line is what help shows.')
        if len(inspect.signature(function).parameters) != 2:
            raise PluginError(f'The command "{usage}" must take exactly (request, store).')
        declared = Command(usage.split()[0], usage, purpose, access, function, timeout=timeout)
        function.command = declared  # type: ignore[attr-defined]
        return function

    return declare
