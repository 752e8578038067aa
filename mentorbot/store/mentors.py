"""Who helps newcomers, with what and with how many at a time, and who was put together with whom."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from mentorbot.store.moments import read, written
from mentorbot.store.outbox import HEARD

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_OPEN = "state in ('asked', 'agreed')"
ASKED = f"""select mentor person, 'mentoring' command, outbox.changed at from pairs join outbox on outbox.id = letter
    where pairs.state = 'asked' and {HEARD}"""
"""SQL for the mentors who heard that somebody waits for their yes or no, with the command that takes it."""


@dataclass(frozen=True)
class Mentor:
    """Somebody (a key, `account:ada`) who helps up to `capacity` newcomers at a time, but on no day that is `away`.

    `offers` are niche and project by name; "" stands for any.
    """

    person: str
    nick: str
    capacity: int
    offers: tuple[tuple[str, str], ...]
    away: tuple[date, date] | None = None


@dataclass(frozen=True)
class Pair:
    """A mentor and a newcomer, by their keys and nicks. The mentor is "asked" until the answer or until `until`; a pair
    that "agreed" lasts until then. `letter` is the number of the text that told the mentor."""

    id: int
    mentor: str
    mentor_nick: str
    newcomer: str
    nick: str
    niche: str
    project: str
    state: str
    until: datetime
    letter: int | None = None


class Mentors:
    def __init__(self, store: Store) -> None:
        self._store = store

    def offer(
        self, person: str, nick: str, offers: Iterable[tuple[str, str]], capacity: int | None, now: datetime
    ) -> None:
        """Record what somebody offers, in the place of what they offered before; without a number that stays, or is 1.

        When they were asked last, and when they are away, stays too.
        """
        with self._store.writing() as db:
            db.execute(
                """insert into mentors(person, nick, capacity, since) values (:person, :nick, coalesce(:n, 1), :now)
                on conflict(person) do update set nick = :nick, capacity = coalesce(:n, capacity)""",
                {"person": person, "nick": nick, "n": capacity, "now": written(now)},
            )
            db.execute("delete from mentor_offers where person = ?", [person])
            db.conn.executemany("insert into mentor_offers values (?, ?, ?)", [(person, *offer) for offer in offers])

    def called(self, person: str, nick: str) -> None:
        """Record what a mentor is called now."""
        with self._store.writing() as db:
            db.execute("update mentors set nick = ? where person = ? and nick != ?", [nick, person, nick])
            db.execute("update pairs set mentor_nick = ? where mentor = ? and mentor_nick != ?", [nick, person, nick])

    def away(self, person: str, days: tuple[date, date] | None) -> None:
        """Record between which days they are away, both included; None: they are back."""
        with self._store.writing() as db:
            first, last = [day.isoformat() for day in days] if days else (None, None)
            db.execute("update mentors set away_from = ?, away_until = ? where person = ?", [first, last, person])

    def of(self, person: str) -> Mentor | None:
        rows = self._store.rows("select * from mentors where person = :person", person=person)
        offers = self._store.rows(
            "select niche, project from mentor_offers where person = :person order by niche, project", person=person
        )
        return _mentor(rows[0], offers) if rows else None

    def leave(self, person: str) -> None:
        """Forget what somebody offered, and whom they helped."""
        with self._store.writing() as db:
            for table, column in (("mentors", "person"), ("mentor_offers", "person"), ("pairs", "mentor")):
                db.execute(f"delete from {table} where {column} = ?", [person])

    def pair(
        self,
        newcomer: Iterable[str],
        nick: str,
        wished: tuple[str, str],
        now: datetime,
        *,
        today: date,
        until: datetime,
        since: datetime,
    ) -> Pair | None:
        """Choose the mentor for a newcomer (all their keys, the best first) and record that they are asked.

        It is the one who was asked longest ago of those who offer what is `wished` (niche, project; "" for any), are
        here `today` and have room; nobody whom this newcomer had since `since`. None where there is none. Choosing and
        recording is one transaction, so that many who ask at once never ask too much of one mentor.
        """
        keys = list(newcomer)
        niche, project = wished
        with self._store.writing() as db:
            found = self._store.rows(
                f"""select * from mentors m where person not in (select value from json_each(:keys))
                and nick != :nick collate nocase and (away_until is null or not :today between away_from and away_until)
                and exists (
                    select 1 from mentor_offers o where o.person = m.person
                    and (:niche = '' or o.niche in ('', :niche)) and (:project = '' or o.project in ('', :project)))
                and (select count(*) from pairs where mentor = m.person and {_OPEN}) < capacity
                and not exists (
                    select 1 from pairs where mentor = m.person and at >= :since
                    and newcomer in (select value from json_each(:keys)))
                order by asked, since, person limit 1""",
                keys=json.dumps(keys),
                nick=nick,
                today=today.isoformat(),
                niche=niche,
                project=project,
                since=written(since),
            )
            if not found:
                return None
            [mentor] = found
            db.execute("update mentors set asked = ? where person = ?", [written(now), mentor["person"]])
            row = db.execute(
                """insert into pairs(mentor, mentor_nick, newcomer, nick, niche, project, state, at, until)
                values (?, ?, ?, ?, ?, ?, 'asked', ?, ?)""",
                [mentor["person"], mentor["nick"], keys[0], nick, niche, project, written(now), written(until)],
            ).lastrowid
            [made] = self._store.rows("select * from pairs where id = :id", id=row)
        return _pair(made)

    def told(self, pair: Pair, letter: int) -> None:
        with self._store.writing() as db:
            db.execute("update pairs set letter = ? where id = ?", [letter, pair.id])

    def agree(self, pair: Pair, now: datetime, until: datetime) -> bool:
        """The mentor says yes; False where they were asked no more."""
        return self._move(pair, "state = 'asked'", "agreed", now, until)

    def close(self, pair: Pair, state: str, now: datetime) -> bool:
        """The pair is over: "declined", "lapsed" or "ended"; False where it was over, or agreed meanwhile."""
        return self._move(pair, f"state = '{pair.state}'", state, now, now)

    def helping(self, newcomer: Iterable[str]) -> Pair | None:
        """Whom somebody with these keys has asked, or has as their mentor."""
        rows = self._store.rows(
            f"select * from pairs where newcomer in (select value from json_each(:keys)) and {_OPEN}",
            keys=json.dumps(list(newcomer)),
        )
        return _pair(rows[0]) if rows else None

    def helped_by(self, mentor: str) -> list[Pair]:
        """Who waits for this mentor's answer, and whom they help; the first first."""
        rows = self._store.rows(f"select * from pairs where mentor = :mentor and {_OPEN} order by id", mentor=mentor)
        return [_pair(row) for row in rows]

    def overdue(self, now: datetime) -> list[Pair]:
        """Pairs whose time is over: the mentor did not answer, or they had each other long enough."""
        rows = self._store.rows(f"select * from pairs where {_OPEN} and until <= :now order by id", now=written(now))
        return [_pair(row) for row in rows]

    def tidy(self, before: datetime) -> None:
        """Forget the pairs that were over before then."""
        past = f"from pairs where not {_OPEN} and at < :before"
        if self._store.rows(f"select 1 {past} limit 1", before=written(before)):
            with self._store.writing() as db:
                db.execute(f"delete {past}", {"before": written(before)})

    def _move(self, pair: Pair, was: str, state: str, now: datetime, until: datetime) -> bool:
        with self._store.writing() as db:
            moved = db.execute(
                f"update pairs set state = ?, at = ?, until = ? where id = ? and {was}",
                [state, written(now), written(until), pair.id],
            )
        return moved.rowcount == 1


def _mentor(row: dict[str, Any], offers: list[dict[str, Any]]) -> Mentor:
    away = (date.fromisoformat(row["away_from"]), date.fromisoformat(row["away_until"])) if row["away_until"] else None
    kinds = tuple((offer["niche"], offer["project"]) for offer in offers)
    return Mentor(row["person"], row["nick"], row["capacity"], kinds, away)


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(**{key: value for key, value in row.items() if key not in ("at", "until")}, until=read(row["until"]))
