"""People, the names they have elsewhere, and whether they agreed to be named."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

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

    def join(self, account: str, kind: str, name: str, at: datetime) -> bool:
        """Record that a name is proved to be this account's (`account:ada`); False where it is another account's.

        A name that was known with others, of somebody without an account, brings these along: two become one person.
        What is recorded of each name stays recorded under it, so that `part` can undo all of it.
        """
        with self._store.writing() as db:
            mine, name = self._person(*_split(account)), name.lower()
            theirs = self._person(kind, name)
            if theirs is not None and theirs == mine:
                return True
            known = self._identities(theirs) if theirs else []
            if any(k == "account" for k, _ in known):
                return False
            if mine is None:
                mine = db.execute("insert into people(name) values (?)", [_split(account)[1]]).lastrowid
                self._move(*_split(account), None, mine, "joined", at)
            for k, n in known or [(kind, name)]:
                self._move(k, n, theirs, mine, "proved" if (k, n) == (kind, name) else "came along", at)
        return True

    def part(self, account: str, kind: str, name: str, at: datetime, how: str = "ended") -> bool:
        """End the link between an account and a name; False where there is none.

        The name goes back to whom it was before, and what came along with it too. `how` is for the history.
        """
        with self._store.writing():
            mine, name = self._person(*_split(account)), name.lower()
            if mine is None or self._person(kind, name) != mine:
                return False
            rows = self._store.rows(
                """select l.at, l.was, l.how from links l where l.kind = :kind and l.name = :name and l.became = :mine
                order by l.id desc limit 1""",
                kind=kind,
                name=name,
                mine=mine,
            )
            came: dict[str, Any] = rows[0] if rows else {"at": "", "was": None, "how": ""}
            leaving = [{"kind": kind, "name": name}]
            if came["how"] == "proved" and came["was"]:
                leaving = self._store.rows(
                    """select l.kind, l.name from links l
                    join identities i on i.kind = l.kind and i.name = l.name and i.person = l.became
                    where l.at = :at and l.was = :was and l.became = :mine""",
                    at=came["at"],
                    was=came["was"],
                    mine=mine,
                )
            for left in leaving:
                self._move(left["kind"], left["name"], mine, came["was"], how, at)
        return True

    def account_of(self, kind: str, name: str) -> str | None:
        """The account (`account:ada`) of the person who has this name in a source; None where nobody proved it."""
        accounts = [key for key in self.same(f"{kind}:{name.lower()}") if key.startswith("account:")]
        return accounts[0] if accounts else None

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

    def _person(self, kind: str, name: str) -> int | None:
        rows = self._store.rows(
            "select person from identities where kind = :kind and name = :name", kind=kind, name=name
        )
        return rows[0]["person"] if rows else None

    def _identities(self, person: int) -> list[tuple[str, str]]:
        rows = self._store.rows(
            "select kind, name from identities where person = :person order by kind, name", person=person
        )
        return [(row["kind"], row["name"]) for row in rows]

    def _move(self, kind: str, name: str, was: int | None, became: int | None, how: str, at: datetime) -> None:
        with self._store.writing() as db:
            db.execute("delete from identities where kind = ? and name = ?", [kind, name])
            if became is not None:
                db.execute("insert into identities values (?, ?, ?)", [kind, name, became])
            db.execute(
                "insert into links(at, kind, name, was, became, how) values (?, ?, ?, ?, ?, ?)",
                [written(at), kind, name, was, became, how],
            )


def _split(key: str) -> tuple[str, str]:
    kind, _, name = key.partition(":")
    return kind, name
