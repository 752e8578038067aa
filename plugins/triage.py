"""The queue of bug triage: reports nobody has looked at, and reporters who answered and still wait."""

from dataclasses import replace
from datetime import timedelta

from mentorbot import Item, OpenBug, Reply, Request, Store, backlog, command, hookimpl, suggest
from mentorbot.text import listed

SHOWN = 3
MOST = 50
"""Bugs named in one answer, with all its `more`."""
LONG = timedelta(days=30)
"""Reports that nobody answered for so long are counted by themselves."""


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """New bugs on which nobody but the reporter has spoken, and Incomplete ones whose reporter answered; all free."""
    return [item for item, _ in _waiting(projects, request, store)] if name == "triage" else None


@command("triage [next] [project]")
def triage(request: Request, store: Store) -> Reply:
    """Count what waits for triage and show the best to begin with; triage next gives one and says what to check."""
    names = [word for word in request.words if word.lower() != "next"]
    projects = backlog.chosen(" ".join(names), request.config.launchpad.projects)
    if len(names) < len(request.words):
        return _next(projects, " ".join(["triage", *names]), request, store)
    count = store.backlog.untriaged(projects, robots=request.config.robots, since=request.now - LONG)
    best = _waiting(projects, request, store)
    head = (
        f"{listed(projects)}: {count.new:,} New ({count.ignored:,} of them unanswered for over {LONG.days} days),"
        f" {count.undecided:,} of Undecided importance, {count.answered:,} Incomplete whose reporter has answered."
    )
    if best:
        head += f" {len(best):,} are free to take; {request.config.irc.prefix}triage next gives you one."
    lines = [backlog.line(bug, request.now) for _, bug in best[:MOST]]
    if len(best) > MOST:
        lines.append(f"These were the first {MOST} of {len(best):,}.")
    return Reply([head + suggest.as_of(store, request.now), *lines[:SHOWN]], rest=lines[SHOWN:])


def _next(projects: list[str], asked: str, request: Request, store: Store) -> Reply:
    """The best bug that nobody else was offered lately; from now on it is held for the asker."""
    waiting = {(item.number, item.project): (item, bug) for item, bug in _waiting(projects, request, store)}
    items = (replace(item, niche="triage") for item, _ in waiting.values())
    held = store.offers.make(request.who.key, asked, items, 1, request.now)
    as_of = suggest.as_of(store, request.now)
    if not held:
        return Reply([f"Nothing in {listed(projects, 'or')} waits for triage that is not offered to somebody.{as_of}"])
    _, bug = waiting[held[0].number, held[0].project]
    known = request.config.niches.called("triage")
    check = " ".join(known.steps) if known else "Read it, try it, and write on it what you find."
    if bug.answered:
        check = "Its reporter answered and still waits. Read whether that is enough: if so set it to New or Confirmed,"
        check += " if not ask once more, kindly."
    if bug.importance == "Undecided":
        check += " Nobody has said yet how much it matters: propose an importance."
    prefix = request.config.irc.prefix
    return Reply([backlog.line(bug, request.now) + as_of, f"{check} ({prefix}another moves on)"])


def _waiting(projects: list[str], request: Request, store: Store) -> list[tuple[Item, OpenBug]]:
    """The queue, the best first, with what is known of each bug."""
    claimed_since = request.now - suggest.CLAIM_LASTS
    bugs = store.bugs.untriaged(projects, robots=request.config.robots, claimed_since=claimed_since)
    found = [(suggest.bug_item(bug, request), bug) for bug in bugs]
    return sorted(found, key=lambda pair: suggest.rank(pair[0]), reverse=True)
