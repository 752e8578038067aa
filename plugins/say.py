"""Words of the admins, said by the bot."""

from collections.abc import Sequence

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot.text import listed


@command("say CHANNEL TEXT", access="admin")
def say(request: Request, store: Store) -> Reply:
    """Have me say something in a channel where I am."""
    channel, _, text = request.text.partition(" ")
    if not text:
        raise UserError(f"Say where and what: {request.config.irc.prefix}say #mentors Good morning!")
    channels = {name.lower(): name for name in _channels(request, store)}
    where = channels.get(channel.lower())
    if where is None:
        there = listed(list(channels.values())) or "no channel"
        return Reply([f"I am not in {channel[:50]}, but in {there}."], private=True)
    store.outbox.put(where, [text], request.now)
    return Reply([f"It goes to {where}."], private=True)


def _channels(request: Request, store: Store) -> Sequence[str]:
    """Where the bot is, or would be; in a shell it is another process that is there."""
    if request.bot:
        return request.bot.channels
    running = store.health.running(request.now)
    return running.channels if running else request.config.irc.channels
