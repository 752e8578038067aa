"""The rest of a long answer, kept until its reader says `more`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.kinds import names
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


class Unsaid:
    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, person: str, lines: list[str], at: datetime) -> None:
        """Replace what this person has still to read; no lines: nothing is left."""
        with self._store.writing() as db:
            if lines:
                db.execute("insert or replace into unsaid values (?, ?, ?)", [person, json.dumps(lines), written(at)])
            else:
                db.execute("delete from unsaid where person = ?", [person])

    def forget(self, kind: str, called: str) -> None:
        """Drop every line that names an item that is called so."""
        with self._store.writing():
            rows = self._store.rows("select * from unsaid where lines like :some", some=f"%{called}%")
            for row in rows:
                left = [line for line in json.loads(row["lines"]) if not names(line, kind, called)]
                self.keep(row["person"], left, read(row["at"]))

    def owe(self, person: str, lines: list[str], at: datetime) -> None:
        """Put lines before what this person has still to read."""
        with self._store.writing():
            self.keep(person, [*lines, *self.of(person)], at)

    def of(self, person: str) -> list[str]:
        rows = self._store.rows("select lines from unsaid where person = :person", person=person)
        lines: list[str] = json.loads(rows[0]["lines"]) if rows else []
        return lines
