"""The log: one line a fact, in words or as JSON, and never a password or what is said in private."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mentorbot.text import plain

# The libraries' own chatter may hold whole addresses and texts; ours is what an operator needs.
_CHATTERERS = ("httplib2", "urllib3", "requests", "irc", "gerritclient", "launchpadlib")

# What is said to a channel is public, also to its operators only ("@#mentors").
_TO_A_PERSON = r"(?:PRIVMSG|NOTICE) +(?![~&@%+]*[#&+!])\S+"
_NOT_SHOWN = re.compile(
    rf"(?P<head>(?:@\S+ +)?(?::\S+ +)?(?:{_TO_A_PERSON}|PASS|AUTHENTICATE|OPER)) +(?P<words>.*)",
    re.DOTALL | re.IGNORECASE,
)

AGAIN = 60.0
"""Seconds until the same fact is told again."""
REMEMBERED = 1000
"""Facts that were told lately."""


def begin(level: int, as_json: bool) -> None:
    """Log to standard error from now on; for DEBUG every line of IRC too, but for what is meant for one person."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if as_json else Words())
    handler.addFilter(discreet)
    handler.addFilter(Unrepeated())
    logging.basicConfig(level=level, handlers=[handler])
    for library in _CHATTERERS:
        logging.getLogger(library).setLevel(logging.WARNING)


def discreet(record: logging.LogRecord) -> bool:
    """Take what is private out of the IRC lines that the wire logs; the record itself always stays."""
    if record.name == "mentorbot.chat.wire" and isinstance(record.args, tuple):
        record.args = tuple(hidden(part) if isinstance(part, str) else part for part in record.args)
    return True


def hidden(line: str) -> str:
    """An IRC line without what only its receiver may read: words to one person, and passwords."""
    if found := _NOT_SHOWN.match(line):
        return f"{found['head']} ({len(found['words'].encode())} bytes not shown)"
    return line


class Unrepeated(logging.Filter):
    """Keeps back a warning or worse that was told in the last minute: what fails each second would fill the disk."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._told: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        fact, now = (record.name, record.getMessage()), self._seconds()
        if now - self._told.get(fact, -math.inf) < AGAIN:
            return False
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[fact] = now
        return True


class Wordless(Exception):
    """Stands for a fault whose words may repeat what somebody said in private."""


def wordless(error: BaseException) -> BaseException:
    """What kind of fault it was and where it happened, without its words and those of the faults behind it."""
    return Wordless(f"{type(error).__name__}, whose words may be private").with_traceback(error.__traceback__)


class Words(logging.Formatter):
    """A line for people: time, level, where from, what; a traceback follows, indented: none of it passes for a line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = plain(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        lines = super().formatException(ei).splitlines()
        return "\n".join(f"    {' ' * (len(line) - len(line.lstrip(' ')))}{plain(line)}" for line in lines)


class Json(logging.Formatter):
    """A line for programs: `{"at": …, "level": …, "room": …, "pid": …, "said": …}`, with `error` a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        fact = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name.removeprefix("mentorbot."),
            "pid": record.process,
            "said": plain(record.getMessage()),
        }
        if record.exc_info:
            fact["error"] = self.formatException(record.exc_info)
        return json.dumps(fact, ensure_ascii=False)
