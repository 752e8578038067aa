"""The queue of bug triage: reports nobody has looked at, and reporters who answered and still wait."""

from dataclasses import replace
from datetime import timedelta

from mentorbot import Item, OpenBug, Reply, Request, Store, backlog, command, hookimpl, queues, scorecard, suggest
from mentorbot.text import listed

SHOWN = 3
MOST = 50
"""Bugs named in one answer, with all its `more`."""
EACH = 1000
"""Of more that are free the best are found among the youngest, as for `triage next`, and not by weighing each."""
LONG = timedelta(days=30)
"""Reports that nobody answered for so long are counted by themselves."""


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """New bugs on which nobody but the reporter has spoken, and Incomplete ones whose reporter answered; all free."""
    if name != "triage":
        return None
    return [item for item, _ in _waiting(projects, request, store)]


@command("triage [next] [project]")
def triage(request: Request, store: Store) -> Reply:
    """Count what waits for triage and show the best to begin with; triage next gives one and says what to check."""
    names = [word for word in request.words if word.lower() != "next"]
    projects = backlog.chosen(" ".join(names), request.config.launchpad.projects)
    if len(names) < len(request.words):
        return _next(projects, " ".join(["triage", *names]), request, store)
    robots, claimed_since = request.config.robots, request.now - queues.CLAIM_LASTS
    count = store.backlog.untriaged(projects, robots=robots, since=request.now - LONG)
    free, all_of_them = store.bugs.count_untriaged(projects, robots=robots, claimed_since=claimed_since)
    at_least = "" if count.whole else "at least "
    head = (
        f"{listed(projects)}: {count.new:,} New ({at_least}{count.ignored:,} of them unanswered for over {LONG.days}"
        f" days), {count.undecided:,} of Undecided importance,"
        f" {at_least}{count.answered:,} Incomplete whose reporter has answered."
    )
    if free:
        number = f"{free:,}" if all_of_them else f"At least {free:,}"
        head += f" {number} are free to take; {request.config.irc.prefix}triage next gives you one."
    best = _waiting(projects, request, store, everything=all_of_them and free <= EACH)
    lines = [backlog.line(bug, request.now) for _, bug in best[:MOST]]
    if free > MOST:
        lines.append(f"These were the first {MOST} of {free:,}.")
    return Reply([head + suggest.as_of(request, store), *lines[:SHOWN]], rest=lines[SHOWN:])


def _next(projects: list[str], asked: str, request: Request, store: Store) -> Reply:
    """The best bug that nobody else was offered lately; from now on it is held for the asker."""
    found = _waiting(projects, request, store)
    waiting = {(item.number, item.project): (item, bug) for item, bug in found}
    items = [replace(i, niche="triage") for i in suggest.ranked([i for i, _ in waiting.values()], request, store)]
    held, note = suggest.hold(request, store, asked, items, 1)
    as_of = suggest.as_of(request, store) + note
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


def _waiting(
    projects: list[str], request: Request, store: Store, everything: bool = False
) -> list[tuple[Item, OpenBug]]:
    """The queue, the best first, with what is known of each bug; all of it, or enough to offer some to the asker."""
    bugs = store.bugs if everything else queues.foremost(request, store)
    claimed_since = request.now - queues.CLAIM_LASTS
    waiting = bugs.untriaged(projects, robots=request.config.robots, claimed_since=claimed_since)
    found = [(_unjudged(suggest.bug_item(bug, request)), bug) for bug in waiting]
    return sorted(found, key=lambda pair: scorecard.rank(pair[0]), reverse=True)


def _unjudged(item: Item) -> Item:
    """The item without what its importance counts: that speaks for a fix, and here it is what is to be found out."""
    return replace(item, signals=tuple(signal for signal in item.signals if signal.name != "judged"))
