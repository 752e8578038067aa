"""How far each source was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mentorbot.kinds import names
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


LONGEST_REST = timedelta(days=1)
"""A server that asks for more time than this gets no more."""


@dataclass(frozen=True)
class Failure:
    """What a source could not do last, and when."""

    at: datetime
    said: str


class Cursors:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> str | None:
        rows = self._store.rows("select value from cursors where name = :name", name=name)
        return rows[0]["value"] or None if rows else None

    def set(self, name: str, value: str) -> None:
        with self._store.writing() as db:
            db.execute(
                "insert into cursors(name, value) values (:n, :v) on conflict(name) do update set value = :v",
                {"n": name, "v": value},
            )

    def finished(self, name: str, at: datetime) -> None:
        """Remember that a source was read to its end at this moment."""
        with self._store.writing() as db:
            db.execute(
                "insert into cursors(name, value, at) values (:n, '', :at) on conflict(name) do update set at = :at",
                {"n": name, "at": written(at)},
            )

    def failed(self, name: str, said: str, at: datetime) -> None:
        """Remember what a source could not do, in place of its last failure."""
        with self._store.writing() as db:
            db.execute(
                """insert into cursors(name, value, failed, failure) values (:n, '', :at, :said)
                on conflict(name) do update set failed = :at, failure = :said""",
                {"n": name, "at": written(at), "said": said},
            )

    def forget(self, kind: str, called: str) -> None:
        """Keep no failure that names an item that is called so: its words may be the item's."""
        with self._store.writing() as db:
            for row in self._store.rows(
                "select name, failure from cursors where failure like :some", some=f"%{called}%"
            ):
                if names(row["failure"], kind, called):
                    db.execute("update cursors set failed = null, failure = null where name = ?", [row["name"]])

    def failure(self, name: str) -> Failure | None:
        """What the source could not do last; None if it never failed."""
        rows = self._store.rows("select failed, failure from cursors where name = :name", name=name)
        return Failure(read(rows[0]["failed"]), rows[0]["failure"]) if rows and rows[0]["failed"] else None

    def rest(self, name: str, seconds: float, now: datetime) -> None:
        """Remember that the source asked to be left alone for so long, also by a process that begins meanwhile."""
        until = now + timedelta(seconds=min(seconds, LONGEST_REST.total_seconds()))
        with self._store.writing() as db:
            db.execute(
                """insert into cursors(name, value, rests) values (:n, '', :until)
                on conflict(name) do update set rests = :until""",
                {"n": name, "until": written(until)},
            )

    def rests(self, name: str, now: datetime) -> datetime | None:
        """Until when the source is to be left alone, as it asked last; None where it is not.

        What is further off than any rest was written by a clock that was ahead.
        """
        rows = self._store.rows("select rests from cursors where name = :name", name=name)
        until = read(rows[0]["rests"]) if rows else None
        return until if until and now < until <= now + LONGEST_REST else None

    def read_at(self, name: str) -> datetime | None:
        """When the source was last read to its end; None if never."""
        rows = self._store.rows("select at from cursors where name = :name", name=name)
        return read(rows[0]["at"]) if rows else None
