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
from dataclasses import dataclass, field
from datetime import datetime

from mentorbot.bucket import Bucket
from mentorbot.config import Irc
from mentorbot.models import Who
from mentorbot.store import Store
from mentorbot.text import count

ASKERS = 2000
"""People whose pace is remembered."""
LATELY = 60.0
"""Seconds for which the bot remembers what it has told somebody."""
SAME = 2
"""So often it refuses them in the same words; two bots that misunderstand each other would else never end."""


@dataclass
class _Asker:
    bucket: Bucket
    told: float = -math.inf
    refused: deque[tuple[float, tuple[str, ...]]] = field(default_factory=lambda: deque(maxlen=SAME))


class Manners:
    """Remembers the pace of those who ask; `seconds` never go back. Safe to use from several threads."""

    def __init__(self, settings: Irc, store: Store, seconds: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._store, self._seconds = settings, store, seconds
        self._askers: OrderedDict[str, _Asker] = OrderedDict()
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
            asker = self._asker(who)
            wait = asker.bucket.wait()
            if asker.bucket.take():
                return None
            if self._seconds() - asker.told < LATELY:
                return []
            asker.told = self._seconds()
            return [f"slow down a little: I answer you again in {count(max(round(wait), 1), 'second')}."]

    def has_said(self, who: Who, refusal: list[str]) -> bool:
        """Whether this person was just refused something twice with the same words; if not, it is noted."""
        with self._lock:
            now, words, refused = self._seconds(), tuple(refusal), self._asker(who).refused
            if len(refused) == SAME and all(said == words and now - at < LATELY for at, said in refused):
                return True
            refused.append((now, words))
            return False

    def _asker(self, who: Who) -> _Asker:
        key = _pace_key(who)
        if key not in self._askers:
            bucket = Bucket(self._settings.ask_rate, self._settings.ask_burst, self._seconds)
            self._askers[key] = _Asker(bucket)
        self._askers.move_to_end(key)
        if len(self._askers) > ASKERS:
            self._askers.popitem(last=False)
        return self._askers[key]


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


def calls_many(lines: list[str], asked: str, asker: str, present: Collection[str]) -> bool:
    """Whether an answer would call two or more people of the channel by their nicks, only because its asker did.

    `present` are nicks in lower case.
    """
    named = _words(asked) & _words(" ".join(lines)) & set(present)
    return len(named - {asker.lower()}) > 1


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w\[\]\\`^{|}-]+", text.lower()))
