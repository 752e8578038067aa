"""From a line to a request, to a command, to the lines of its answer. Knows nothing of IRC."""

from __future__ import annotations

import difflib
import logging
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

from mentorbot.clock import Clock
from mentorbot.commands import Command, Reply, Request
from mentorbot.config import Config
from mentorbot.errors import StoreError, UserError
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from mentorbot.text import plain

log = logging.getLogger(__name__)

IN_CHANNEL = 4
"""An answer of more lines than this goes to the asker in private."""
PAGE = 8
"""Lines said in private before the reader is asked to say `more`."""
WORKERS = 4
WAITING = 200
"""Commands that may wait for a worker; past that people are asked to come back."""
A_MINUTE = 20
"""Commands of one person that are answered in a minute: a flood leaves room for others, and two bots fall silent."""


@dataclass(frozen=True)
class Answer:
    """What to say, and where: `target` is the channel or the asker's nick; `private_note` is a line for the channel
    when the answer itself went to private."""

    target: str
    lines: list[str]
    channel: str | None = None
    private_note: str = ""


class Dispatch:
    """Answers lines with the loaded plugins' commands, a few at a time."""

    def __init__(self, config: Config, loaded: Loaded, store: Store, clock: Clock) -> None:
        self._config = config
        self._loaded = loaded
        self._store = store
        self._clock = clock
        self._workers = ThreadPoolExecutor(WORKERS, "command")
        self._free = threading.BoundedSemaphore(WORKERS + WAITING)
        self._minute = clock()
        self._given: Counter[str] = Counter()

    def start(self, heard: Heard, nick: str, then: Callable[[Answer], None]) -> bool:
        """Answer in a worker, where `then` is called with the answer; False if the line gets none.

        It gets none where it was not meant for the bot, or came from somebody who was just told to slow down.
        """
        called = self._called(heard, nick)
        if called is None or (given := self._given_lately(heard.who)) > A_MINUTE + 1:
            return False
        sorry = ""
        if given > A_MINUTE:
            sorry = f"That was {A_MINUTE} commands in a minute, as many as I answer; ask me again in a minute."
        elif not self._free.acquire(blocking=False):
            sorry = "I have more questions than I can answer now; ask me again in a minute."
        if sorry:
            log.warning("%s is asked to come back: %s", heard.who.nick, sorry)
            then(Answer(heard.where or heard.who.nick, [sorry], heard.where))
            return True

        def work() -> None:
            try:
                then(self._answer(heard, *called))
            except Exception:  # the answer was made but could not be handed over
                log.exception("an answer for %s was lost", heard.who.nick)
            finally:
                self._free.release()

        self._workers.submit(work)
        return True

    def is_asked(self, heard: Heard, nick: str) -> bool:
        """Whether a line calls a command of the bot, whose nick is `nick`."""
        called = self._called(heard, nick)
        return called is not None and isinstance(called[0], Command)

    def answer(self, heard: Heard, nick: str = "mentorbot") -> Answer | None:
        """Answer a line here and now; None where it was not meant for the bot, whose nick is `nick`."""
        called = self._called(heard, nick)
        return None if called is None else self._answer(heard, *called)

    def _given_lately(self, who: Who) -> int:
        """How many commands this person has given in the running minute, with this one."""
        now = self._clock()
        if abs(now - self._minute) >= timedelta(minutes=1):
            self._minute = now
            self._given.clear()
        self._given[who.key] += 1
        return self._given[who.key]

    def close(self) -> None:
        """Finish what was begun, begin nothing more."""
        self._workers.shutdown(cancel_futures=True)

    def _called(self, heard: Heard, nick: str) -> tuple[Command | str, str] | None:
        """The command (or the word that is none) and the words after it; None where the line is not for the bot."""
        text = plain(heard.text)
        prefix = self._config.irc.prefix
        by_name = re.match(rf"@?{re.escape(nick)}\s*[:,]\s*", text, re.IGNORECASE)
        if by_name:
            text = text[by_name.end() :]
        by_prefix = text.startswith(prefix)
        name, _, rest = text.removeprefix(prefix).lstrip().partition(" ")
        name = name.lower().rstrip(".,;:?!")
        found = self._loaded.commands.get(name)
        if heard.where and not by_name:
            # Other bots share our prefix: a word we do not know is theirs, and not ours to comment.
            return (found, rest) if by_prefix and found else None
        return found or name, rest

    def _answer(self, heard: Heard, called: Command | str, text: str) -> Answer:
        try:
            if isinstance(called, str):
                raise UserError(self._unknown(called))
            request = Request(
                who=heard.who,
                where=heard.where,
                text=text,
                now=self._clock(),
                config=self._config,
                commands=self._loaded.commands,
                hooks=self._loaded.hooks,
            )
            self._allow(called, request)
            reply = called.function(request, self._store)
            if isinstance(reply, list):
                reply = Reply(reply)
            return self._page(reply, heard)
        except UserError as error:
            return Answer(heard.where or heard.who.nick, str(error).splitlines() or ["I cannot do that."], heard.where)
        except (Exception, SystemExit):  # in a worker, what is not caught is never heard of
            name = secrets.token_hex(3)
            log.exception("error %s in %s", name, called.name if isinstance(called, Command) else called)
            line = f"Something went wrong on my side. The operators find it in the log as error {name}."
            return Answer(heard.where or heard.who.nick, [line], heard.where)

    def _page(self, reply: Reply, heard: Heard) -> Answer:
        """Decide where the lines go, and keep what is too much for now."""
        reply = replace(reply, lines=[*map(plain, reply.lines)], rest=[*map(plain, reply.rest)])
        private = reply.private or len(reply.lines) > IN_CHANNEL
        lines = reply.lines if heard.where and not private else reply.lines[:PAGE]
        rest = [*reply.lines[len(lines) :], *reply.rest]
        if self._keep(heard, rest) and lines:
            lines = [*lines[:-1], f"{lines[-1]} ({len(rest)} more: say {self._config.irc.prefix}more)"]
        if heard.where and not private:
            return Answer(heard.where, lines, heard.where)
        note = "I answered you in private." if heard.where and lines else ""
        return Answer(heard.who.nick, lines, heard.where, note)

    def _keep(self, heard: Heard, rest: list[str]) -> bool:
        """Keep the rest for `more`; False if there is none, or a full or locked store cannot hold it."""
        key = heard.who.key
        try:
            if rest or self._store.unsaid.of(key):
                self._store.unsaid.keep(key, rest, self._clock())
        except StoreError as error:
            log.error("the rest of an answer for %s is lost: %s", heard.who.nick, error)
            return False
        return bool(rest)

    def _allow(self, called: Command, request: Request) -> None:
        account = request.who.account
        if called.access == "admin" and (
            not account or account.lower() not in map(str.lower, request.config.irc.admins)
        ):
            known = "" if account else " If you are one, please log in to the network's services and ask again."
            raise UserError(f"{called.name} is for this bot's admins.{known}")
        if called.access == "account" and not account:
            raise UserError(
                f"{called.name} changes what I remember of you, so I must be sure who you are:"
                " please log in to the network's services (/msg NickServ HELP) and ask again."
            )

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._loaded.commands, 1)
        meant = f" Did you mean {near[0]}?" if near and near[0] != "help" else ""
        said = f'I am only a program and do not understand "{name[:30]}".' if name else "Yes?"
        return f"{said}{meant} Say help to see what I can do."
