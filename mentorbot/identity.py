"""Who is who elsewhere: a name in Launchpad or Gerrit is somebody's once a word only they were given stands there."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from mentorbot.commands import Request
from mentorbot.errors import UserError
from mentorbot.store import Proof, Store

log = logging.getLogger(__name__)

SOURCES = {"launchpad": "on Launchpad", "gerrit": "in Gerrit"}
LASTS = timedelta(days=7)
"""How long a word is looked for."""
MOST = 3
"""Names one account may have unproved at a time: each costs a request whenever the mirrors ask for news."""
LOOKS = 20
"""Profiles read for one source in one go; those that are left have the next one."""

Profiles = Callable[[Iterable[str]], Iterator[tuple[str, str]]]
"""Names to what these people write of themselves, as (name, text); who is not there is left out. Takes one name after
the other, as it asks."""

_KINDS = {"lp": "launchpad", "launchpad": "launchpad", "gerrit": "gerrit"}
# What each server lets people be called; "~" and the address of the profile are how people write it, too.
_NAMES = {"launchpad": r"[a-z0-9][a-z0-9.+-]{0,99}", "gerrit": r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}"}
_WORD = re.compile(r"(?<![\w-])mentorbot-[0-9a-f]{16}(?![\w-])")


def named(text: str) -> tuple[str, str]:
    """Understand "lp:ada" or "gerrit:ada" as (kind, name); anything else is a UserError."""
    word, _, name = text.strip().partition(":")
    kind = _KINDS.get(word.lower())
    if kind is None:
        raise UserError("Say which name you have where: iam lp:NAME or iam gerrit:NAME.")
    name = re.sub(r"^(?:https?://launchpad\.net/)?~", "", name.strip())
    if kind == "launchpad":
        name = name.lower()
    if not re.fullmatch(_NAMES[kind], name):
        raise UserError(f'"{name[:30]}" is no name {SOURCES[kind]}; take the one in the address of your profile.')
    return kind, name


def claim(request: Request, store: Store, kind: str, name: str) -> str:
    """Give the asker a new word to show as `name`; UserError where the name cannot be theirs."""
    if name.lower() in {robot.lower() for robot in request.config.robots}:
        raise UserError(f"{name} {SOURCES[kind]} is a program, and you do not sound like one.")
    me, holder = request.who.key, store.people.account_of(kind, name)
    if holder == me:
        raise UserError(f"You have proved that already: you are {name} {SOURCES[kind]}.")
    if holder:
        raise UserError(
            f"{name} {SOURCES[kind]} is proved for another account already. If that one is yours as well, log in to it"
            f" and say {request.config.irc.prefix}iam not {'lp' if kind == 'launchpad' else kind}:{name} there first;"
            " if somebody took your name, please tell one of my admins."
        )
    waiting = {(proof.kind, proof.name.lower()) for proof in store.proofs.of(me, request.now)}
    if len(waiting - {(kind, name.lower())}) >= MOST:
        raise UserError(f"I wait for {MOST} proofs of yours already; finish or end one of these first.")
    word = f"mentorbot-{secrets.token_hex(8)}"
    store.proofs.ask(Proof(me, kind, name, _digest(word), request.now, request.now + LASTS))
    return word


def look(store: Store, kind: str, profiles: Profiles, now: datetime) -> None:
    """Look for the words that are awaited in one source, and record whose name is proved.

    What people said on changes is in the mirror; only for the names still unproved then profiles are asked for.
    May raise what `profiles` raises.
    """
    store.proofs.expire(now)
    if kind == "gerrit":
        for proof in store.proofs.waiting(kind, now, LOOKS):
            if any(_stands_alone(proof, text) for text in store.changes.said_by(proof.name, proof.made)):
                _proved(store, proof, now)
    awaited: dict[str, list[Proof]] = {}
    for proof in store.proofs.waiting(kind, now, LOOKS):
        awaited.setdefault(proof.name, []).append(proof)
    if not awaited:
        return

    def asked() -> Iterator[str]:
        for name, proofs in awaited.items():
            # Before the answer: one that fails must not come first the next time too.
            for proof in proofs:
                store.proofs.looked(proof, now)
            yield name

    for name, text in profiles(asked()):
        shown = {_digest(word) for word in _WORD.findall(text)}
        for proof in awaited[name]:
            if proof.word in shown:
                _proved(store, proof, now)


def _stands_alone(proof: Proof, text: str) -> bool:
    """Whether the word has a line for itself: who quotes somebody's word, or asks what it is, proves nothing."""
    return any(_WORD.fullmatch(line.strip()) and _digest(line.strip()) == proof.word for line in text.splitlines())


def _proved(store: Store, proof: Proof, now: datetime) -> None:
    name = f"{proof.name} {SOURCES[proof.kind]}"
    with store.writing():
        store.proofs.drop(proof.account, proof.kind, proof.name)
        if proof.kind == "gerrit" and store.changes.spellings(proof.name) - {proof.name}:
            # Names of people are kept without their capitals, which some servers tell apart.
            said = f"I have seen your word, but somebody else is called {name} but for capitals; ask my admins."
        elif store.people.join(proof.account, proof.kind, proof.name, now):
            said = f"I have seen your word: you are {name}. You may take the word away again."
            log.info("A name %s is proved.", SOURCES[proof.kind])
        else:
            said = f"I have seen your word, but {name} has been proved for another account meanwhile; ask my admins."
        store.outbox.put(proof.account, [said], now)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
