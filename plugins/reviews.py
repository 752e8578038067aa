"""The queue of reviews: small changes that CI passed and nobody has looked at."""

from mentorbot import Item, Request, Store, hookimpl, suggest


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Open changes without a human word, newcomers' first; never the asker's own."""
    if name != "reviews":
        return None
    return [suggest.change_item(change, request) for change in suggest.small_changes(projects, request, store)]
