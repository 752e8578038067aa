"""What the server can do beyond plain IRC, and what of it is on for us: IRCv3 capabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mentorbot.chat.loop import Reactor
from mentorbot.chat.wire import Connection


class Capabilities:
    """Agrees with the server on capabilities before its welcome, and hears of changes after it.

    `agreed` is called once a connection: when all that was asked for is answered, or when `seconds` have passed.
    """

    def __init__(self, reactor: Reactor, wanted: frozenset[str], seconds: float, agreed: Callable[[], None]) -> None:
        self.active: set[str] = set()
        self.offered: dict[str, str] = {}
        self._reactor, self._wanted, self._seconds, self._agreed = reactor, wanted, seconds, agreed
        self._unanswered: set[str] = set()
        self._agreeing = False
        reactor.add_global_handler("cap", self._on_cap)

    def begin(self, connection: Connection) -> None:
        """Ask what there is, before NICK and USER: the server then waits with its welcome until we are agreed."""
        self.active.clear()
        self.offered.clear()
        self._unanswered.clear()
        self._agreeing = True
        connection.cap("LS", "302")
        self._reactor.at("capabilities", self._seconds, self._agree)

    def end(self) -> None:
        """The connection is over, or the server welcomed us without a word about capabilities."""
        self._agreeing = False
        self._reactor.forget("capabilities")

    def _on_cap(self, connection: Connection, event: Any) -> None:
        verb, *rest = event.arguments
        words = rest[-1].split() if rest else []
        match verb.upper():
            case "LS" | "NEW":
                self.offered |= {name: value for name, _, value in (word.partition("=") for word in words)}
                more_follows = len(rest) > 1 and rest[0] == "*"
                if not more_follows:
                    self._ask_for(connection)
            case "DEL":
                for name in words:
                    self.offered.pop(name, None)
                self.active.difference_update(words)
            case "ACK":
                self._unanswered.difference_update(words)
                self.active |= self._wanted.intersection(words)
                self.active -= {word[1:] for word in words if word.startswith("-")}
            case "NAK":
                self._unanswered.difference_update(words)
        if self._agreeing and verb.upper() in ("ACK", "NAK") and not self._unanswered:
            self._agree()

    def _ask_for(self, connection: Connection) -> None:
        """One line each: a server refuses or grants a line as a whole."""
        missing = sorted((self._wanted & self.offered.keys()) - self.active - self._unanswered)
        self._unanswered.update(missing)
        for name in missing:
            connection.send_raw(f"CAP REQ :{name}")
        if self._agreeing and not self._unanswered:
            self._agree()

    def _agree(self) -> None:
        self.end()
        self._agreed()
