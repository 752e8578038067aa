"""The queue of first fixes: bugs marked for beginners which nobody has taken."""

from mentorbot import Item, Request, Store, hookimpl, ranking, suggest


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Bugs with a starter tag: open, unassigned, not In Progress, not claimed lately, without an open change."""
    if name != "fixes":
        return None
    tags = request.config.launchpad.starter_tags
    bugs = store.bugs.free(
        projects,
        robots=request.config.robots,
        claimed_since=request.now - suggest.CLAIM_LASTS,
        tags=tags,
    )
    return [suggest.bug_item(bug, ranking.bug_signals(bug, tags, request.now)) for bug in bugs]
