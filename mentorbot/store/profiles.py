"""What people show of themselves on Launchpad: those whom the bot may come to name, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mentorbot.questions import Profile
from mentorbot.store.records import put, take

if TYPE_CHECKING:
    from mentorbot.store.store import Store

KIND = "launchpad"


class Profiles:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, profile: Profile) -> None:
        put(self._store, "profiles", profile)

    def forget(self, name: str) -> None:
        """Remove a profile: nobody is called so any more, or they were suspended."""
        with self._store.writing() as db:
            db.execute("delete from profiles where name = ?", [name])

    def get(self, name: str) -> Profile | None:
        rows = self._store.rows("select * from profiles where name = :name", name=name)
        return take(Profile, rows[0]) if rows else None

    def wanted(self) -> list[str]:
        """Whose profile is worth a request: who proved the name, and who was recognised under it."""
        rows = self._store.rows(
            """select name from identities where kind = :kind
            union select substr(person, length(:kind) + 2) from credits where person like :kind || ':%'
            union select name from profiles order by 1""",
            kind=KIND,
        )
        return [row["name"] for row in rows]
