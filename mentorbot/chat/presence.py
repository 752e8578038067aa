"""Coming and going: connected to one of the network's servers, logged in, and back again after everything it does."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
import time
from datetime import datetime
from typing import Any

from mentorbot.chat.capabilities import Capabilities
from mentorbot.chat.login import Login, password
from mentorbot.chat.loop import Reactor
from mentorbot.chat.patience import Patience, backoff, pause
from mentorbot.chat.place import Place
from mentorbot.chat.wire import Connection, dial, tls_context
from mentorbot.clock import Clock
from mentorbot.config import Irc
from mentorbot.values import Server

log = logging.getLogger(__name__)

CAPABILITIES = frozenset({"account-notify", "account-tag", "batch", "extended-join", "message-tags"})


class Presence:
    """The bot's way to one network and back. All of it belongs to the loop's thread.

    Raises ConfigError where a TLS file or the password of the settings is unusable.
    """

    def __init__(self, settings: Irc, clock: Clock, realname: str, patience: Patience) -> None:
        # What may be refused comes first: the loop holds sockets.
        tls_context(settings)
        secret = password(settings)
        self.reactor = Reactor(on_connect=self._register)
        self.since: datetime | None = None
        self.leaving = self.over = False
        self.refusal = ""
        self._settings, self._clock, self._realname, self._patience = settings, clock, realname, patience
        self._login = Login(settings, secret, self.reactor, patience.login, self._on_known, self._on_refused)
        self.place = Place(self.reactor, settings, patience, self._login.regain)
        wanted = CAPABILITIES | ({"sasl"} if self._login.by_sasl else set())
        self.capabilities = Capabilities(self.reactor, wanted, patience.capabilities, self._on_agreed)
        self._servers = itertools.cycle(settings.servers)
        self._server = next(self._servers)
        self._user_modes = ""
        self._failures = self._refusals = 0
        self._login_pause = 0.0
        answers = {
            "welcome": self._on_welcome,
            "myinfo": self._on_modes,
            "endofmotd": self._on_greeted,
            "nomotd": self._on_greeted,
            "error": self._on_error,
            "disconnect": self._on_disconnect,
        }
        for event, answer in answers.items():
            self.reactor.add_global_handler(event, answer)

    # Coming and going

    def dial(self) -> None:
        """Connect, in a thread of its own: names and handshakes are slow, and the loop has other things to do."""
        log.info("Connecting to %s.", self._server)
        try:
            threading.Thread(target=self._dial_aside, args=(self._server,), name="dial", daemon=True).start()
        except RuntimeError as error:  # the machine has no thread to give now
            self._redial(f"{self._server} was not dialled: {error}")

    def leave(self, reason: str) -> None:
        """Say QUIT and wait a short while for the server to hang up; then it is over."""
        self.leaving = True
        self.reactor.forget("dial")
        if self.place.connection is None:
            self.over = True
            return
        self.place.connection.quit(reason)
        self.reactor.at("farewell", self._patience.farewell, lambda: self.drop("no farewell"))

    def drop(self, reason: str) -> None:
        """Hang up. Unless the bot is leaving, it comes back after a while."""
        if self.place.connection is not None:
            self.place.connection.disconnect(reason)

    def _dial_aside(self, server: Server) -> None:
        try:
            # Read each time: certificates are renewed while the bot runs.
            sock = dial(server, tls_context(self._settings), self._patience.connect)
        except Exception as error:  # whatever it was: without a call of the loop there is no next try
            reason = f"{server} cannot be reached: {error}"
            self.reactor.call(lambda: self._redial(reason))
        else:
            self.reactor.call(lambda: self._begin(sock))
            if self.over:
                sock.close()

    def _begin(self, sock: socket.socket) -> None:
        if self.leaving:
            sock.close()
            return
        connection = self.reactor.server()
        self.place.begin(connection)
        self.reactor.at("register", self._patience.register, lambda: self.drop("no welcome in time"))
        self._watch()
        connection.connect(
            self._server.host,
            self._server.port,
            self._settings.nick,
            ircname=self._realname,
            connect_factory=lambda _: sock,
        )

    def _register(self, _sock: socket.socket) -> None:
        assert self.place.connection is not None
        self.capabilities.begin(self.place.connection)

    def _on_disconnect(self, connection: Connection, event: Any) -> None:
        self.reactor.connections.remove(connection)
        self.since = None
        self._user_modes = ""
        self.place.end()
        self.capabilities.end()
        self._login.end()
        self.reactor.forget("register", "watch", "settled")
        if self.leaving:
            self.over = True
        else:
            self._redial(f"Off {self._server}: {event.arguments[0]}")

    def _redial(self, reason: str) -> None:
        """Go on with the next server of the list."""
        if self.leaving:
            return
        servers, patience = len(self._settings.servers), self._patience
        delay = max(pause(self._failures, servers, patience.first_retry, patience.last_retry), self._login_pause)
        self._failures += 1
        self._login_pause = 0.0
        self._server = next(self._servers)
        log.warning("%s. Trying %s in %.1f s.", reason.rstrip("."), self._server, delay)
        self.reactor.at("dial", delay, self.dial)

    def _watch(self) -> None:
        """Ask a server that has been silent for long whether it is there."""
        connection = self.place.connection
        if connection is None:
            return
        silent = time.monotonic() - connection.heard_at
        if silent < self._patience.silence:
            self.reactor.at("watch", self._patience.silence - silent, self._watch)
            return
        heard_at = connection.heard_at
        connection.ping(self._server.host)
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
        connection = self.place.connection
        if connection is None or self.place.welcomed:
            return
        if self._login.by_sasl:
            offered = self.capabilities.offered.get("sasl") if "sasl" in self.capabilities.active else None
            self._login.ask_sasl(connection, offered)
        else:
            connection.cap("END")

    def _on_known(self) -> None:
        self._refusals = 0
        if self.place.welcomed:
            self._arrive()
        elif self.place.connection is not None:
            self.place.connection.cap("END")

    def _on_refused(self, reason: str) -> None:
        """Without its login the bot would go on unknown, so it goes."""
        log.error("The login to services failed: %s.", reason)
        self.refusal = reason
        # Services count failures, and some lock the account.
        self._login_pause = backoff(self._refusals, self._patience.first_login_retry, self._patience.last_login_retry)
        self._refusals += 1
        self.drop("no login")

    def _on_welcome(self, _connection: Connection, _event: Any) -> None:
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
        if not self.place.welcomed:
            return
        mode = getattr(connection.features, "bot", "B" if "B" in self._user_modes else "")
        if isinstance(mode, str) and len(mode) == 1:
            connection.mode(connection.real_nickname, f"+{mode}")
        if self._login.by_nickserv and not self.since:
            self._login.ask_nickserv(connection)

    def _arrive(self) -> None:
        self.since = self._clock()
        log.info("On %s as %s.", self._server, self.place.nick)
        self.reactor.forget("register")
        self.reactor.at("settled", self._patience.settled, self._settle)
        self.place.want()

    def _settle(self) -> None:
        self._failures = 0
