"""Stands on the wire between a bot and its server, and keeps what the bot sends, with the moment at which it came."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Queue
from typing import Self

from tests.people import DEADLINE

MAY_SAY = re.compile(
    rb"(?:CAP|NICK|USER|JOIN|MODE|PING|PONG|WHO|WHOIS|QUIT)(?: [^\x00\x02-\x1f\x7f]*)?"
    rb"|PRIVMSG [^\x00-\x20\x7f:,][^\x00-\x20\x7f,]* :[^\x00-\x1f\x7f]+"
    rb"|NOTICE [^\x00-\x20\x7f:,][^\x00-\x20\x7f,]* :\x01(?:PING|VERSION)(?: [^\x00-\x1f\x7f]+)?\x01"
)
"""What the bot has reason to send; nobody makes it send more. A mad server may name it with \\x01."""


def is_odd(line: bytes) -> bool:
    """Whether the bot should never have sent this: too long, not ended, with controls, or of another kind."""
    return len(line) > 512 or not line.endswith(b"\r\n") or not MAY_SAY.fullmatch(line[:-2])


class Tap:
    """Passes on whole lines between the server at `server_port` and the bot, which connects to `port` instead."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sent: list[tuple[float, bytes]] = []
        """What the bot sent: when, in seconds, and the line as it was."""
        self._pongs: Queue[float] = Queue()
        self._to_bot = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._begin(self._serve)

    def ping(self) -> float:
        """Ask the bot, in the server's name, whether it is there; gives the seconds until it says so."""
        began = time.monotonic()
        self._tell_bot(b"PING :tap\r\n")
        return self._pongs.get(timeout=DEADLINE) - began

    def odd(self) -> list[bytes]:
        """What the bot should never have sent."""
        return [line for _, line in self.sent if is_odd(line)]

    def said(self) -> list[float]:
        """When each line was sent that the pace is for."""
        return [moment for moment, line in self.sent if line.startswith((b"PRIVMSG", b"NOTICE"))]

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # of the end
            while True:
                bot, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                for sock in (bot, server):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets = [*self._sockets, bot, server]
                self._begin(partial(self._pass_on, bot, server, self._tell_server))
                self._begin(partial(self._pass_on, server, bot, self._tell_bot))

    @staticmethod
    def _pass_on(source: socket.socket, sink: socket.socket, tell: Callable[[bytes], None]) -> None:
        with suppress(OSError), source.makefile("rb") as lines:
            for line in lines:
                tell(line)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _tell_bot(self, line: bytes) -> None:
        with self._to_bot:
            self._sockets[-2].sendall(line)

    def _tell_server(self, line: bytes) -> None:
        moment = time.monotonic()
        if line == b"PONG :tap\r\n":
            self._pongs.put(moment)
        else:
            self.sent.append((moment, line))
            self._sockets[-1].sendall(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in [self._listener, *self._sockets]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(DEADLINE)
        for sock in [self._listener, *self._sockets]:
            sock.close()
