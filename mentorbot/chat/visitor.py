"""A person at the demo: a connection to its IRC server that says lines and hears what is said."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mentorbot.chat.wire import decoded

CONNECT_SECONDS = 5
MOST = 400
"""Bytes of a line that are sent; the server's limit less what it puts before them."""


@dataclass(frozen=True)
class Line:
    """What somebody said: in `channel`, or to the visitor alone (None)."""

    nick: str
    channel: str | None
    text: str


class Visitor:
    """Somebody in one channel of the demo; `hear` gets each line they hear, in a thread of its own."""

    def __init__(self, nick: str, channel: str, sock: socket.socket, hear: Callable[[Line], None]) -> None:
        self.nick, self.channel = nick, channel
        self.company = threading.Event()
        """Set once somebody else is in the channel."""
        self._hear = hear
        self._sock = sock
        self._send(f"NICK {nick}", f"USER {nick} 0 * :{nick}", f"JOIN {channel}")
        threading.Thread(target=self._listen, name=f"visitor {nick}", daemon=True).start()

    def say(self, text: str, to: str | None = None) -> None:
        """Say a line in the channel, or `to` somebody in private."""
        words = text.replace("\r", " ").replace("\n", " ").encode()[:MOST].decode("utf-8", "ignore")
        self._send(f"PRIVMSG {to or self.channel} :{words}")

    def _send(self, *lines: str) -> None:
        self._sock.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def _listen(self) -> None:
        with self._sock.makefile("rb") as incoming:
            try:
                for raw in incoming:
                    self._take(decoded(raw.rstrip(b"\r\n")))
            except OSError:
                return

    def _take(self, line: str) -> None:
        source, _, rest = line.removeprefix(":").partition(" ")
        words = rest.split(" ", 2)
        if source == "PING":
            self._send(f"PONG {rest}")
        elif words[0] == "353":
            present = {name.lstrip("@+") for name in words[-1].partition(":")[2].split()}
            if present - {self.nick}:
                self.company.set()
        elif words[0] == "JOIN" and source.partition("!")[0] != self.nick:
            self.company.set()
        elif words[0] == "PRIVMSG" and len(words) == 3:
            channel = words[1] if words[1].startswith("#") else None
            self._hear(Line(source.partition("!")[0], channel, words[2].removeprefix(":")))


@contextmanager
def visiting(address: tuple[str, int], nick: str, channel: str, hear: Callable[[Line], None]) -> Iterator[Visitor]:
    """Be in the demo's channel while the block lasts."""
    with socket.create_connection(address, CONNECT_SECONDS) as sock:
        sock.settimeout(None)
        visitor = Visitor(nick, channel, sock, hear)
        try:
            yield visitor
        finally:
            # Ends the listener's read, which closing alone would not.
            sock.shutdown(socket.SHUT_RDWR)
