"""What must be said by the running bot, in a channel or to a person, and dated work that is done once.

A text is "queued", then "saying" from just before it is sent, then "said". What the bot gave up before it was sent is
"queued" again. One that is still "saying" when the bot starts was interrupted: nobody knows whether it was heard, so
the operator is told and it is not sent again by itself. It becomes "said" some milliseconds after it was sent, or when
another process lets the store go: a bot that is killed in between tells of a text that was heard, but never says it
twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.kinds import names
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


HEARD = "outbox.state in ('saying', 'said', 'lost')"
"""SQL for a text that was said, as far as anybody knows; since `changed`."""


@dataclass(frozen=True)
class Letter:
    """A text for a channel, or for a person: `target` is then the key of their account, `account:ada`."""

    id: int
    target: str
    lines: list[str]


class Outbox:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, target: str, lines: list[str], at: datetime) -> int:
        """Have a text said in a channel or to a person, by their key; gives its number."""
        # Of who has no account all that is known is the nick, which may be somebody else's by now.
        to = target.removeprefix("nick:")
        with self._store.writing() as db:
            number = db.execute(
                "insert into outbox(target, lines, queued) values (?, ?, ?)", [to, json.dumps(lines), written(at)]
            ).lastrowid
        assert number
        return number

    def withdraw(self, number: int | None) -> bool:
        """Never say this text; False where it was said, or is being said now."""
        with self._store.writing() as db:
            gone = "delete from outbox where id = ? and state in ('queued', 'lapsed')"
            return db.execute(gone, [number]).rowcount == 1

    def lapse(self, before: datetime) -> int:
        """Give up the texts for people that wait since before then; gives how many. Of their words nothing is kept."""
        old = "from outbox where state = 'queued' and target like 'account:%' and queued < :before"
        if not self._store.rows(f"select 1 {old} limit 1", before=written(before)):
            return 0
        with self._store.writing() as db:
            return db.execute(
                f"update outbox set state = 'lapsed', lines = '[]' where id in (select id {old})",
                {"before": written(before)},
            ).rowcount

    def done_anew(self, what: str, at: datetime) -> None:
        """Mark work that comes again and again as done at this moment."""
        with self._store.writing() as db:
            db.execute("insert or replace into done values (?, ?)", [what, written(at)])

    def take(self, at: datetime, people: Iterable[str] = ()) -> list[Letter]:
        """The queued texts for channels and for these people, now marked as being said."""
        which = "state = 'queued' and (target not like 'account:%' or target in (select value from json_each(:people)))"
        return self._moved(which, "saying", at, people=json.dumps(list(people)))

    def awaited(self) -> list[str]:
        """The people for whom texts are queued."""
        rows = self._store.rows("select distinct target from outbox where state = 'queued' and target like 'account:%'")
        return [row["target"] for row in rows]

    def said(self, letter: Letter, at: datetime) -> None:
        with self._store.writing() as db:
            db.execute("update outbox set state = 'said', changed = ? where id = ?", [written(at), letter.id])

    def forget(self, kind: str, called: str) -> None:
        """Drop every line that names an item that is called so; of what was said before, too."""
        with self._store.writing() as db:
            rows = self._store.rows("select id, lines from outbox where lines like :some", some=f"%{called}%")
            for row in rows:
                left = [line for line in json.loads(row["lines"]) if not names(line, kind, called)]
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
        return self._moved("state = 'saying'", "lost", at)

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

    def _moved(self, which: str, new: str, at: datetime, **values: str) -> list[Letter]:
        if not self._store.rows(f"select 1 from outbox where {which} limit 1", **values):
            return []
        with self._store.writing() as db:
            rows = self._store.rows(f"select id, target, lines from outbox where {which} order by id", **values)
            changes = {"new": new, "at": written(at)}
            db.execute(f"update outbox set state = :new, changed = :at where {which}", changes | values)
        return [Letter(row["id"], row["target"], json.loads(row["lines"])) for row in rows]
