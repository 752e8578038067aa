"""How the bot is with people: whom it does not hear, how much one may ask, and when it had better be silent."""

from __future__ import annotations

import ipaddress
import math
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from mentorbot.bucket import Bucket
from mentorbot.config import Irc
from mentorbot.models import Who
from mentorbot.store import Store
from mentorbot.text import count

ASKERS = 2000
"""People who are remembered."""
LATELY = 60.0
"""Seconds for which the bot remembers what it has told somebody."""
REFUSED, ANSWERED = 2, 8
"""How often in that time one person is refused something in the same words, or has the same question answered in the
same words. Two bots that take each other's lines for questions would else never end."""
ANSWERS = 100
"""Answers to one person that are remembered."""

T = TypeVar("T")


@dataclass
class _Pace:
    bucket: Bucket
    told: float = -math.inf


class Manners:
    """Remembers the pace of those who ask, and what they were told; `seconds` never go back. For any thread."""

    def __init__(self, settings: Irc, store: Store, seconds: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._store, self._seconds = settings, store, seconds
        self._paces: OrderedDict[str, _Pace] = OrderedDict()
        self._answers: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()
        self._lock = threading.Lock()

    def hears(self, who: Who, now: datetime) -> bool:
        """Whether the bot listens to this person at all: to no robot, and to nobody an admin had it ignore."""
        if who.robot:
            return False
        if who.account and who.account.lower() in map(str.lower, self._settings.admins):
            return True
        names = [name for name in (who.nick, who.account, who.host) if name]
        return not self._store.courtesy.is_ignored(names, now)

    def hold_back(self, who: Who) -> list[str] | None:
        """What to say to who asks too much, instead of an answer: one line, and no more than that in a minute.

        None where they may ask, as everybody may again as soon as there is room.
        """
        with self._lock:
            pace = _remembered(self._paces, _pace_key(who), self._new_pace)
            wait = pace.bucket.wait()
            if pace.bucket.take():
                return None
            if self._seconds() - pace.told < LATELY:
                return []
            pace.told = self._seconds()
            return [f"slow down a little: I answer you again in {count(max(round(wait), 1), 'second')}."]

    def goes_round(self, who: Who, question: str, answer: list[str], refused: bool) -> bool:
        """Whether this person was just told the same, as often as anybody needs to hear it; if not, it is noted."""
        with self._lock:
            # Another bot's question may quote our last refusal, and so be a new one each time.
            now, words = self._seconds(), hash(("" if refused else question, *answer))
            # Not by host, as their pace: whole classrooms share one.
            answers = _remembered(self._answers, who.key, lambda: deque(maxlen=ANSWERS))
            while answers and now - answers[0][0] >= LATELY:
                answers.popleft()
            if sum(said == words for _, said in answers) >= (REFUSED if refused else ANSWERED):
                return True
            answers.append((now, words))
            return False

    def _new_pace(self) -> _Pace:
        return _Pace(Bucket(self._settings.ask_rate, self._settings.ask_burst, self._seconds))


def _remembered(known: OrderedDict[str, T], key: str, new: Callable[[], T]) -> T:
    """What is known under a key, which is now the latest; the oldest is forgotten where there are too many."""
    if key not in known:
        known[key] = new()
    known.move_to_end(key)
    if len(known) > ASKERS:
        known.popitem(last=False)
    return known[key]


def _pace_key(who: Who) -> str:
    """By what a person's pace is measured: a nick is changed too easily, if there is anything better."""
    if who.account:
        return who.key
    # People on the server's own machine came through a web page or a bridge: that host is nobody's own.
    return f"host:{who.host.lower()}" if who.host and not _is_loopback(who.host) else who.key


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.lower() == "localhost"


def calls_many(lines: list[str], asker: str, present: Collection[str]) -> bool:
    """Whether an answer would call two or more people of the channel by their nicks, whoever put them in.

    `present` are nicks in lower case. The asker is called anyway.
    """
    words = re.findall(r"[\w\[\]\\`^{|}-]+", " ".join(lines).lower())
    # Titles put names in brackets and backquotes, which may be letters of a nick as well.
    named = {*words, *(word.strip("[]\\`^{|}-") for word in words)} & set(present)
    return len(named - {asker.lower()}) > 1
