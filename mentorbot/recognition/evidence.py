"""Finds in the mirrors what deserves thanks and is seldom seen: first answers to newcomers, and triage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mentorbot.config import Config
from mentorbot.models import Credit
from mentorbot.store import Store
from mentorbot.text import shorten

KNOWN = timedelta(days=180)
"""How far before a first change the mirror must know its project: else the owner may be an old hand."""
TITLE = 70
"""Characters of a title."""

# What Gerrit writes into a message by itself: the patch set, the votes. "(2 comments)" stays: that is a person's work.
_VOTES = re.compile(r"^Patch Set \d+:.*$", re.MULTILINE)

_FOUND_OUT = {
    "Confirmed": "found out that {} is real",
    "Triaged": "worked out what {} needs",
    "Incomplete": "asked for what was missing in {}",
    "Invalid": "found out that {} is not a bug",
    "Opinion": "gave the answer {} was waiting for",
    "Won't Fix": "gave the answer {} was waiting for",
}
_UNDECIDED = frozenset({"New", "Incomplete"})


def first_answers(since: datetime, until: datetime, config: Config, store: Store) -> Iterator[Credit]:
    """Who was the first person to answer a newcomer's first change with words, in that time.

    The newcomer is not named: they have not been asked. Nothing is found before Gerrit's history was read to its end.
    """
    if store.cursors.get("gerrit") and not store.cursors.read_at("gerrit"):
        return
    answered: set[int] = set()
    for row in store.changes.answers_to_first_changes(since, until, KNOWN):
        if row["number"] in answered or row["author"] in config.robots or not _VOTES.sub("", row["text"]).strip():
            continue
        answered.add(row["number"])
        if row["date"] >= since:
            yield Credit(
                person=f"gerrit:{row['author'].lower()}",
                name=row["author"],
                kind="first answer",
                reason=f"was the first to answer a newcomer's first change, “{shorten(row['subject'], TITLE)}”",
                url=row["url"],
                at=row["date"],
                evidence=f"change {row['number']} first answer",
            )


def triage(since: datetime, until: datetime, config: Config, store: Store) -> Iterator[Credit]:
    """Who brought others' bugs forward in that time: told what a new bug is, found a duplicate, judged its importance.

    One credit per person and bug, for the most telling thing. What somebody has undone since does not count.
    """
    best: dict[tuple[str, int], tuple[int, str, dict[str, Any]]] = {}
    lines = store.bugs.logged(since, until)
    for place, line in enumerate(lines):
        person = line["person"]
        if person in config.robots or person == line["reporter"] or person in line["assignees"]:
            continue
        told = _told(line)
        if told and not any(_undoes(later, line) for later in lines[place + 1 :] if later["bug"] == line["bug"]):
            key = (person, line["bug"])
            best[key] = max(best.get(key, (0, "", {})), (*told, line), key=lambda found: found[0])
    for (person, bug), (_, words, line) in best.items():
        yield Credit(
            person=f"launchpad:{person.lower()}",
            name=person,
            kind="triage",
            reason=f"{words.format(f'LP#{bug}')}, “{shorten(line['title'], TITLE)}”",
            url=line["url"] or f"https://bugs.launchpad.net/bugs/{bug}",
            at=line["date"],
            evidence=f"bug {bug} triage by {person}",
        )


def _told(line: dict[str, Any]) -> tuple[int, str] | None:
    """How telling a line of a bug's log is, and what its writer did, in words; None where it is no triage."""
    what, old, new = line["what"], line["old"], line["new"]
    if what == "marked as duplicate":
        return 3, "found out that {} had been reported before"
    if what.endswith(": status") and old in _UNDECIDED and new in _FOUND_OUT:
        return 2, _FOUND_OUT[new]
    if what.endswith(": importance") and old == "Undecided":
        return 1, "judged how much {} matters"
    return None


def _undoes(later: dict[str, Any], line: dict[str, Any]) -> bool:
    if line["what"] == "marked as duplicate":
        return bool(later["what"] == "removed duplicate marker")
    return bool(later["what"] == line["what"] and later["new"] == line["old"])
