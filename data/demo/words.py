"""Chance, words and people: what every bug and change of the demo's community is made of."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

NOW = datetime(2026, 2, 13, 14, 30, tzinfo=UTC)
WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
T = TypeVar("T")

# Only random() promises the same numbers in every Python, so all chance is built on it.
roll = random.Random("Harbour").random  # noqa: S311


def pick(things: Sequence[T]) -> T:
    return things[int(roll() * len(things))]


def between(low: float, high: float) -> float:
    return low + (high - low) * roll()


def days(low: float, high: float) -> timedelta:
    return timedelta(seconds=int(86400 * between(low, high)))


def minutes(low: int, high: int) -> timedelta:
    return timedelta(seconds=int(60 * between(low, high)))


def until(start: datetime, low: float, high: float) -> datetime:
    """Some days after `start`, and well before NOW."""
    return min(start + days(low, high), NOW - minutes(90, 300))


def moments(count: int, after: datetime, before: datetime) -> list[datetime]:
    """So many moments in order, well apart."""
    if before <= after:
        raise ValueError(f"No time passes between {after} and {before}: a story needs an older start.")
    part = (before - after).total_seconds() / count
    return [after + timedelta(seconds=int(part * (i + between(0.2, 0.8)))) for i in range(count)]


def fill(template: str, project: str, known: dict[str, str]) -> str:
    """Replace each {name} by one of its words, the same word each time; {Name} gets a capital letter.

    `known` holds the words that are drawn already, and gets those that are drawn now.
    """

    def word(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in known:
            own = WORDS[project]
            known[name] = fill(pick(own[name] if name in own else WORDS["common"][name]), project, known)
        return known[name][0].upper() + known[name][1:] if match[1][0].isupper() else known[name]

    return re.sub(r"\{(\w+)\}", word, template)


@dataclass(frozen=True)
class Person:
    """Somebody of the community; `number` is the Gerrit account's."""

    name: str
    irc: str | None
    launchpad: str | None
    gerrit: str | None
    robot: bool
    consent: str | None
    role: str
    number: int


def _people() -> Iterator[Person]:
    number = 1000
    for group in WORDS["people"]:
        for line in group["who"]:
            name, irc, consent = (part.strip() for part in line.split("|"))
            number += 1
            slug = name.lower().replace(" ", "-")
            # Every fourth has another name on Gerrit, as some people do.
            gerrit = irc if irc and number % 4 == 0 else slug
            about = f"{group['role']}: {group['about']}"
            yield Person(name, irc or None, slug, gerrit, False, consent or None, about, number)


PEOPLE = list(_people())
CI = Person("Harbour CI", None, None, "harbour-ci", True, None, "robot: tests every patch set and merges", 2001)
JANITOR = Person("Harbour Janitor", None, "harbour-janitor", None, True, None, "robot: lets old reports expire", 2002)
GERRIT = Person("Harbour Gerrit", None, "harbour-gerrit", None, True, None, "robot: tells bugs of their changes", 2003)


def role(*names: str) -> list[Person]:
    return [person for person in PEOPLE if person.role.split(":")[0] in names]


def other(people: Sequence[Person], *but: Person) -> Person:
    return pick([person for person in people if person not in but])


HEROES, REVIEWERS, TRIAGERS, WRITERS = role("hero"), role("reviewer"), role("triager"), role("writer")
CORES = HEROES * 3 + REVIEWERS[:2]
AUTHORS = HEROES * 7 + REVIEWERS + TRIAGERS[:2] + role("contributor")
REPORTERS = role("reporter") * 3 + role("hero", "reviewer", "triager", "writer", "contributor")
