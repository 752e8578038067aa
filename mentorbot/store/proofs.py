"""Names elsewhere that people say are theirs and have not proved yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Proof:
    """A name in a source (`kind`) that an account says is its own, and has still to prove by showing a word there.

    `word` is the word's SHA-256.
    """

    account: str
    kind: str
    name: str
    word: str
    made: datetime
    until: datetime


class Proofs:
    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(self, proof: Proof) -> None:
        """Wait for this proof, in place of an older one of the same name for the same account."""
        with self._store.writing() as db:
            db.execute(
                "insert or replace into proofs(account, kind, name, word, made, until) values (?, ?, ?, ?, ?, ?)",
                [
                    proof.account,
                    proof.kind,
                    proof.name,
                    proof.word,
                    written(proof.made),
                    written(proof.until),
                ],
            )

    def of(self, account: str, now: datetime) -> list[Proof]:
        """What this account has still to prove."""
        rows = self._store.rows(
            "select * from proofs where account = :account and until > :now order by kind, name",
            account=account,
            now=written(now),
        )
        return [_proof(row) for row in rows]

    def waiting(self, kind: str, now: datetime, most: int) -> list[Proof]:
        """At most so many proofs to look for in one source: those that have waited longest since they were asked for,
        or looked for, come first, so that nobody is kept waiting by those who ask for many."""
        rows = self._store.rows(
            """select * from proofs where kind = :kind and until > :now
            order by coalesce(looked, made), account, name limit :most""",
            kind=kind,
            now=written(now),
            most=most,
        )
        return [_proof(row) for row in rows]

    def count(self, now: datetime) -> int:
        rows = self._store.rows("select count(*) n from proofs where until > :now", now=written(now))
        found: int = rows[0]["n"]
        return found

    def looked(self, proof: Proof, at: datetime) -> None:
        """Remember that the word is looked for now."""
        with self._store.writing() as db:
            db.execute(
                "update proofs set looked = ? where account = ? and kind = ? and name = ?",
                [written(at), proof.account, proof.kind, proof.name],
            )

    def drop(self, account: str, kind: str, name: str) -> bool:
        """Wait for a proof no longer; False where none was awaited."""
        with self._store.writing() as db:
            return bool(
                db.execute(
                    "delete from proofs where account = ? and kind = ? and name = ?", [account, kind, name]
                ).rowcount
            )

    def expire(self, now: datetime) -> None:
        """Forget those whose time is over."""
        if self._store.rows("select 1 from proofs where until <= :now limit 1", now=written(now)):
            with self._store.writing() as db:
                db.execute("delete from proofs where until <= ?", [written(now)])


def _proof(row: dict[str, Any]) -> Proof:
    return Proof(
        account=row["account"],
        kind=row["kind"],
        name=row["name"],
        word=row["word"],
        made=read(row["made"]),
        until=read(row["until"]),
    )
