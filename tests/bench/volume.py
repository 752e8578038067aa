"""A source that makes up its answers, and what it takes to mirror it and to answer from that: time, memory and disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mentorbot import config, loader
from mentorbot.dispatch import Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests import real_bot

SECONDS = 30.0
"""Over which one command is asked again and again, at most."""


class Source(ThreadingHTTPServer):
    """A server on loopback that answers a GET with the JSON that `found` gives for its path and query, None for 404.

    `now` is the time in its Date headers; `requests` counts. `written` makes the body.
    """

    daemon_threads = True

    def __init__(
        self,
        found: Callable[[str, dict[str, list[str]]], Any],
        now: datetime,
        written: Callable[[Any], str] = json.dumps,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.found, self.now, self.written, self.requests = found, now, written, 0
        self.url = f"http://127.0.0.1:{self.server_port}/"

    @contextmanager
    def serving(self) -> Iterator[None]:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        yield
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A sync that is stopped hangs up in the middle."""


class _Answers(BaseHTTPRequestHandler):
    server: Source
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        self.server.requests += 1
        url = urlsplit(self.path)
        found = self.server.found(url.path, parse_qs(url.query))
        body = self.server.written(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server.now.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads a log of so many requests."""


def measured(
    source: Source, file: Path, what: str, until: Callable[[], bool] | None = None, command: Sequence[str] = ()
) -> None:
    """Run `mentorbot sync --once`, or another command of Python's, to its end or until something is so.

    Prints what it took.
    """
    source.requests, began = 0, time.monotonic()
    command = [sys.executable, *(command or ["-m", "mentorbot", "--config", str(file), "sync", "--once"])]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    ended, most = threading.Event(), 0.0

    def look() -> None:
        nonlocal most
        enough = until
        while not ended.wait(0.2):
            # Not what wait4 gives: that counts what we ourselves had in memory when the process began.
            with suppress(FileNotFoundError):
                most = real_bot.memory(process, "VmHWM") or most
            if enough and enough():
                process.terminate()
                enough = None

    watch = threading.Thread(target=look)
    watch.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watch.join()
    size = sum(path.stat().st_size for path in file.parent.glob("mentorbot.db*"))
    print(
        f"{what}: {time.monotonic() - began:,.1f} s, {usage.ru_utime + usage.ru_stime:,.1f} s of them computing,"
        f" {most:,.0f} MB at most, {source.requests:,} requests, {size / 1e6:,.0f} MB on disk"
        f"{'' if process.returncode == 0 else f', and it FAILED with {process.returncode}'}",
        flush=True,
    )


def answered(file: Path, now: datetime, commands: Iterable[str], times: int = 100) -> None:
    """Ask each command so many times, or for SECONDS, each time as somebody else, and print how long that took."""
    settings = config.load(file)
    loaded = loader.load(settings)
    with closing(Store(settings.store.path)) as store, suppress(KeyboardInterrupt):
        dispatch = Dispatch(settings, loaded, store, lambda: now)
        for words in commands:
            waited, computed, faults, began = list[float](), list[float](), 0, time.monotonic()
            while len(waited) < times and time.monotonic() - began < SECONDS:
                heard = Heard(Who(f"{words.replace(' ', '-')}-{len(waited)}"), "#mentors", f"!{words}")
                asked, busy = time.monotonic(), time.process_time()
                answer = dispatch.answer(heard)
                waited.append(1000 * (time.monotonic() - asked))
                computed.append(1000 * (time.process_time() - busy))
                faults += answer is None or answer.refused or bool(answer.error)
            print(
                f"!{words}: {median(waited):,.0f} ms in the middle, {_late(waited):,.0f} ms at the 99th of 100;"
                f" {median(computed):,.0f} and {_late(computed):,.0f} ms of them computing;"
                f" {len(waited)} times, {faults} in vain",
                flush=True,
            )
        dispatch.close()
    loaded.close()


def _late(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
