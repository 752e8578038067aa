"""Questions about the open bugs, as people ask them before and in a meeting."""

from mentorbot import Reply, Request, Store, backlog, command, suggest
from mentorbot.text import count

SHOWN = 3
MOST = 50
"""Bugs named in one answer, with all its `more`."""


@command("backlog [project] [status:New,Confirmed] [importance:High] [-tag:doc] [age:>30d] [unassigned] [word]")
def open_bugs(request: Request, store: Store) -> Reply:
    """Count the open bugs that match, and show the first: Critical and High ones, then the oldest."""
    query = backlog.read(request.text, request.config.launchpad.projects)
    found = store.backlog.search(query, MOST, robots=request.config.robots, now=request.now)
    asked, as_of = backlog.written(query), suggest.as_of(request, store, "launchpad")
    total = sum(found.counts.values())
    if found.looked:
        as_of = f" (I looked at the gravest and oldest, {found.looked:,} of each project){as_of}"
    if not total:
        return Reply([f"No open bug matches {asked}.{as_of}"])
    by_status = ", ".join(f"{number:,} {status}" for status, number in found.counts.items())
    page = backlog.page(query, request.config.launchpad.service_root)
    number = count(total, "open bug") if not found.looked else f"At least {count(total, 'open bug')}"
    head = f"{number} for {asked}: {by_status}.{page and f' {page}'}{as_of}"
    lines = [backlog.line(bug, request.now) for bug in found.first]
    if total > MOST:
        lines.append(f"These were the first {MOST} of {total:,}; status:, importance:, tag: and age: narrow it down.")
    return Reply([head, *lines[:SHOWN]], rest=lines[SHOWN:])
