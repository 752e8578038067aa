"""Which claim people speak of: one of their own, by its number or its name, or what somebody else has."""

from __future__ import annotations

import re

from mentorbot import kinds
from mentorbot.commands import Request
from mentorbot.errors import UserError
from mentorbot.store import Lease, Store
from mentorbot.text import listed


def meant(text: str, mine: list[Lease], request: Request, whose: str = "") -> tuple[Lease, str]:
    """The lease that the words begin with ("2", "LP#12", "blueprint x"; none where there is one only), and the rest.

    `mine` are the asker's, or those of who is called `whose`.
    """
    if not mine:
        raise UserError(f"You have claimed nothing; {request.config.irc.prefix}claim N takes what I suggested.")
    ref, rest = kinds.named(text)
    refs = {ref}
    if not ref and (found := re.match(r"#?\s*(\d{1,9})\b\s*", text)):
        number, rest = int(found[1]), text[found.end() :]
        if 0 < number <= len(mine):
            return mine[number - 1], rest
        ref, refs = str(number), {kind.ref.format(number) for kind in kinds.KINDS.values()}
    if not ref:
        if len(mine) == 1:
            return mine[0], text
        numbers = listed([f"{n} for {lease.item.ref}" for n, lease in enumerate(mine, 1)], "or")
        raise UserError(f"Say it with a number: {numbers}.", private=True)
    for lease in mine:
        if lease.item.ref in refs:
            return lease, rest
    has, have = (f"{whose} has", f"{whose} has") if whose else ("You have", "you have")
    raise UserError(f"{has} not claimed {ref}; {have} {listed([lease.item.ref for lease in mine])}.", private=True)


def held_by(name: str, store: Store) -> list[Lease]:
    """What somebody has, by their account, or else by their nick when they claimed it; UserError where that may be
    several."""
    name, held = name.lower(), store.leases.all()
    by_account = [lease for lease in held if lease.person == f"account:{name}"]
    found = by_account or [lease for lease in held if lease.nick.lower() == name]
    if len(people := sorted({lease.person.removeprefix("account:") for lease in found})) > 1:
        which = listed(people, "or")
        raise UserError(f"Several people were called {name}: please name the account, {which}.", private=True)
    return found
