"""What a server may cost us at most: how long an answer takes, how large it is, and what its JSON may say."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from mentorbot import clock
from mentorbot.text import shorten

LARGEST = 32 * 2**20
"""Bytes of one answer, packed or not: several times what the fullest page has."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Moments that can be true, and be reckoned with."""

LATELY = timedelta(days=7)
"""How long ago a server's clock may have been put right."""

_HALF_OF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_sockets: ContextVar[list[socket.socket]] = ContextVar("sockets")


class TooLarge(Exception):
    """An answer is larger than any that makes sense."""


class Response(http.client.HTTPResponse):
    """An answer that `deadline` can cut off, and of which no more is read than may be."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        # A connection lets go of its socket when the answer is to end with it, so it is remembered here.
        _sockets.get([]).append(sock)
        super().__init__(sock, *args, **kwargs)

    def read(self, amt: int | None = None) -> bytes:
        if amt is not None:
            return super().read(amt)
        body = super().read(LARGEST + 1)
        if len(body) > LARGEST:
            raise TooLarge
        if self.length:  # only a read of all there is notices by itself that some is missing
            raise http.client.IncompleteRead(body, self.length)
        if self.headers.get("Content-Encoding") in ("gzip", "deflate", "zlib"):
            del self.headers["Content-Encoding"]  # who reads it next unpacks whatever it grows to
            return unpacked(body)
        return body


@contextmanager
def deadline(seconds: float) -> Iterator[threading.Event]:
    """Cut off the answers that this thread waits for after so many seconds; the event tells whether that happened.

    The timeouts of sockets are for each read alone: a server that sends a byte now and then is never late for them.
    """
    late, sockets = threading.Event(), list[socket.socket]()

    def cut() -> None:
        late.set()
        for sock in sockets:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS's own would break the reading thread

    token = _sockets.set(sockets)
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        _sockets.reset(token)


def unpacked(body: bytes) -> bytes:
    """What was packed by gzip or zlib. Raises TooLarge; zlib.error or EOFError where it was not, or is not all."""
    packed = zlib.decompressobj(32 + zlib.MAX_WBITS)
    found = packed.decompress(body, LARGEST + 1)
    if len(found) > LARGEST:
        raise TooLarge
    if not packed.eof:
        raise EOFError("its end is missing")
    return found


def parsed(text: str) -> Any:
    """What a JSON text says, without halves of characters. Raises ValueError, also where Python would be content."""
    try:
        found = json.loads(text, parse_constant=_no_number)
        if _HALF_OF_A_CHARACTER.search(text):
            whole = json.dumps(found, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            found = json.loads(whole.decode("utf-16-le", "replace"))
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None
    return found


def moment(text: object) -> datetime:
    """A moment, in UTC where it names no zone. Raises ValueError where it is none, or none that can be true."""
    with suppress(TypeError, ValueError):
        if isinstance(text, str) and EARLIEST <= (found := clock.parse(text)) < LATEST:
            return found
    raise ValueError(f"{shorten(str(text))} is no date")


def known_until(newest: datetime, now: datetime, overlap: timedelta) -> datetime:
    """Up to when all is known, as far as the newest change of which is known tells.

    One that is further off than the `overlap` was dated by a clock that was ahead: what it dated since it was put right
    is older than that, and is asked for once more.
    """
    return now - LATELY if newest > now + overlap else newest


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
