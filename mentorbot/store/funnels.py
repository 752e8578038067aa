"""How far people came who asked for work, in numbers, and what came of each item."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_PERSON = """coalesce((select 'person ' || i.person from identities i
    where i.kind = substr(x.person, 1, instr(x.person, ':') - 1)
    and i.name = substr(x.person, instr(x.person, ':') + 1)), x.person)"""
"""One person under all their names."""
_COUNTS = """
    count(distinct who) offered, count(distinct iif(claimed is not null, who, null)) claimed,
    count(distinct iif(seen is not null or outcome in ('done', 'merged'), who, null)) seen,
    count(distinct iif(outcome in ('done', 'merged') or (outcome = 'closed' and seen is not null), who, null)) finished
"""


class Funnels:
    def __init__(self, store: Store) -> None:
        self._store = store

    def people(self, since: datetime) -> tuple[int, int]:
        """How many people asked since then, and how many of them came back on a later day within 90 days."""
        [row] = self._store.rows(
            f"""with visits as (select {_PERSON} who, julianday(at) day from asked x where at >= :since),
            firsts as (select who, min(day) day from visits group by who)
            select count(*) asked, coalesce(sum(exists (select 1 from visits v
                where v.who = f.who and v.day >= f.day + 1 and v.day <= f.day + 90)), 0) returned from firsts f""",
            since=written(since),
        )
        return row["asked"], row["returned"]

    def steps(self, since: datetime) -> list[dict[str, Any]]:
        """How many people were offered something, claimed it, were seen at work on it and finished it, since then;
        first all together (niche ""), then each niche, the busiest first."""
        offers = f"select {_PERSON} who, x.* from offers x where offered >= :since"
        return self._store.rows(
            f"""select '' niche, {_COUNTS} from ({offers})
            union all select * from (
                select niche, {_COUNTS} from ({offers}) group by niche order by offered desc, niche)""",
            since=written(since),
        )

    def outcomes(self) -> list[tuple[str, list[str], str, str, str]]:
        """All offers that came to something, each as (kind, names of its signals, outcome, feedback, reason to refuse);
        of one that somebody got more than once the last."""
        rows = self._store.rows(
            """select kind, signals, outcome, feedback, reason, max(id) from offers
            where number and (outcome != '' or passed is not null) group by person, kind, number order by max(id)"""
        )
        return [
            (
                row["kind"],
                [signal["name"] for signal in json.loads(row["signals"])],
                row["outcome"],
                row["feedback"],
                row["reason"],
            )
            for row in rows
        ]
