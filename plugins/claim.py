"""To have an item for oneself for a while, to give it back, and to be done with it."""

from datetime import timedelta

from mentorbot import (
    Lease,
    Reply,
    Request,
    Store,
    UserError,
    assent,
    command,
    feedback,
    holders,
    kinds,
    leases,
    suggest,
)
from mentorbot.text import age, ago, left, listed

AN_HOUR = timedelta(hours=1)
"""Of less nobody wants to hear how long it took."""


@command("claim N", access="account")
def claim(request: Request, store: Store) -> Reply:
    """Keep suggestion N, or LP#N, for you for two weeks: it is offered to nobody else."""
    item, _ = suggest.meant(request, store, "claim")
    lease = leases.claim(item, request, store)
    prefix = request.config.irc.prefix
    stands = leases.standing(item, request.who.key, request.config, store, request.now)
    before = ""
    if stands and stands.abandoned:
        link = f", {request.config.gerrit.url}/c/{stands.abandoned}" if request.config.gerrit.url else ""
        before = f" Change {stands.abandoned}{link}, was begun for it and given up: you may revive it."
    kind = kinds.KINDS[item.kind]
    return Reply(
        [
            f"{item.ref} is yours for {age(request.now, lease.expires)}. {kind.elsewhere} {item.url}{before}",
            f"{kind.signs.capitalize()} of yours keeps it for two weeks more. {prefix}howto {item.niche} tells how to"
            f" begin; {prefix}done when it is done, {prefix}unclaim if it is not for you.",
        ],
        private=True,
    )


@command("claims [keep [N]]", access="account")
def claims(request: Request, store: Store) -> Reply:
    """List what you have claimed, and how long it is kept for you; keep says that you go on, when I ask you that."""
    answer, which = assent.said(request.text)
    if request.text.lower().split()[:1] == ["keep"]:
        answer, which = "yes", " ".join(request.words[1:])
    if answer:
        return _go_on(answer, which, request, store)
    prefix, mine = request.config.irc.prefix, leases.of(request, store)
    if not mine:
        return Reply([f"You have claimed nothing. {prefix}claim N takes what I suggested."], private=True)
    lines = []
    for number, lease in enumerate(mine, 1):
        seen = f", work seen {ago(lease.seen, request.now)}" if lease.seen else ""
        still = f"{left(lease.expires, request.now)} left"
        if leases.is_asked(lease, request, store):
            still += f", unless you say {prefix}claims keep {lease.item.ref}"
        lines.append(f"{number}. {lease.item.ref} {lease.item.title}: {still}{seen}. {lease.item.url}")
    lines.append(f"Say {prefix}done N when it is done, {prefix}unclaim N to give it back.")
    return Reply(lines, private=True)


@command("unclaim [N] [reason|NICK]", access="account")
def unclaim(request: Request, store: Store) -> Reply:
    """Give back what you claimed, so that others can have it, for a reason if you like; admins free what NICK has."""
    if theirs := _theirs(request, store):
        told = f"; {theirs.nick} hears of it from me, kindly" if leases.free(theirs, request, store) else ""
        return Reply([f"{theirs.item.ref} is free again{told}."], private=True)
    return _give_back(*holders.meant(request.text.strip(), leases.of(request, store), request), request, store)


@command("done [N]", access="account")
def done(request: Request, store: Store) -> Reply:
    """Say that you are done with what you claimed."""
    lease, _ = holders.meant(request.text.strip(), leases.of(request, store), request)
    store.leases.end(lease, "done", request.now)
    took = f" That took you {age(lease.claimed, request.now)}." if request.now - lease.claimed >= AN_HOUR else ""
    said = f"Thank you for {lease.item.ref}!{took} {request.config.irc.prefix}starter finds the next."
    return Reply([said, feedback.question(lease, request, store)], private=True)


def _give_back(lease: Lease, reason: str, request: Request, store: Store) -> Reply:
    store.leases.end(lease, "given up", request.now, reason[:200])
    said = f"{lease.item.ref} is free again; that was fair to say. {request.config.irc.prefix}starter finds another."
    return Reply([said, *([] if reason else [feedback.question(lease, request, store)])], private=True)


def _go_on(answer: str, which: str, request: Request, store: Store) -> Reply:
    """Take the answer to the question whether they still work on something."""
    asked, prefix = leases.asked(request, store), request.config.irc.prefix
    is_named = bool(kinds.named(which)[0]) or which[:1].isdecimal()
    if answer == "unclear" or (len(asked) > 1 and not is_named):
        forms = [f"{prefix}{verb} {lease.item.ref}" for lease in asked for verb in ("claims keep", "unclaim")]
        raise UserError(f"Say which: {listed(forms, 'or')}.", private=True)
    lease, besides = holders.meant(which, leases.of(request, store) if is_named else asked, request)
    if lease not in asked:
        still = left(lease.expires, request.now)
        had = f"I have not asked whether you still work on {lease.item.ref}; it is yours for {still} more."
        raise UserError(had, private=True)
    if answer == "no":
        return _give_back(lease, besides, request, store)
    kept = leases.keep(lease, request, store)
    said = (
        f"{kept.item.ref} is yours for {left(kept.expires, request.now)} more, and longer while I see work. Thank you!"
    )
    return Reply([said], private=True)


def _theirs(request: Request, store: Store) -> Lease | None:
    """What an admin means by "LP#12 NICK", where somebody else is called so; None where it is a reason."""
    item, _, name = request.text.strip().rpartition(" ")
    if not name or not request.config.irc.is_admin(request.who.account):
        return None
    held = [lease for lease in holders.held_by(name, store) if lease.person != request.who.key]
    if held:
        lease, rest = holders.meant(item, held, request, whose=name)
        return None if rest else lease
    if item and not leases.of(request, store):
        known = "I know people by their account, and by their nick of that time"
        raise UserError(f"Nobody called {name} has claimed anything; {known}.", private=True)
    return None
