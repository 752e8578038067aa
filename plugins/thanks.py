"""Thanks from one person to another, with the reason; and taking them back."""

import re
from datetime import timedelta

from mentorbot import Credit, Request, Store, UserError, command, recognition
from mentorbot.text import age, plain, shorten

LONGEST = 200
"""Characters of a reason, and of a link."""
AGAIN = timedelta(days=7)
"""Until one may thank the same person again."""
A_DAY = 5
"""Thanks one may give in 24 hours."""
MINUTES = 10
"""How long thanks can be taken back."""

_THANKS = re.compile(
    r"@?(?P<nick>[^\s\d#&@:,][^\s@:,]{0,63})[:,]?\s+(?:for\s+(?P<reason>.+)|(?P<link>https?://\S+))", re.IGNORECASE
)
_LINK = re.compile(r"""https?://[^\s/<>"]+[^\s<>"]*""", re.IGNORECASE)


@command("thanks NICK for REASON [URL]", access="account")
def thanks(request: Request, store: Store) -> list[str]:
    """Thank somebody for something; who agreed to it is named in the weekly shout-out."""
    nick, reason, url = _understood(request)
    _check_who(nick, request, store)
    person = recognition.consent.known(f"nick:{nick.lower()}", store)
    with store.writing():
        given = [c for c in store.credits.given_since(request.who.key, request.now - AGAIN) if c.kind == "thanks"]
        for credit in given:
            if recognition.consent.known(credit.person, store) == person:
                wait = age(request.now, credit.at + AGAIN)
                raise UserError(f"Your last thanks to {nick} still counts; you can thank them again in {wait}.")
        if sum(request.now - credit.at < timedelta(days=1) for credit in given) >= A_DAY:
            raise UserError(f"You have thanked {A_DAY} people in a day, as many as I keep; please come back tomorrow.")
        store.credits.add([Credit(person, nick, "thanks", reason, url, request.now, given_by=request.who.key)])
    prefix = request.config.irc.prefix
    return [f"Thank you, noted for {nick}. ({prefix}undo takes it back, for {MINUTES} minutes.)"]


@command("undo", access="account")
def undo(request: Request, store: Store) -> list[str]:
    """Take back the thanks you gave last, while they are fresh."""
    taken = store.credits.undo_last(request.who.key, request.now - timedelta(minutes=MINUTES), request.now)
    if taken is None:
        raise UserError(f"There is nothing to take back: you have given no thanks in the last {MINUTES} minutes.")
    return [f"Taken back: your thanks for {shorten(taken.reason or taken.url)}."]


def _understood(request: Request) -> tuple[str, str, str]:
    """Whom, what for, and the link; one of the last two may be empty."""
    said = _THANKS.fullmatch(plain(request.text))
    prefix = request.config.irc.prefix
    if said is None or said["nick"].lower() == "for":
        raise UserError(
            f"Say whom you thank and what for: {prefix}thanks NICK for REASON [URL]. A link alone is a reason too."
        )
    *words, last = (said["reason"] or said["link"]).split()
    url = last.rstrip(".,;:!?)")
    if not _LINK.fullmatch(url):
        words, url = [*words, last], ""
    reason = " ".join(words)
    if len(reason) > LONGEST or len(url) > LONGEST:
        raise UserError(f"Please say it in at most {LONGEST} characters, and the link in as many.")
    if not url and not any(letter.isalnum() for letter in reason):
        raise UserError(f"Please say what for: {prefix}thanks {said['nick']} for REASON [URL].")
    return said["nick"], reason, url


def _check_who(nick: str, request: Request, store: Store) -> None:
    name = nick.lower()
    mine = {request.who.nick.lower(), *(key.partition(":")[2] for key in store.people.same(request.who.key))}
    if name in mine:
        raise UserError("You deserve it, I am sure; but thanks must come from somebody else.")
    if name == request.config.irc.nick.lower():
        raise UserError("You are welcome. I am a program, so I keep thanks for people only.")
    if name in {robot.lower() for robot in request.config.robots}:
        raise UserError(f"{nick} is a program; thank the people who look after it.")
