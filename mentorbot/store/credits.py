"""Recognition: who did what, recorded once, with where it can be seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.kinds import leads_to, names
from mentorbot.models import Credit
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


class Credits:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, credits: Iterable[Credit]) -> int:
        """Record these; one whose `evidence` is there already is left as it is. Gives how many were new."""
        with self._store.writing() as db:
            return sum(
                db.execute(
                    """insert or ignore into credits(person, name, kind, reason, url, at, given_by, evidence)
                    values (?, ?, ?, ?, ?, ?, ?, ?)""",
                    [c.person, c.name, c.kind, c.reason, c.url, written(c.at), c.given_by, c.evidence],
                ).rowcount
                for c in credits
            )

    def between(self, start: datetime, end: datetime) -> list[Credit]:
        """What was recorded of that time and not taken back, oldest first."""
        rows = self._store.rows(
            "select * from credits where at >= :start and at < :end and undone is null order by at, id",
            start=written(start),
            end=written(end),
        )
        return [_credit(row) for row in rows]

    def record_seen(self, credits: Iterable[Credit], start: datetime, end: datetime) -> None:
        """Record what evidence there is of that time; what there was before and is no more goes, unless it was said."""
        with self._store.writing() as db:
            db.execute(
                "delete from credits where evidence != '' and said is null and at >= ? and at < ?",
                [written(start), written(end)],
            )
            self.add(credits)

    def unsaid(self, start: datetime, end: datetime) -> list[Credit]:
        """What was recorded of that time, not taken back and never said in public, oldest first."""
        rows = self._store.rows(
            """select * from credits where at >= :start and at < :end and undone is null and said is null
            order by at, id""",
            start=written(start),
            end=written(end),
        )
        return [_credit(row) for row in rows]

    def said_at(self, moment: datetime) -> list[Credit]:
        """What was said in public at this very moment, oldest first."""
        rows = self._store.rows(
            "select * from credits where said = :said and undone is null order by at, id", said=written(moment)
        )
        return [_credit(row) for row in rows]

    def forget(self, kind: str, called: str) -> None:
        """Remove every word about an item that is private now, or gone."""
        with self._store.writing() as db:
            db.execute("delete from credits where evidence like ?", [f"{kind} {called} %"])
            for row in self._store.rows(
                "select id, reason, url from credits where reason like :some or url like :some", some=f"%{called}%"
            ):
                if names(row["reason"], kind, called) or leads_to(row["url"], kind, called):
                    db.execute("delete from credits where id = ?", [row["id"]])

    def undo_last(self, given_by: str, since: datetime, at: datetime) -> Credit | None:
        """Take back this giver's latest credit if it is not older than `since`; gives it, or None."""
        with self._store.writing() as db:
            rows = self._store.rows(
                """select * from credits where given_by = :giver and at >= :since and undone is null
                order by at desc, id desc limit 1""",
                giver=given_by,
                since=written(since),
            )
            if not rows:
                return None
            db.execute("update credits set undone = ? where id = ?", [written(at), rows[0]["id"]])
        return _credit(rows[0])

    def given_since(self, given_by: str, since: datetime) -> list[Credit]:
        """What this giver recorded since then and did not take back."""
        rows = self._store.rows(
            "select * from credits where given_by = :giver and at >= :since and undone is null",
            giver=given_by,
            since=written(since),
        )
        return [_credit(row) for row in rows]

    def mark_said(self, credits: Iterable[Credit], at: datetime) -> None:
        """Remember that these were said in public."""
        with self._store.writing() as db:
            for credit in credits:
                db.execute("update credits set said = ? where id = ?", [written(at), credit.id])

    def last_said(self) -> dict[str, datetime]:
        """When each person (by key) was last named in public."""
        rows = self._store.rows("select person, max(said) said from credits where said is not null group by person")
        return {row["person"]: read(row["said"]) for row in rows}


def _credit(row: dict[str, Any]) -> Credit:
    return Credit(
        person=row["person"],
        name=row["name"],
        kind=row["kind"],
        reason=row["reason"],
        url=row["url"],
        at=read(row["at"]),
        given_by=row["given_by"],
        evidence=row["evidence"],
        id=row["id"],
    )
