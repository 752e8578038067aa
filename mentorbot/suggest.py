"""What to offer to whom, and why: a niche and up to three items that nobody else has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentorbot import ranking
from mentorbot.commands import Request
from mentorbot.errors import UserError, WriteError
from mentorbot.models import Item, OpenBug, OpenChange
from mentorbot.niches import Niche, called, named, niches
from mentorbot.store import Store, Told
from mentorbot.text import age, ago, listed, shorten

SHOWN = 3
SMALL = 100
"""Lines added and removed that one can review without knowing the code well."""
CLAIM_LASTS = timedelta(days=90)
"""A comment that says "I take this" holds a bug so long."""
OLD = timedelta(minutes=30)
"""From then on a reply says how old the mirrors are."""
SOURCES = ("launchpad", "gerrit")

_TIME = re.compile(
    r"(?<!\S)(?:(?P<number>\d{1,3}|half(?:\s+an?)?|an?)\s*(?P<unit>m|min|minutes?|h|hours?|d|days?)|day)(?![^\s.,;:?!])",
    re.IGNORECASE,
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

    `note` tells where they are not held for the person.
    """

    niche: Niche
    items: list[Item]
    short: bool
    note: str = ""


def wish(request: Request, text: str) -> Wish:
    """Understand the words after `starter`, in any order; a word that is none of them, nor small talk, is refused."""
    found = Wish()
    if time := _TIME.search(text):
        said, unit = (time["number"] or "a").lower(), (time["unit"] or "day")[0].lower()
        number = int(said) if said.isdecimal() else 0.5 if said.startswith("half") else 1
        found = Wish(minutes=max(int(number * _MINUTES[unit]), 1))
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
    items, note = hold(request, store, asked, lambda: _candidates(want, request, store), SHOWN)
    if not items:
        return None
    first = want.niche or called(items[0].niche)
    short = want.niche is not None and sum(item.niche == first.name for item in items) < SHOWN
    return Offer(first, items, short, note)


def hold(
    request: Request, store: Store, asked: str, free: Callable[[], Iterable[Item]], most: int
) -> tuple[list[Item], str]:
    """The first of the free items, held for the asker from now on, and a note where nothing can be held."""
    me, now = request.who.key, request.now
    try:
        return store.offers.make(me, asked, free(), most, now), ""
    except WriteError:
        note = (
            " (I cannot write anything down just now: others may hear of this too, and I shall not know that you did.)"
        )
        return store.offers.choose(me, free(), most, now), note


def instead(request: Request, store: Store, told: Told, places: list[int]) -> dict[int, Item]:
    """Offer the best free items in place of those of an offer that were not; gives them by their numbers."""
    candidates = _candidates(wish(request, told.asked), request, store)
    return store.offers.instead(told.person, told.round, told.asked, places, candidates, request.now)


def line(number: int, item: Item, now: datetime) -> str:
    """An item as people hear of it, with its number and the two best reasons for it."""
    best = sorted((s for s in item.signals if s.points > 0), key=lambda s: -s.points)[:2]
    clause = ", ".join(signal.words for signal in best) or "free, and somebody waits for it"
    waits = "reported" if item.kind == "bug" else "proposed"
    title = shorten(item.title, 90) or "(without a title)"
    return f"{number}. {item.ref} {title} ({item.project}, {waits} {ago(item.since, now)}): {clause}. {item.url}"


def _candidates(want: Wish, request: Request, store: Store) -> Iterator[Item]:
    """All that may be offered, the best first."""
    projects = [want.project] if want.project else request.config.projects
    for niche in _order(want, store.offers.lately(request.now, but=request.who.key)):
        yield from _queue(niche, projects, request, store)


def _order(want: Wish, lately: dict[str, int]) -> list[Niche]:
    """The niches to try: the wished one, then those that fit the time; where fewest were pointed lately first."""

    def place(niche: Niche) -> tuple[bool, bool, int]:
        too_long = want.minutes is not None and niche.minutes > want.minutes
        return niche != want.niche, too_long, lately.get(niche.name, 0)

    return sorted((niche for niche in niches() if niche.queue), key=place)


def _queue(niche: Niche, projects: list[str], request: Request, store: Store) -> Iterator[Item]:
    found: list[Item] = request.hooks.queue(name=niche.queue, projects=projects, request=request, store=store) or []
    for item in sorted(found, key=rank, reverse=True):
        yield replace(item, niche=niche.name)


def rank(item: Item) -> tuple[int, datetime, int]:
    """What makes one item better than another: more points, and among equals the younger."""
    return item.points, item.since, item.number


def free_bugs(tags: Iterable[str], projects: list[str], request: Request, store: Store) -> list[Item]:
    """Open bugs with one of these tags that nobody has, as far as anybody said."""
    bugs = store.bugs.free(projects, robots=request.config.robots, claimed_since=request.now - CLAIM_LASTS, tags=tags)
    return [bug_item(bug, request) for bug in bugs]


def small_changes(projects: list[str], request: Request, store: Store) -> list[OpenChange]:
    """Small changes that wait for a first look; none that may be the asker's own, under any name we know of."""
    guessed = [name for name in (request.who.account, request.who.nick) if name]
    proved = store.people.names(request.who.key, "gerrit")
    return store.changes.unreviewed(projects, most_lines=SMALL, not_by=[*guessed, *proved])


def as_of(store: Store, now: datetime, *sources: str) -> str:
    """A note on how old these mirrors are (all by default), where they are old: " (Launchpad as of 3 hours ago)".

    Of one whose first reading has not come to its end, that; what was only imported has no age.
    """
    old = []
    for name in sources or SOURCES:
        if at := store.cursors.read_at(name):
            old += [f"{name.capitalize()} as of {age(at, now)} ago"] * (now - at > OLD)
        elif store.cursors.get(name) or store.cursors.failure(name):
            old.append(f"{name.capitalize()} not read to its end yet")
    return f" ({listed(old)})" if old else ""


def bug_item(bug: OpenBug, request: Request) -> Item:
    """A bug as something to offer, weighed."""
    signals = ranking.bug_signals(bug, request.config.launchpad.starter_tags, request.now)
    return Item("bug", bug.number, bug.project, bug.title, bug.url, bug.created, signals=signals)


def change_item(change: OpenChange, request: Request) -> Item:
    """A change as something to offer, weighed."""
    signals = ranking.change_signals(change, request.now)
    return Item("change", change.number, change.project, change.subject, change.url, change.uploaded, signals=signals)
