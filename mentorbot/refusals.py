"""What people do not want, in their own words ("too hard", "not docs"), and how it changes what they are offered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mentorbot.models import Item
from mentorbot.niches import Niche, Niches

REMEMBERED = timedelta(days=90)
TAKEN = timedelta(days=14)
"""How long nobody is offered what somebody says is taken; by then the mirrors show it."""
DOUBT = timedelta(days=2)
"""How long, where they said it of several at once."""

_HARD = re.compile(
    r"\b(?:hard(?:er)?|difficult|complicated|complex|advanced|over my head|beyond me|do(?:n['’]?t| not) understand)\b"
)
_LONG = re.compile(r"\b(?:long|big|large|no time|not (?:enough|that much) time|too much)\b")
_BORING = re.compile(
    r"\b(?:boring|bored|dull|tedious|not interest\w*\b(?!\s+in\s+(?!it\b|th))|uninteresting|no fun|meh)\b"
)
_TAKEN = re.compile(
    r"\b(?:taken|assigned|somebody|someone|duplicate|already (?:being )?(?:worked|fixed|done|solved|has|have)"
    r"|(?:fixed|done|solved|merged) already|has an? (?:owner|patch|fix|change))\b"
)
_DENIED = re.compile(
    r"(?:(?:\bnot|n['’]t)\s+(?:(?:too|that|very|so|really|all)\s+)*|\bsomething\s+(?:(?:a bit|more|much)\s+)*)"
    r"(?:hard(?:er)?|difficult|complicated|complex|advanced|long(?:er)?|big(?:ger)?|large|boring|dull|tedious|taken"
    r"|assigned)\b"
)
"""What somebody says an item is not: "not hard enough" asks for nothing easier, nor does "something harder"."""
_NOT = re.compile(
    r"\b(?:not interested in|no more|not?|without|hate|never|instead of|rather than|other than|anything but|except"
    r"|(?:do|would)(?:n['’]?t| not)(?:\s+(?:like|want|care for))?)\s+(?:(?:any|to|do|write)\s+)*"
)
_EASY = frozenset(("starter_tag", "small_words", "under_10_lines", "under_50_lines", "first_patch_set"))
"""Signals that promise little to understand."""


@dataclass(frozen=True)
class Heeded:
    """What a person's refusals come to: niches they are not led to, niches that come last, whether they want what is
    easier, or takes less than `minutes`, and projects of which they are offered nothing."""

    never: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    easier: bool = False
    minutes: int | None = None
    projects: frozenset[str] = frozenset()

    def order(self, known: Iterable[Niche], wished: Sequence[Niche | None] = ()) -> list[Niche]:
        """The niches, those last that bore them or take too long; what they ask for by name is theirs anyway."""
        kept = [niche for niche in known if niche in wished or niche.name not in self.never]
        return sorted(kept, key=lambda n: n not in wished and (n.name in self.last or self._too_long(n)))

    def ease(self, item: Item) -> int:
        """How much speaks for an item being easy, where that matters to them; else 0."""
        return sum(signal.name in _EASY for signal in item.signals) if self.easier else 0

    def _too_long(self, niche: Niche) -> bool:
        return self.minutes is not None and niche.minutes >= self.minutes


def heed(refusals: Iterable[tuple[str, str]], known: Niches, projects: Collection[str] = ()) -> Heeded:
    """Understand refusals, each the niche of what was offered and the reason; `projects` are all there are."""
    never, last, minutes, easier, others = set[str](), set[str](), list[int](), False, set[str]()
    for name, reason in refusals:
        said = _asserted(reason)
        never |= refused(reason, known)
        others |= refused_projects(reason, known, projects)
        if _BORING.search(said):
            last.add(name)
        niche = known.called(name)
        if (_HARD.search(said) or _LONG.search(said)) and niche:
            minutes.append(niche.minutes)
        easier |= bool(_HARD.search(said))
    return Heeded(frozenset(never), frozenset(last), easier, min(minutes, default=None), frozenset(others))


def refused(reason: str, known: Niches) -> set[str]:
    """The names of the niches somebody says no to: "not docs", "no code and no reviews"."""
    return {niche.name for word in _refused(reason, known) if (niche := known.named(word))}


def refused_projects(reason: str, known: Niches, projects: Collection[str]) -> set[str]:
    """The projects somebody says no to; a word that is a niche as well means that."""
    said = {word for word in _refused(reason, known) if not known.named(word)}
    return {project for project in projects if project.lower() in said}


def is_taken(reason: str) -> bool:
    """Whether somebody says that others have the item."""
    return bool(_TAKEN.search(_asserted(reason)))


def is_boring(reason: str) -> bool:
    return bool(_BORING.search(_asserted(reason)))


def _refused(reason: str, known: Niches) -> Iterator[str]:
    """The words after each no."""
    for part in _NOT.split(known.by_name(reason.lower()))[1:]:
        yield re.split(r"[\s,;!]+|\.(?!\w)", part)[0]


def _asserted(reason: str) -> str:
    """A reason in small letters, without what it denies."""
    return _DENIED.sub(" ", reason.lower())
