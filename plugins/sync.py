"""News from Launchpad and Gerrit, now rather than later."""

from mentorbot import Reply, Request, Store, command


@command("sync", access="admin")
def sync(request: Request, store: Store) -> Reply:
    """Have the mirrors ask Launchpad and Gerrit for news now."""
    request.running.sync()
    return Reply(
        [f"The mirrors ask for news; {request.config.irc.prefix}status tells when they are done."], private=True
    )
