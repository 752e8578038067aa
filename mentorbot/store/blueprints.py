"""Blueprints: what a project means to build."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mentorbot.questions import Blueprint
from mentorbot.store.records import put, take

if TYPE_CHECKING:
    from mentorbot.store.store import Store

CHANGES = """change_blueprints f join changes c on c.number = f.change
    where f.blueprint = b.name and f.project in (b.project, b.project || '-specs')"""
"""SQL: the changes `c` that name the blueprint `b`, of its project and of the project where its plans are written."""
_STATES = {
    "draft": "not b.complete and b.definition in ('New', 'Drafting', 'Discussion', 'Review', 'Pending Approval')",
    "approved": "not b.complete and b.definition = 'Approved'",
}
_FREE = {
    "draft": """lower(b.owner) not in (select value from json_each(:mine))
        and coalesce(lower(b.drafter), '') not in (select value from json_each(:mine))""",
    "approved": f"""b.implementation = 'Not started' and b.assignee is null
        and not exists (select 1 from {CHANGES} and f.project = b.project and c.status = 'NEW')""",
}
"""In each state, those that may be offered: who wrote a draft needs other readers, what is built needs one builder."""


class Blueprints:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, blueprint: Blueprint) -> None:
        put(self._store, "blueprints", replace(blueprint, number=self.number(blueprint.key) or None))

    def forget(self, key: str) -> None:
        """Remove a blueprint (`project/name`) and every word of it: it is private now, or gone."""
        project, _, name = key.rpartition("/")
        with self._store.writing() as db:
            number = self.number(key)
            db.execute("delete from blueprints where project = ? and name = ?", [project, name])
            self._store.unsay("blueprint", number, name)

    def number(self, key: str) -> int:
        """What the store calls a blueprint, for as long as it has it; 0 where it has none of that key."""
        project, _, name = key.rpartition("/")
        rows = self._store.rows(
            "select number from blueprints where project = :project and name = :name", project=project, name=name
        )
        return rows[0]["number"] if rows else 0

    def key(self, number: int) -> str:
        """The key of a blueprint (`project/name`); "" where the store has none of that number."""
        rows = self._store.rows("select project || '/' || name key from blueprints where number = :n", n=number)
        return rows[0]["key"] if rows else ""

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

    def waiting(self, state: str, projects: Iterable[str], *, not_by: Iterable[str] = ()) -> list[Blueprint]:
        """Blueprints of these projects that wait for somebody in a `state` of mentorbot.niches.BlueprintQueue, the
        youngest first; no draft of `not_by`."""
        rows = self._store.rows(
            f"""select * from blueprints b where b.project in (select value from json_each(:projects))
            and {_STATES[state]} and {_FREE[state]} order by b.created desc, b.name""",
            projects=json.dumps(list(projects)),
            mine=json.dumps([name.lower() for name in not_by]),
        )
        return [take(Blueprint, row) for row in rows]

    def is_waiting(self, number: int, states: Iterable[str]) -> bool:
        """Whether a blueprint is in one of these states still, whoever reads or builds it."""
        found = " or ".join(f"({_STATES[state]})" for state in states)
        return bool(
            self._store.rows(f"select 1 from blueprints b where b.number = :number and ({found})", number=number)
        )
