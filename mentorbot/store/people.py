"""People, the names they have elsewhere, and whether they agreed to be named."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


class People:
    """A person is a key: `account:ada`, `launchpad:ada-l`, `gerrit:ada`, or `nick:ada` where no account is known."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def link(self, name: str, **identities: str) -> None:
        """Record that these names (`account=…, launchpad=…, gerrit=…`) are one person."""
        with self._store.writing() as db:
            person = db.execute("insert into people(name) values (?)", [name]).lastrowid
            for kind, known_as in identities.items():
                db.execute("insert or replace into identities values (?, ?, ?)", [kind, known_as.lower(), person])

    def same(self, key: str) -> list[str]:
        """All keys of the person behind this key, itself first."""
        kind, _, name = key.partition(":")
        rows = self._store.rows(
            """select other.kind, other.name from identities mine join identities other on other.person = mine.person
            where mine.kind = :kind and mine.name = :name and not (other.kind = :kind and other.name = :name)
            order by other.kind, other.name""",
            kind=kind,
            name=name,
        )
        return [key, *(f"{row['kind']}:{row['name']}" for row in rows)]

    def names(self, key: str, kind: str) -> list[str]:
        """What this person is called in one source (`launchpad`, `gerrit`)."""
        return [k.partition(":")[2] for k in self.same(key) if k.startswith(f"{kind}:")]

    def knows(self, key: str) -> bool:
        """Whether this key was linked to a person, or said whether it may be named."""
        kind, _, name = key.partition(":")
        return bool(
            self._store.rows(
                """select 1 from identities where kind = :kind and name = :name
                union all select 1 from consents where person = :key""",
                kind=kind,
                name=name,
                key=key,
            )
        )

    def choose(self, key: str, choice: str, at: datetime) -> None:
        """Record whether the person may be named, under all their names: "in" or "out"."""
        with self._store.writing() as db:
            for name in self.same(key):
                db.execute("insert or replace into consents values (?, ?, ?)", [name, choice, written(at)])

    def choice(self, key: str) -> str | None:
        """The person's own word, "in" or "out"; None if they never said. An "out" under any name counts most."""
        rows = self._store.rows(
            "select choice from consents where person in (select value from json_each(:keys))",
            keys=json.dumps(self.same(key)),
        )
        choices = {row["choice"] for row in rows}
        return "out" if "out" in choices else "in" if "in" in choices else None
