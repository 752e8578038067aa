"""The queue of documentation work: bugs about the documentation, and small changes that touch nothing else."""

from mentorbot import Item, Request, Store, hookimpl, suggest

FOLDERS = ("doc/", "docs/", "api-ref/", "releasenotes/")
ENDINGS = (".rst", ".md", ".adoc")


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Free bugs with a documentation tag, and unreviewed changes of documentation only."""
    if name != "docs":
        return None
    changes = [
        change
        for change in suggest.small_changes(projects, request, store)
        if change.files and all(is_documentation(path) for path in change.files)
    ]
    return [
        *suggest.free_bugs(request.config.launchpad.docs_tags, projects, request, store),
        *(suggest.change_item(change, request) for change in changes),
    ]


def is_documentation(path: str) -> bool:
    """Whether a file is read by people rather than run."""
    return path.startswith(FOLDERS) or path.endswith(ENDINGS)
