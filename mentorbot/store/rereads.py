"""What people were just told of, to be read anew soon, and who is to hear if it was no longer so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mentorbot.models import Item
from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

AT_ONCE = 50
"""Entries that are worked on in one go."""
FRESH = timedelta(minutes=1)
"""An item that was read so lately is not read again; what is not read by then is no longer waited for."""
OUTDATED = timedelta(minutes=10)
"""What nobody read or heard of in that time is left."""


@dataclass(frozen=True)
class Told:
    """What somebody heard of their offer: where, of which round, what they had asked for, and which numbers of it."""

    person: str
    nick: str
    target: str
    round: int
    asked: str
    positions: tuple[int, ...]


class Rereads:
    def __init__(self, store: Store) -> None:
        self._store = store

    def offered(self, told: Told, items: dict[int, Item], now: datetime) -> None:
        """Have items of somebody's offer, by their numbers in it, read anew; `take` gives back what became of them."""
        with self._store.writing() as db:
            db.execute("delete from rereads where asked < ?", [written(now - OUTDATED)])
            for position in told.positions:
                item = items[position]
                db.execute(
                    """insert into rereads(kind, number, asked, person, round, words, position, nick, target)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [
                        *(item.kind, item.number, written(now), told.person, told.round, told.asked),
                        *(position, told.nick, told.target),
                    ],
                )

    def named(self, items: Iterable[tuple[str, int]], now: datetime) -> None:
        """Have items (kind, number) read anew that somebody heard of, unless they just were or are about to be."""
        with self._store.writing() as db:
            db.execute("delete from rereads where asked < ?", [written(now - OUTDATED)])
            for kind, number in items:
                db.execute(
                    """insert into rereads(kind, number, asked) select :kind, :number, :now where not exists (
                        select 1 from rereads where kind = :kind and number = :number and asked > :lately)""",
                    {"kind": kind, "number": number, "now": written(now), "lately": written(now - FRESH)},
                )

    def once_more(self, kind: str, numbers: Iterable[int], now: datetime) -> None:
        """Have these read anew whenever they were last."""
        with self._store.writing() as db:
            db.conn.executemany(
                "insert into rereads(kind, number, asked) values (?, ?, ?)", [(kind, n, written(now)) for n in numbers]
            )

    def due(self, kind: str) -> dict[int, int]:
        """The numbers of what the mirror is to read anew, by the entries that ask for it."""
        rows = self._store.rows(
            "select id, number from rereads where kind = :kind and read is null order by id limit :most",
            kind=kind,
            most=AT_ONCE,
        )
        return {row["id"]: row["number"] for row in rows}

    def done(self, entries: Iterable[int], at: datetime) -> None:
        """What these entries ask for was read anew, or cannot be."""
        with self._store.writing() as db:
            db.execute(
                "update rereads set read = ? where id in (select value from json_each(?))",
                [written(at), json.dumps(list(entries))],
            )

    def forget(self, kind: str, number: int) -> None:
        """Keep no number of what is private now or gone; who was offered it hears of that all the same."""
        with self._store.writing() as db:
            db.execute("delete from rereads where kind = ? and number = ? and person is null", [kind, number])
            db.execute("update rereads set number = 0 where kind = ? and number = ?", [kind, number])

    def take(self, now: datetime) -> list[Told]:
        """The offers of which all was read anew, or as much as will be; each is given once."""
        ready = """from rereads r where person is not null and (asked <= :late or not exists (
            select 1 from rereads o where o.person = r.person and o.round = r.round and o.read is null))"""
        late = {"late": written(now - FRESH)}
        if not self._store.rows(f"select 1 {ready} limit 1", **late):
            return []
        with self._store.writing() as db:
            rows = self._store.rows(
                f"""select person, nick, target, round, words, json_group_array(distinct position) positions {ready}
                and read is not null group by person, round, target, nick""",
                **late,
            )
            db.execute(f"delete from rereads where id in (select id {ready})", late)
        return [
            Told(
                row["person"],
                row["nick"],
                row["target"],
                row["round"],
                row["words"],
                tuple(sorted(json.loads(row["positions"]))),
            )
            for row in rows
        ]
