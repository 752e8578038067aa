"""Work for somebody who asks where to begin: a niche, up to three items, and why these."""

import re
from datetime import timedelta

from mentorbot import Reply, Request, Store, UserError, command, kinds, refusals, suggest
from mentorbot.text import ago, count, listed

LATELY = timedelta(days=1)
"""A suggestion that is older may not be what it was."""
BELIEVED = 5
"""So often in two weeks somebody's word keeps items from all others for being taken."""


@command("starter [niche] [project] [30m|2h|day]")
def starter(request: Request, store: Store) -> Reply:
    """Suggest a niche and up to three things to do in it now, each with the reason."""
    return _offered(suggest.suggest(request, store, request.text), request, store)


@command("another [N] [reason]")
def another(request: Request, store: Store) -> Reply:
    """Suggest other items than last time, or than number N; reasons (too hard, not docs, taken) are remembered."""
    me = request.who.key
    if request.who.account:  # they may have logged in since
        store.offers.log_in(request.who.keys[1], me, request.now)
    last = store.offers.last(me)
    if not last:
        raise UserError(f"I have not suggested anything to you yet; say {request.config.irc.prefix}starter.")
    number, _, reason = request.text.strip().removeprefix("#").partition(" ")
    if number not in last:
        ref, rest = kinds.named(request.text.strip())
        number = next((n for n, item in last.items() if item.ref == ref), "")
        reason = rest if number else request.text
        if re.fullmatch(r"\d", request.text.strip().removeprefix("#")[:2].strip()):
            raise UserError(f"Say which: {listed([f'another {n}' for n in last], 'or')}; or another alone.")
    asked = suggest.without(store.offers.asked(me), reason, request.config.niches, request.config.projects)
    # Of three items it is not said which one is taken; these stay held as they were, for two days.
    one = bool(number) or len(last) == 1
    held = (refusals.TAKEN if one else refusals.DOUBT) if refusals.is_taken(reason) else timedelta()
    said = [why for _, why in store.offers.refusals(me, request.now - refusals.TAKEN) if refusals.is_taken(why)]
    if len(said) >= BELIEVED:
        held = timedelta()
    store.offers.pass_on(me, reason[:200], request.now, position=int(number) if number else None, held_for=held)
    return _offered(suggest.suggest(request, store, asked), request, store)


@command("why N")
def why(request: Request, store: Store) -> list[str]:
    """Tell every signal for and against suggestion N, or LP#N, with its points."""
    found, at = suggest.meant(request, store, "why")
    item = suggest.discreet(found, request)
    signals = "; ".join(f"{s.points:+d} {s.words}" for s in sorted(item.signals, key=lambda s: -s.points))
    signals = signals or "nothing speaks for or against it"
    had, as_of = "has", suggest.as_of(request, store)
    if request.now - at >= LATELY:
        had, as_of = f"had, when I suggested it {ago(at, request.now)},", ""
    return [f"{item.ref} {had} {count(item.points, 'point')}: {signals}. {item.url}{as_of}"]


def _offered(offer: suggest.Offer | None, request: Request, store: Store) -> Reply:
    if offer is None:
        return Reply([_nothing(request, store)])
    niche, items, prefix = offer.niche, offer.items, request.config.irc.prefix
    head = f"Try {niche.title}: {niche.pitch}. One takes about {niche.time}."
    if offer.short:
        head = suggest.shortage(offer, request.config.niches)
    head += f" ({prefix}howto {items[0].niche} says how to begin, {prefix}why 1 tells more, {prefix}another moves on)"
    head += suggest.usual_wait(offer) + suggest.as_of(request, store) + offer.note
    told = [suggest.discreet(item, request) for item in items]
    return Reply([head, *(suggest.line(n, item, request.now) for n, item in enumerate(told, 1))])


def _nothing(request: Request, store: Store) -> str:
    """Why there is nothing to offer, and what to do meanwhile."""
    sources = {"Launchpad": request.config.launchpad.projects, "Gerrit": request.config.gerrit.projects}
    unread = [name for name, projects in sources.items() if projects and not store.cursors.read_at(name.lower())]
    if unread:
        as_of = ""
        why = f"Nothing is free that I know of: I have not read all of {listed(unread)} yet. Please ask again later;"
    else:
        as_of = suggest.as_of(request, store)
        why = (
            "Nothing is free right now: what there is has somebody, was offered to others in the last two days,"
            " or you passed on it. New work comes in every day;"
        )
    how = f"{request.config.irc.prefix}howto tells how each niche works."
    return f"{why} until then, {how}{as_of}"
