"""Faults the Launchpad twin can be told to make, as a real server, proxy or cable makes them."""

from __future__ import annotations

import gzip
import re
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType

KINDS = (
    *("500", "502", "503", "504", "429", "slow", "stall", "drip"),
    *("truncated", "cut", "reset", "garbage", "html", "html 404", "empty"),
)
HOSTILE = ("drip head", "flood", "bomb", "away", "304", "401", "403", "404")
"""What no honest server does: headers or bytes without an end, a gigabyte in a thimble, a way to somewhere else; and
what refuses: Launchpad, or a page of what stands before it."""


@dataclass
class Fault:
    """A fault for the requests whose path and query match `path`: not for the first `after`, then for `times` of them.

    `truncated` ends before its Content-Length, `cut` has none; `slow` lasts `seconds`; `stall` and `drip` last as long
    as the twin, `drip` with a byte every `seconds`. `retry_after` is that header's text, `location` where
    `away` leads.
    """

    kind: str
    path: str = ""
    times: int = 1
    after: int = 0
    retry_after: str = ""
    location: str = ""
    seconds: float = 0.05
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS + HOSTILE:
            raise ValueError(f"there is no fault {self.kind}; there are {', '.join(KINDS + HOSTILE)}")

    def strikes(self, path: str) -> bool:
        with self.lock:
            if self.times < 1 or not re.search(self.path, path):
                return False
            if self.after:
                self.after -= 1
                return False
            self.times -= 1
            return True


def happen(fault: Fault, handler: BaseHTTPRequestHandler, body: bytes, ended: threading.Event) -> bool:
    """Make the fault on this connection instead of the answer; False where the answer is to follow (`slow`)."""
    match fault.kind:
        case "slow":
            ended.wait(fault.seconds)
            return False
        case "stall":
            ended.wait()
        case "reset":
            # Lingering for no time makes the kernel send RST instead of FIN.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        case "garbage":
            _write(handler, 200, "application/json", b"\x00\xff{]" * 20)
            return True
        case "html":
            _write(handler, 200, "text/html", b"<html><body>Welcome to the hotel's network.</body></html>")
            return True
        case "html 404":
            _write(handler, 404, "text/html", b"\n<html><body>Nothing here.</body></html>")
            return True
        case "empty":
            _write(handler, 200, "application/json", b"")
            return True
        case "truncated":
            _write(handler, 200, "application/json", body[: len(body) // 2], length=len(body))
        case "cut":
            _write(handler, 200, "application/json", body[: len(body) // 2], length=None)
        case "drip":
            _write(handler, 200, "application/json", b"", length=10**6)
            while not ended.wait(fault.seconds) and _drop(handler, b" "):
                pass
        case "drip head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not ended.wait(fault.seconds) and _drop(handler, b"x"):
                pass
        case "flood":
            _write(handler, 200, "application/json", b"", length=10**10)
            while not ended.is_set() and _drop(handler, b" " * 10**6):
                pass
        case "bomb":
            _write(handler, 200, "application/json", bomb(), headers={"Content-Encoding": "gzip"})
            return True
        case "away":
            _write(handler, 302, "text/html", b"", headers={"Location": fault.location})
            return True
        case status:
            _write(
                handler,
                int(status),
                "text/plain",
                b"Something is wrong here.",
                headers={"Retry-After": fault.retry_after},
            )
            return True
    handler.close_connection = True
    if fault.kind == "reset":
        handler.connection.close()
    return True


def _drop(handler: BaseHTTPRequestHandler, byte: bytes) -> bool:
    try:
        handler.wfile.write(byte)
        handler.wfile.flush()
    except OSError:
        return False
    return True


@cache
def bomb() -> bytes:
    """A hundred megabytes in a tenth of one."""
    return gzip.compress(b" " * 10**8)


def _write(
    handler: BaseHTTPRequestHandler,
    status: int,
    kind: str,
    body: bytes,
    length: int | None = -1,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    if length is not None:
        handler.send_header("Content-Length", str(len(body) if length < 0 else length))
    for name, value in headers.items():
        if value:
            handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()
