"""The queue of first fixes: bugs marked for beginners which nobody has taken."""

from mentorbot import Item, Request, Store, hookimpl, suggest


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Bugs with a starter tag: open, unassigned, not In Progress, not claimed lately, without an open change."""
    if name != "fixes":
        return None
    return suggest.free_bugs(request.config.launchpad.starter_tags, projects, request, store)
