"""Mentors: who is asked to help a newcomer, what both are told, and what happens when nobody answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mentorbot import hours
from mentorbot.commands import Request
from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.niches import Niche
from mentorbot.store import Pair, Store

ANSWERS = timedelta(days=3)
"""How long a mentor has to answer; then another is asked."""
LASTS = timedelta(days=60)
"""How long two are a pair: who has long found their way should not keep a mentor from others."""
AGAIN = timedelta(days=30)
"""Whom a newcomer had is not asked for them again for so long; then it is forgotten, too."""
MOST = 20
"""Newcomers that one person may have at a time."""

_SMALL_WORDS = re.compile(r"an?|the|for|in|on|of|with|and|or|to|i|me|my|at|once|people|persons?|newcomers?|please|up")


@dataclass(frozen=True)
class Wish:
    """What a text names: niches, projects, and a number."""

    niches: list[Niche]
    projects: list[str]
    number: int | None = None


def wish(request: Request, words: Iterable[str]) -> Wish:
    """Understand niches, projects and a number in any order; any other word is a UserError."""
    projects = {project.lower(): project for project in request.config.projects}
    found, wanted, number = list[Niche](), list[str](), None
    for said in request.config.niches.by_name(" ".join(words)).split():
        word = said.lower().rstrip(".,;:?!")
        niche = request.config.niches.named(word)
        is_niche = niche and niche.name == word and not found  # a project may be called so, too: who names it says both
        if (said.lower() in projects or word in projects) and not is_niche:
            wanted.append(projects[said.lower() if said.lower() in projects else word])
        elif niche:
            found.append(niche)
        elif re.fullmatch(r"-?\d+", word):
            if not re.fullmatch(r"\d{1,2}", word) or not 0 < int(word) <= MOST:
                raise UserError(f"Say how many people at a time as a number from 1 to {MOST}.")
            number = int(word)
        elif word and not _SMALL_WORDS.fullmatch(word):
            prefix, meant_so = request.config.irc.prefix, request.config.niches.meant(word, projects)
            raise UserError(
                f'"{word[:30]}" is no niche or project that I know.{meant_so} {prefix}niches lists the niches; the'
                f" projects are {', '.join(projects.values()) or 'none yet'}."
            )
    return Wish(list(dict.fromkeys(found)), list(dict.fromkeys(wanted)), number)


def today(config: Config, now: datetime) -> date:
    """The day it is for the community."""
    return now.astimezone(config.community.zone).date()


def find(
    store: Store, config: Config, who: tuple[tuple[str, ...], str], wished: tuple[str, str], now: datetime
) -> Pair | None:
    """Ask the next free mentor, in private, to help somebody (their keys, their nick) with what is wished.

    The newcomer learns who it is when the mentor says yes, and never who said no. Gives whom they have or asked already
    where there is one; None where nobody is free.
    """
    keys, nick = who
    with store.writing():
        if had := store.mentors.helping(keys):
            return had
        day = today(config, now)
        pair = store.mentors.pair(keys, nick, wished, now, today=day, until=now + ANSWERS, since=now - AGAIN)
        if pair:
            prefix = config.irc.prefix
            letter = store.outbox.put(
                pair.mentor,
                [
                    f"{nick} would like somebody to turn to for {about(pair, config)}, and you offered that."
                    f" Please say yes or no (or {prefix}mentoring yes {nick}, {prefix}mentoring no {nick}). If I hear"
                    f" nothing until"
                    f" {_said(pair.until, config)} I ask somebody else; no harm done."
                ],
                now,
            )
            store.mentors.told(pair, letter)
    return pair


def keep_to(store: Store, config: Config, mentor: str, now: datetime) -> None:
    """A mentor may offer to help fewer than before: whoever waits for the answer and has no room is handed on."""
    with store.writing():
        pairs, me = store.mentors.helped_by(mentor), store.mentors.of(mentor)
        many = len(pairs) - (me.capacity if me else 0)
        waiting = [pair for pair in pairs if pair.state == "asked"]
        for pair in waiting[max(len(waiting) - many, 0) :]:
            pass_on(store, config, pair, "declined", now)


def agree(store: Store, config: Config, pair: Pair, now: datetime) -> bool:
    """The mentor says yes, and the newcomer is told; False where somebody else was asked meanwhile."""
    with store.writing():
        if not store.mentors.agree(pair, now, now + LASTS):
            return False
        _tell_newcomer(
            store,
            pair,
            f"{pair.mentor_nick} is glad to help you with {about(pair, config)}: say hello, in private or"
            f" {_place(config)}, and ask early and small. {config.irc.prefix}mentor end ends it whenever you like, no"
            " reason needed.",
            now,
        )
    return True


def pass_on(store: Store, config: Config, pair: Pair, state: str, now: datetime) -> Pair | None:
    """The mentor has no time, or did not answer: somebody else is asked, and the newcomer told; gives the new pair."""
    with store.writing():
        if not store.mentors.close(pair, state, now):
            return None
        prefix = config.irc.prefix
        heard = not store.outbox.withdraw(pair.letter)
        other = find(store, config, ((pair.newcomer,), pair.nick), (pair.niche, pair.project), now)
        if heard and state == "lapsed":
            instead = "I have asked somebody else" if other else "I have told them where all can answer"
            _tell_mentor(
                store,
                pair,
                f"{pair.nick} has waited for your answer: {instead}, so you need not answer any more; no harm done."
                f" If you have no time now, {prefix}mentoring away next week, or other days, keeps me from asking you"
                " then.",
                now,
            )
        then = (
            "so I have asked somebody else."
            if other
            else "and nobody else is free. " + where_to_ask(store, config, now)
        )
        why = "has not answered" if state == "lapsed" else "has no time just now"
        _tell_newcomer(store, pair, f"Whom I asked to help you {why}, {then}", now)
    return other


def end(store: Store, config: Config, pair: Pair, now: datetime, *, by_mentor: bool = False) -> None:
    """One of the two ends it, and the other is told; a mentor who had not heard of it yet never does."""
    with store.writing():
        if not store.mentors.close(pair, "ended", now):
            return
        if by_mentor:
            again = f"{config.irc.prefix}mentor {pair.niche}".rstrip()
            words = f"{pair.mentor_nick} cannot be your mentor any longer. {again} finds you somebody else."
            _tell_newcomer(store, pair, words, now)
        elif not store.outbox.withdraw(pair.letter):
            words = f"{pair.nick} has ended it and needs no mentor any more; you are free for others. Thank you!"
            _tell_mentor(store, pair, words, now)


def due(store: Store, config: Config, now: datetime) -> None:
    """Let off mentors who did not answer, part pairs whose time is over, and forget what is long past."""
    for pair in store.mentors.overdue(now):
        if pair.state == "asked":
            pass_on(store, config, pair, "lapsed", now)
        else:
            _part(store, config, pair, now)
    store.mentors.tidy(now - AGAIN)


def _part(store: Store, config: Config, pair: Pair, now: datetime) -> None:
    over = f"{LASTS.days} days are over, so I no longer count"
    with store.writing():
        if store.mentors.close(pair, "ended", now):
            again = f"{config.irc.prefix}mentor {pair.niche}".rstrip()
            go_on = "You two may of course go on."
            _tell_newcomer(store, pair, f"{over} {pair.mentor_nick} as your mentor. {go_on} {again} asks anew.", now)
            _tell_mentor(store, pair, f"{over} {pair.nick} as yours to help. {go_on} Thank you!", now)


def about(pair: Pair, config: Config) -> str:
    """What a pair is for, in words: "documentation in harbour"."""
    return named(pair.niche, pair.project, config)


def named(niche: str, project: str, config: Config) -> str:
    known = config.niches.called(niche)
    return (known.title if known else niche or "getting started") + (f" in {project}" if project else "")


def where_to_ask(store: Store, config: Config, now: datetime) -> str:
    """Where to ask when no mentor is free, and when somebody is likely to be there."""
    talks = store.hours.of(config.irc.channels[0], now) if config.irc.channels else []
    when = hours.awake(talks, now, config.community.zone)
    talk = f"; people talk there {when}" if when else ", and stay a while: answers may take hours"
    return f"Ask {_place(config)}, where all can answer{talk}."


def _place(config: Config) -> str:
    return f"in {config.irc.channels[0]}" if config.irc.channels else "where you meet"


def _said(moment: datetime, config: Config) -> str:
    return f"{moment.astimezone(config.community.zone):%A, %H:%M %Z}"


def _tell_newcomer(store: Store, pair: Pair, words: str, now: datetime) -> None:
    store.outbox.put(pair.newcomer, [words], now)


def _tell_mentor(store: Store, pair: Pair, words: str, now: datetime) -> None:
    store.outbox.put(pair.mentor, [words], now)
