"""The loop: the `irc` library's reactor, woken by sockets, by what is due and at once by other threads."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

import irc.client

from mentorbot.chat.wire import Action, Connection, safely


class Reactor(irc.client.Reactor):  # type: ignore[misc]
    """The loop: sockets, what is due, and what other threads ask for, which wakes it at once."""

    connection_class = Connection

    def __init__(self, on_connect: Callable[[socket.socket], None]) -> None:
        super().__init__(on_connect=on_connect)
        self._asked: SimpleQueue[Action] = SimpleQueue()
        self._due: dict[str, tuple[float, Action]] = {}
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)

    def call(self, action: Action) -> None:
        """Have `action` done in the loop, soon; from any thread or signal."""
        self._asked.put(action)
        self.wake()

    def wake(self) -> None:
        # Where it cannot ring, it rings already, or the loop is over.
        with suppress(OSError):
            self._bell.send(b"\0")

    def at(self, key: str, seconds: float, action: Action) -> None:
        """Have `action` done once in so many seconds, in place of what `key` stood for before."""
        self._due[key] = time.monotonic() + seconds, action

    def forget(self, *keys: str) -> None:
        for key in keys:
            self._due.pop(key, None)

    def process_once(self, timeout: float | None = None) -> None:
        """Wait for the sockets, a caller or what is due next, at most `timeout` seconds; then do it."""
        if self._due:
            until_due = max(0.0, min(when for when, _ in self._due.values()) - time.monotonic())
            timeout = until_due if timeout is None else min(timeout, until_due)
        writing = [c.socket for c in self.connections if c.connected and c.has_more_to_write]
        readable, writable, _ = select.select([*self.sockets, self._ear], writing, [], timeout)
        if self._ear in readable:
            self._ear.recv(2**14)
            self._do_asked()
        for connection in list(self.connections):
            if connection.socket in writable:
                connection.flush()
            if connection.socket in readable:
                connection.process_data()
        self.process_timeout()

    def _do_asked(self) -> None:
        while not self._asked.empty():
            safely(self._asked.get_nowait())

    def process_timeout(self) -> None:
        now = time.monotonic()
        for key, (when, action) in sorted(self._due.items(), key=lambda due: due[1][0]):
            # An earlier one may have moved or taken away a later one.
            if when <= now and self._due.get(key) == (when, action):
                del self._due[key]
                safely(action)

    def _handle_event(self, connection: Connection, event: Any) -> None:
        with self.mutex:
            asked = [*self.handlers.get("all_events", []), *self.handlers.get(event.type, [])]
        for handler in sorted(asked):
            if safely(lambda: handler.callback(connection, event)) == "NO MORE":  # noqa: B023
                return

    def close(self) -> None:
        """End the loop; what was asked of it still has its turn."""
        self._do_asked()
        for sock in (self._ear, self._bell):
            sock.close()
