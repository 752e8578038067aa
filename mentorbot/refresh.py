"""What somebody just heard of is read anew; what they were offered and was not free they hear of, with another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot import kinds, leases, suggest
from mentorbot.commands import Request
from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.models import Who
from mentorbot.store import Store, Told
from mentorbot.text import listed, plain

if TYPE_CHECKING:
    from mentorbot.loader import Loaded

MOST = 10
"""Items of one answer that are read anew."""

CLAIMS = 0
"""Stands for what somebody has claimed, where otherwise the number of an offer does."""


def said(store: Store, who: Who, target: str, lines: Iterable[str], now: datetime) -> None:
    """An answer was said to somebody at `target`, a channel or their nick: have what it names read anew soon.

    What of it they were offered, whether just now or before, or have claimed, is followed up.
    """
    found = dict.fromkeys(item for line in lines for item in kinds.pages(line))
    numbers = ((kind, store.blueprints.number(at) if kind == "blueprint" else int(at)) for kind, at in found)
    named = [(kind, number) for kind, number in numbers if number][:MOST]
    if not named:
        return
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
    gone = [n for n in waited if n not in offered or not leases.is_free(offered[n], request, store)]
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
    yield from (plain(suggest.line(n, suggest.discreet(item, request), request.now)) for n, item in others.items())
