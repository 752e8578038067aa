"""Being there: connected, called something, in the channels, and back again after everything a network does."""

from __future__ import annotations

import itertools
import logging
import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mentorbot.chat.loop import Reactor
from mentorbot.chat.wire import Connection, dial, folded, tls_context
from mentorbot.clock import Clock
from mentorbot.config import Irc

log = logging.getLogger(__name__)

CAPABILITIES = frozenset({"account-tag"})
CHANNELS_A_LINE = 8
REFUSED_NICK = ["erroneusnickname", "nicknameinuse", "nickcollision", "unavailresource"]
REFUSED_JOIN = [
    *["nosuchchannel", "toomanychannels", "channelisfull", "inviteonlychan"],
    *["bannedfromchan", "badchannelkey", "badchanmask", "nochanmodes"],
]


@dataclass(frozen=True)
class Patience:
    """How long the bot waits for what, in seconds."""

    connect: float = 15
    capabilities: float = 10
    register: float = 60
    silence: float = 120
    answer: float = 30
    first_retry: float = 1
    last_retry: float = 300
    settled: float = 30
    rejoin: float = 5
    wanting: float = 60
    farewell: float = 2


class Presence:
    """The bot's place on one network. All but `leave` belongs to the loop's thread.

    Raises ConfigError where a TLS file of the settings is unusable.
    """

    def __init__(self, settings: Irc, clock: Clock, realname: str, patience: Patience) -> None:
        self.reactor = Reactor(on_connect=self._log_on)
        self.connection: Connection | None = None
        self.since: datetime | None = None
        self.channels: dict[str, str] = {}
        self.user_at_host = ""
        self.leaving = self.over = False
        self._settings, self._clock, self._realname, self._patience = settings, clock, realname, patience
        self._context = tls_context(settings)
        self._offered: set[str] = set()
        self._nicks = _nicks(settings.nick)
        self._failures = 0
        answers = {
            "all_events": self._on_anything,
            "cap": self._on_cap,
            "welcome": self._on_welcome,
            "396": self._on_host,
            "nick": self._on_nick,
            "join": self._on_join,
            "part": self._on_part,
            "kick": self._on_kick,
            "quit": self._on_quit,
            "error": self._on_error,
            "disconnect": self._on_disconnect,
            **dict.fromkeys(REFUSED_NICK, self._on_nick_refused),
            **dict.fromkeys(REFUSED_JOIN, self._on_join_refused),
        }
        for event, answer in answers.items():
            self.reactor.add_global_handler(event, answer)

    @property
    def nick(self) -> str:
        """The nick the bot has now, or will ask for."""
        connection = self.connection
        return str(connection.real_nickname) if connection is not None and self.since else self._settings.nick

    def is_me(self, source: str | None) -> bool:
        """Whether a line's source, `nick!user@host` or a server's name, is the bot itself."""
        return source is not None and folded(source.partition("!")[0]) == folded(self.nick)

    # Coming and going

    def dial(self) -> None:
        """Connect, in a thread of its own: names and handshakes are slow, and the loop has other things to do."""
        log.info("Connecting to %s:%d.", self._settings.server, self._settings.port)
        threading.Thread(target=self._dial_aside, name="dial", daemon=True).start()

    def leave(self, reason: str) -> None:
        """Say QUIT and wait a short while for the server to hang up; then it is over."""
        self.leaving = True
        self.reactor.forget("dial")
        if self.connection is None:
            self.over = True
            return
        self.connection.quit(reason)
        self.reactor.at("farewell", self._patience.farewell, lambda: self.drop("no farewell"))

    def drop(self, reason: str) -> None:
        """Hang up. Unless the bot is leaving, it comes back after a while."""
        if self.connection is not None:
            self.connection.disconnect(reason)

    def _dial_aside(self) -> None:
        try:
            sock = dial(self._settings, self._context, self._patience.connect)
        except (OSError, ValueError) as error:
            reason = f"{self._settings.server}:{self._settings.port} cannot be reached: {error}"
            self.reactor.call(lambda: self._redial(reason))
        else:
            self.reactor.call(lambda: self._begin(sock))
            if self.over:
                sock.close()

    def _begin(self, sock: socket.socket) -> None:
        if self.leaving:
            sock.close()
            return
        settings = self._settings
        self._nicks = _nicks(settings.nick)
        self.connection = self.reactor.server()
        self.reactor.at("register", self._patience.register, lambda: self.drop("no welcome in time"))
        self._watch()
        self.connection.connect(
            settings.server, settings.port, settings.nick, ircname=self._realname, connect_factory=lambda _: sock
        )

    def _log_on(self, _sock: socket.socket) -> None:
        """Ask for capabilities before NICK and USER: the server then waits with its welcome until we are agreed."""
        assert self.connection is not None
        self._offered.clear()
        self.connection.cap("LS", "302")
        self.reactor.at("capabilities", self._patience.capabilities, self._end_capabilities)

    def _on_disconnect(self, connection: Connection, event: Any) -> None:
        self.reactor.connections.remove(connection)
        self.connection = self.since = None
        self.channels.clear()
        self.user_at_host = ""
        self.reactor.forget("register", "capabilities", "watch", "settled", "wanting")
        if self.leaving:
            self.over = True
        else:
            self._redial(f"Off {self._settings.server}: {event.arguments[0]}")

    def _redial(self, reason: str) -> None:
        if self.leaving:
            return
        delay = _backoff(self._failures, self._patience)
        self._failures += 1
        log.warning("%s. Trying again in %.1f s.", reason.rstrip("."), delay)
        self.reactor.at("dial", delay, self.dial)

    def _watch(self) -> None:
        """Ask a server that has been silent for long whether it is there."""
        connection = self.connection
        if connection is None:
            return
        silent = time.monotonic() - connection.heard_at
        if silent < self._patience.silence:
            self.reactor.at("watch", self._patience.silence - silent, self._watch)
            return
        heard_at = connection.heard_at
        connection.ping(self._settings.server)
        self.reactor.at("watch", self._patience.answer, lambda: self._judge(connection, heard_at))

    def _judge(self, connection: Connection, heard_at: float) -> None:
        if connection.heard_at == heard_at:
            connection.disconnect("the server is silent")
        else:
            self._watch()

    def _on_error(self, _connection: Connection, event: Any) -> None:
        # A goodbye to our own goodbye is no news.
        log.log(
            logging.INFO if self.leaving else logging.WARNING, "The server says: %s.", str(event.target).rstrip(".")
        )

    # Being welcome

    def _on_cap(self, connection: Connection, event: Any) -> None:
        verb, *rest = event.arguments
        names = {name.partition("=")[0] for name in rest[-1].split()} if rest else set()
        if verb == "LS":
            self._offered |= names
            more_follows = len(rest) > 1 and rest[0] == "*"
            if not more_follows:
                self._ask_for(connection, self._offered)
        elif verb == "NEW":
            self._ask_for(connection, names)
        elif verb in ("ACK", "NAK"):
            self._end_capabilities()

    def _ask_for(self, connection: Connection, offered: set[str]) -> None:
        if wanted := sorted(CAPABILITIES & offered):
            connection.send_raw(f"CAP REQ :{' '.join(wanted)}")
        else:
            self._end_capabilities()

    def _end_capabilities(self) -> None:
        self.reactor.forget("capabilities")
        if self.connection is not None and not self.since:
            self.connection.cap("END")

    def _on_welcome(self, _connection: Connection, _event: Any) -> None:
        self.since = self._clock()
        log.info("On %s as %s.", self._settings.server, self.nick)
        self.reactor.forget("register", "capabilities")
        self.reactor.at("settled", self._patience.settled, self._settle)
        self._want()

    def _settle(self) -> None:
        self._failures = 0

    def _want(self) -> None:
        """Ask for the channels and the nick we should have and have not; again and again, for bans and people go."""
        connection = self.connection
        if connection is None:
            return
        missing = [channel for channel in self._settings.channels if folded(channel) not in self.channels]
        for first in range(0, len(missing), CHANNELS_A_LINE):
            connection.join(",".join(missing[first : first + CHANNELS_A_LINE]))
        if connection.real_nickname != self._settings.nick:
            connection.nick(self._settings.nick)
        self.reactor.at("wanting", self._patience.wanting, self._want)

    # What we are called

    def _on_nick_refused(self, connection: Connection, _event: Any) -> None:
        # While we have a nick, that a better one is refused changes nothing.
        if not self.since:
            connection.nick(next(self._nicks))

    def _on_nick(self, connection: Connection, event: Any) -> None:
        # The library has put our new nick in place already, unless the server wrote the old one in another case.
        if event.target == connection.real_nickname or self.is_me(event.source):
            connection.real_nickname = event.target
        else:
            self._take_freed(connection, event.source)

    def _on_quit(self, connection: Connection, event: Any) -> None:
        self._take_freed(connection, event.source)

    def _take_freed(self, connection: Connection, source: str | None) -> None:
        if source and folded(source.partition("!")[0]) == folded(self._settings.nick) != folded(self.nick):
            connection.nick(self._settings.nick)

    def _on_anything(self, _connection: Connection, event: Any) -> None:
        """Every line of our own that comes back says how others see us."""
        source = event.source
        if source and "@" in source and self.is_me(source):
            self.user_at_host = source.partition("!")[2]

    def _on_host(self, _connection: Connection, event: Any) -> None:
        """396: our host is shown as another one from now on."""
        user, _, host = str(event.arguments[0]).rpartition("@")
        user = user or self.user_at_host.partition("@")[0]
        self.user_at_host = f"{user}@{host}" if user else ""

    # Where we are

    def _on_join(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.source):
            self.channels[folded(event.target)] = event.target

    def _on_part(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.source):
            self._put_out(event.target, "parted")

    def _on_kick(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.arguments[0]):
            self._put_out(event.target, f"kicked by {event.source}")

    def _put_out(self, channel: str, how: str) -> None:
        if self.channels.pop(folded(channel), None):
            log.warning("No longer in %s: %s.", channel, how)
            self.reactor.at("wanting", self._patience.rejoin, self._want)

    def _on_join_refused(self, _connection: Connection, event: Any) -> None:
        log.warning("The server says: %s.", ": ".join(event.arguments).rstrip("."))


def _nicks(wanted: str) -> Iterator[str]:
    """What to be called when `wanted` is taken: first longer, then no longer than the 9 every server allows."""
    yield f"{wanted}_"
    yield f"{wanted}__"
    for number in itertools.count(2):
        yield f"{wanted[: 9 - len(str(number))]}{number}"


def _backoff(failures: int, patience: Patience) -> float:
    """Seconds before the next try: doubled with each failure, and never the same for two bots."""
    longest: float = min(patience.last_retry, patience.first_retry * 2 ** min(failures, 30))
    return longest * random.uniform(0.5, 1)  # noqa: S311
