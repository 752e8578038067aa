"""The outgoing queue: lines no longer than the receiver gets them, at the pace a server bears, fair between targets.

What waits is bounded, and nothing is lost without a line in the log:
- a `say` that finds more than 200 lines waiting for its target, or 1000 in all, is refused whole (the newest goes);
- a line that could not be said for 5 minutes, because the channel or the server was away, is dropped.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mentorbot.text import plain

log = logging.getLogger(__name__)

WAITING_FOR_ONE = 200
WAITING_IN_ALL = 1000
STALE = 300.0

# Other bots listen for what starts with "!", ".", "@", "~", ">" and the like; quotes and opening brackets are free.
_TRIGGER = re.compile(r""" ?[!#$%&*+,\-./:;<=>?@\\^_`|~)}\]]""")


@dataclass(frozen=True)
class Line:
    """Words for one target. `said` is called once they are on their way; `at` is when they were queued, in seconds."""

    target: str
    words: str
    at: float
    said: Callable[[], None] | None = None


class Bucket:
    """So many at once, and then `rate` a second. `now` gives seconds that never go back."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self.rate, self.burst, self._now = rate, burst, now
        self._tokens, self._at = burst, now()

    def take(self) -> bool:
        """Whether one may go now; if so it is counted."""
        if self.wait() > 0:
            return False
        self._tokens -= 1
        return True

    def wait(self) -> float:
        """Seconds until one may go."""
        now = self._now()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        # A hair under one token is one: floats would else have the loop wait for a nanosecond.
        return 0.0 if self._tokens > 1 - 1e-9 else (1 - self._tokens) / self.rate


class Pace:
    """The lines that wait, each target in its turn. Safe to use from several threads."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self.bucket = Bucket(rate, burst, now)
        self._now = now
        self._waiting: OrderedDict[str, deque[Line]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(map(len, list(self._waiting.values())))

    def put(self, target: str, lines: Iterable[str], said: Callable[[], None] | None = None) -> bool:
        """Queue the lines, made safe to say; `said` belongs to the last. False where there is no room for them."""
        words = [w for w in map(plain, lines) if w]
        if not words:
            if said:
                said()
            return True
        now = self._now()
        new = [Line(target, w, now) for w in words[:-1]] + [Line(target, words[-1], now, said)]
        with self._lock:
            mine = len(self._waiting.get(target, ()))
            if (mine and mine + len(new) > WAITING_FOR_ONE) or len(self) + len(new) > WAITING_IN_ALL:
                log.warning("%d lines for %s are refused: %d wait already.", len(new), target, len(self))
                return False
            self._waiting.setdefault(target, deque()).extend(new)
            return True

    def take(self, ready: Callable[[str], bool], room: Callable[[str], int]) -> Line | None:
        """The next line to say now, if any.

        `ready` tells whether a target can be spoken to, `room` how many bytes of words a line to it holds; what is
        longer is folded, and its rest comes in the target's next turn.
        """
        with self._lock:
            self._drop_stale()
            for target, lines in self._waiting.items():
                if not ready(target):
                    continue
                if not self.bucket.take():
                    return None
                line = lines.popleft()
                first, rest = fold(line.words, room(target))
                if rest:
                    lines.appendleft(replace(line, words=rest))
                    line = replace(line, said=None)
                self._waiting.move_to_end(target)
                if not lines:
                    del self._waiting[target]
                return replace(line, words=first)
        return None

    def wait(self, ready: Callable[[str], bool]) -> float | None:
        """Seconds until `take` gives a line; None where nothing waits that could be said."""
        with self._lock:
            return self.bucket.wait() if any(map(ready, self._waiting)) else None

    def _drop_stale(self) -> None:
        oldest = self._now() - STALE
        for target in [t for t, lines in self._waiting.items() if lines[0].at < oldest]:
            lines = self._waiting[target]
            fresh = deque(line for line in lines if line.at >= oldest)
            log.warning("%d lines for %s are dropped: they waited too long.", len(lines) - len(fresh), target)
            if fresh:
                self._waiting[target] = fresh
            else:
                del self._waiting[target]


def fold(words: str, room: int) -> tuple[str, str]:
    """The first line, at most `room` bytes of UTF-8 and cut before a space where one is near, and what is left.

    A line that another bot would take for a command is quoted: ».
    """
    if _TRIGGER.match(words):
        words = f"»{words}" if words.startswith(" ") else f"» {words}"
    encoded = words.encode()
    if len(encoded) <= room:
        return words, ""
    most = len(encoded[:room].decode("utf-8", "ignore"))
    # The space goes to the next line: some servers (ngircd) take away spaces at the end, none those at the start.
    space = words.rfind(" ", most // 2, most + 1)
    cut = space if space > 0 else _between_letters(words, most)
    return words[:cut], words[cut:]


def _between_letters(words: str, most: int) -> int:
    """The last place at or before `most` that splits no letter from its marks; `most` itself if there is none near."""
    for cut in range(most, max(most - 32, 0), -1):
        if not _belongs(words, cut):
            return cut
    return most


def _belongs(words: str, at: int) -> bool:
    """Whether the code point at `at` is drawn together with the one before it."""
    before, here = words[at - 1], words[at]
    if unicodedata.category(here) in ("Mn", "Me", "Mc") or "\u200d" in (before, here):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff":  # a skin tone
        return True
    if _is_flag_half(here) and _is_flag_half(before):
        halves = len(words[:at]) - len(words[:at].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
        return halves % 2 == 1
    return False


def _is_flag_half(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"
