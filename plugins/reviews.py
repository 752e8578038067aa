"""The queue of reviews: small changes that CI passed and nobody has looked at."""

from mentorbot import Item, Request, Store, hookimpl, ranking, suggest

SMALL = 100
"""Lines added and removed."""


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Open changes without a human word, newcomers' first; never the asker's own."""
    if name != "reviews":
        return None
    changes = store.changes.unreviewed(projects, most_lines=SMALL, not_by=suggest.mine(request, store, "gerrit"))
    return [suggest.change_item(change, ranking.change_signals(change, request.now)) for change in changes]
