"""How the bot is: the network, the mirrors, what waits, and what is switched off."""

from collections.abc import Iterator

from mentorbot import Reply, Request, Store, command
from mentorbot.text import age, ago, count, listed

SHOWN = 3
"""People named of those who are ignored."""


@command("status", access="admin")
def status(request: Request, store: Store) -> Reply:
    """Tell in private how the bot is, and why it may be quiet."""
    return Reply(
        [
            _network(request, store),
            *filter(None, [store.fault()]),
            *_mirrors(request, store),
            _waiting(request, store),
            _ignored(request, store),
            *_plugins(request, store),
        ],
        private=True,
    )


def _network(request: Request, store: Store) -> str:
    irc, now, health = request.config.irc, request.now, store.health.last()
    if health is None:
        return f"Network: I have never been on {irc.server}."
    if health.is_silent(now):
        return f"Network: the bot said {ago(health.at, now)} how it is, and nothing since: it does not run, or hangs."
    if health.since is None:
        return f"Network: not on {irc.server}."
    known = {channel.lower() for channel in health.channels}
    absent = [channel for channel in irc.channels if channel.lower() not in known]
    where = f"in {listed(list(health.channels))}" if health.channels else "in no channel"
    missing = f", but not in {listed(absent, 'or')}" if absent else ""
    return f"Network: on {irc.server} as {health.nick} for {age(health.since, now)}, {where}{missing}."


def _mirrors(request: Request, store: Store) -> Iterator[str]:
    config, now, health = request.config, request.now, store.health.last()
    wanted = {"launchpad": config.launchpad.projects, "gerrit": config.gerrit.projects}
    for name in (name for name, projects in wanted.items() if projects):
        read, failure = store.cursors.read_at(name), store.cursors.failure(name)
        said = f"{name.capitalize()}: " + (f"read to its end {ago(read, now)}" if read else "never read to its end")
        if failure:
            said += f"; last failure {ago(failure.at, now)}: {failure.said.rstrip('.')}"
        if until := store.cursors.rests(name, now):
            said += f"; it asked to be left alone for {age(now, until)} more"
        yield f"{said}."
    if health and health.sync_ended and health.sync_again:
        code = health.sync_exit or 0
        how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
        again = age(now, health.sync_again)
        yield f"The mirrors' process ended {ago(health.sync_ended, now)} {how}; it starts again in {again}."


def _waiting(request: Request, store: Store) -> str:
    running = store.health.running(request.now)
    lines, letters, proofs = running.waiting if running else 0, store.outbox.count(), store.proofs.count(request.now)
    return (
        f"Waiting: {count(lines, 'line')} for their turn in the chat, {count(letters, 'text')} to be said,"
        f" {count(proofs, 'proof')} of names elsewhere."
    )


def _ignored(request: Request, store: Store) -> str:
    names = [ignored.name for ignored in store.courtesy.ignored(request.now)]
    shown = names[:SHOWN] + [count(len(names) - SHOWN, "other")] * (len(names) > SHOWN)
    return f"Ignored: {listed(shown) or 'nobody'}."


def _plugins(request: Request, store: Store) -> Iterator[str]:
    running, off = store.health.running(request.now), store.health.off(request.now, request.loaded.off)
    hanging = [f"{calls} of {whose}" for whose, calls in sorted(running.hanging.items())] if running else []
    hang = f"calls that hang: {listed(hanging)}" if hanging else "no calls hang"
    yield f"Plugins: all on{f' but {listed(list(off))}' if off else ''}; {hang}."
    yield from (f"{name} is off: {why}." for name, why in off.items())
