"""People whom the bot does not hear for a while."""

from datetime import datetime, timedelta

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot.text import listed, plain, shorten

DAYS = 7
"""Unless a number is given."""
MOST_DAYS = 365
LONGEST = 100
"""Characters of a name."""


@command("ignore [NICK|ACCOUNT|HOST] [days]", access="admin")
def ignore(request: Request, store: Store) -> Reply:
    """Hear nothing of somebody for some days, a week if you name no number; alone, list who is ignored."""
    if not request.words:
        return Reply([_ignored(request, store)], private=True)
    name, days = _understood(request)
    until = request.now + timedelta(days=days)
    store.courtesy.ignore(name, until, request.who.account or "", request.now)
    prefix = request.config.irc.prefix
    return Reply(
        [
            f"I hear nobody called {name}, by nick, account or host, until {_spoken(until, request)}."
            f" {prefix}unignore {name} ends it."
        ],
        private=True,
    )


@command("unignore NICK|ACCOUNT|HOST", access="admin")
def unignore(request: Request, store: Store) -> Reply:
    """Hear somebody again."""
    name = plain(request.text)
    if store.courtesy.unignore(name):
        return Reply([f"I hear {name} again."], private=True)
    unknown = f'I do not ignore "{shorten(name, 30)}". ' if name else ""
    return Reply([unknown + _ignored(request, store)], private=True)


def _understood(request: Request) -> tuple[str, int]:
    name, *more = request.words
    number = more[0].rstrip("d") if more else str(DAYS)
    if len(more) > 1 or len(name) > LONGEST or not number.isdecimal() or not 0 < int(number[:9]) <= MOST_DAYS:
        raise UserError(
            f"Say whom, by one nick, account or host, and for how many days, {MOST_DAYS} at most:"
            f" {request.config.irc.prefix}ignore NICK 7"
        )
    if request.config.irc.is_admin(name):
        raise UserError(f"{name} is an admin; those I hear.")
    return name, int(number)


def _ignored(request: Request, store: Store) -> str:
    names = [
        f"{one.name} until {_spoken(one.until, request)} ({one.by})" for one in store.courtesy.ignored(request.now)
    ]
    return f"I ignore {listed(names) or 'nobody'}."


def _spoken(moment: datetime, request: Request) -> str:
    return f"{moment.astimezone(request.config.community.zone):%Y-%m-%d %H:%M %Z}"
