"""The outgoing queue: lines no longer than the receiver gets them, at the pace a server bears, fair between targets.

What waits is bounded, and nothing is lost without a line in the log. What is given up goes back to who had it said:
- a `say` that finds more than 200 lines waiting for its target, or 1000 in all, is refused whole (the newest goes);
- a line that could not be said for 5 minutes, because the channel or the server was away;
- what waits when the bot leaves.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import attrgetter

from mentorbot.bucket import Bucket
from mentorbot.chat.wire import safely
from mentorbot.text import count, plain

log = logging.getLogger(__name__)

WAITING_FOR_ONE = 200
WAITING_IN_ALL = 1000
STALE = 300.0

# Other bots listen for what starts with "!", ".", "@", "~", ">" and the like; quotes and opening brackets are free.
_TRIGGER = re.compile(r""" ?[!#$%&*+,\-./:;<=>?@\\^_`|~)}\]]""")


Unsaid = Callable[[list[str]], None]


@dataclass(frozen=True)
class Line:
    """Words for one target. `said` is called once they are on their way; `at` is when they were queued, in seconds.

    `unsaid` is that of all the lines that were queued together.
    """

    target: str
    words: str
    at: float
    said: Callable[[], None] | None = None
    unsaid: Unsaid | None = None


class Pace:
    """The lines that wait, each target in its turn. Safe to use from several threads."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self.bucket = Bucket(rate, burst, now)
        self._now = now
        self._waiting: OrderedDict[str, deque[Line]] = OrderedDict()
        self._closed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(map(len, list(self._waiting.values())))

    def change(self, rate: float, burst: float) -> None:
        """Go on at another pace."""
        with self._lock:
            self.bucket.rate, self.bucket.burst = rate, burst

    def put(
        self,
        target: str,
        lines: Iterable[str],
        said: Callable[[], None] | None = None,
        unsaid: Unsaid | None = None,
    ) -> bool:
        """Queue the lines, made safe to say; `said` belongs to the last. False where there is no room for them.

        `unsaid` gets those that are given up, if any: at once, from `take` or from `close`.
        """
        words = [w for w in map(plain, lines) if w]
        if not words:
            if said:
                said()
            return True
        now = self._now()
        new = [Line(target, w, now, unsaid=unsaid) for w in words]
        new[-1] = replace(new[-1], said=said)
        with self._lock:
            mine = len(self._waiting.get(target, ()))
            full = (mine and mine + len(new) > WAITING_FOR_ONE) or len(self) + len(new) > WAITING_IN_ALL
            if not full and not self._closed:
                self._waiting.setdefault(target, deque()).extend(new)
                return True
        if full:
            log.warning("Given up, for %d wait already: %s for %s.", len(self), count(len(new), "line"), target)
        _give_back(new)
        return False

    def take(self, ready: Callable[[str], bool], room: Callable[[str], int]) -> Line | None:
        """The next line to say now, if any.

        `ready` tells whether a target can be spoken to, `room` how many bytes of words a line to it holds; what is
        longer is folded, and its rest comes in the target's next turn.
        """
        _give_back(self._stale())
        with self._lock:
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

    def close(self) -> int:
        """Take nothing more, and give up what waits; how many lines that was."""
        with self._lock:
            self._closed = True
            left = [line for lines in self._waiting.values() for line in lines]
            self._waiting.clear()
        _give_back(left)
        return len(left)

    def _stale(self) -> list[Line]:
        """The lines that waited too long, taken out of the queue."""
        oldest, stale = self._now() - STALE, list[Line]()
        with self._lock:
            for target in [t for t, lines in self._waiting.items() if lines[0].at < oldest]:
                lines, before = self._waiting[target], len(stale)
                while lines and lines[0].at < oldest:
                    stale.append(lines.popleft())
                log.warning("Given up after 5 minutes: %s for %s.", count(len(stale) - before, "line"), target)
                if not lines:
                    del self._waiting[target]
        return stale


def _give_back(lines: list[Line]) -> None:
    """Tell each who had something said what of it was not: the last first, so that each can put its own in front."""
    together = [(unsaid, [line.words for line in group]) for unsaid, group in groupby(lines, attrgetter("unsaid"))]
    for unsaid, words in reversed(together):
        if unsaid:
            safely(partial(unsaid, words))


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
