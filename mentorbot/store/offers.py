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

    def make(self, person: str, asked: str, items: Iterable[Item], most: int, now: datetime) -> list[Item]:
        """Offer the first `most` of these that were not offered to somebody else lately nor refused by this person.

        Choosing and holding is one transaction: two people who ask at once never hear of the same item. They
        become the person's numbers 1, 2, 3, which `why` and others refer to; `asked` is what they asked for.
        """
        with self._store.writing():
            chosen = self.choose(person, items, most, now)
            self._insert(person, self.round(person) + 1, asked, dict(enumerate(chosen, 1)), now)
        return chosen

    def instead(
        self, person: str, round_number: int, asked: str, places: list[int], items: Iterable[Item], now: datetime
    ) -> dict[int, Item]:
        """Offer other items in place of some of an offer, as far as there are any; gives them by their numbers.

        What they replace is held for nobody any more. Nothing where the person was offered something else since.
        """
        with self._store.writing() as db:
            if self.is_over(person, round_number):
                return {}
            offered = {(item.kind, item.number) for item in self.of(person, round_number).values()}
            others = (item for item in items if (item.kind, item.number) not in offered)
            made = dict(zip(places, self.choose(person, others, len(places), now), strict=False))
            db.execute(
                """delete from offers where person = ? and round = ?
                and position in (select value from json_each(?))""",
                [person, round_number, json.dumps(places)],
            )
            self._insert(person, round_number, asked, made, now)
            self._store.rereads.named(((item.kind, item.number) for item in made.values()), now)
        return made

    def choose(self, person: str, items: Iterable[Item], most: int, now: datetime) -> list[Item]:
        """The first `most` of these that may be offered to this person; nobody holds them thereby."""
        rows = self._store.rows(
            """select kind, number from offers where
            (expires > :now and person not in (select value from json_each(:keys)))
            or (passed is not null and person in (select value from json_each(:keys)))""",
            now=written(now),
            keys=json.dumps(self._store.people.same(person)),
        )
        out = {(row["kind"], row["number"]) for row in rows}
        chosen: dict[tuple[str, int], Item] = {}
        for item in items:
            if (item.kind, item.number) not in out:
                chosen.setdefault((item.kind, item.number), item)
            if len(chosen) == most:
                break
        return list(chosen.values())

    def _insert(self, person: str, round_number: int, asked: str, items: dict[int, Item], now: datetime) -> None:
        with self._store.writing() as db:
            for position, item in items.items():
                db.execute(
                    """insert into offers(person, round, asked, kind, number, project, niche, position, title, url,
                        since, signals, offered, expires) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    [
                        person,
                        round_number,
                        asked,
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

    def round(self, person: str) -> int:
        """The number of the person's last offer; 0 where there is none."""
        rows = self._store.rows("select coalesce(max(round), 0) r from offers where person = :person", person=person)
        found: int = rows[0]["r"]
        return found

    def last(self, person: str) -> dict[str, Item]:
        """What the person was offered last, by the number ("1", "2", …) they heard with it."""
        return {str(position): item for position, item in self.of(person, self.round(person)).items()}

    def of(self, person: str, round_number: int) -> dict[int, Item]:
        """What is left of an offer to the person, by the numbers they heard."""
        rows = self._store.rows(
            "select * from offers where person = :person and round = :round order by position",
            person=person,
            round=round_number,
        )
        return {row["position"]: _item(row) for row in rows}

    def is_over(self, person: str, round_number: int) -> bool:
        """Whether the person was offered something else since."""
        return self.round(person) > round_number

    def asked(self, person: str) -> str:
        """The words with which the person asked last."""
        rows = self._store.rows(
            "select asked from offers where person = :person order by round desc limit 1", person=person
        )
        return rows[0]["asked"] if rows else ""

    def pass_on(self, person: str, reason: str, now: datetime) -> int:
        """The person wants something else: what they were offered last is not offered to them again."""
        with self._store.writing() as db:
            return db.execute(
                "update offers set passed = ?, reason = ? where person = ? and round = ? and passed is null",
                [written(now), reason, person, self.round(person)],
            ).rowcount

    def lately(self, now: datetime, but: str) -> dict[str, int]:
        """How many people, `but` this one, each niche was offered to in the last 48 hours."""
        rows = self._store.rows(
            """select niche, count(distinct person) n from offers
            where expires > :now and person != :but group by niche""",
            now=written(now),
            but=but,
        )
        return {row["niche"]: row["n"] for row in rows}

    def forget(self, kind: str, number: int) -> None:
        """Remove what was offered of a bug or change, and why people passed on all they were offered with it."""
        with self._store.writing() as db:
            db.execute(
                """update offers set reason = ''
                where (person, round) in (select person, round from offers where kind = ? and number = ?)""",
                [kind, number],
            )
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
