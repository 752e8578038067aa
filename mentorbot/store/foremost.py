"""The questions about bugs, answered with so many of the best as are needed to choose from, however long the queue."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.models import OpenBug
from mentorbot.store.moments import written
from mentorbot.store.offers import OUT
from mentorbot.store.openbugs import OPEN, OpenBugs

if TYPE_CHECKING:
    from mentorbot.store.store import Store

MOST = 50
_JUDGED = "t.importance in ('Low', 'Medium', 'High')"


class Foremost(OpenBugs):
    """Asked like `store.bugs`, it gives the MOST youngest of each project and its MOST youngest whose importance is
    judged, none that is not to be offered to `person`: these have the points, and SQLite finds them without reading all
    the others."""

    def __init__(self, store: Store, person: str, now: datetime) -> None:
        super().__init__(store)
        self._me = {"me": json.dumps(store.people.same(person)), "now": written(now)}

    def ask(self, only: str, projects: Iterable[str], robots: Iterable[str], **values: Any) -> list[OpenBug]:
        projects, values = list(projects), values | self._me | {"robots": json.dumps(sorted(robots))}
        found: set[tuple[int, str]] = set()
        for project in projects:
            values["horizon"] = "" if values.get("few") else self.horizon(project)
            youngest = self._youngest(project, only, values)
            # Where that is not the whole queue, an older one may have more points: if it is judged, and these are not.
            if len(youngest) == MOST and not all(youngest.values()):
                youngest |= self._youngest(project, f"and {_JUDGED} {only}", values)
            found |= {(bug, project) for bug in youngest}
        numbers = json.dumps(sorted({bug for bug, _ in found}))
        bugs = super().ask("and t.bug in (select value from json_each(:bugs))", projects, robots, bugs=numbers)
        return [bug for bug in bugs if (bug.number, bug.project) in found]

    def _youngest(self, project: str, only: str, values: dict[str, Any]) -> dict[int, bool]:
        """The youngest of a project, and whether they are judged."""
        # The plus keeps SQLite from walking over all tasks by date, `likely` from doing so in another order than that.
        created = "+t.created" if values.get("few") else "t.created"
        rows = self._store.rows(
            f"""select t.bug, {_JUDGED} judged from tasks t join bugs b on b.id = t.bug
            where {OPEN} and t.project = :project and likely({created} >= :horizon) {only}
            and t.bug not in ({OUT})
            order by {created} desc limit {MOST}""",
            project=project,
            **values,
        )
        return {row["bug"]: bool(row["judged"]) for row in rows}
