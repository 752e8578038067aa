"""What to offer to whom, and why: a niche and up to three items that nobody else has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentorbot import kinds, queues, ranking, refusals, scorecard
from mentorbot.commands import Request
from mentorbot.errors import UserError, WriteError
from mentorbot.models import Item, OpenBug, OpenChange
from mentorbot.niches import Niche, Niches
from mentorbot.questions import Blueprint, Question
from mentorbot.store import Store, Told, Wait
from mentorbot.text import age, ago, lasting, listed, shorten

SHOWN = 3
OLD = timedelta(minutes=30)
"""From then on a reply says how old the mirrors are."""

_NUMBERS = {
    "half": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "fifteen": 15,
    "twenty": 20, "thirty": 30,
}  # fmt: skip
_TIME = re.compile(
    r"(?<!\S)(?:(?:(?:\d{1,3}\s?-\s?)?(?P<number>\d{1,3}(?:[.,]\d)?)\s*"
    rf"|(?P<word>{'|'.join(_NUMBERS)})(?:(?<=half)\s+an?)?\s+)"
    r"(?P<unit>m|mins?|minutes?|h|hrs?|hours?|d|days?)|day)(?![^\s.,;:?!])",
    re.IGNORECASE,
)
_MINUTES = {"m": 1, "h": 60, "d": 480}
_SMALL_WORDS = re.compile(
    r"an?|the|for|in|on|of|with|and|or|to|i|me|my|some(?:thing)?|any(?:thing)?|easy|small|quick|good|ones?|work|please"
)


@dataclass(frozen=True)
class Wish:
    """What a person asks for: a niche, a project, the minutes they have; None where they do not mind.

    `then` is the niche that fills up where the first has too few items.
    """

    niche: Niche | None = None
    project: str | None = None
    minutes: int | None = None
    then: Niche | None = None


@dataclass(frozen=True)
class Offer:
    """What the person gets: items of `niche`, and of others where it had too few; `short` if they had asked for it.

    `wait` is how long newcomers usually wait for an answer where the first bug is, if that is known; `note` tells where
    the items are not held for the person.
    """

    niche: Niche
    items: list[Item]
    short: bool
    wait: Wait | None = None
    note: str = ""


@dataclass(frozen=True)
class _Free:
    """The free items of these niches for somebody, the best of the first one first; as they are each time that one goes
    through them."""

    niches: list[Niche]
    projects: list[str]
    request: Request
    store: Store
    heeded: refusals.Heeded

    def __iter__(self) -> Iterator[Item]:
        for niche in self.niches:
            found = queue(niche, self.projects, self.request, self.store)
            yield from sorted(found, key=lambda item: -self.heeded.ease(item))


def wish(request: Request, text: str) -> Wish:
    """Understand the words after `starter`, in any order; a word that is none of them, nor small talk, is refused."""
    found = Wish(minutes=minutes_in(text))
    projects = {project.lower(): project for project in request.config.projects}
    for said in request.config.niches.by_name(_TIME.sub("", text)).lower().split():
        word = said if said in projects else said.rstrip(".,;:?!")
        niche = request.config.niches.named(word)
        # A project may be called like a niche ("releases"): who says it once means the niche, who says it twice both.
        is_niche = niche and niche.name == word and niche != found.niche and not found.then
        if word in projects and not is_niche:
            found = replace(found, project=projects[word])
        elif niche:
            found = replace(found, then=niche) if found.niche else replace(found, niche=niche)
        elif word and not _SMALL_WORDS.fullmatch(word):
            prefix, meant_so = request.config.irc.prefix, request.config.niches.meant(word, projects)
            raise UserError(
                f'"{word[:30]}" is no niche or project that I know.{meant_so} Say {prefix}starter alone and I choose,'
                f" or with a niche ({prefix}niches lists them), a project"
                f" ({', '.join(projects.values()) or 'none yet'}) or your time (30m, 2h, day)."
            )
    return found


def refused(request: Request, store: Store) -> refusals.Heeded:
    """What this person's refusals of the last months come to."""
    since = request.now - refusals.REMEMBERED
    said = store.offers.refusals(request.who.key, since)
    return refusals.heed(said, request.config.niches, request.config.projects)


def minutes_in(text: str) -> int | None:
    """The time that is named in a text: 30 for "about 30 min", 480 for "a day"."""
    time = _TIME.search(text)
    if time is None:
        return None
    said, unit = time["number"], (time["unit"] or "day")[0].lower()
    number = float(said.replace(",", ".")) if said else _NUMBERS[(time["word"] or "a").lower()]
    return max(int(number * _MINUTES[unit]), 1)


def in_a_word(minutes: int) -> str:
    """A time as `wish` understands it: "90m", "20h"; parts of an hour or a day are left out where they are many."""
    return next(f"{minutes // length}{unit}" for unit, length in _MINUTES.items() if minutes < 1000 * length)


def suggest(request: Request, store: Store, asked: str) -> Offer | None:
    """Offer this person the best free items for what they asked; None where nothing at all is free.

    What one niche lacks, the next best fills up. The items are held for the person from now on.
    """
    want = wish(request, asked)
    items, note = hold(request, store, asked, _candidates(want, request, store), SHOWN)
    if not items:
        return None
    first = want.niche or next(niche for niche in request.config.niches if niche.name == items[0].niche)
    short = want.niche is not None and sum(item.niche == first.name for item in items) < SHOWN
    usual = store.waits.usual()
    waits = (scorecard.slowest(usual, i.project, i.tags) for i in items if i.kind == "bug" and i.niche != "triage")
    return Offer(first, items, short, next(waits, None), note)


def hold(request: Request, store: Store, asked: str, free: Iterable[Item], most: int) -> tuple[list[Item], str]:
    """The first of the free items, held for the asker from now on, and a note where nothing can be held.

    `free` can be gone through again.
    """
    me, now = request.who.key, request.now
    try:
        return store.offers.make(me, asked, free, most, now), ""
    except WriteError:
        note = (
            " (I cannot write anything down just now: others may hear of this too, and I shall not know that you did.)"
        )
        return store.offers.choose(me, free, most, now), note


def instead(request: Request, store: Store, told: Told, places: list[int]) -> dict[int, Item]:
    """Offer the best free items in place of those of an offer that were not; gives them by their numbers."""
    candidates = _candidates(wish(request, told.asked), request, store)
    return store.offers.instead(told.person, told.round, told.asked, places, candidates, request.now)


def _candidates(want: Wish, request: Request, store: Store) -> _Free:
    """All that may be offered, the best first."""
    heeded, lately = refused(request, store), store.offers.lately(request.now, but=request.who.key)
    order = heeded.order(_order(want, request.config.niches, lately), (want.niche, want.then))
    order = order or heeded.order(request.config.niches)  # who said no to all that is for anybody
    return _Free(order, [want.project] if want.project else projects_for(request, heeded), request, store, heeded)


def projects_for(request: Request, heeded: refusals.Heeded) -> list[str]:
    """The projects for somebody who names none: all but those they said no to, if that leaves any."""
    known = request.config.projects
    return [project for project in known if project not in heeded.projects] or known


def _order(want: Wish, known: Iterable[Niche], lately: dict[str, int]) -> list[Niche]:
    """The niches to try: the wished one, then those that fit the time; where fewest were pointed lately first."""

    def place(niche: Niche) -> tuple[bool, bool, bool, int]:
        too_long = want.minutes is not None and niche.minutes > want.minutes
        return niche != want.niche, niche != want.then, too_long, lately.get(niche.name, 0)

    return sorted((niche for niche in known if niche in (want.niche, want.then) or niche.anybody), key=place)


def queue(niche: Niche, projects: list[str], request: Request, store: Store) -> Iterator[Item]:
    """The free items of a niche, the best first: what niches.toml asks for, and what a plugin has in its queue."""
    found = [_item(one, request) for one in queues.found(niche, projects, request, store)]
    if niche.queue:
        found += request.hooks.queue(name=niche.queue, projects=projects, request=request, store=store) or []
    for item in ranked(found, request, store):
        yield replace(item, niche=niche.name)


def ranked(items: list[Item], request: Request, store: Store) -> Iterator[Item]:
    """These items, weighed for the asker, the best first."""
    return scorecard.ranked(items, request.who.key, store, request.config, request.now)


def without(asked: str, reason: str, known: Niches, projects: Collection[str] = ()) -> str:
    """What somebody asked for, less the niches and projects they now say no to."""
    no = refusals.refused(reason, known)
    boring = refusals.is_boring(reason)
    others = {project.lower() for project in refusals.refused_projects(reason, known, projects)}
    words = (word for word in known.by_name(asked).split() if word.lower() not in others)
    return " ".join(word for word in words if not (n := known.named(word)) or not (boring or n.name in no))


def meant(request: Request, store: Store, verb: str) -> tuple[Item, datetime]:
    """The suggestion that `2`, `LP#12`, `blueprint x` or an address speaks of after a verb, as it was when it was made,
    and when.

    The asker may have logged in since. UserError where there is none.
    """
    prefix, keys = request.config.irc.prefix, request.who.keys
    text = request.text.strip().lower().removeprefix("#").rstrip(".,;:!?")
    last = store.offers.last(*keys)
    ref, rest = kinds.named(text)
    item = last.get(text or "1")
    which = (item.kind, item.number) if item else ref
    if item is None and (rest or not ref):
        if last:
            raise UserError(f"Say which: {listed([f'{verb} {n}' for n in last], 'or')}.")
        raise UserError(f"I have not suggested anything to you yet; say {prefix}starter.")
    found = next((one for key in keys if (one := store.offers.offered(key, which))), None)
    if found is None:
        raise UserError(f"I never suggested {request.text.strip()} to you; {prefix}starter suggests something.")
    return found


def discreet(item: Item, request: Request) -> Item:
    """The item as it may be told where it was asked for: a channel need not hear who the asker is elsewhere."""
    if request.where is None:
        return item
    told = (replace(s, words="like your own work") if s.words.startswith("like your ") else s for s in item.signals)
    return replace(item, signals=tuple(told))


def line(number: int, item: Item, now: datetime) -> str:
    """An item as it is offered, with its number and what speaks most for it."""
    best = sorted((s for s in item.signals if s.points > 0), key=lambda s: -s.points)[:2]
    clause = ", ".join(signal.words for signal in best) or "free, and somebody waits for it"
    came = kinds.KINDS[item.kind].came
    title = shorten(item.title, 90) or "(without a title)"
    return f"{number}. {item.ref} {title} ({item.project}, {came} {ago(item.since, now)}): {clause}. {item.url}"


def shortage(offer: Offer, known: Niches) -> str:
    """That the niche has too few items, and which niches fill up."""
    niche, own = offer.niche, sum(item.niche == offer.niche.name for item in offer.items)
    titles = {one.name: one.title for one in known}
    others = listed(list(dict.fromkeys(titles[i.niche] for i in offer.items if i.niche != niche.name)))
    only = f"only {own} free" if own else "nothing free"
    said = f"There {'are' if own > 1 else 'is'} {only} in {niche.title} just now"
    return said + (f", so here is the next best{' too' if own else ''}: {others}." if others else ".")


def usual_wait(offer: Offer) -> str:
    """How long the person will usually wait for an answer, where that is known."""
    wait = offer.wait
    if wait is None:
        return ""
    place = f"{wait.project} ({wait.component})" if wait.component else wait.project
    if wait.half is None:
        return f" In {place} fewer than half of the newcomers' first changes got an answer: ask here for a reviewer."
    return f" In {place} half of the newcomers' first changes get an answer within {lasting(wait.half)}."


def as_of(request: Request, store: Store, *sources: str) -> str:
    """A note on how old these mirrors are (all by default), where they are old: " (Launchpad as of 3 hours ago)".

    Of one whose first reading has not come to its end, that; what was only imported has no age.
    """
    old, now = [], request.now
    mirrored = {"launchpad": request.config.launchpad.projects, "gerrit": request.config.gerrit.projects}
    for name in filter(mirrored.get, sources or mirrored):
        if at := store.cursors.read_at(name):
            old += [f"{name.capitalize()} as of {age(at, now)} ago"] * (now - at > OLD)
        elif store.cursors.get(name) or store.cursors.failure(name):
            old.append(f"{name.capitalize()} not read to its end yet")
    return f" ({listed(old)})" if old else ""


def _item(one: queues.Waiting, request: Request) -> Item:
    match one:
        case OpenBug():
            return bug_item(one, request)
        case OpenChange():
            return change_item(one, request)
        case Question():
            return question_item(one, request)
        case Blueprint():
            return blueprint_item(one, request)


def bug_item(bug: OpenBug, request: Request) -> Item:
    """A bug as something to offer, weighed."""
    signals = ranking.bug_signals(bug, request.config.launchpad.starter_tags, request.now, request.config.weights)
    return Item("bug", bug.number, bug.project, bug.title, bug.url, bug.created, signals=signals, tags=bug.tags)


def change_item(change: OpenChange, request: Request) -> Item:
    """A change as something to offer, weighed."""
    signals = ranking.change_signals(change, request.now, request.config.weights)
    return Item("change", change.number, change.project, change.subject, change.url, change.uploaded, signals=signals)


def question_item(question: Question, request: Request) -> Item:
    """A question as something to offer, weighed."""
    signals = ranking.question_signals(question, request.now, request.config.weights)
    number, since = question.number, question.created
    return Item("question", number, question.project, question.title, question.url, since, signals=signals)


def blueprint_item(blueprint: Blueprint, request: Request) -> Item:
    """A blueprint that the store has as something to offer, weighed."""
    signals = ranking.blueprint_signals(blueprint, request.now, request.config.weights)
    number, since = blueprint.number or 0, blueprint.created
    return Item("blueprint", number, blueprint.project, blueprint.title, blueprint.url, since, signals=signals)
