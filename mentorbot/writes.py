"""Writes to the store for who must not wait for it: in a worker, in the order in which they were asked for."""

from __future__ import annotations

import concurrent.futures
import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from mentorbot.store import FAULTS
from mentorbot.workers import Workers

log = logging.getLogger(__name__)

MOST = 1000
"""Writes that may wait, as while another process holds the store; those that come then are lost."""


class Writes:
    """What a full or locked store refuses stays first in the row, and is tried again by `go_on`. For any thread."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._waiting: deque[Callable[[], object]] = deque()
        self._begun: Future[None] = Future()
        self._begun.set_result(None)
        self._beginning = threading.Lock()

    def put(self, write: Callable[[], object]) -> None:
        """Have something written soon; returns at once."""
        if len(self._waiting) >= MOST:
            log.error("%d writes to the store wait already; one more is lost.", MOST)
            return
        self._waiting.append(write)
        self.go_on()

    def go_on(self) -> None:
        """Write what waits; returns at once. Called about once a second."""
        with self._beginning:
            if self._waiting and self._begun.done():
                self._begun = self._workers.submit("writes", self._write, math.inf)

    def finish(self, seconds: float) -> None:
        """Write what waits, and wait for it: for the end, when no worker begins anything more."""
        if self._begun.done() or concurrent.futures.wait([self._begun], seconds).done:
            self._write()

    def _write(self) -> None:
        while self._waiting:
            try:
                self._waiting[0]()
            except FAULTS as error:
                log.error("%s It is tried again.", error)
                return
            except Exception:
                log.exception("something could not be written to the store, and never will:")
            self._waiting.popleft()
