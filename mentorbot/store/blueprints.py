"""Blueprints: what a project means to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mentorbot.questions import Blueprint
from mentorbot.store.records import put, take

if TYPE_CHECKING:
    from mentorbot.store.store import Store


class Blueprints:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, blueprint: Blueprint) -> None:
        put(self._store, "blueprints", blueprint)

    def forget(self, key: str) -> None:
        """Remove a blueprint (`project/name`) and every word of it: it is private now, or gone."""
        project, _, name = key.rpartition("/")
        with self._store.writing() as db:
            db.execute("delete from blueprints where project = ? and name = ?", [project, name])

    def etags(self, project: str) -> dict[str, str]:
        """A project's blueprints by name, each with the etag under which it was read."""
        rows = self._store.rows("select name, etag from blueprints where project = :project", project=project)
        return {row["name"]: row["etag"] for row in rows}

    def of(self, project: str) -> list[Blueprint]:
        """The blueprints of a project, the youngest first."""
        rows = self._store.rows(
            "select * from blueprints where project = :project order by created desc, name", project=project
        )
        return [take(Blueprint, row) for row in rows]

    def free(self, project: str) -> list[Blueprint]:
        """Those that are approved, not begun, and nobody's: something to build for who knows how."""
        return [
            blueprint
            for blueprint in self.of(project)
            if (blueprint.definition, blueprint.implementation) == ("Approved", "Not started")
            and blueprint.assignee is None
        ]
