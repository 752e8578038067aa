"""The rest of a long answer, kept until its reader says `more`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.links import names
from mentorbot.store.moments import written

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

    def of(self, person: str) -> list[str]:
        rows = self._store.rows("select lines from unsaid where person = :person", person=person)
        lines: list[str] = json.loads(rows[0]["lines"]) if rows else []
        return lines

    def forget(self, kind: str, number: int) -> None:
        """Remove what would have been said of a bug or change that is private now, or gone."""
        with self._store.writing() as db:
            for row in self._store.rows("select person, lines from unsaid where lines like :like", like=f"%{number}%"):
                kept = [line for line in json.loads(row["lines"]) if not names(line, kind, number)]
                db.execute("update unsaid set lines = ? where person = ?", [json.dumps(kept), row["person"]])
            db.execute("delete from unsaid where lines = '[]'")
