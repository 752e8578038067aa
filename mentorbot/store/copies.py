"""What the mirror has of a project's bugs, to be compared with their source: what vanished there, and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.models import Activity, Bug, Comment, Task, Thing
from mentorbot.store.moments import read, written
from mentorbot.store.records import take

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_OPEN = """
    from tasks t where t.project = :project and t.is_open and not t.duplicate
"""


class Copies:
    def __init__(self, store: Store) -> None:
        self._store = store

    def oldest(self, project: str) -> datetime | None:
        """When the oldest task was filed that the store has of a project; None where it has none."""
        rows = self._store.rows("select min(created) created from tasks where project = :project", project=project)
        created: str | None = rows[0]["created"]
        return read(created)

    def filed(self, project: str, after: datetime | None, before: datetime | None) -> set[int]:
        """The bugs whose task in this project was filed between two moments, both left out."""
        rows = self._store.rows(
            """select bug from tasks where project = :project and created > coalesce(:after, '')
            and created < coalesce(:before, '~')""",
            project=project,
            after=written(after),
            before=written(before),
        )
        return {row["bug"] for row in rows}

    def elsewhere(self, project: str) -> dict[int, frozenset[str]]:
        """The bugs with a task in this project or a package of it, each with the other targets it has a task in."""
        rows = self._store.rows(
            """select t.bug, (select json_group_array(o.project) from tasks o where o.bug = t.bug
                and o.project != :project and o.project not glob :packages) others
            from tasks t where t.project = :project or t.project glob :packages group by t.bug""",
            project=project,
            packages=f"{project}/+*",
        )
        return {row["bug"]: frozenset(json.loads(row["others"])) for row in rows}

    def etags(self, project: str, bugs: Iterable[int]) -> dict[int, str]:
        """The etag under which the store has the task of each of these bugs in a project."""
        rows = self._store.rows(
            "select bug, etag from tasks where project = :project and bug in (select value from json_each(:bugs))",
            project=project,
            bugs=json.dumps(list(bugs)),
        )
        return {row["bug"]: row["etag"] for row in rows}

    def next_open(self, project: str, after: int, limit: int) -> list[int]:
        """The next open bugs of a project by their numbers."""
        rows = self._store.rows(
            """select bug from tasks where project = :project and is_open and bug > :after
            order by bug limit :limit""",
            project=project,
            after=after,
            limit=limit,
        )
        return [row["bug"] for row in rows]

    def count(self, project: str) -> int:
        """How many open bugs of a project the store has, duplicates left out."""
        found: int = self._store.rows(f"select count(*) n {_OPEN}", project=project)[0]["n"]
        return found

    def sample(self, project: str, limit: int) -> list[int]:
        """Some of a project's open bugs, any."""
        rows = self._store.rows(f"select t.bug {_OPEN} order by random() limit :limit", project=project, limit=limit)
        return [row["bug"] for row in rows]

    def of(self, bug: int) -> list[Thing]:
        """A bug with its tasks, comments and log as the source gave them; nothing where the store has no such bug.

        Of a task its title and reporter are the bug's, and are left out.
        """
        rows = self._store.rows(
            """select b.*, (select json_group_array(tag) from bug_tags g where g.bug = b.id) tags
            from bugs b where id = :bug""",
            bug=bug,
        )
        if not rows:
            return []
        return [
            _bug(rows[0]),
            *(
                take(Task, row | {"title": "", "reporter": ""})
                for row in self._all("select * from tasks where bug = :bug order by project", bug)
            ),
            *(take(Comment, row) for row in self._all("select * from comments where bug = :bug order by number", bug)),
            *(take(Activity, row) for row in self._all("select * from activity where bug = :bug", bug)),
        ]

    def _all(self, question: str, bug: int) -> list[dict[str, Any]]:
        return self._store.rows(question, bug=bug)


def _bug(row: dict[str, Any]) -> Bug:
    more = {"private": False, "whole": row["read_at"] is not None, "logged": False}
    found = take(Bug, row | more)
    return Bug(**(vars(found) | {"tags": frozenset(json.loads(row["tags"]))}))
