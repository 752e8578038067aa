"""The niches: kinds of work a person can find their place in, read from niches.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Niche:
    """A kind of work: what it is and why it matters, how one begins, how long an item takes (minutes), which queue has
    its items, and how one knows that it is done. `aliases` are other words for it."""

    name: str
    title: str
    aliases: tuple[str, ...]
    what: str
    why: str
    pitch: str
    steps: tuple[str, ...]
    minutes: int
    queue: str
    done: str
    guide: str

    @property
    def time(self) -> str:
        """How long an item takes, in words."""
        if self.minutes < 60:
            return f"{self.minutes} minutes"
        hours = self.minutes // 60
        return "an hour" if hours == 1 else "a day" if hours >= 8 else f"{hours} hours"


@cache
def niches() -> tuple[Niche, ...]:
    """All niches, in the order of the file."""
    raw: dict[str, Any] = tomllib.loads((files("mentorbot_data") / "niches.toml").read_text(encoding="utf-8"))
    return tuple(_niche(name, entry) for name, entry in raw.items())


def _niche(name: str, entry: dict[str, Any]) -> Niche:
    lists: dict[str, Any] = {key: tuple(entry[key]) for key in ("aliases", "steps")}
    return Niche(**(entry | lists), name=name)


def called(name: str) -> Niche:
    """The niche of exactly this name."""
    return next(niche for niche in niches() if niche.name == name)


def named(word: str) -> Niche | None:
    """The niche people mean by this word, singular or plural."""
    word = word.lower()
    for niche in niches():
        known = {niche.name, *niche.aliases}
        if word in known or word.rstrip("s") in known:
            return niche
    return None


def guide(niche: Niche) -> list[str]:
    """The niche's guide as lines without markup, and without its title."""
    text = (files("mentorbot_data") / "guides" / niche.guide).read_text(encoding="utf-8")
    _, *lines = (line for line in text.splitlines() if line.strip())
    # A dash might start another bot's command.
    return [re.sub("^- ", "• ", re.sub("^#+ (.*)", r"\1:", line)) for line in lines]
