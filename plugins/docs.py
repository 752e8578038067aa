"""The queue of documentation work: bugs about the documentation, and small changes that touch nothing else."""

from mentorbot import Item, Request, Store, hookimpl, ranking, suggest

SMALL = 100
"""Lines added and removed."""
FOLDERS = ("doc/", "docs/", "api-ref/", "releasenotes/")
ENDINGS = (".rst", ".md", ".adoc")


@hookimpl
def queue(name: str, projects: list[str], request: Request, store: Store) -> list[Item] | None:
    """Free bugs with a documentation tag, and unreviewed changes of documentation only."""
    if name != "docs":
        return None
    settings = request.config.launchpad
    bugs = store.bugs.free(
        projects,
        robots=request.config.robots,
        claimed_since=request.now - suggest.CLAIM_LASTS,
        tags=settings.docs_tags,
    )
    changes = store.changes.unreviewed(projects, most_lines=SMALL, not_by=suggest.mine(request, store, "gerrit"))
    return [
        *(suggest.bug_item(bug, ranking.bug_signals(bug, settings.starter_tags, request.now)) for bug in bugs),
        *(
            suggest.change_item(change, ranking.change_signals(change, request.now))
            for change in changes
            if change.files and all(is_documentation(path) for path in change.files)
        ),
    ]


def is_documentation(path: str) -> bool:
    """Whether a file is read by people rather than run."""
    return path.startswith(FOLDERS) or path.endswith(ENDINGS)
