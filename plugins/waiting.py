"""Changes that still wait for somebody to look at them."""

from mentorbot import Reply, Request, Store, backlog, command, suggest
from mentorbot.text import age, count, listed, shorten

SHOWN = 3
MOST = 50
"""Changes named in one answer, with all its `more`."""


@command("waiting [project]")
def waiting(request: Request, store: Store) -> Reply:
    """List the changes that CI passed and that have waited longest for a first review."""
    projects = backlog.chosen(request.text, request.config.projects)
    found = store.changes.longest_unreviewed(projects, MOST)
    as_of = suggest.as_of(request, store, "gerrit")
    if not found.count:
        return Reply([f"Nothing in {listed(projects, 'or')} waits for a first review.{as_of}"])
    lines = [
        f"change {change.number} {shorten(change.subject, 90)} ({change.project}, {count(change.size, 'line')},"
        f" waiting for {age(change.created, request.now)}) {change.url}"
        for change in found.first
    ]
    if found.count > MOST:
        lines.append(f"These were the first {MOST} of {found.count:,}.")
    number = count(found.count, "change") if found.whole else f"At least {count(found.count, 'change')}"
    head = f"{number} in {listed(projects)} without a first review, the longest wait first.{as_of}"
    return Reply([head, *lines[:SHOWN]], rest=lines[SHOWN:])
