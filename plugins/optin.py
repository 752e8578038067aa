"""Whether one may be named in public."""

from mentorbot import Reply, Request, Store, command
from mentorbot.text import listed

SOURCES = {"account": "{} here", "launchpad": "{} on Launchpad", "gerrit": "{} in Gerrit"}


@command("optin", access="account")
def optin(request: Request, store: Store) -> Reply:
    """Agree to be named in the weekly shout-out for what you did."""
    store.people.choose(request.who.key, "in", request.now)
    settings, prefix = request.config.shoutout, request.config.irc.prefix
    where = listed(list(settings.channels)) or "the channel"
    return Reply(
        [
            f"Thank you: from now on I may name you in {where}, at most once a week, with one thing you did and its"
            f" link; never with numbers or ranks. {_holds_for(request, store)} {prefix}optout ends it at once."
        ],
        private=True,
    )


@command("optout", access="account")
def optout(request: Request, store: Store) -> Reply:
    """Refuse to be named in public, whatever you did."""
    store.people.choose(request.who.key, "out", request.now)
    return Reply(
        [
            f"From now on I do not name you in public. {_holds_for(request, store)}"
            f" {request.config.irc.prefix}optin changes it again."
        ],
        private=True,
    )


def _holds_for(request: Request, store: Store) -> str:
    keys = (key.partition(":") for key in store.people.same(request.who.key))
    return f"This holds for {listed([SOURCES[kind].format(name) for kind, _, name in keys])}."
