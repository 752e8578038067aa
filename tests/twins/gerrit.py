"""A Gerrit on loopback that is none: it answers as Gerrit does and fails as servers do; runs from a file, too."""

from __future__ import annotations

import argparse
import gzip
import json
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.twins.gerrit_options import OPTIONS, Json, accounts, shown, without_names
from tests.twins.gerrit_query import BadQuery, Query
from tests.twins.launchpad_faults import bomb

XSSI = ")]}'\n"
QUERY_LIMIT, MAX_PAGES = 500, 100
"""Newer servers stop at a page; 3.10 gives an empty one."""

FAULTS = {"500", "502", "503", "504", "429", "slow", "hang", "drip", "reset", "truncated", "cut", "no-final-lf"}
FAULTS |= {"no-content-type", "html", "html 404", "empty", "garbage", "plain", "no list"}
HOSTILE = {"drip head", "flood", "bomb", "away"}
"""What no honest server does: headers or bytes without an end, a gigabyte in a thimble, a way to somewhere else."""


class GerritTwin:
    """A Gerrit with these changes, each a full ChangeInfo (all options); started by `with`, ended by its end.

    `requests` are the paths asked so far, with their queries. `fail(…)` makes the next requests fail, one fault each,
    `after(n, do)` calls `do` when the answer to request n is made, before it is sent. `people` are AccountInfos of
    those who have no change, or a status. `unindexed` changes are found by no query; `ghosts` only the index still has,
    so that they take a row's place on a page; of `refused` ones it only says that nobody may ask, and `ill` are numbers
    of changes that it fails to give by themselves. `shows_private` is a server that shows private changes to everybody.
    `spoil` makes of a path and the JSON found there what is sent instead. `elsewhere` is where the fault "away" leads.
    """

    def __init__(self, changes: Iterable[Mapping[str, Any]], port: int = 0, query_limit: int = QUERY_LIMIT) -> None:
        self.changes: dict[int, Json] = {change["_number"]: dict(change) for change in changes}
        self.projects = {change["project"] for change in self.changes.values()}
        self.requests: list[str] = []
        self.retry_after = "1"
        self.query_limit = query_limit
        self.people: list[Json] = []
        self.unindexed: set[int] = set()
        self.ghosts: set[int] = set()
        self.refused: set[int] = set()
        self.shows_private = False
        self.ill: set[str] = set()
        self.spoil: Callable[[str, Any], Any] = lambda _, found: found
        self.elsewhere = ""
        self.closing = threading.Event()
        self._faults: deque[str] = deque()
        self._afterwards: dict[int, Callable[[], object]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Answer)
        self._server.twin = self  # type: ignore[attr-defined]
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> GerritTwin:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def by_path(self) -> Counter[str]:
        """How often each path was asked, without its query."""
        return Counter(urlsplit(path).path for path in self.requests)

    def fail(self, *faults: str) -> None:
        """The faults of the next requests; "" is a request that goes well."""
        unknown = set(faults) - FAULTS - HOSTILE - {""}
        assert not unknown, f"no such fault: {unknown}"
        self._faults.extend(faults)

    def forgive(self) -> None:
        """No more of the faults that were to come."""
        self._faults.clear()

    def after(self, number: int, do: Callable[[], object]) -> None:
        self._afterwards[number] = do

    def touch(self, number: int, **news: Any) -> None:
        """Update a change as a comment would: it becomes the newest, a second after all the others."""
        newest = max(datetime.fromisoformat(change["updated"]) for change in self.changes.values())
        self.changes[number] |= {"updated": moment(newest + timedelta(seconds=1))} | news

    def next_fault(self) -> str:
        return self._faults.popleft() if self._faults else ""

    def answered(self, number: int) -> None:
        if do := self._afterwards.pop(number, None):
            do()

    def answer(self, path: str, asked: Mapping[str, list[str]]) -> object:
        """The JSON Gerrit would give; raises BadQuery (400, or its status)."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if self.ill & set(parts):
            raise BadQuery("Internal server error", 500)
        match parts:
            case ["config", "server", "version"]:
                return "3.10.0"
            case ["projects"]:
                return {name: {"id": name, "state": "ACTIVE"} for name in sorted(self.projects)}
            case ["projects", name]:
                if name not in self.projects:
                    raise BadQuery(f"Not found: {name}", 404)
                return {"id": name, "name": name, "state": "ACTIVE"}
            case ["accounts", who]:
                return self._account(who)
            case ["changes"]:
                return self._search(asked)
            case ["changes", which]:
                return shown(self._change(which), _options(asked))
            case ["changes", which, "detail"]:
                options = {"DETAILED_LABELS", "DETAILED_ACCOUNTS", "MESSAGES", "REVIEWER_UPDATES"}
                return shown(self._change(which), _options(asked) | options)
            case ["changes", which, "messages"]:
                return without_names(self._change(which).get("messages", []))
            case ["changes", which, "comments"]:
                return self._change(which).get("comments", {})
        raise BadQuery("Not Found", 404)

    def _change(self, which: str) -> Json:
        key = which.rpartition("~")[2]
        if key in map(str, self.refused):
            raise BadQuery("not permitted", 403)
        for change in self._public():
            if key in (str(change["_number"]), change["change_id"]) and change["_number"] not in self.ghosts:
                return change
        raise BadQuery(f"Not found: {which}", 404)

    def _public(self) -> list[Json]:
        public = [change for change in self.changes.values() if self.shows_private or not change.get("is_private")]
        return sorted(public, key=_order, reverse=True)

    def _account(self, who: str) -> Json:
        for account in [*self.people, *accounts(list(self.changes.values()))]:
            if who in (str(account["_account_id"]), account.get("username")):
                return account
        raise BadQuery(f"Account '{who}' not found", 404)

    def _search(self, asked: Mapping[str, list[str]]) -> object:
        options = _options(asked)
        start, wanted = (_whole(asked, name) for name in ("S", "n"))
        pages = [self._page(Query(text), options, start, wanted) for text in asked.get("q", ["status:open"])]
        return pages[0] if len(pages) == 1 else pages

    def _finds(self, query: Query, change: Json) -> bool:
        return change["_number"] not in self.unindexed and query.matches(change)

    def _page(self, query: Query, options: set[str], start: int, wanted: int) -> list[Json]:
        limit = min(value for value in (self.query_limit, wanted, query.limit) if value)
        if start // limit + 1 > MAX_PAGES:
            raise BadQuery(f"Cannot go beyond page {MAX_PAGES} of results")
        found = [change for change in self._public() if self._finds(query, change)]
        page = [change for change in found[start : start + limit] if change["_number"] not in self.ghosts]
        rows = [shown(change, options) for change in page]
        if rows and start + limit < len(found):
            rows[-1]["_more_changes"] = True
        return rows


def _order(change: Json) -> tuple[str, str, int]:
    """Newest first, in one second the merged ones before the others."""
    return change["updated"], change.get("submitted", ""), change["_number"]


def moment(when: datetime) -> str:
    """A moment as Gerrit writes it: UTC, no zone, nine digits of a second."""
    return when.strftime("%Y-%m-%d %H:%M:%S.") + f"{when.microsecond:06}000"


def _options(asked: Mapping[str, list[str]]) -> set[str]:
    for option in asked.get("o", ()):
        if option not in OPTIONS:
            raise BadQuery(f'"{option}" is not a valid value for "-o"')
    return set(asked.get("o", ()))


def _whole(asked: Mapping[str, list[str]], name: str) -> int:
    value = asked.get(name, ["0"])[-1]
    if not value.isdecimal():
        raise BadQuery(f'"{value}" is not a valid value for "-{name}"')
    return int(value)


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are sent apart; the second would wait for 40 ms

    def log_message(self, *_: object) -> None:
        """Quiet: the twin's own record is `requests`."""

    def do_GET(self) -> None:
        twin: GerritTwin = self.server.twin  # type: ignore[attr-defined]
        twin.requests.append(self.path)
        number = len(twin.requests)
        fault = twin.next_fault()
        address = urlsplit(self.path)
        try:
            found = twin.answer(address.path, parse_qs(address.query, keep_blank_values=True))
            sent = json.dumps(twin.spoil(self.path, found))
            body, status, kind = f"{XSSI}{sent}\n".encode(), 200, "application/json;charset=utf-8"
        except BadQuery as refused:
            body, status, kind = f"{refused}\n".encode(), refused.status, "text/plain;charset=utf-8"
        twin.answered(number)
        try:
            self._send(twin, fault, body, status, kind)
        except OSError:
            self.close_connection = True  # the one who asked has gone

    def _send(self, twin: GerritTwin, fault: str, body: bytes, status: int, kind: str) -> None:
        extra = {}
        match fault:
            case "500" | "502" | "503" | "504":
                body, status, kind = b"Internal server error\n", int(fault), "text/plain;charset=utf-8"
            case "429":
                body, status, kind = b"Quota exceeded\n", 429, "text/plain;charset=utf-8"
                extra = {"Retry-After": twin.retry_after}
            case "slow":
                twin.closing.wait(0.2)
            case "hang":
                twin.closing.wait()
            case "reset":
                # A linger of no time makes close() send RST.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return
            case "cut":
                body = body[: len(body) // 2]
            case "no-final-lf":
                body = body.rstrip(b"\n")
            case "no-content-type":
                kind = ""
            case "html":
                body, kind = b"<!DOCTYPE html><title>Please log in</title>", "text/html"
            case "html 404":
                body, status, kind = b"<!DOCTYPE html><title>Nothing here</title>", 404, "text/html"
            case "empty":
                body = b""
            case "plain":
                body, kind = b"Not ready yet\n", "text/plain;charset=utf-8"
            case "no list":
                body = f'{XSSI}"later"\n'.encode()
            case "drip head":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not twin.closing.wait(0.05):
                    self.wfile.write(b"x")
                return
            case "away":
                status, extra = 302, {"Location": twin.elsewhere}
            case "garbage":
                body = XSSI.encode() + bytes(range(256))
        if "gzip" in self.headers.get("Accept-Encoding", "") and body:
            body = bomb() if fault == "bomb" else gzip.compress(body)
            extra["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(10**10 if fault == "flood" else len(body)),
            **extra,
        }.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if fault == "truncated":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault == "flood":
            while not twin.closing.is_set():
                self.wfile.write(b" " * 10**6)
        elif fault == "drip":
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                if twin.closing.wait(0.05):
                    return
        else:
            self.wfile.write(body)


def main() -> None:
    """Serve a file of ChangeInfos, one a line, until interrupted."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", type=Path)
    options.add_argument("--port", type=int, default=0)
    chosen = options.parse_args()
    lines = chosen.file.read_text(encoding="utf-8").removeprefix(XSSI).splitlines()
    with GerritTwin([json.loads(line) for line in lines if line.strip()], chosen.port) as twin:
        print(f"Gerrit's twin with {len(twin.changes)} changes: {twin.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
