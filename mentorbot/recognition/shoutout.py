"""The weekly shout-out: a few people who agreed to be named, what each did, and where it can be seen."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.models import Credit
from mentorbot.recognition import weeks
from mentorbot.recognition.consent import known, may_be_named
from mentorbot.recognition.weeks import Week
from mentorbot.store import Store
from mentorbot.text import count, plain

if TYPE_CHECKING:
    from mentorbot.hooks import Hooks

MOST = 5
"""People named in a week."""
LATE = timedelta(days=1)
"""What the mirrors, or an early shout-out, left unsaid so long before a week began is said in it."""
GRACE = timedelta(hours=24)
"""A bot that was down at the moment still says the shout-out when it is back within this time."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Format = Literal["irc", "markdown", "json"]


@dataclass(frozen=True)
class Shoutout:
    """What is said of a week: `credits` under the names people are called by, oldest first, and as IRC `lines`.

    `unnamed` counts recorded contributions of people who have not agreed to be named. No credits, no lines.
    """

    week: str
    community: str
    credits: list[Credit]
    lines: list[str]
    unnamed: int


def gather(store: Store, config: Config, hooks: Hooks, week: Week) -> None:
    """Record what the plugins see in the mirrors of that week, in place of what they saw there before."""
    since = _since(store, config, week)
    seen = hooks.evidence(since=since, until=week.end, config=config, store=store)
    store.credits.record_seen((credit for credits in seen for credit in credits), since, week.end)


def build(store: Store, config: Config, week: Week) -> Shoutout:
    """The shout-out of a week as it may be said now; of one that was said, what was said and may still be."""
    said = store.outbox.done_at(week.work)
    found = store.credits.said_at(said) if said else store.credits.unsaid(_since(store, config, week), week.end)
    agreed = [credit for credit in found if may_be_named(credit.person, store, config)]
    credits = [replace(credit, name=_called(credit, store)) for credit in _chosen(agreed, store)]
    return Shoutout(
        week=week.name,
        community=config.community.name,
        credits=credits,
        lines=_lines(credits, config) if credits else [],
        unnamed=len(found) - len(agreed),
    )


def next_week(store: Store, config: Config, now: datetime) -> Week:
    """The week whose shout-out comes next: the one just over, where it may still be said, else the running one."""
    week = weeks.last(config, now)
    while store.outbox.is_done(week.work) or now - week.end > GRACE:
        week = weeks.after(config, week)
    return week


def post(store: Store, config: Config, week: Week, now: datetime) -> Shoutout | None:
    """Hand the week's shout-out to the running bot and mark the week as done, as one; None if that was done before.

    Where nobody can be named nothing is handed over and nothing marked. Raises UserError where there is no channel.
    """
    if not config.shoutout.channels:
        raise UserError("I do not know where to say it: [shoutout] channels is empty.")
    with store.writing():
        if store.outbox.is_done(week.work):
            return None
        shoutout = build(store, config, week)
        if shoutout.lines:
            store.outbox.done_once(week.work, now)
            store.credits.mark_said(shoutout.credits, now)
            for channel in config.shoutout.channels:
                store.outbox.put(channel, shoutout.lines, now)
    return shoutout


def silence(shoutout: Shoutout, config: Config) -> str:
    """Why nobody is named in it, as a sentence for organisers."""
    if not shoutout.unnamed:
        return "no thanks and no unsung work were recorded in that week."
    rule = "has agreed to be named yet" if config.shoutout.consent == "ask" else "may be named"
    return (
        f"{count(shoutout.unnamed, 'contribution is', 'contributions are')} recorded, but nobody who made them {rule};"
        f" {config.irc.prefix}optin agrees."
    )


def render(shoutout: Shoutout, format: Format) -> str:
    """The shout-out as a text to print: IRC lines, Markdown or JSON; empty as IRC lines when nobody can be named."""
    if format == "irc":
        return "\n".join(shoutout.lines)
    if format == "json":
        thanks = [
            {"name": c.name, "kind": c.kind, "reason": c.reason, "url": c.url, "at": c.at.isoformat()}
            for c in shoutout.credits
        ]
        whole = {"week": shoutout.week, "community": shoutout.community, "thanks": thanks, "unnamed": shoutout.unnamed}
        return json.dumps(whole, ensure_ascii=False, indent=2)
    head = f"## Thanks in {_escaped(shoutout.community)}, {shoutout.week}"
    items = [
        f"- {_sentence(c, f'**{_escaped(c.name)}**', _escaped(c.reason), c.url and f'<{c.url}>')}"
        for c in shoutout.credits
    ]
    return "\n".join([head, "", *(items or ["Nobody to name this week."])])


def _since(store: Store, config: Config, week: Week) -> datetime:
    """From when on a contribution belongs to this week: what an early shout-out could not know is in the next."""
    said = store.outbox.done_at(weeks.before(config, week).work)
    return min(week.start, said or week.start) - LATE


def _chosen(credits: list[Credit], store: Store) -> list[Credit]:
    """One credit each of at most five people: the least recently named first, and among them the rarer kind so far."""
    person = {credit.person: _same(credit.person, store) for credit in credits}
    named: dict[str, datetime] = {}
    for key, at in store.credits.last_said().items():
        same = _same(key, store)
        named[same] = max(at, named.get(same, at))
    kinds: Counter[str] = Counter()
    chosen: list[Credit] = []
    left = credits
    while left and len(chosen) < MOST:
        best = min(left, key=lambda c: (named.get(person[c.person], LONG_AGO), kinds[c.kind], c.at, c.id or 0))
        chosen.append(best)
        kinds[best.kind] += 1
        left = [credit for credit in left if person[credit.person] != person[best.person]]
    return sorted(chosen, key=lambda credit: (credit.at, credit.id or 0))


def _same(person: str, store: Store) -> str:
    """One key for all the names of a person."""
    return min(store.people.same(known(person, store)))


def _called(credit: Credit, store: Store) -> str:
    """What people call the person in the chat: the account where it is known, else the name at the source."""
    accounts = store.people.names(credit.person, "account")
    return accounts[0] if accounts and not credit.person.startswith("account:") else plain(credit.name)


def _lines(credits: list[Credit], config: Config) -> list[str]:
    return [
        f"Thanks from {config.community.name} for quiet work that helped this week:",
        *(f"• {_sentence(credit, credit.name, credit.reason, credit.url)}" for credit in credits),
        f"Who helped you? Say {config.irc.prefix}thanks NICK for what they did, and I keep it for next time.",
    ]


def _sentence(credit: Credit, name: str, reason: str, url: str) -> str:
    """ "ada found out that LP#12 is real. https://…"; peers' thanks say only what for, never who gave them."""
    if credit.kind == "thanks":
        said = f"{name} is thanked for {reason}" if reason else f"{name} is thanked for this"
    else:
        said = f"{name} {reason}"
    said = said.rstrip(" .!")
    return f"{said}: {url}" if url and not reason else f"{said}. {url}".rstrip()


def _escaped(text: str) -> str:
    """A text from outside that Markdown must not understand."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~@-])", r"\\\1", plain(text))
