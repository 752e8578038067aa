"""Whose an item is: claimed for two weeks, kept as long as work is seen, and given back kindly."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from mentorbot import kinds, queues
from mentorbot.commands import Request
from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.models import Item
from mentorbot.queues import CLAIM_LASTS
from mentorbot.store import Lease, Standing, Store
from mentorbot.text import age, left, listed

log = logging.getLogger(__name__)

LASTS = timedelta(days=14)
"""How long a claim lasts, and from each sign of work on."""
SOON = timedelta(days=3)
"""A reminder is said so long before the end."""
NOTICE = timedelta(days=2)
"""So long at least lies between the reminder and the end, also where the bot was away meanwhile."""
WORDS = timedelta(days=90)
"""So long words alone keep a claim; then its holder is asked whether they go on."""
WEEK = timedelta(days=7)
"""So long the answer may take."""
THANKS = {
    "said": "has your word on it now",
    "sorted": "is sorted now, and you had a part in it",
    "reviewed": "has your review now",
    "read": "has your review now",
    "answered": "has your answer, and its asker says that it helped",
}
"""What is said when it is seen that all is done, by the way it is seen: that of a bug is its niche's."""
FINISHED = ("done", "merged", "lapsed")
"""Ends of a claim by which its holder did it, or gave it up, and may say how it was."""
JUST = timedelta(minutes=10)
"""So long after a claim its holder hears of what would have kept them from it."""
MOST = 3
"""Items one person may have at a time: who has more finishes none."""


def claim(item: Item, request: Request, store: Store) -> Lease:
    """This item, which was offered to the asker, is theirs now; UserError, with what to do instead, where it cannot be.

    Asking and taking are one transaction: of two who claim the same item one gets it.
    """
    me, now = request.who.key, request.now
    with store.writing():
        mine = store.leases.of(me, now)
        if held := [lease for lease in mine if _same(lease.item, item)]:
            if is_asked(held[0], request, store):
                return keep(held[0], request, store)
            raise UserError(f"{item.ref} is yours already, for {left(held[0].expires, now)} more.", private=True)
        if len(mine) >= MOST:
            prefix = request.config.irc.prefix
            raise UserError(
                f"You have {listed([lease.item.ref for lease in mine])} already, and that is enough at a time:"
                f" finish one ({prefix}done), or give one back ({prefix}unclaim).",
                private=True,
            )
        if store.leases.is_held(item, me, request.who.nick, now):
            raise UserError(f"{item.ref} is somebody else's by now. {_instead(request)}")
        if fault := _taken(item, standing(item, me, request.config, store, now), request, store):
            raise UserError(fault)
        return store.leases.begin(item, me, request.who.nick, now, LASTS)


def standing(item: Item, person: str, config: Config, store: Store, now: datetime) -> Standing | None:
    """How the item stands in its source for this person; None where it is gone."""
    return store.standings.of(item, store.leases.names(person), config.robots, now - CLAIM_LASTS)


def is_free(item: Item, request: Request, store: Store) -> bool:
    """Whether the item waits still and nobody but the asker has it in its source, as far as the mirrors know."""
    stands = standing(item, request.who.key, request.config, store, request.now)
    return not _taken(item, stands, request, store) and queues.still_waits(item, request, store)


def of(request: Request, store: Store) -> list[Lease]:
    """What the asker has now, the first claimed first; their numbers are those of `unclaim` and `done`."""
    return store.leases.of(request.who.key, request.now)


def asked(request: Request, store: Store) -> list[Lease]:
    """What the asker has and was asked about, whether they still work on it; a UserError where there is none."""
    if found := [lease for lease in of(request, store) if is_asked(lease, request, store)]:
        return found
    raise UserError(
        "I have not asked whether you still work on something; what keeps a claim is work that I see there."
    )


def is_asked(lease: Lease, request: Request, store: Store) -> bool:
    """Whether its holder is to say if they go on."""
    return lease.reminded is not None and _only_words(lease, store, request.config, request.now)


def keep(lease: Lease, request: Request, store: Store) -> Lease:
    """The holder goes on with it: it is theirs as if they had just claimed it; UserError where it is no more."""
    with store.writing():
        if lease.id not in [mine.id for mine in of(request, store)]:
            raise UserError(f"{lease.item.ref} is not yours any more. {_instead(request)}")
        store.leases.keep(lease, request.now, request.now + LASTS)
        return next(mine for mine in of(request, store) if mine.id == lease.id)


def free(lease: Lease, request: Request, store: Store) -> bool:
    """An admin gives it back for its holder, who is told, and how to take it again; False where they want quiet."""
    with store.writing():
        store.leases.end(lease, "freed", request.now)
        again = f"{request.config.irc.prefix}claim {lease.item.ref} takes it again, while nobody else has it."
        said = (
            f"An admin has freed {lease.item.ref}, {lease.item.url}, which you had claimed, so that others can have it;"
            f" that says nothing against you. If you work on it still, {again}"
        )
        return _tell(lease, said, store, request.now) is not None


def look_after(store: Store, config: Config, now: datetime) -> None:
    """Remind people in private of what ends soon, once, and release what ended; however often it is asked."""
    prefix = config.irc.prefix
    if not store.leases.unreminded(now + SOON) and not store.leases.lapsed(now) and not store.leases.vanished():
        return
    with store.writing():
        for lease in store.leases.vanished():
            store.leases.end(lease, "closed", now)
            said = "Something that you had claimed is not to be seen any more, so nobody waits for you there."
            _tell(
                lease, f"{said} {prefix}claims lists what you have, {prefix}starter finds something else.", store, now
            )
        for lease in store.leases.unreminded(now + SOON):
            if _is_lost(lease, store, now):
                _end(lease, "lapsed", "has been taken by somebody else while I was away", store, config, now)
                continue
            if _only_words(lease, store, config, now):
                _ask(lease, store, config, now)
                continue
            store.leases.remind(lease, now, now + NOTICE)
            still = left(max(lease.expires, now + NOTICE), now)
            said = (
                f"How is it going with {lease.item.ref}, {lease.item.url}? You took it {age(lease.claimed, now)} ago,"
                f" and I have seen no {'sign of it' if lease.seen is None else 'new sign of it for a while'}. I keep it"
                f" for you for {still} more: {kinds.KINDS[lease.item.kind].signs.partition(',')[0]} there is enough for"
                f" two weeks more. {prefix}unclaim gives it back; nobody minds."
            )
            _tell(lease, said, store, now)
        for lease in store.leases.lapsed(now):
            free = "is free for others again now. That happens to all of us"
            _end(lease, "lapsed", free, store, config, now)


def see(store: Store, config: Config, now: datetime, person: str | None = None) -> None:
    """Look in the mirrors for what became of all that is claimed, or that this person has: work on it makes a claim
    last, its end ends it."""

    def claimed() -> list[Lease]:
        return store.leases.all() if person is None else store.leases.of(person, now)

    if not claimed():
        return
    with store.writing():
        for lease in claimed():
            _see(lease, store, config, now)


def look_again(request: Request, store: Store) -> Iterator[str]:
    """What the asker should hear of what they just claimed, now that its source was asked.

    Who is not known there may have assigned it to themselves meanwhile, as they were told to: theirs it stays.
    """
    see(store, request.config, request.now, request.who.key)
    for lease in of(request, store):
        stands = standing(lease.item, request.who.key, request.config, store, request.now)
        if request.now - lease.claimed < JUST and (fault := _taken(lease.item, stands, request, store)):
            unclaim = f"{request.config.irc.prefix}unclaim {lease.item.ref}"
            yield f"I looked again: {fault} If that was your doing all is well; if not, {unclaim} gives it back."


def _see(lease: Lease, store: Store, config: Config, now: datetime) -> None:
    stands = standing(lease.item, lease.person, config, store, now)
    names = store.leases.names(lease.person)
    seen = store.leases.signs(lease)
    if stands and seen is None and stands.assignee and stands.assignee.lower() in names:
        seen = lease.seen or now  # an assignment has no date: it counts from when it was seen
    if seen and not _is_lost(lease, store, now):
        until = min(seen + LASTS, _bound(lease, stands, store, now))
        if seen != lease.seen or until > lease.expires:
            store.leases.extend(lease, seen, until)
    way = _way(lease.item, config)
    if stands is None:
        _end(lease, "closed", "is not to be seen any more", store, config, now)
    elif store.leases.is_done(lease, way):
        _end(lease, "done", f"{THANKS[way]}: thank you", store, config, now)
    elif not stands.is_open or stands.duplicate_of or (way == "reviewed" and stands.status == "ABANDONED"):
        merged = store.leases.has_merged(lease)
        what = "is merged: thank you, you had a part in it" if merged else _closed(stands)
        _end(lease, "merged" if merged else "closed", what, store, config, now)
    elif stands.assignee and stands.assignee.lower() not in names and _is_known(lease.person, store):
        _end(lease, "taken", "is assigned to somebody else now, so I no longer keep it for you", store, config, now)


def _bound(lease: Lease, stands: Standing | None, store: Store, now: datetime) -> datetime:
    """How long words alone keep it, from when its holder last did more than that, or said that they go on; whose name
    stands on it in its source does."""
    if stands and stands.assignee and stands.assignee.lower() in store.leases.names(lease.person):
        return now + WORDS
    known = (lease.claimed, lease.kept, store.leases.deeds(lease))
    return max(moment for moment in known if moment) + WORDS + SOON


def _only_words(lease: Lease, store: Store, config: Config, now: datetime) -> bool:
    """Whether more than words of its holder would be needed to keep it."""
    stands = standing(lease.item, lease.person, config, store, now)
    return lease.seen is not None and lease.seen + LASTS > _bound(lease, stands, store, now)


def _ask(lease: Lease, store: Store, config: Config, now: datetime) -> None:
    prefix, ref = config.irc.prefix, lease.item.ref
    more = "" if lease.item.kind == "question" else "; what is more than a comment says yes, too"
    said = (
        f"Do you still work on {ref}, {lease.item.url}? You took it {age(lease.claimed, now)} ago, and for {WORDS.days}"
        f" days I have seen words of yours there and nothing else. Say yes or no (or {prefix}claims keep {ref},"
        f" {prefix}unclaim {ref}){more}. If I hear nothing it is free for others in {WEEK.days} days, and nobody minds."
    )
    store.leases.remind(lease, now, now + WEEK, _tell(lease, said, store, now))


def _is_lost(lease: Lease, store: Store, now: datetime) -> bool:
    """Whether its time was over while nobody looked, and somebody else has the item by now."""
    return lease.expires <= now and store.leases.is_held(lease.item, lease.person, lease.nick, now)


def _is_known(person: str, store: Store) -> bool:
    """Whether we know how this person is called in Launchpad; if not, whom a bug is assigned to may well be them."""
    return bool(store.people.names(person, "launchpad"))


def _way(item: Item, config: Config) -> str:
    """How it is seen that all is done, one of THANKS or "merged": who brings an abandoned change home, or builds what
    is planned, has more to do than to say a word on it."""
    niche = config.niches.called(item.niche)
    match item.kind:
        case "question":
            return "answered"
        case "change":
            return "merged" if niche and any(q.state == "abandoned" for q in niche.changes) else "reviewed"
        case "blueprint":
            return "merged" if niche and any(q.state == "approved" for q in niche.blueprints) else "read"
        case _:
            return niche.seen if niche else "merged"


def _end(lease: Lease, outcome: str, what: str, store: Store, config: Config, now: datetime) -> None:
    store.leases.end(lease, outcome, now)
    prefix = config.irc.prefix
    more = f"{prefix}starter finds you something else whenever you like."
    if outcome in FINISHED:
        how = "right, easy, hard, unclear, obsolete or dull"
        more += f" If you like, {prefix}feedback and a word tells me how it was: {how}."
    _tell(lease, f"{lease.item.ref}, which you had claimed, {what}. {more}", store, now)


def _tell(lease: Lease, said: str, store: Store, now: datetime) -> int | None:
    """Tell its holder, unless they want quiet; gives the letter's number."""
    quiet = store.courtesy.wants_quiet([lease.person, f"nick:{lease.nick.lower()}"])
    return None if quiet else store.outbox.put(lease.person, [said], now)


def _closed(stands: Standing) -> str:
    if stands.status == "Answered":
        return "is answered now; if that was you: thank you"
    return f"is closed there ({f'a duplicate of LP#{stands.duplicate_of}' if stands.duplicate_of else stands.status})"


def _taken(item: Item, stands: Standing | None, request: Request, store: Store) -> str:
    """Why this item cannot be taken, as a sentence with what to do instead; nothing where it can."""
    instead = _instead(request)
    if stands is None:
        return f"{item.ref} is not to be seen any more. {instead}"
    if stands.duplicate_of:
        return f"{item.ref} is a duplicate of LP#{stands.duplicate_of}. {instead}"
    if not stands.is_open:
        return f"{item.ref} is closed by now ({stands.status}). {instead}"
    if stands.proposed:
        where = request.config.gerrit.url
        link = f" {where}/c/{stands.proposed}" if where else ""
        return (
            f"Somebody proposed change {stands.proposed} for {item.ref}: a review of it helps as much as a fix.{link}"
            f" ({request.config.irc.prefix}howto reviews tells how.)"
        )
    mine = stands.assignee is not None and stands.assignee.lower() in store.leases.names(request.who.key)
    if stands.assignee and not mine:
        who = "" if _is_known(request.who.key, store) else f" If that is you, {request.config.irc.prefix}iam tells me."
        return f"{item.ref} is assigned to somebody by now.{who} {instead}"
    if stands.begun and not mine:
        return f"{item.ref} is {stands.status} by now: somebody works on it. {instead}"
    if stands.claimed:
        return f"Somebody wrote on {item.ref} lately that they take it. {instead}"
    if stands.overdue:
        return f"{item.ref} belongs to a milestone that is over. {instead}"
    if not mine and _way(item, request.config) != "merged" and not queues.still_waits(item, request, store):
        return f"{item.ref} waits for nobody any more: somebody was quicker, or it has moved on. {instead}"
    return ""


def _instead(request: Request) -> str:
    return f"{request.config.irc.prefix}another finds you something else."


def _same(one: Item, other: Item) -> bool:
    return (one.kind, one.number) == (other.kind, other.number)
