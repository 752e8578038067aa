"""Being known to services: by SASL before the welcome, or at NickServ after it; and never going on unknown."""

from __future__ import annotations

import logging
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mentorbot.chat.loop import Reactor
from mentorbot.chat.wire import LONGEST_LINE, Connection
from mentorbot.config import Irc
from mentorbot.errors import ConfigError
from mentorbot.text import plain

log = logging.getLogger(__name__)

PIECE = 400
"""Characters of base64 in an AUTHENTICATE line (IRCv3 SASL 3.1)."""
FAILURES = ["nicklocked", "saslfail", "sasltoolong", "saslaborted", "saslalready"]
ACCEPTED = re.compile(
    r"you are (now|already|successfully) (identified|logged in|recogni[sz]ed)|password accepted", re.I
)
REFUSED = re.compile(
    r"(invalid|incorrect|wrong|bad) password|password (is )?(incorrect|invalid|wrong)|(isn't|not) (a )?registered"
    r"|authentication failed|too many|is (frozen|suspended|locked)",
    re.I,
)
WAYS_TO_A_NICK = ["REGAIN", "RECOVER", "GHOST"]
"""What services call the taking back of one's nick: Atheme and OFTC, Anope, older ones."""


def password(settings: Irc) -> str:
    """The bot's password, read from where the settings say; "" where they name none. Raises ConfigError."""
    if settings.password_file:
        named = f"[irc] password_file: {settings.password_file}"
        try:
            secret = Path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ConfigError(f"{named} cannot be read: {reason}.") from None
    elif settings.password_env:
        named = f"[irc] password_env: the variable {settings.password_env}"
        secret = os.environ.get(settings.password_env, "")
    else:
        return ""
    if not secret:
        raise ConfigError(f"{named} is empty; it must hold the password of the bot's services account.")
    if re.search(r"[\r\n\0]", secret):
        raise ConfigError(f"{named} must hold one line.")
    if settings.sasl == "none" and (" " in secret or len(secret.encode()) > PIECE):
        raise ConfigError(f"{named} holds a space or more than {PIECE} bytes, which NickServ cannot be told.")
    return secret


def pieces(words: bytes) -> Iterator[str]:
    """Words as AUTHENTICATE takes them; a last piece that is full is followed by a "+", as are no words at all."""
    encoded = b64encode(words).decode()
    for first in range(0, len(encoded), PIECE):
        yield encoded[first : first + PIECE]
    if len(encoded) % PIECE == 0:
        yield "+"


class Login:
    """Logs the bot in on its present connection.

    `known` is called once services know us; `refused`, with the reason, when they do not, or say nothing for
    `seconds`.
    """

    def __init__(
        self,
        settings: Irc,
        secret: str,
        reactor: Reactor,
        seconds: float,
        known: Callable[[], None],
        refused: Callable[[str], None],
    ) -> None:
        self.done = False
        self._settings, self._reactor, self._seconds = settings, reactor, seconds
        self._known, self._refused = known, refused
        self._password = secret
        self._nickserv = settings.nickserv or "NickServ"
        self._under_way = ""
        self._mechanisms = ""
        self._ways = iter(WAYS_TO_A_NICK)
        answers = {
            "authenticate": self._on_authenticate,
            "saslsuccess": self._on_sasl_success,
            "saslmechs": self._on_mechanisms,
            "loggedin": self._on_logged_in,
            "loggedout": self._on_logged_out,
            "umode": self._on_mode,
            "privnotice": self._on_notice,
            "nosuchnick": self._on_nobody,
            "440": self._on_nobody,
            **dict.fromkeys(FAILURES, self._on_sasl_failure),
        }
        for event, answer in answers.items():
            reactor.add_global_handler(event, answer)

    @property
    def by_sasl(self) -> bool:
        return self._settings.sasl != "none"

    @property
    def by_nickserv(self) -> bool:
        """Whether there is no SASL, and the bot must ask NickServ for its login."""
        return not self.by_sasl and bool(self._settings.nickserv)

    def end(self) -> None:
        """The connection is over: nobody knows us any more."""
        self.done = False
        self._under_way = self._mechanisms = ""
        self._ways = iter(WAYS_TO_A_NICK)
        self._reactor.forget("login")

    def _begin(self, way: str) -> None:
        self._under_way = way
        self._reactor.at("login", self._seconds, lambda: self._fail("services did not answer in time"))

    def _succeed(self) -> None:
        self._under_way = ""
        self._reactor.forget("login")
        self.done = True
        self._known()

    def _fail(self, reason: str) -> None:
        self.end()
        self._refused(reason.rstrip("."))

    # SASL

    def ask_sasl(self, connection: Connection, offered: str | None) -> None:
        """Log in by SASL, which the server offers with these mechanisms: "" where it names none, None if not at all."""
        mechanism = self._settings.sasl.upper()
        if offered is None:
            self._fail("the server offers no SASL now; perhaps its services are away")
        elif offered and mechanism not in offered.upper().split(","):
            self._fail(f"the server offers SASL {plain(offered)}, not {mechanism}")
        else:
            self._begin("sasl")
            connection.send_raw(f"AUTHENTICATE {mechanism}")

    def _on_authenticate(self, connection: Connection, event: Any) -> None:
        if self._under_way != "sasl" or event.target != "+":
            return
        self._under_way = "sasl, told"
        # A certificate says by itself whose it is; Atheme refuses one that comes with the account's name.
        words = "" if self._settings.sasl == "external" else f"\0{self._settings.account}\0{self._password}"
        for piece in pieces(words.encode()):
            connection.send_raw(f"AUTHENTICATE {piece}", shown="AUTHENTICATE …")

    def _on_sasl_success(self, _connection: Connection, _event: Any) -> None:
        if self._under_way == "sasl, told":
            self._succeed()

    def _on_sasl_failure(self, _connection: Connection, event: Any) -> None:
        if self._under_way.startswith("sasl"):
            self._fail(plain(event.arguments[-1] if event.arguments else event.type) + self._mechanisms)

    def _on_mechanisms(self, _connection: Connection, event: Any) -> None:
        if event.arguments:
            self._mechanisms = f" (it offers {plain(event.arguments[0])})"

    # NickServ

    def ask_nickserv(self, connection: Connection) -> None:
        """Log in at NickServ, once the server has said all it says of itself."""
        account = self._settings.account or self._settings.nick
        if connection.folded(account) == connection.folded(connection.real_nickname):
            words = self._password
        elif _network(connection) == "OFTC":
            words = f"{self._password} {account}"
        else:
            words = f"{account} {self._password}"
        line = f"PRIVMSG {self._nickserv} :IDENTIFY {words}"
        if len(line.encode()) > LONGEST_LINE:
            self._fail("the password is too long for NickServ")
            return
        self._begin("nickserv")
        connection.send_raw(line, shown=f"PRIVMSG {self._nickserv} :IDENTIFY …")

    def _on_logged_in(self, _connection: Connection, event: Any) -> None:
        log.info("Services know us as %s.", plain(event.arguments[1]))
        if self._under_way == "nickserv":
            self._succeed()

    def _on_logged_out(self, _connection: Connection, _event: Any) -> None:
        if self.done:
            self._fail("services logged us out")

    def _on_mode(self, connection: Connection, event: Any) -> None:
        """A user mode that only services can set says that the nick is ours."""
        registered = "R" if _network(connection) == "OFTC" else "r"
        mine = connection.folded(event.target) == connection.folded(connection.real_nickname)
        if self._under_way == "nickserv" and mine and re.search(rf"\+[^-]*{registered}", event.arguments[0]):
            self._succeed()

    def _on_notice(self, connection: Connection, event: Any) -> None:
        if self._under_way != "nickserv" or not self._is_nickserv(connection, event.source):
            return
        words = plain(event.arguments[0])
        if ACCEPTED.search(words):
            self._succeed()
        elif REFUSED.search(words):
            self._fail(f"{self._nickserv} says: {words}")

    def _on_nobody(self, connection: Connection, event: Any) -> None:
        if self._under_way == "nickserv" and self._is_nickserv(connection, event.arguments[0]):
            self._fail(f"there is no {self._nickserv} now; perhaps the services are away")

    def _is_nickserv(self, connection: Connection, source: str | None) -> bool:
        name = re.split("[!@]", source or "")[0]
        return connection.folded(name) == connection.folded(self._nickserv.partition("@")[0])

    # One's nick

    def regain(self, connection: Connection, nick: str) -> bool:
        """Ask services to take our nick from whoever has it, each time in another way; False when none is left.

        Only who is logged in asks: services then know without a password whether the nick is ours.
        """
        way = next(self._ways, None) if self.done else None
        if way:
            connection.privmsg(self._nickserv, f"{way} {nick}")
        return way is not None


def _network(connection: Connection) -> str:
    """What the network calls itself. OFTC's services have words and modes of their own."""
    return str(getattr(connection.features, "network", ""))
