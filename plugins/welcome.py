"""A word in private to who is new in a channel, once; and quiet for those who want none."""

from mentorbot import Reply, Request, Store, command, hookimpl


@hookimpl
def greet(request: Request, store: Store) -> list[str] | None:
    """Welcome somebody of whom nothing is known yet."""
    where, who, prefix = request.where, request.who, request.config.irc.prefix
    if where is None or where.lower() in map(str.lower, request.config.irc.welcome_off):
        return None
    if store.courtesy.wants_quiet(who.keys) or any(store.people.knows(key) for key in who.keys):
        return None
    if not store.courtesy.meet(who.keys, where, request.now):
        return None
    return [
        f"Welcome to {where}! I am a program that helps people find something to do in {request.config.community.name}:"
        " say starter here and I name three things that wait for somebody, say help for the rest."
        f" In the channel it is {prefix}starter. I write to you unasked this once; if you say quiet, never."
    ]


@command("quiet")
def quiet(request: Request, store: Store) -> Reply:
    """Never be written to unasked again."""
    store.courtesy.leave_alone(request.who.keys, request.now)
    return Reply(["From now on I write to you only when you ask me something."], private=True)
