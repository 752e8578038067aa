"""What must be said in a channel by the running bot, and dated work that is done once.

A text is "queued", then "saying" from just before it is sent, then "said". What the bot gave up before it was sent is
"queued" again. One that is still "saying" when the bot starts was interrupted: nobody knows whether it was heard, so
the operator is told and it is not sent again by itself. It becomes "said" some milliseconds after it was sent, or when
another process lets the store go: a bot that is killed in between tells of a text that was heard, but never says it
twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.links import names
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Letter:
    id: int
    target: str
    lines: list[str]


class Outbox:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, target: str, lines: list[str], at: datetime) -> None:
        with self._store.writing() as db:
            db.execute(
                "insert into outbox(target, lines, queued) values (?, ?, ?)", [target, json.dumps(lines), written(at)]
            )

    def take(self, at: datetime) -> list[Letter]:
        """The queued texts, now marked as being said."""
        if not self._store.rows("select 1 from outbox where state = 'queued' limit 1"):
            return []
        return self._moved("queued", "saying", at)

    def said(self, letter: Letter, at: datetime) -> None:
        with self._store.writing() as db:
            db.execute("update outbox set state = 'said', changed = ? where id = ?", [written(at), letter.id])

    def forget(self, number: int) -> None:
        """Drop every line that names a bug or change of this number; of what was said before, too."""
        with self._store.writing() as db:
            rows = self._store.rows("select id, lines from outbox where lines like :some", some=f"%{number}%")
            for row in rows:
                left = [line for line in json.loads(row["lines"]) if not names(line, number)]
                db.execute("update outbox set lines = ? where id = ?", [json.dumps(left), row["id"]])

    def give_back(self, letter: Letter, lines: list[str], at: datetime) -> None:
        """Only these lines of a text are still to be said."""
        with self._store.writing() as db:
            db.execute(
                "update outbox set state = 'queued', lines = ?, changed = ? where id = ?",
                [json.dumps(lines), written(at), letter.id],
            )

    def count(self) -> int:
        """How many texts are still to be said."""
        rows = self._store.rows("select count(*) n from outbox where state in ('queued', 'saying')")
        found: int = rows[0]["n"]
        return found

    def interrupted(self, at: datetime) -> list[Letter]:
        """At start: the texts that an earlier run began to say, now marked as lost, for the operator."""
        return self._moved("saying", "lost", at)

    def done_once(self, what: str, at: datetime) -> bool:
        """Mark dated work as done; False if it was done before."""
        with self._store.writing() as db:
            return db.execute("insert or ignore into done values (?, ?)", [what, written(at)]).rowcount == 1

    def is_done(self, what: str) -> bool:
        return self.done_at(what) is not None

    def done_at(self, what: str) -> datetime | None:
        """When dated work was done; None if it was not."""
        rows = self._store.rows("select at from done where what = :what", what=what)
        return read(rows[0]["at"]) if rows else None

    def _moved(self, old: str, new: str, at: datetime) -> list[Letter]:
        with self._store.writing() as db:
            rows = self._store.rows("select id, target, lines from outbox where state = :old order by id", old=old)
            db.execute("update outbox set state = ?, changed = ? where state = ?", [new, written(at), old])
        return [Letter(row["id"], row["target"], json.loads(row["lines"])) for row in rows]
