"""Lines in, lines out: what people say to the bot, and what it says to them."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from irc.client import is_channel

from mentorbot.bucket import Bucket
from mentorbot.chat.accounts import Accounts
from mentorbot.chat.pace import Pace
from mentorbot.chat.patience import Patience
from mentorbot.chat.people import People
from mentorbot.chat.presence import Presence
from mentorbot.chat.wire import LONGEST_LINE, Connection
from mentorbot.clock import Clock
from mentorbot.config import Irc
from mentorbot.models import Heard, Who
from mentorbot.text import count, plain

log = logging.getLogger(__name__)

LONGEST_USER_AT_HOST = 11 + 1 + 64
"""Bytes of user@host at the most, while the bot does not know its own."""
LONGEST_ECHO = 64
LONGEST_REASON = 200


class Bot:
    """Hears what people say and says what it is given, on one network.

    `hear` gets every line a person says, in the loop's thread, and must return at once. A line that `asks` something
    of the bot is heard when it is known who asks, some seconds later at most. `tick` is called about once a second.
    `say`, `change` and `quit` may be called from any thread. Raises ConfigError where a TLS file or the password is
    unusable.
    """

    def __init__(
        self,
        settings: Irc,
        hear: Callable[[Heard], None],
        clock: Clock,
        tick: Callable[[], None] | None = None,
        version: str = "",
        patience: Patience | None = None,
        asks: Callable[[Heard], bool] = lambda _: False,
    ) -> None:
        self._hear, self._tick, self._asks = hear, tick, asks
        patience = patience or Patience()
        self._version = plain(version) or "mentorbot"
        self._presence = Presence(settings, clock, self._version, patience)
        self._place, self._reactor = self._presence.place, self._presence.reactor
        self._pace = Pace(settings.flood_rate, settings.flood_burst, time.monotonic)
        self._accounts = Accounts(self._place, self._presence.capabilities.active, self._pace.bucket, patience.whois)
        self._ctcp_pace = Bucket(0.5, 3, time.monotonic)
        self._people = People(self._place)
        self._reactor.add_global_handler("privmsg", self._on_words)
        self._reactor.add_global_handler("pubmsg", self._on_words)
        self._reactor.add_global_handler("ctcp", self._on_ctcp)

    @property
    def connected(self) -> bool:
        """Whether the bot is on the network: welcomed, and not cut off since."""
        return self._presence.since is not None

    @property
    def nick(self) -> str:
        """The nick the bot has now, or will ask for."""
        return self._place.nick

    @property
    def channels(self) -> list[str]:
        """The channels the bot is in."""
        return sorted(self._place.channels.copy().values())

    @property
    def waiting(self) -> int:
        """How many lines wait to be said."""
        return len(self._pace)

    def people(self, channel: str) -> frozenset[str]:
        """The nicks in a channel, in lower case; from any thread."""
        return self._people.of(channel)

    def nick_of(self, account: str) -> str | None:
        """A nick that is logged in to this account now, as far as the bot sees; in the loop's thread."""
        return self._accounts.nick_of(account)

    def say(
        self,
        target: str,
        lines: Iterable[str],
        *,
        said: Callable[[], None] | None = None,
        unsaid: Callable[[list[str]], None] | None = None,
    ) -> None:
        """Queue lines for a channel or a nick; from any thread.

        `said` is called, in the loop's thread, when the last of them was written to the socket. `unsaid` gets those
        that are given up: the queue was full, they could not be said for five minutes, or the bot has left; it is
        called in the loop's thread or at once, and must be quick. Raises ValueError for a bad target.
        """
        if not _is_sayable(target):
            raise ValueError(f"{target!r} is neither a channel nor a nick.")
        self._pace.put(target, lines, said, unsaid)
        self._reactor.wake()

    def change(self, settings: Irc) -> None:
        """Go by the channels and the pace of new settings, on the same connection; from any thread."""

        def go_by_them() -> None:
            self._pace.change(settings.flood_rate, settings.flood_burst)
            self._place.change(settings, here=self.connected)

        self._reactor.call(go_by_them)

    def run(self) -> None:
        """Stay on the network until `quit`; blocks."""
        if self._tick:
            self._reactor.at("tick", 0, self._do_tick)
        self._reactor.at("dial", 0, self._presence.dial)
        try:
            while not self._presence.over:
                try:
                    self._reactor.process_once(self._pace.wait(self._can_speak_to))
                    self._speak()
                except Exception:
                    log.exception("A fault in the chat's loop; the bot connects anew:")
                    self._presence.drop("a fault of its own")
        finally:
            self._presence.leaving = self._presence.over = True
            self._presence.drop("the end")
            self._pace.close()
            self._reactor.close()

    def quit(self, reason: str = "", seconds: float = 0, sorry: str = "") -> None:
        """Leave the network and end `run`; from any thread or signal.

        Before that, the bot goes on saying what waits, for so many seconds at most. The network hears `sorry` in place
        of the reason where something stays unsaid.
        """
        until = time.monotonic() + seconds
        self._reactor.call(lambda: self._finish(until, reason, sorry or reason))

    def _finish(self, until: float, reason: str, sorry: str) -> None:
        self._speak()
        left, wait = until - time.monotonic(), self._pace.wait(self._can_speak_to)
        if wait is not None and left > 0:
            self._reactor.at("finish", min(wait, left), lambda: self._finish(until, reason, sorry))
        elif not self._presence.leaving:
            if unsaid := self._pace.close():
                log.warning("Leaving with %s unsaid.", count(unsaid, "line"))
            self._presence.leave(plain(sorry if unsaid else reason)[:LONGEST_REASON])

    def _do_tick(self) -> None:
        assert self._tick is not None
        self._reactor.at("tick", 1, self._do_tick)
        self._tick()

    def _speak(self) -> None:
        while line := self._pace.take(self._can_speak_to, self._room):
            connection = self._place.connection
            assert connection is not None
            connection.privmsg(line.target, line.words)
            if line.said:
                connection.when_written(line.said)

    def _can_speak_to(self, target: str) -> bool:
        return self.connected and (not is_channel(target) or self._place.folded(target) in self._place.channels)

    def _room(self, target: str) -> int:
        """Bytes of words that reach the receiver: the server puts our nick!user@host before what we send."""
        user_at_host = len(self._place.user_at_host.encode()) or LONGEST_USER_AT_HOST
        return LONGEST_LINE - len(f":{self.nick}! PRIVMSG {target} :".encode()) - user_at_host

    def _on_words(self, _connection: Connection, event: Any) -> None:
        if not self._is_person(event.source):
            return
        # "@#mentors" is #mentors, said to its operators only.
        target = re.sub(r"^[~&@%+]+(?=#)", "", event.target)
        words = plain(event.arguments[0])
        in_private = self._place.is_me(target)
        # What is said in a channel we are not in could not be answered.
        if not words or not (in_private or self._place.folded(target) in self._place.channels):
            return

        def heard(account: str | None) -> Heard:
            host, robot = event.source.host or "", _is_robot(event.tags)
            who = Who(event.source.nick, account or None, host, robot)
            return Heard(who, None if in_private else target, words)

        account = self._accounts.of(event.source, event.tags)
        if account is None and self._asks(heard(None)):
            self._accounts.ask(event.source, lambda account: self._hear(heard(account)))
        else:
            self._hear(heard(account))

    def _on_ctcp(self, connection: Connection, event: Any) -> None:
        """Answer PING and VERSION, a few times, and nothing else."""
        verb, *rest = event.arguments
        answers = {"PING": plain("".join(rest))[:LONGEST_ECHO], "VERSION": self._version}
        if self._is_person(event.source) and verb in answers and self._ctcp_pace.take():
            connection.notice(event.source.nick, f"\x01{verb} {answers[verb]}".rstrip() + "\x01")

    def _is_person(self, source: Any) -> bool:
        """Whether a line is from somebody else, whom one can answer, and not from a server."""
        return source is not None and "!" in source and not self._place.is_me(source) and _is_sayable(source.nick)


def _is_sayable(target: str) -> bool:
    """Whether one can speak to a target of this name."""
    return plain(target) == target and bool(re.fullmatch(r"[^\s,:][^\s,]{0,63}", target))


def _is_robot(tags: Any) -> bool:
    """Whether the server marks a line as a bot's (IRCv3 bot mode)."""
    return any(tag["key"].rpartition("/")[2] == "bot" for tag in tags or [])
