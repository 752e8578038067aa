"""How an item stands in its source: what keeps somebody from taking it, and what was tried before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.models import Item
from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Standing:
    """A bug, or a change, which has no more than a status.

    `proposed` is an open change that would mend the bug, `abandoned` one that was given up; by number, None where
    there is none. `claimed`: somebody said lately that they take it. `overdue`: its milestone is over.
    """

    status: str
    is_open: bool
    assignee: str | None = None
    duplicate_of: int | None = None
    claimed: bool = False
    overdue: bool = False
    proposed: int | None = None
    abandoned: int | None = None


class Standings:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, item: Item, mine: Iterable[str], robots: Iterable[str], claimed_since: datetime) -> Standing | None:
        """How an item stands for somebody whose names are `mine`, in small letters: what they said themselves, and
        changes of their own, keep them from nothing. None where the mirrors do not know it (any more)."""
        values = {
            "number": item.number,
            "project": item.project,
            "mine": json.dumps(sorted(mine)),
            "robots": json.dumps(sorted(robots)),
            "since": written(claimed_since),
        }
        rows = self._store.rows(_BUG if item.kind == "bug" else _CHANGE, **values)
        return _standing(rows[0]) if rows else None


_OTHERS = "not in (select value from json_each(:mine))"
# A change that is mirrored is as Gerrit shows it; of another one a robot's comment on the bug tells.
_CHANGES = f"""select p.change, coalesce(g.status, upper(p.state)) status from proposals p
    left join changes g on g.number = p.change
    where p.bug = :number and (g.owner is null or lower(g.owner) {_OTHERS})
    union select f.change, g.status from change_bugs f join changes g on g.number = f.change
    where f.bug = :number and lower(g.owner) {_OTHERS}"""
_BUG = f"""
    select t.status, t.is_open, t.assignee, b.duplicate_of,
        exists (select 1 from comments c where c.bug = b.id and c.claim and c.date >= :since
            and lower(c.author) {_OTHERS} and c.author not in (select value from json_each(:robots))) claimed,
        exists (
            select 1 from milestones m where m.project = t.project and m.name = t.milestone and not m.active) overdue,
        (select min(change) from ({_CHANGES}) where status in ('NEW', 'OPEN')) proposed,
        (select max(change) from ({_CHANGES}) where status = 'ABANDONED') abandoned
    from tasks t join bugs b on b.id = t.bug where t.bug = :number and t.project = :project
"""
_CHANGE = """
    select status, status in ('NEW', 'ABANDONED') is_open, null assignee, null duplicate_of, 0 claimed, 0 overdue,
        null proposed, null abandoned
    from changes where number = :number
"""


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(
        status=row["status"],
        is_open=bool(row["is_open"]),
        assignee=row["assignee"],
        duplicate_of=row["duplicate_of"],
        claimed=bool(row["claimed"]),
        overdue=bool(row["overdue"]),
        proposed=row["proposed"],
        abandoned=row["abandoned"],
    )
