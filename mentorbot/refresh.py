"""What somebody just heard of is read anew; what they were offered and was not free they hear of, with another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot import leases, suggest
from mentorbot.commands import Request
from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.models import Item, Who
from mentorbot.queues import CLAIM_LASTS
from mentorbot.store import Store, Told
from mentorbot.text import listed, plain

if TYPE_CHECKING:
    from mentorbot.loader import Loaded

MOST = 10
"""Items of one answer that are read anew."""

CLAIMS = 0
"""Stands for what somebody has claimed, where otherwise the number of an offer does."""

_NAMED = re.compile(r"/\+bug/(?P<bug>\d{1,9})(?!\d)|/\+/(?P<change>\d{1,9})(?!\d)")


def said(store: Store, who: Who, target: str, lines: Iterable[str], now: datetime) -> None:
    """An answer was said to somebody at `target`, a channel or their nick: have what it names read anew soon.

    What of it they were offered, whether just now or before, or have claimed, is followed up.
    """
    found = (match for line in lines for match in _NAMED.finditer(line))
    items = dict.fromkeys((match.lastgroup or "", int(match[match.lastgroup or 0])) for match in found)
    if not items:
        return
    named = list(items)[:MOST]
    with store.writing():
        latest, asked = store.offers.round(who.key), store.offers.asked(who.key)
        claimed = store.offers.claimed(who.key, latest)
        offered = {n: item for n, item in store.offers.of(who.key, latest).items() if n not in claimed}
        theirs = dict(enumerate((lease.item for lease in store.leases.of(who.key, now)), 1))
        # What somebody has claimed is nobody else's concern.
        for where, round_number, held in ((target, latest, offered), (who.nick, CLAIMS, theirs)):
            positions = tuple(n for n, item in held.items() if (item.kind, item.number) in named)
            store.rereads.offered(Told(who.key, who.nick, where, round_number, asked, positions), held, now)
            for n in positions:
                named.remove((held[n].kind, held[n].number))
        store.rereads.named(named, now)


def follow_up(store: Store, config: Config, loaded: Loaded, now: datetime) -> None:
    """Tell people of items that were offered to them, and were not free any more when their source was asked."""
    for told in store.rereads.take(now):
        kind, _, account = told.person.partition(":")
        who = Who(told.nick, account if kind == "account" else None)
        request = Request(who, None if told.target == told.nick else told.target, told.asked, now, config, loaded)
        news = leases.look_again(request, store) if told.round == CLAIMS else _apology(told, request, store)
        if lines := list(news):
            store.outbox.put(told.target, lines, now)


def _apology(told: Told, request: Request, store: Store) -> Iterator[str]:
    """Why is not said: it may be that the item is private now."""
    offered, claimed = store.offers.of(told.person, told.round), store.offers.claimed(told.person, told.round)
    waited = [n for n in told.positions if n not in claimed]
    gone = [n for n in waited if n not in offered or not _is_free(offered[n], request, store)]
    if not gone or store.offers.is_over(told.person, told.round):
        return
    try:
        others = suggest.instead(request, store, told, gone)
    except UserError:  # what they asked for is none of our projects any more
        others = {}
    many = len(gone) > 1
    what = (
        f"number{'s' * many} {listed([str(n) for n in gone])}"
        if len(told.positions) > 1 or len(offered) > 1
        else "what I suggested"
    )
    end = "Take this instead:" if len(others) == 1 else "Take these instead:"
    if not others:
        end = f"I have nothing else just now; {request.config.irc.prefix}starter tells you when there is."
    yield (f"{told.nick}: " if request.where else "") + (
        f"Sorry, {what} {'are' if many else 'is'} not free any more, as I see now that I looked again. {end}"
    )
    yield from (plain(suggest.line(n, item, request.now)) for n, item in others.items())


def _is_free(item: Item, request: Request, store: Store) -> bool:
    """Whether nobody but the asker has a bug, or a change still waits for what its niche is about."""
    if item.kind == "bug":
        return leases.is_free(item, request, store)
    niche = request.config.niches.called(item.niche)
    states = {queue.state for queue in niche.changes} if niche else set()
    return store.changes.is_waiting(
        item.number, states or {"unreviewed"}, request.config.robots, request.now - CLAIM_LASTS
    )
