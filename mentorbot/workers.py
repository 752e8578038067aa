"""Threads that do calls, a few at once for each plugin and each within its time; what never comes back holds up nobody.

No thread can be ended from outside. A call that overruns its limit is given up: who waits for it hears so at once, its
late result is dropped, and its plugin may begin another in its place. The threads are daemons, so that none of them
keeps the process from ending.
"""

from __future__ import annotations

import concurrent.futures
import logging
import math
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

log = logging.getLogger(__name__)

FEW = 3
"""Calls of one plugin at a time."""
WAITING = 1000
"""Calls of one plugin that may wait for their turn."""

T = TypeVar("T")


class Overran(Exception):
    """The call took longer than it may."""


class Crowded(Exception):
    """Too many calls wait already."""


@dataclass(eq=False)
class _Call:
    of: str
    work: Callable[[], Any]
    limit: float
    done: Future[Any]
    due: float = math.inf


class Workers:
    """Does calls in the order in which they came, each plugin in its turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._limits = threading.Condition(self._lock)
        self._waiting: OrderedDict[str, deque[_Call]] = OrderedDict()
        self._running: set[_Call] = set()
        self._busy: Counter[str] = Counter()
        self._hung: Counter[str] = Counter()
        self._idle = 0
        self._coming = 0
        """Threads on their way to the next call."""
        self._look = -math.inf
        """When the watch looks next; before its first look it does not run."""
        self._closed = False

    def submit(self, of: str, work: Callable[[], T], limit: float) -> Future[T]:
        """Have `work` done in a thread, as one of the calls of `of`; it may take `limit` seconds from its beginning.

        The future fails with whatever `work` raises, with Overran, or with Crowded where too many wait.
        """
        call = _Call(of, work, limit, Future())
        with self._lock:
            if self._closed:
                call.done.cancel()
            elif len(self._waiting.get(of, ())) >= WAITING:
                call.done.set_exception(Crowded(f"{WAITING} calls of {of} wait already"))
            else:
                self._waiting.setdefault(of, deque()).append(call)
                self._send_for_a_thread()
        return call.done

    def hung(self, of: str) -> int:
        """How many calls were given up and have not come back."""
        return self._hung[of]

    @property
    def hanging(self) -> dict[str, int]:
        """Whose calls were given up and have not come back, and how many."""
        with self._lock:
            return {of: calls for of, calls in self._hung.items() if calls}

    def close(self, patience: float = 0) -> None:
        """Begin nothing more, and wait so many seconds for what was begun."""
        with self._lock:
            self._closed = True
            waiting = [call for calls in self._waiting.values() for call in calls]
            running = [call.done for call in self._running]
            self._waiting.clear()
            self._work.notify_all()
        for call in waiting:
            call.done.cancel()
        concurrent.futures.wait(running, patience)
        with self._lock:
            self._limits.notify_all()

    def _send_for_a_thread(self) -> None:
        """Called with the lock: see that somebody comes for each call that could begin."""
        if self._coming >= sum(min(len(calls), FEW - self._busy[of]) for of, calls in self._waiting.items()):
            return
        self._coming += 1
        if self._idle:
            self._idle -= 1
            self._work.notify()
        else:
            threading.Thread(target=self._serve, name="worker", daemon=True).start()

    def _serve(self) -> None:
        while call := self._next():
            error: BaseException | None = None
            result = None
            try:
                result = call.work()
            except BaseException as raised:  # noqa: BLE001 (even a plugin that calls sys.exit() ends its call only)
                error = raised
            self._finish(call, result, error)

    def _next(self) -> _Call | None:
        """The next call to do, as soon as there is one; None at the end."""
        with self._lock:
            self._coming -= 1
            while not self._closed:
                if call := self._first():
                    call.due = time.monotonic() + call.limit
                    self._running.add(call)
                    self._busy[call.of] += 1
                    self._have_watched(call)
                    return call
                self._idle += 1
                self._work.wait()
                self._coming -= 1
        return None

    def _first(self) -> _Call | None:
        for of, calls in list(self._waiting.items()):
            while calls and self._busy[of] < FEW:
                call = calls.popleft()
                if calls:
                    self._waiting.move_to_end(of)
                else:
                    del self._waiting[of]
                if call.done.set_running_or_notify_cancel():
                    return call
        return None

    def _finish(self, call: _Call, result: Any, error: BaseException | None) -> None:
        with self._lock:
            late = call not in self._running
            if late:
                self._hung[call.of] -= 1
            else:
                self._running.discard(call)
                self._busy[call.of] -= 1
            self._coming += 1
        if late:
            over = time.monotonic() - call.due
            log.warning("A call of %s came back %.1f s after it was given up; its result is dropped.", call.of, over)
        elif error:
            call.done.set_exception(error)
        else:
            call.done.set_result(result)

    def _have_watched(self, call: _Call) -> None:
        if self._look == -math.inf:
            threading.Thread(target=self._watch, name="limits", daemon=True).start()
        if call.due < self._look or self._look == -math.inf:
            self._look = call.due
            self._limits.notify()

    def _watch(self) -> None:
        """Give up what overruns, for as long as there may be something to watch."""
        while True:
            with self._lock:
                now = time.monotonic()
                late = [call for call in self._running if call.due <= now]
                for call in late:
                    self._running.discard(call)
                    self._busy[call.of] -= 1
                    self._hung[call.of] += 1
                    self._send_for_a_thread()
                if not late:
                    if self._closed:
                        return
                    self._look = min((call.due for call in self._running), default=math.inf)
                    self._limits.wait(None if self._look == math.inf else self._look - now)
            for call in late:
                call.done.set_exception(Overran(f"it took more than {call.limit:g} seconds"))
