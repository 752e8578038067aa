"""What to offer to whom, and why: a niche and up to three items that nobody else has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentorbot import ranking, scorecard
from mentorbot.commands import Request
from mentorbot.errors import UserError
from mentorbot.models import Item, OpenBug, OpenChange
from mentorbot.niches import Niche, named, niches
from mentorbot.scorecard import rank as rank
from mentorbot.store import Foremost, Store, Wait
from mentorbot.text import age, listed

SHOWN = 3
SMALL = 100
"""Lines added and removed that one can review without knowing the code well."""
CLAIM_LASTS = timedelta(days=90)
"""A comment that says "I take this" holds a bug so long."""
OLD = timedelta(hours=1)
"""From then on a reply says how old the mirrors are."""

_TIME = re.compile(
    r"(?<!\S)(?:(?P<number>\d{1,3}|an?)\s*(?P<unit>m|min|minutes?|h|hours?|d|days?)|day)(?!\S)", re.IGNORECASE
)
_MINUTES = {"m": 1, "h": 60, "d": 480}
_SMALL_WORDS = re.compile(r"an?|the|for|in|on|of|with|and|or|to|i|me|my|some|something|work|please")


@dataclass(frozen=True)
class Wish:
    """What a person asks for: a niche, a project, the minutes they have; None where they do not mind."""

    niche: Niche | None = None
    project: str | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Offer:
    """What the person gets: items of `niche`, and of others where it had too few; `short` if they had asked for it.

    `wait` is how long newcomers usually wait for an answer where the first bug is, if that is known.
    """

    niche: Niche
    items: list[Item]
    short: bool
    wait: Wait | None = None


def wish(request: Request, text: str) -> Wish:
    """Understand the words after `starter`, in any order; a word that is none of them, nor small talk, is refused."""
    found = Wish()
    if time := _TIME.search(text):
        number = int(time["number"]) if (time["number"] or "a").isdecimal() else 1
        found = Wish(minutes=max(number * _MINUTES[(time["unit"] or "day")[0].lower()], 1))
    projects = {project.lower(): project for project in request.config.projects}
    for said in _TIME.sub("", text).lower().split():
        word = said if said in projects else said.rstrip(".,;:?!")
        if word in projects:
            found = replace(found, project=projects[word])
        elif niche := named(word):
            found = replace(found, niche=niche)
        elif word and not _SMALL_WORDS.fullmatch(word):
            raise UserError(
                f'"{word[:30]}" is no niche or project that I know. Say {request.config.irc.prefix}starter alone and I'
                f" choose, or with a niche ({', '.join(n.name for n in niches())}), a project"
                f" ({', '.join(projects.values()) or 'none yet'}) or your time (30m, 2h, day)."
            )
    return found


def suggest(request: Request, store: Store, asked: str) -> Offer | None:
    """Offer this person the best free items for what they asked; None where nothing at all is free.

    What one niche lacks, the next best fills up. The items are held for the person from now on.
    """
    want = wish(request, asked)
    order = _order(want, store.offers.lately(request.now, but=request.who.key))
    projects = [want.project] if want.project else request.config.projects
    items = store.offers.make(
        request.who.key,
        asked,
        (item for niche in order for item in _queue(niche, projects, request, store)),
        SHOWN,
        request.now,
    )
    if not items:
        return None
    first = want.niche or next(niche for niche in order if niche.name == items[0].niche)
    short = want.niche is not None and sum(item.niche == first.name for item in items) < SHOWN
    usual = store.waits.usual()
    waits = (scorecard.slowest(usual, i.project, i.tags) for i in items if i.kind == "bug" and i.niche != "triage")
    return Offer(first, items, short, next(waits, None))


def _order(want: Wish, lately: dict[str, int]) -> list[Niche]:
    """The niches to try: the wished one, then those that fit the time; where fewest were pointed lately first."""

    def place(niche: Niche) -> tuple[bool, bool, int]:
        too_long = want.minutes is not None and niche.minutes > want.minutes
        return niche != want.niche, too_long, lately.get(niche.name, 0)

    return sorted((niche for niche in niches() if niche.queue), key=place)


def _queue(niche: Niche, projects: list[str], request: Request, store: Store) -> Iterator[Item]:
    found: list[Item] = request.hooks.queue(name=niche.queue, projects=projects, request=request, store=store) or []
    for item in ranked(found, request, store):
        yield replace(item, niche=niche.name)


def ranked(items: list[Item], request: Request, store: Store) -> Iterator[Item]:
    """These items, weighed for the asker, the best first."""
    return scorecard.ranked(items, request.who.key, store, request.config, request.now)


def free_bugs(tags: Iterable[str], projects: list[str], request: Request, store: Store) -> list[Item]:
    """Open bugs with one of these tags that nobody has, as far as anybody said; none that is too grave to wait."""
    bugs = foremost(request, store).free(
        projects, robots=request.config.robots, claimed_since=request.now - CLAIM_LASTS, tags=tags
    )
    return [bug_item(bug, request) for bug in bugs if bug.importance != "Critical" and "security" not in bug.tags]


def foremost(request: Request, store: Store) -> Foremost:
    """Where to ask for the bugs of a queue: the best that may be offered to the asker, however many there are."""
    out = store.offers.out(request.who.key, request.now)
    return Foremost(store, (number for kind, number in out if kind == "bug"))


def small_changes(projects: list[str], request: Request, store: Store) -> list[OpenChange]:
    """Small changes that wait for a first look; none that may be the asker's own, under any name we know of."""
    guessed = [name for name in (request.who.account, request.who.nick) if name]
    proved = store.people.names(request.who.key, "gerrit")
    return store.changes.unreviewed(projects, most_lines=SMALL, not_by=[*guessed, *proved])


def as_of(store: Store, now: datetime) -> str:
    """A note on how old the mirrors are, where they are old: " (as of 3 hours ago)"."""
    old = [
        f"{name.capitalize()} as of {age(at, now)} ago"
        for name in ("launchpad", "gerrit")
        if (at := store.cursors.read_at(name)) and now - at > OLD
    ]
    return f" ({listed(old)})" if old else ""


def bug_item(bug: OpenBug, request: Request) -> Item:
    """A bug as something to offer, weighed."""
    signals = ranking.bug_signals(bug, request.config.launchpad.starter_tags, request.now, request.config.weights)
    return Item("bug", bug.number, bug.project, bug.title, bug.url, bug.created, signals=signals, tags=bug.tags)


def change_item(change: OpenChange, request: Request) -> Item:
    """A change as something to offer, weighed."""
    signals = ranking.change_signals(change, request.now, request.config.weights)
    return Item("change", change.number, change.project, change.subject, change.url, change.uploaded, signals=signals)
