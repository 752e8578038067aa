"""The HTTP side of the Launchpad twin: one connection a thread, kept alive, compressed, and faulty on demand."""

from __future__ import annotations

import gzip
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.twins.launchpad_faults import happen

if TYPE_CHECKING:
    from tests.twins.launchpad import LaunchpadTwin


class Answer(NamedTuple):
    """What one request gets."""

    status: int
    kind: str
    body: bytes
    etag: str = ""
    location: str = ""


class Server(ThreadingHTTPServer):
    twin: LaunchpadTwin
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is nothing to tell about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def _respond(self) -> None:
        twin = self.server.twin
        if length := int(self.headers.get("Content-Length") or 0):
            self.rfile.read(length)
        answer = twin.answer(self.command, self.path, {name.title(): value for name, value in self.headers.items()})
        fault = next((fault for fault in twin.faults if fault.strikes(self.path)), None)
        if fault and happen(fault, self, answer.body, twin.ended):
            return
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.kind), ("ETag", answer.etag), ("Location", answer.location)):
            if value:
                self.send_header(name, value)
        body = answer.body
        if len(body) > 1000 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.server.twin.now.timestamp() if timestamp is None else timestamp, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests count the requests; nobody reads a log."""
