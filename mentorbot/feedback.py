"""How people found what they did or gave up: one optional question, and what the answers mean."""

from __future__ import annotations

import difflib
import re
from datetime import timedelta

from mentorbot import assent
from mentorbot.commands import Request
from mentorbot.errors import UserError
from mentorbot.store import Lease, Store

ANSWERS = {
    "right": ("right", "just right", "good", "great", "fine", "perfect", "fun", "nice"),
    "easy": ("too easy", "easy", "trivial"),
    "hard": ("too hard", "hard", "difficult", "complicated", "too big", "too long"),
    "unclear": ("unclear", "vague", "confusing", "no idea what to do"),
    "obsolete": ("obsolete", "gone", "fixed already", "already fixed", "outdated", "taken"),
    "dull": ("dull", "boring", "tedious"),
}
"""What is kept, and how people say it."""
_NO = re.compile(r"\bnot?\b|\bnever\b|n['’]?t\b")
_NO_ANSWER = re.compile(r"(?:skip|stop|nothing|never ?mind)(?:,? thank\w*(?: you)?)?")
WHILE = timedelta(days=30)
"""So long after its end one may still say how an item was."""


def question(lease: Lease, request: Request, store: Store) -> str:
    """Ask how an item was. The next words in private may answer; none need."""
    if store.talks.of(request.who.key, "niche") is None:  # who is in the middle of the interview goes on with that
        store.talks.keep(request.who, "feedback", {}, request.now)
    return (
        f"If you like, tell me how {lease.item.ref} was: right, easy, hard, unclear, obsolete or dull"
        f" ({request.config.irc.prefix}feedback WORD). It helps to suggest better; your name stays out of it."
    )


def declined(request: Request, store: Store) -> bool:
    """Whether the asker would rather not say; then nobody waits for it any more."""
    no = assent.said(request.text) == ("no", "") or _NO_ANSWER.fullmatch(request.text.lower().strip(" .!,;"))
    if not no or store.talks.of(request.who.key, "feedback") is None:
        return False
    store.talks.end(request.who.key)
    return True


def take(request: Request, store: Store) -> Lease:
    """Keep the asker's answer for what they had last; UserError where it is none."""
    if store.talks.of(request.who.key, "feedback") is not None:
        store.talks.end(request.who.key)
    lease = store.leases.last_ended(request.who.key, request.now - WHILE)
    if lease is None:
        raise UserError("There is nothing you finished or gave back lately.")
    store.leases.tell(lease, understood(request.text))
    return lease


def understood(text: str) -> str:
    """The answer that somebody means: "boring!" is "dull", "it was too easy" is "easy"."""
    said = text.lower().strip(" .!,;")
    words = {word: answer for answer, known in ANSWERS.items() for word in known}
    near = difflib.get_close_matches(said, words, 1, 0.85)
    meant = {words[near[0]]} if near else {words[word] for word in words if re.search(rf"\b{word}\b", said)}
    if len(meant) != 1 or (not near and _NO.search(said)):
        what = f'I do not understand "{text[:30]}"' if said else "Say how it was"
        raise UserError(f"{what}: say feedback and one of {', '.join(ANSWERS)}.")
    return meant.pop()


def verdict(outcome: str, feedback: str, reason: str) -> bool | None:
    """Whether a suggestion was good for who got it; None where nobody can tell. Their own word counts most.

    A refusal counts only where its reason speaks of the item: who wants another kind of work says nothing against it.
    """
    if feedback or reason:
        try:
            return {"right": True, "easy": True, "dull": None}.get(feedback or understood(reason), False)
        except UserError:
            pass
    return {"done": True, "merged": True, "given up": False, "lapsed": False}.get(outcome)
