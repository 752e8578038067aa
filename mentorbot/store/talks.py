"""Conversations that people are in the middle of: what was said so far, and which question they were asked last."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.store import leases, mentors
from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.models import Who
    from mentorbot.store.store import Store


class Talks:
    """One a person. Its command hears what the person says in private, until they leave or end it.

    Whom a letter asked for a yes or a no is in no talk, but such an answer goes to who asked last.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, who: Who, command: str, said: dict[str, Any], at: datetime) -> None:
        """Keep what was said so far; what this person says in private next goes to `command`."""
        with self._store.writing() as db:
            db.execute(
                "insert or replace into talks values (?, ?, ?, ?, 1, ?)",
                [who.key, who.nick.lower(), command, json.dumps(said), written(at)],
            )

    def of(self, person: str, command: str) -> dict[str, Any] | None:
        """What this person has said so far; None where they are in no such talk."""
        rows = self._store.rows(
            "select said from talks where person = :person and command = :command", person=person, command=command
        )
        said: dict[str, Any] | None = json.loads(rows[0]["said"]) if rows else None
        return said

    def listening(self, keys: Iterable[str], *, yes_or_no: bool = False) -> str | None:
        """The command that waits for an answer of somebody with these keys: the one that asked last of those that take
        any, and, of a `yes_or_no`, of those that take no other.

        A nick is enough to find out that it may be them; what was said is given to the right key only.
        """
        mine = "(select value from json_each(:keys))"
        rows = self._store.rows(
            f"""select command, at from talks where listening and (person in {mine} or 'nick:' || nick in {mine})
            union all select command, at from ({mentors.ASKED} union all {leases.ASKED})
            where :yes_or_no and person in {mine}
            order by at desc limit 1""",
            keys=json.dumps(list(keys)),
            yes_or_no=yes_or_no,
        )
        return rows[0]["command"] if rows else None

    def leave(self, person: str) -> None:
        """Listen no more, and keep what was said."""
        with self._store.writing() as db:
            db.execute("update talks set listening = 0 where person = ?", [person])

    def lapse(self, before: datetime) -> None:
        """Forget the talks in which nothing was said since then."""
        if self._store.rows("select 1 from talks where at < :before limit 1", before=written(before)):
            with self._store.writing() as db:
                db.execute("delete from talks where at < ?", [written(before)])

    def end(self, person: str) -> None:
        with self._store.writing() as db:
            db.execute("delete from talks where person = ?", [person])
