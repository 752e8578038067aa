"""How the bot is: the network, the mirrors, what waits, and what is switched off."""

from collections.abc import Iterator
from datetime import timedelta

from mentorbot import Reply, Request, Store, command
from mentorbot.text import age, ago, count, listed

SILENT = timedelta(minutes=5)
"""A bot that has said nothing of itself for so long does not run, or hangs."""


@command("status", access="admin")
def status(request: Request, store: Store) -> Reply:
    """Tell in private how the bot is, and why it may be quiet."""
    lines = [_network(request, store), *_mirrors(request, store), _waiting(request, store), _plugins(request)]
    return Reply(lines, private=True)


def _network(request: Request, store: Store) -> str:
    irc, now, health = request.config.irc, request.now, store.health.last()
    if health is None:
        return f"Network: I have never been on {irc.server}."
    if now - health.at > SILENT:
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
            since = ", and not since" if read and failure.at >= read else ""
            said += f"{since}; last failure {ago(failure.at, now)}: {failure.said.rstrip('.')}"
        yield f"{said}."
    if health and health.sync_ended and health.sync_again:
        yield (
            f"The mirrors' process ended {ago(health.sync_ended, now)} with exit code {health.sync_exit};"
            f" it starts again in {age(now, health.sync_again)}."
        )


def _waiting(request: Request, store: Store) -> str:
    letters, proofs = store.outbox.count(), store.proofs.count(request.now)
    return f"Waiting: {count(letters, 'text')} to be said, {count(proofs, 'proof')} of names elsewhere."


def _plugins(request: Request) -> str:
    off = [plugin.name for plugin in request.loaded.plugins if not plugin.on]
    return f"Plugins: {f'{listed(off)} off' if off else 'all on'}."
