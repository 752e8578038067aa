"""How an item stands in its source: what keeps somebody from taking it, and what was tried before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.models import Item
from mentorbot.store.blueprints import CHANGES
from mentorbot.store.moments import written
from mentorbot.store.records import take

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Standing:
    """A bug, or another item, of which less is told: a change has no more than a status.

    `begun`: somebody works on it. `proposed` is an open change that would mend or build it, `abandoned` one that was
    given up; by number, None where there is none. `claimed`: somebody said lately that they take it. `overdue`: its
    milestone is over.
    """

    status: str
    is_open: bool
    assignee: str | None = None
    duplicate_of: int | None = None
    claimed: bool = False
    overdue: bool = False
    proposed: int | None = None
    abandoned: int | None = None
    begun: bool = False


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
        rows = self._store.rows(_STANDINGS[item.kind], **values)
        return take(Standing, _UNTOLD | rows[0]) if rows else None


_UNTOLD = {field.name: field.default for field in fields(Standing) if field.default is not MISSING}


_OTHERS = "not in (select value from json_each(:mine))"
# A change that is mirrored is as Gerrit shows it; of another one a robot's comment on the bug tells.
_CHANGES = f"""select p.change, coalesce(g.status, upper(p.state)) status from proposals p
    left join changes g on g.number = p.change
    where p.bug = :number and (g.owner is null or lower(g.owner) {_OTHERS})
    union select f.change, g.status from change_bugs f join changes g on g.number = f.change
    where f.bug = :number and lower(g.owner) {_OTHERS}"""
_BUG = f"""
    select t.status, t.is_open, t.assignee, t.status in ('In Progress', 'Fix Committed') begun, b.duplicate_of,
        exists (select 1 from comments c where c.bug = b.id and c.claim and c.date >= :since
            and lower(c.author) {_OTHERS} and c.author not in (select value from json_each(:robots))) claimed,
        exists (
            select 1 from milestones m where m.project = t.project and m.name = t.milestone and not m.active) overdue,
        (select min(change) from ({_CHANGES}) where status in ('NEW', 'OPEN')) proposed,
        (select max(change) from ({_CHANGES}) where status = 'ABANDONED') abandoned
    from tasks t join bugs b on b.id = t.bug where t.bug = :number and t.project = :project
"""
_CHANGE = "select status, status in ('NEW', 'ABANDONED') is_open from changes where number = :number"
_QUESTION = """
    select status, status in ('Open', 'Needs information') is_open, assignee
    from questions where number = :number
"""
_BUILT = f"from {CHANGES} and f.project = b.project and lower(c.owner) {_OTHERS}"
# Whoever is to build a plan, or has begun to, is in the way of no reader.
_BLUEPRINT = f"""
    select case when b.definition in ('Superseded', 'Obsolete') then b.definition
            when b.complete or b.started then b.implementation else b.definition end status,
        not b.complete and b.definition not in ('Superseded', 'Obsolete') is_open,
        iif(b.definition = 'Approved', b.assignee, null) assignee, b.definition = 'Approved' and b.started begun,
        iif(b.definition = 'Approved', (select min(c.number) {_BUILT} and c.status = 'NEW'), null) proposed,
        iif(b.definition = 'Approved', (select max(c.number) {_BUILT} and c.status = 'ABANDONED'), null) abandoned
    from blueprints b where b.number = :number
"""
_STANDINGS = {"bug": _BUG, "change": _CHANGE, "question": _QUESTION, "blueprint": _BLUEPRINT}
