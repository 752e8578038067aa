"""Being there: connected, called something, in the channels, and back again after everything a network does."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mentorbot.chat.capabilities import Capabilities
from mentorbot.chat.login import Login
from mentorbot.chat.loop import Reactor
from mentorbot.chat.patience import Patience, backoff
from mentorbot.chat.wire import Connection, dial, folded, tls_context
from mentorbot.clock import Clock
from mentorbot.config import Irc

log = logging.getLogger(__name__)

CAPABILITIES = frozenset({"account-notify", "account-tag", "extended-join"})
CHANNELS_A_LINE = 8
REFUSED_NICK = ["erroneusnickname", "nicknameinuse", "nickcollision", "unavailresource"]
REFUSED_JOIN = [
    *["nosuchchannel", "toomanychannels", "channelisfull", "inviteonlychan"],
    *["bannedfromchan", "badchannelkey", "badchanmask", "nochanmodes"],
]


class Presence:
    """The bot's place on one network. All but `leave` belongs to the loop's thread.

    Raises ConfigError where a TLS file or the password of the settings is unusable.
    """

    def __init__(self, settings: Irc, clock: Clock, realname: str, patience: Patience) -> None:
        self.reactor = Reactor(on_connect=self._register)
        self.connection: Connection | None = None
        self.since: datetime | None = None
        self.channels: dict[str, str] = {}
        self.user_at_host = ""
        self.leaving = self.over = False
        self._settings, self._clock, self._realname, self._patience = settings, clock, realname, patience
        self._context = tls_context(settings)
        self._login = Login(settings, self.reactor, patience.login, self._on_known, self._on_refused)
        wanted = CAPABILITIES | ({"sasl"} if self._login.by_sasl else set())
        self.capabilities = Capabilities(self.reactor, wanted, patience.capabilities, self._on_agreed)
        self._nicks = _nicks(settings.nick)
        self._welcomed = False
        self._user_modes = ""
        self._failures = self._refusals = 0
        answers = {
            "all_events": self._on_anything,
            "welcome": self._on_welcome,
            "myinfo": self._on_modes,
            "endofmotd": self._on_greeted,
            "nomotd": self._on_greeted,
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
        return str(connection.real_nickname) if connection is not None and self._welcomed else self._settings.nick

    def folded(self, name: str) -> str:
        """A nick or channel as the server compares them."""
        return self.connection.folded(name) if self.connection is not None else folded(name)

    def is_me(self, source: str | None) -> bool:
        """Whether a line's source, `nick!user@host` or a server's name, is the bot itself."""
        return source is not None and self.folded(source.partition("!")[0]) == self.folded(self.nick)

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

    def _register(self, _sock: socket.socket) -> None:
        assert self.connection is not None
        self.capabilities.begin(self.connection)

    def _on_disconnect(self, connection: Connection, event: Any) -> None:
        self.reactor.connections.remove(connection)
        self.connection = self.since = None
        self._welcomed = False
        self.channels.clear()
        self.user_at_host = self._user_modes = ""
        self.capabilities.end()
        self._login.end()
        self.reactor.forget("register", "watch", "settled", "wanting")
        if self.leaving:
            self.over = True
        else:
            self._redial(f"Off {self._settings.server}: {event.arguments[0]}")

    def _redial(self, reason: str) -> None:
        if self.leaving:
            return
        delay = backoff(self._failures, self._patience.first_retry, self._patience.last_retry)
        if self._refusals:
            # Services count failures, and some lock the account.
            patience = self._patience
            delay = max(delay, backoff(self._refusals - 1, patience.first_login_retry, patience.last_login_retry))
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

    def _on_agreed(self) -> None:
        if self.connection is None or self._welcomed:
            return
        if self._login.by_sasl:
            offered = self.capabilities.offered.get("sasl") if "sasl" in self.capabilities.active else None
            self._login.ask_sasl(self.connection, offered)
        else:
            self.connection.cap("END")

    def _on_known(self) -> None:
        self._refusals = 0
        if self._welcomed:
            self._arrive()
        elif self.connection is not None:
            self.connection.cap("END")

    def _on_refused(self, reason: str) -> None:
        """Without its login the bot would go on unknown, so it goes."""
        log.error("The login to services failed: %s.", reason)
        self._refusals += 1
        self.drop("no login")

    def _on_welcome(self, _connection: Connection, _event: Any) -> None:
        self._welcomed = True
        self.capabilities.end()
        if self._login.by_sasl and not self._login.done:
            self._on_refused("the server welcomed us before we were known; perhaps it knows no SASL")
        elif not self._login.by_nickserv:
            self._arrive()

    def _on_modes(self, _connection: Connection, event: Any) -> None:
        """004: the server's user modes are its third word."""
        self._user_modes = "".join(event.arguments[2:3])

    def _on_greeted(self, connection: Connection, _event: Any) -> None:
        """The server has said all it says of itself."""
        if not self._welcomed:
            return
        mode = getattr(connection.features, "bot", "B" if "B" in self._user_modes else "")
        if isinstance(mode, str) and len(mode) == 1:
            connection.mode(connection.real_nickname, f"+{mode}")
        if self._login.by_nickserv and not self.since:
            self._login.ask_nickserv(connection)

    def _arrive(self) -> None:
        self.since = self._clock()
        log.info("On %s as %s.", self._settings.server, self.nick)
        self.reactor.forget("register")
        self.reactor.at("settled", self._patience.settled, self._settle)
        self._want()

    def _settle(self) -> None:
        self._failures = 0

    def _want(self) -> None:
        """Ask for the channels and the nick we should have and have not; again and again, for bans and people go."""
        connection = self.connection
        if connection is None:
            return
        missing = [channel for channel in self._settings.channels if self.folded(channel) not in self.channels]
        for first in range(0, len(missing), CHANNELS_A_LINE):
            connection.join(",".join(missing[first : first + CHANNELS_A_LINE]))
        if connection.real_nickname != self._settings.nick:
            connection.nick(self._settings.nick)
        self.reactor.at("wanting", self._patience.wanting, self._want)

    # What we are called

    def _on_nick_refused(self, connection: Connection, event: Any) -> None:
        if not self._welcomed:
            connection.nick(next(self._nicks))
        elif event.type == "nicknameinuse" and self._login.regain(connection, self._settings.nick):
            self.reactor.at("wanting", self._patience.rejoin, self._want)

    def _on_nick(self, connection: Connection, event: Any) -> None:
        # The library has put our new nick in place already, unless the server wrote the old one in another case.
        if event.target == connection.real_nickname or self.is_me(event.source):
            connection.real_nickname = event.target
        else:
            self._take_freed(connection, event.source)

    def _on_quit(self, connection: Connection, event: Any) -> None:
        self._take_freed(connection, event.source)

    def _take_freed(self, connection: Connection, source: str | None) -> None:
        wanted = self.folded(self._settings.nick)
        if source and self.folded(source.partition("!")[0]) == wanted != self.folded(self.nick):
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
            self.channels[self.folded(event.target)] = event.target

    def _on_part(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.source):
            self._put_out(event.target, "parted")

    def _on_kick(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.arguments[0]):
            self._put_out(event.target, f"kicked by {event.source}")

    def _put_out(self, channel: str, how: str) -> None:
        if self.channels.pop(self.folded(channel), None):
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
