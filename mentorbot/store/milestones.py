"""Which milestones of a project are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mentorbot.store.store import Store


class Milestones:
    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, project: str, active: Mapping[str, bool]) -> None:
        """Write all milestones of a project, each with whether it is active."""
        with self._store.writing() as db:
            db.execute("delete from milestones where project = ?", [project])
            db.conn.executemany(
                "insert into milestones values (?, ?, ?)", [(project, name, on) for name, on in active.items()]
            )
