"""What happens to the demo's bugs: a story is a function that lets people do things to one, one after the other.

BUG_STORIES says how many bugs there are of each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from lives import BUGS, CHANGES, Bug, Change
from words import (
    AUTHORS,
    GERRIT,
    HEROES,
    JANITOR,
    NOW,
    REPORTERS,
    REVIEWERS,
    TRIAGERS,
    WORDS,
    WRITERS,
    Person,
    between,
    days,
    minutes,
    moments,
    other,
    pick,
    role,
    roll,
    until,
)

# The server gets half of everything, as servers do.
SERVER, CLIENT, DOCS = "harbour", "harbour-client", "harbour-docs"
PROJECTS = (SERVER, CLIENT, SERVER, DOCS, SERVER, CLIENT, DOCS, SERVER)
newcomers = iter(role("newcomer"))
welcomers = iter(REVIEWERS)


def author(bug: Bug) -> Person:
    return pick(WRITERS + HEROES if bug.project == DOCS else AUTHORS)


def untouched(bug: Bug) -> None:
    """Nobody has answered yet."""


def fixed(bug: Bug, status: str = "Fix Released", by: Person | None = None) -> None:
    start = until(bug.created, 1, 50)
    done = bug.triage(start)
    if roll() < 0.3:
        bug.say(other(REPORTERS, bug.owner), moments(1, done, start)[0], "chatter")
    change = bug.propose(by or author(bug), start)
    change.live("merged", until(start, 0.9, 12))
    bug.follow(change, status)


def fixed_lately(bug: Bug) -> None:
    fixed(bug, "Fix Committed")


def fixed_by_newcomer(bug: Bug) -> None:
    start = bug.created + days(1, 2)
    bug.triage(start)
    change = bug.propose(next(newcomers), start)
    change.live("merged", start + days(2, 4))
    bug.follow(change, "Fix Released")


def fixed_by_hand(bug: Bug) -> None:
    who, when = other(TRIAGERS, bug.owner), bug.triage(until(bug.created, 1, 20)) + days(3, 40)
    bug.say(who, when, "fixed")
    bug.move(who, when + timedelta(minutes=1), "Fix Released")


def invalid(bug: Bug) -> None:
    bug.triage(until(bug.created, 0.5, 60), status="Invalid")


def refused(bug: Bug) -> None:
    bug.triage(until(bug.created, 0.5, 60), status="Won't Fix")


def expired(bug: Bug) -> None:
    when = bug.triage(until(bug.created, 0.5, 20), status="Incomplete") + days(60, 61)
    bug.say(JANITOR, when, "expired")
    bug.move(JANITOR, when, "Expired")


def duplicate(bug: Bug, after: datetime | None = None) -> None:
    """The report tells the story of an earlier one, in other words."""
    masters = [b for b in BUGS if (b.project, b.kind) == (bug.project, bug.kind) and "when" in b.known]
    masters = [b for b in masters if not (b.duplicate_of or b.private)]
    if not masters:
        return invalid(bug)
    master = pick(masters[-25:])
    bug.name([master.template], **{k: v for k, v in master.known.items() if k not in ("when", "mend", "guard")})
    start = after or bug.created
    who, when = other(TRIAGERS, bug.owner), moments(1, start, until(start, 0.3, 15))[0]
    bug.say(who, when, "duplicate")
    bug.log(who, when + timedelta(minutes=1), "marked as duplicate", None, str(master.number))
    bug.duplicate_of = master
    return None


def discussed(bug: Bug) -> None:
    """Others say things, but nobody sorts it."""
    for when in moments(int(between(1, 4)), bug.created, until(bug.created, 1, 30)):
        bug.say(other(REPORTERS + TRIAGERS, bug.owner), when, "chatter")


def asked(bug: Bug) -> None:
    bug.triage(until(bug.created, 0.5, 5), status="Incomplete")


def answered(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 5), status="Incomplete")
    bug.say(bug.owner, moments(1, done, until(done, 0.5, 15))[0], "answer")


def confirmed(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 25))
    for when in moments(3, done, until(done, 1, 60))[: int(between(0, 3))]:
        bug.say(other(REPORTERS, bug.owner), when, "chatter")
    if roll() < 0.12:
        bug.also = (CLIENT if bug.project == SERVER else SERVER, done)
        bug.log(other(TRIAGERS, bug.owner), done, "bug task added", None, bug.also[0])


def lately(bug: Bug) -> None:
    """Sorted in the last week: what a triager gets thanked for."""
    after = max(bug.created, NOW - timedelta(days=6))
    if roll() < 0.2:
        duplicate(bug, after)
    else:
        status = pick(["Confirmed", "Confirmed", "Triaged", "Incomplete", "Invalid"])
        bug.triage(NOW - timedelta(hours=2), after, status)


def proposed(bug: Bug) -> None:
    """A change is open, in any state."""
    start = min(until(bug.created, 2, 40), NOW - days(2.5, 6))
    bug.triage(start)
    state = pick(["liked", "disputed", "failing", "half approved", "unreviewed"])
    bug.propose(author(bug), start).live(state, until(start, 1, 20))


def proposed_unseen(bug: Bug) -> None:
    """The robot was down, so only the change's footer tells that somebody mends it."""
    start = bug.triage(bug.created + days(1, 3)) + days(0.5, 2)
    bug.propose(author(bug), start, noticed=False).live("liked", start + days(1, 3))


def newcomer_waits(bug: Bug) -> None:
    start = NOW - days(1, 6)
    bug.triage(start)
    bug.propose(next(newcomers), start).live("unreviewed", NOW)


def newcomer_welcomed(bug: Bug) -> None:
    start = NOW - days(3.5, 7)
    bug.triage(start)
    welcome(bug.propose(next(newcomers), start))


def welcome(change: Change) -> None:
    """A newcomer's first change gets its first human answer in the last days."""
    change.live("unreviewed", NOW)
    change.review(next(welcomers), NOW - days(0.2, 2.9), int(between(0, 2)), change.say("welcome"), int(between(1, 3)))


def claimed(bug: Bug) -> None:
    bug.triage(NOW - timedelta(days=6))
    bug.say(pick(role("reporter")), NOW - days(4.8, 5.2), "claim")


def claimed_long_ago(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 5))
    bug.say(pick(role("reporter")), done + days(1, 8), "claim")


def assigned(bug: Bug, low: float = 20, high: float = 200) -> None:
    when = max(bug.created + timedelta(days=1), NOW - days(low, high))
    who = author(bug)
    bug.triage(when)
    bug.assign(who, when, who)


def assigned_lately(bug: Bug) -> None:
    assigned(bug, 1, 3)


def half_done(bug: Bug, footer: str = "Partial-Bug", state: str = "merged") -> None:
    """A change went in but left something to do, or was given up; the bug is free again."""
    start = until(bug.created, 2, 20)
    bug.triage(start)
    change = bug.propose(author(bug), start, footer)
    change.live(state, until(start, 2, 20))
    bug.follow(change)
    bug.set_free(change)


def given_up(bug: Bug) -> None:
    half_done(bug, "Closes-Bug", "abandoned")


def related(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 1, 20))
    change = bug.propose(author(bug), until(done, 1, 20), "Related-Bug")
    change.live("merged", until(change.created, 1, 10))
    bug.follow(change)


def secret(bug: Bug) -> None:
    bug.title, bug.description = WORDS["private"]["title"].pop(), WORDS["private"]["text"][0]
    bug.private = True
    who, when = pick(HEROES), bug.created + minutes(10, 50)
    bug.log(who, when, "information type", "Public", "Private")
    bug.move(who, when, "Confirmed")


def by_robot(bug: Bug) -> None:
    bug.owner = GERRIT
    known = {b.title for b in BUGS}
    merged = [c for c in CHANGES if c.project != DOCS and c.submitted and c.submitted < bug.created]
    change = pick([c for c in merged[-20:] if f"[docs impact] {c.subject}" not in known])
    bug.title, bug.tags = f"[docs impact] {change.subject}", ["docs"]
    bug.description = f"A merged change of {change.project} asks for a look at the documentation.\n\n{change.message}"


# Story, how many, how many days ago the youngest and the oldest were reported, and the kind of report.
BUG_STORIES: list[tuple[Callable[[Bug], None], int, float, float, str]] = [
    (fixed, 108, 66, 729, "fault"),
    (fixed, 14, 66, 700, "wish"),
    (fixed, 14, 70, 700, "docs"),
    (fixed, 14, 70, 600, "starter"),
    (fixed_lately, 6, 66, 75, "fault"),
    (fixed_by_newcomer, 2, 16, 24, "starter"),
    (fixed_by_hand, 38, 66, 725, "fault"),
    (fixed_by_hand, 8, 66, 700, "docs"),
    (invalid, 38, 5, 725, "fault"),
    (refused, 16, 30, 725, "wish"),
    (expired, 30, 90, 720, "fault"),
    (duplicate, 44, 3, 700, "fault"),
    (untouched, 6, 0.2, 6, "fault"),
    (untouched, 38, 2, 150, "fault"),
    (untouched, 9, 0.4, 90, "docs"),
    (untouched, 8, 1, 300, "wish"),
    (untouched, 3, 3, 60, "odd"),
    (by_robot, 6, 5, 60, "docs"),
    (discussed, 12, 8, 240, "fault"),
    (asked, 12, 6, 58, "fault"),
    (answered, 15, 6, 120, "fault"),
    (lately, 15, 6.5, 20, "fault"),
    (lately, 3, 7, 30, "docs"),
    (confirmed, 20, 20, 600, "fault"),
    (confirmed, 10, 20, 700, "wish"),
    (confirmed, 16, 10, 400, "docs"),
    (confirmed, 4, 10, 300, "odd"),
    (confirmed, 28, 5, 260, "starter"),
    (claimed, 4, 9, 60, "starter"),
    (claimed_long_ago, 3, 260, 330, "starter"),
    (assigned_lately, 3, 6, 60, "starter"),
    (assigned, 8, 40, 500, "fault"),
    (assigned, 2, 40, 200, "docs"),
    (proposed, 16, 10, 120, "fault"),
    (proposed, 4, 10, 60, "starter"),
    (proposed, 3, 10, 60, "docs"),
    (proposed_unseen, 3, 10, 25, "starter"),
    (newcomer_waits, 2, 8, 20, "starter"),
    (newcomer_welcomed, 1, 10, 20, "starter"),
    (related, 6, 70, 300, "fault"),
    (given_up, 3, 70, 300, "starter"),
    (half_done, 2, 70, 200, "starter"),
    (secret, 3, 10, 300, "fault"),
]
