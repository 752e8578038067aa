"""What was offered to whom: for 48 hours an item belongs to the one who heard of it first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mentorbot.models import Item, Signal
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

HELD = timedelta(hours=48)
"""How long nobody else is offered the same item."""


class Offers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, person: str, items: Iterable[Item], most: int, now: datetime) -> list[Item]:
        """Offer the first `most` of these that are neither held for somebody else nor refused by this person.

        Choosing and holding is one transaction: two people who ask at once never hear of the same item. They
        become the person's numbers 1, 2, 3, which `why` and others refer to.
        """
        keys = json.dumps(self._store.people.same(person))
        with self._store.writing() as db:
            rows = self._store.rows(
                """select kind, number from offers where
                (expires > :now and passed is null and person not in (select value from json_each(:keys)))
                or (passed is not null and person in (select value from json_each(:keys)))""",
                now=written(now),
                keys=keys,
            )
            out = {(row["kind"], row["number"]) for row in rows}
            chosen: dict[tuple[str, int], Item] = {}
            for item in items:
                if len(chosen) == most:
                    break
                if (item.kind, item.number) not in out:
                    chosen.setdefault((item.kind, item.number), item)
            # What the person holds from before is let go, except what is offered again.
            db.execute(
                "update offers set expires = :now where expires > :now and person = :person",
                {"now": written(now), "person": person},
            )
            for position, item in enumerate(chosen.values(), 1):
                db.execute(
                    """insert into offers(person, kind, number, project, niche, position, title, url, since, signals,
                        offered, expires) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [
                        person,
                        item.kind,
                        item.number,
                        item.project,
                        item.niche,
                        position,
                        item.title,
                        item.url,
                        written(item.since),
                        json.dumps([asdict(signal) for signal in item.signals]),
                        written(now),
                        written(now + HELD),
                    ],
                )
        return list(chosen.values())

    def last(self, person: str) -> list[Item]:
        """What the person was offered last, number 1 first."""
        rows = self._store.rows(
            """select * from offers where person = :person
            and offered = (select max(offered) from offers where person = :person) order by id""",
            person=person,
        )
        latest: dict[int, Item] = {row["position"]: _item(row) for row in rows}
        return [latest[position] for position in sorted(latest)]

    def pass_on(self, person: str, reason: str, now: datetime) -> int:
        """The person wants something else: what they hold is free for others, and not offered to them again."""
        with self._store.writing() as db:
            return db.execute(
                """update offers set passed = :now, reason = :reason, expires = :now
                where person = :person and expires > :now and passed is null""",
                {"now": written(now), "reason": reason, "person": person},
            ).rowcount

    def held_by_niche(self, now: datetime) -> dict[str, int]:
        """How many people each niche was offered to in the last 48 hours."""
        rows = self._store.rows(
            "select niche, count(distinct person) n from offers where offered > :since group by niche",
            since=written(now - HELD),
        )
        return {row["niche"]: row["n"] for row in rows}

    def forget(self, kind: str, number: int) -> None:
        with self._store.writing() as db:
            db.execute("delete from offers where kind = ? and number = ?", [kind, number])


def _item(row: dict[str, Any]) -> Item:
    return Item(
        kind=row["kind"],
        number=row["number"],
        project=row["project"],
        title=row["title"],
        url=row["url"],
        since=read(row["since"]),
        niche=row["niche"],
        signals=tuple(Signal(**signal) for signal in json.loads(row["signals"])),
    )
