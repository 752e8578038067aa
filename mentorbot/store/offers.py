"""What was offered to whom: for 48 hours an item belongs to the one who heard of it first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mentorbot.models import Item, Signal
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

HELD = timedelta(hours=48)
"""How long nobody else is offered the same item."""
FREE = timedelta()
MOST = 9
"""Items that are held for one person, besides what they claimed: who asks again and again must not have all there
is."""
_UNCLAIMED = "(claimed is null or ended is not null)"


_MINE = "o.person in (select value from json_each(:me))"
_OVER = """(o.passed is not null or o.outcome = 'done'
    or (o.claimed is not null and o.ended is null and o.expires > :now))"""
OUT = f"""
    select o.number from offers o indexed by offers_until where o.kind = 'bug' and o.expires > :now and not {_MINE}
    union all select o.number from offers o indexed by offers_person where o.kind = 'bug' and {_MINE} and {_OVER}"""
"""SQL for the bugs that are not to be offered to the person whose keys are :me: others hold them, or they passed on
them, have them, or did them."""
_IS_OUT = f"""select exists (select 1 from offers o where o.kind = :kind and o.number = :number
    and case when {_MINE} then {_OVER} else o.expires > :now end) out"""
"""The same of one item."""


class Offers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, person: str, asked: str, items: Iterable[Item], most: int, now: datetime) -> list[Item]:
        """Offer the first `most` of these that were not offered to somebody else lately nor refused by this person.

        Choosing and holding is one transaction: two people who ask at once never hear of the same item; `items` are
        gone through again where somebody else was quicker. They become the person's numbers 1, 2, 3, which `why` and
        others refer to; `asked` is what they asked for.
        """
        me = self._store.people.same(person)
        latest = self._latest()
        found = self._first(items, me, most, now)  # it takes a while, in which others may write
        with self._store.writing() as db:
            db.execute("insert into asked values (?, ?)", [person, written(now)])
            chosen = list(self._first(found.values(), me, most, now).values())
            if len(chosen) < most and self._latest() > latest:  # others were quicker; now they wait
                chosen = self.choose(person, items, most, now)
            self._insert(person, self.round(person) + 1, asked, dict(enumerate(chosen, 1)), now)
            offered = f"person = :person and expires > :now and passed is null and {_UNCLAIMED}"
            db.execute(
                f"""update offers set expires = :now where {offered} and (kind, number) not in (
                    select kind, number from offers where {offered} group by kind, number order by max(id) desc
                    limit {MOST})""",
                {"now": written(now), "person": person},
            )
        return chosen

    def log_in(self, nick: str, account: str, now: datetime) -> None:
        """What is held for a nick is its account's from now on; both are keys."""
        held = "from offers where person = :nick and expires > :now"
        values: dict[str, Any] = {"nick": nick, "account": account, "now": written(now)}
        if not self._store.rows(f"select 1 {held} limit 1", **values):
            return
        with self._store.writing() as db:
            values["base"] = self.round(account)
            for table in ("rereads", "offers"):
                db.execute(
                    f"""update {table} set person = :account, round = round + :base
                    where person = :nick and round in (select round {held})""",
                    values,
                )

    def instead(
        self, person: str, round_number: int, asked: str, places: list[int], items: Iterable[Item], now: datetime
    ) -> dict[int, Item]:
        """Offer other items in place of some of an offer, as far as there are any; gives them by their numbers.

        What they replace is held for nobody any more. Nothing where the person was offered something else since.
        """
        offered = {(item.kind, item.number) for item in self.of(person, round_number).values()}
        others = (item for item in items if (item.kind, item.number) not in offered)
        found = self.choose(person, others, len(places), now)  # it takes a while, in which others may write
        with self._store.writing() as db:
            if self.is_over(person, round_number):
                return {}
            places = [place for place in places if place not in self.claimed(person, round_number)]
            made = dict(zip(places, self.choose(person, found, len(places), now), strict=False))
            db.execute(
                """delete from offers where person = ? and round = ?
                and position in (select value from json_each(?))""",
                [person, round_number, json.dumps(places)],
            )
            self._insert(person, round_number, asked, made, now)
            self._store.rereads.named(((item.kind, item.number) for item in made.values()), now)
        return made

    def _latest(self) -> int:
        rows = self._store.rows("select coalesce(max(id), 0) id from offers")
        found: int = rows[0]["id"]
        return found

    def choose(self, person: str, items: Iterable[Item], most: int, now: datetime) -> list[Item]:
        """The first `most` of these that may be offered to this person; nobody holds them thereby."""
        return list(self._first(items, self._store.people.same(person), most, now).values())

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

    def _first(self, items: Iterable[Item], me: list[str], most: int, now: datetime) -> dict[tuple[str, int], Item]:
        chosen: dict[tuple[str, int], Item] = {}
        for item in items:
            if not self._is_out(item, me, now):
                chosen.setdefault((item.kind, item.number), item)
            if len(chosen) == most:
                break
        return chosen

    def free(self, person: str, items: Iterable[Item], now: datetime) -> bool:
        """Whether one of these could be offered to this person."""
        me = self._store.people.same(person)
        return any(not self._is_out(item, me, now) for item in items)

    def _is_out(self, item: Item, me: list[str], now: datetime) -> bool:
        rows = self._store.rows(
            _IS_OUT,
            kind=item.kind,
            number=item.number,
            me=json.dumps(me),
            now=written(now),
        )
        return bool(rows[0]["out"])

    def held(self, item: Item, but: Collection[str], now: datetime) -> bool:
        """Whether others than the person with these keys were offered the item lately, or claimed it."""
        rows = self._store.rows(
            """select 1 from offers where kind = :kind and number = :number and expires > :now
            and person not in (select value from json_each(:keys)) limit 1""",
            kind=item.kind,
            number=item.number,
            now=written(now),
            keys=json.dumps(list(but)),
        )
        return bool(rows)

    def last(self, *keys: str) -> dict[str, Item]:
        """What the person with these keys was offered last, by the number ("1", "2", …) they heard with it.

        Of what was offered to a nick, what is claimed is its account's since: what the first keys lack the others have.
        """
        found = {position: item for key in reversed(keys) for position, item in self.of(key, self.round(key)).items()}
        return {str(position): item for position, item in sorted(found.items())}

    def of(self, person: str, round_number: int) -> dict[int, Item]:
        """What is left of an offer to the person, by the numbers they heard."""
        rows = self._store.rows(
            "select * from offers where person = :person and round = :round and number order by position",
            person=person,
            round=round_number,
        )
        return {row["position"]: item_of(row) for row in rows}

    def claimed(self, person: str, round_number: int) -> set[int]:
        """The numbers of an offer that were claimed, if under an account to which the person logged in since."""
        rows = self._store.rows(
            """select position from offers where round = :round and claimed is not null
            and (person = :person or 'nick:' || lower(nick) = :person)""",
            person=person,
            round=round_number,
        )
        return {row["position"] for row in rows}

    def is_over(self, person: str, round_number: int) -> bool:
        """Whether the person was offered something else since."""
        return self.round(person) > round_number

    def offered(self, person: str, which: str | tuple[str, int]) -> tuple[Item, datetime] | None:
        """An item (kind, number), or what is called so ("LP#12"), as it was when this person was offered it last, and
        when; None if they never were. Two projects may call a blueprint the same: by its name it is the last one."""
        rows = self._store.rows(
            """select * from offers where number and person in (select value from json_each(:keys))
            order by offered desc, id desc""",
            keys=json.dumps(self._store.people.same(person)),
        )
        found = ((item_of(row), read(row["offered"])) for row in rows)
        return next(((item, at) for item, at in found if which in (item.ref, (item.kind, item.number))), None)

    def asked(self, person: str) -> str:
        """The words with which the person asked last."""
        rows = self._store.rows(
            "select asked from offers where person = :person order by round desc limit 1", person=person
        )
        return rows[0]["asked"] if rows else ""

    def pass_on(
        self, person: str, reason: str, now: datetime, *, position: int | None = None, held_for: timedelta = FREE
    ) -> int:
        """The person wants something else than they were offered last, or than the one item with this number.

        It is not offered to them again, and is free for others; after `held_for`, where somebody seems to have it.
        What they claimed stays theirs, and what is somebody else's by now stays somebody else's.
        """
        values = {
            "now": written(now),
            "reason": reason,
            "free": written(now + held_for),
            "person": person,
            "round": self.round(person),
            "position": position,
        }
        with self._store.writing() as db:
            db.execute(
                f"""update offers set expires = :free
                where person = :person and expires > :now and {_UNCLAIMED} and (kind, number) in (
                    select kind, number from offers where person = :person and round = :round and passed is null
                    and (:position is null or position = :position))""",
                values,
            )
            return db.execute(
                f"""update offers set passed = :now, reason = :reason
                where person = :person and round = :round and passed is null and {_UNCLAIMED}
                and (:position is null or position = :position)""",
                values,
            ).rowcount

    def refusals(self, person: str, since: datetime) -> list[tuple[str, str]]:
        """What this person, under any name, passed on since then, as (niche, reason), the last first."""
        rows = self._store.rows(
            """select niche, reason from offers where passed >= :since
            and person in (select value from json_each(:keys))
            group by round, niche, reason order by max(passed) desc""",
            since=written(since),
            keys=json.dumps(self._store.people.same(person)),
        )
        return [(row["niche"], row["reason"]) for row in rows]

    def lately(self, now: datetime, but: str) -> dict[str, int]:
        """How many people, `but` this one, each niche was offered to in the last 48 hours."""
        rows = self._store.rows(
            """select niche, count(distinct person) n from offers
            where offered > :since and passed is null and person != :but group by niche""",
            since=written(now - HELD),
            but=but,
        )
        return {row["niche"]: row["n"] for row in rows}

    def forget(self, kind: str, number: int) -> None:
        """Remove what was offered of an item, and why people passed on all they were offered with it.

        Of a claim all is left but what it was of, so that who has it is told.
        """
        with self._store.writing() as db:
            db.execute(
                """update offers set reason = ''
                where (person, round) in (select person, round from offers where kind = ? and number = ?)""",
                [kind, number],
            )
            db.execute(
                f"delete from offers where kind = ? and number = ? and {_UNCLAIMED}",
                [kind, number],
            )
            db.execute(
                """update offers set number = 0, project = '', title = '', url = '', signals = '[]'
                where kind = ? and number = ?""",
                [kind, number],
            )


def item_of(row: dict[str, Any]) -> Item:
    """The item of a row, as it was when it was offered."""
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
