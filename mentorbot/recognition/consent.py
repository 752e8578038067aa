"""Who may be named in public, asked anew whenever something is said."""

from __future__ import annotations

from mentorbot.config import Config
from mentorbot.store import Store


def known(person: str, store: Store) -> str:
    """Who is behind a bare nick: the account of that very name, if the store knows one; other keys stay as they are."""
    kind, _, name = person.partition(":")
    account = f"account:{name}"
    return account if kind == "nick" and store.people.knows(account) else person


def may_be_named(person: str, store: Store, config: Config) -> bool:
    """Whether the person's own word, or without one `[shoutout] consent`, allows to name them.

    A nick no account stands behind is never named: nobody knows who it is, so nobody knows what they want.
    """
    person = known(person, store)
    if choice := store.people.choice(person):
        return choice == "in"
    kind, _, name = person.partition(":")
    if config.shoutout.consent == "ask" or kind == "nick":
        return False
    # Until somebody proves whose a name is, a refusal under the same name elsewhere may well be theirs.
    return store.people.choice(f"account:{name}") != "out"
