"""How to be with people: who is ignored until when, who was met where, and who wants to be left alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Ignored:
    """`name` is a nick, an account or a host, in lower case; `by` is the account of who said so."""

    name: str
    until: datetime
    by: str


class Courtesy:
    def __init__(self, store: Store) -> None:
        self._store = store

    def ignore(self, name: str, until: datetime, by: str, at: datetime) -> None:
        with self._store.writing() as db:
            db.execute(
                "insert or replace into ignored values (?, ?, ?, ?)", [name.lower(), written(until), by, written(at)]
            )

    def unignore(self, name: str) -> bool:
        """Hear them again; False where they were not ignored."""
        with self._store.writing() as db:
            return db.execute("delete from ignored where name = ?", [name.lower()]).rowcount == 1

    def ignored(self, now: datetime) -> list[Ignored]:
        """Who is ignored, the first to be heard again first."""
        rows = self._store.rows(
            "select name, until, by from ignored where until > :now order by until, name", now=written(now)
        )
        return [Ignored(row["name"], read(row["until"]), row["by"]) for row in rows]

    def is_ignored(self, names: Collection[str], now: datetime) -> bool:
        """Whether any of these names of one person is ignored."""
        rows = self._store.rows(
            "select 1 from ignored where until > :now and name in (select value from json_each(:names)) limit 1",
            now=written(now),
            names=json.dumps([name.lower() for name in names]),
        )
        return bool(rows)

    def meet(self, keys: Collection[str], channel: str, at: datetime) -> bool:
        """Record that this person, by all their keys, was met in a channel; False if that is no news."""
        with self._store.writing() as db:
            new = [
                db.execute("insert or ignore into met values (?, ?, ?)", [key, channel.lower(), written(at)]).rowcount
                for key in keys
            ]
        return all(new)

    def leave_alone(self, keys: Collection[str], at: datetime) -> None:
        """Never write to this person unasked again."""
        with self._store.writing() as db:
            for key in keys:
                db.execute("insert or ignore into quiet values (?, ?)", [key, written(at)])

    def wants_quiet(self, keys: Collection[str]) -> bool:
        rows = self._store.rows(
            "select 1 from quiet where person in (select value from json_each(:keys)) limit 1",
            keys=json.dumps(list(keys)),
        )
        return bool(rows)
