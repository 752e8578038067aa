"""To have an item for oneself for a while, to give it back, and to be done with it."""

from datetime import timedelta

from mentorbot import Reply, Request, Store, command, feedback, kinds, leases, suggest
from mentorbot.text import age, ago, left

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


@command("claims", access="account")
def claims(request: Request, store: Store) -> Reply:
    """List what you have claimed, and how long it is kept for you."""
    prefix, mine = request.config.irc.prefix, leases.of(request, store)
    if not mine:
        return Reply([f"You have claimed nothing. {prefix}claim N takes what I suggested."], private=True)
    lines = []
    for number, lease in enumerate(mine, 1):
        seen = f", work seen {ago(lease.seen, request.now)}" if lease.seen else ""
        still = left(lease.expires, request.now)
        lines.append(f"{number}. {lease.item.ref} {lease.item.title}: {still} left{seen}. {lease.item.url}")
    lines.append(f"Say {prefix}done N when it is done, {prefix}unclaim N to give it back.")
    return Reply(lines, private=True)


@command("unclaim [N] [reason]", access="account")
def unclaim(request: Request, store: Store) -> Reply:
    """Give back what you claimed, so that others can have it; a reason, if you like, is remembered."""
    lease, reason = leases.meant(request.text.strip(), request, store)
    store.leases.end(lease, "given up", request.now, reason[:200])
    said = f"{lease.item.ref} is free again; that was fair to say. {request.config.irc.prefix}starter finds another."
    return Reply([said, *([] if reason else [feedback.question(lease, request, store)])], private=True)


@command("done [N]", access="account")
def done(request: Request, store: Store) -> Reply:
    """Say that you are done with what you claimed."""
    lease, _ = leases.meant(request.text.strip(), request, store)
    store.leases.end(lease, "done", request.now)
    took = f" That took you {age(lease.claimed, request.now)}." if request.now - lease.claimed >= AN_HOUR else ""
    said = f"Thank you for {lease.item.ref}!{took} {request.config.irc.prefix}starter finds the next."
    return Reply([said, feedback.question(lease, request, store)], private=True)
