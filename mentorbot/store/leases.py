"""What people claimed: for how long an item is theirs, what was seen of them since, and how it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mentorbot.models import Item
from mentorbot.store.moments import read, written
from mentorbot.store.offers import item_of

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_LIVE = "claimed is not null and ended is null and number"
_VANISHED = "claimed is not null and ended is null and not number"


@dataclass(frozen=True)
class Lease:
    """An item that `person` claimed, until `expires`; `nick` is how they were called then.

    `seen`: when they were last seen at work on it in the source. `offered`: when it was suggested to them.
    """

    id: int
    person: str
    nick: str
    item: Item
    offered: datetime
    claimed: datetime
    expires: datetime
    seen: datetime | None = None
    reminded: datetime | None = None


class Leases:
    """A lease is an offer that was claimed: one row, so that whom an item belongs to is asked in one place."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, person: str, now: datetime) -> list[Lease]:
        """What this person, under any name, holds now; the first claimed first."""
        return self._found(
            "expires > :now and person in (select value from json_each(:keys))",
            now=written(now),
            keys=json.dumps(self._store.people.same(person)),
        )

    def all(self) -> list[Lease]:
        """All that have not ended, even where their time is over."""
        return self._found("1")

    def unreminded(self, until: datetime) -> list[Lease]:
        """Those whose time is over at `until`, and nobody was reminded."""
        return self._found("reminded is null and expires <= :until", until=written(until))

    def lapsed(self, now: datetime) -> list[Lease]:
        """Those whose time is over, although somebody was reminded."""
        return self._found("reminded is not null and expires <= :now", now=written(now))

    def vanished(self) -> list[Lease]:
        """Those of which the item is private now, or gone, and nobody was told: who had them is all that they tell."""
        return [_lease(row) for row in self._store.rows(f"select * from offers where {_VANISHED} order by id")]

    def is_held(self, item: Item, person: str, nick: str, now: datetime) -> bool:
        """Whether somebody else than this person, who has this nick, was offered the item lately, or has it."""
        return self._store.offers.held(item, self._keys(person, nick), now)

    def begin(self, item: Item, person: str, nick: str, now: datetime, lasts: timedelta) -> Lease:
        """The latest offer of this item to this person becomes a claim."""
        with self._store.writing() as db:
            [row] = self._store.rows(
                """select id from offers where kind = :kind and number = :number
                and person in (select value from json_each(:keys)) order by offered desc, id desc limit 1""",
                kind=item.kind,
                number=item.number,
                keys=json.dumps(self._keys(person, nick)),
            )
            db.execute(
                """update offers set person = ?, nick = ?, claimed = ?, expires = ?, passed = null, reason = '',
                seen = null, reminded = null, ended = null, outcome = '' where id = ?""",
                [person, nick, written(now), written(now + lasts), row["id"]],
            )
            [lease] = self._found("id = :id", id=row["id"])
        return lease

    def extend(self, lease: Lease, seen: datetime, until: datetime) -> None:
        """The person was seen at work on it; what was reminded of before counts no more."""
        with self._store.writing() as db:
            db.execute(
                "update offers set seen = ?, expires = max(expires, ?), reminded = null where id = ?",
                [written(seen), written(until), lease.id],
            )

    def remind(self, lease: Lease, now: datetime, until: datetime) -> None:
        """The person is reminded now, and has it until `until` at least."""
        with self._store.writing() as db:
            db.execute(
                "update offers set reminded = ?, expires = max(expires, ?) where id = ?",
                [written(now), written(until), lease.id],
            )

    def end(self, lease: Lease, outcome: str, now: datetime, reason: str | None = None) -> None:
        """It ends: "done", "merged", "closed", "given up" (for a `reason`: not offered to them again), "lapsed" or
        "taken" by somebody else. From now on the item is free, as far as it is up to us."""
        with self._store.writing() as db:
            db.execute("update offers set ended = ?, outcome = ? where id = ?", [written(now), outcome, lease.id])
            # It may have been offered to them more than once.
            db.execute(
                """update offers set expires = min(expires, ?) where kind = ? and number = ?
                and person in (select value from json_each(?))""",
                [written(now), lease.item.kind, lease.item.number, json.dumps(self._keys(lease.person, lease.nick))],
            )
            if reason is not None:
                db.execute("update offers set passed = ?, reason = ? where id = ?", [written(now), reason, lease.id])

    def last_ended(self, person: str, since: datetime) -> Lease | None:
        """What this person had last and has no more, if that ended after `since`."""
        rows = self._store.rows(
            """select * from offers where ended > :since and number and person in (select value from json_each(:keys))
            order by ended desc, id desc limit 1""",
            since=written(since),
            keys=json.dumps(self._store.people.same(person)),
        )
        return _lease(rows[0]) if rows else None

    def tell(self, lease: Lease, feedback: str) -> None:
        """Keep how the person found it."""
        with self._store.writing() as db:
            db.execute("update offers set feedback = ? where id = ?", [feedback, lease.id])

    def signs(self, lease: Lease) -> datetime | None:
        """When the person was last seen at work on it in the source after they claimed it: a comment, a line in the
        log, a patch set, a review; None if never."""
        rows = self._store.rows(
            """select max(at) at from (
                select date at from comments where :bug and bug = :number and lower(author) in (select value from mine)
                union all
                select date from activity where :bug and bug = :number and lower(person) in (select value from mine)
                union all
                select coalesce(c.uploaded, c.created) from change_bugs f join changes c on c.number = f.change
                where :bug and f.bug = :number and lower(c.owner) in (select value from mine)
                union all
                select date from change_messages
                where not :bug and change = :number and lower(author) in (select value from mine)
            ) where at > :claimed""".replace("mine", "json_each(:names)"),
            bug=lease.item.kind == "bug",
            number=lease.item.number,
            names=json.dumps(self.names(lease.person)),
            claimed=written(lease.claimed),
        )
        at: str | None = rows[0]["at"]
        return read(at)

    def has_merged(self, lease: Lease) -> bool:
        """Whether a change of this person for the bug, or the change that they were seen at work on, is merged."""
        return bool(
            self._store.rows(
                """select 1 from changes c where c.status = 'MERGED' and case when :bug
                then c.number in (select change from change_bugs where bug = :number)
                    and lower(c.owner) in (select value from json_each(:names))
                else c.number = :number and :seen end limit 1""",
                bug=lease.item.kind == "bug",
                number=lease.item.number,
                names=json.dumps(self.names(lease.person)),
                seen=self.signs(lease) is not None,
            )
        )

    def has_reviewed(self, lease: Lease) -> bool:
        """Whether this person has said something on an open change since they claimed it."""
        return bool(
            self._store.rows(
                """select 1 from change_messages m join changes c on c.number = m.change
                where c.number = :number and c.status = 'NEW' and m.date > :claimed
                and m.tag not like 'autogenerated:%' and lower(m.author) in (select value from json_each(:names))
                limit 1""",
                number=lease.item.number,
                claimed=written(lease.claimed),
                names=json.dumps(self.names(lease.person)),
            )
        )

    def names(self, person: str) -> list[str]:
        """All that somebody may be called in a source: a guess where nothing is proved, good enough to be patient."""
        return sorted({key.partition(":")[2].lower() for key in self._store.people.same(person)})

    def _keys(self, person: str, nick: str) -> list[str]:
        return [*self._store.people.same(person), f"nick:{nick.lower()}"]

    def _found(self, where: str, **values: Any) -> list[Lease]:
        rows = self._store.rows(f"select * from offers where {_LIVE} and {where} order by claimed, id", **values)
        return [_lease(row) for row in rows]


def _lease(row: dict[str, Any]) -> Lease:
    return Lease(
        id=row["id"],
        person=row["person"],
        nick=row["nick"],
        item=item_of(row),
        offered=read(row["offered"]),
        claimed=read(row["claimed"]),
        expires=read(row["expires"]),
        seen=read(row["seen"]),
        reminded=read(row["reminded"]),
    )
