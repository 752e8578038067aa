"""Questions about the backlog: which open bugs match, how many of each status, and how much waits for triage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mentorbot.models import OPEN_STATUSES, OpenBug
from mentorbot.store.moments import written
from mentorbot.store.openbugs import ANSWERED, OPEN, TOUCHED

if TYPE_CHECKING:
    from mentorbot.store.store import Store

LOOKED = 10_000
"""Of so many open bugs of a project, the first, is asked what no index holds: titles, tags of many, who has spoken."""
HEARD = 5_000
"""Of so many New ones, and Incomplete ones, is asked who has spoken, to tell what waits for triage."""

_OPEN = f"{OPEN} and t.project = :project and t.status in (select value from json_each(:statuses))"
# All statuses by name where any will do: so the index on them leads to a rare importance, too.
_LISTED = {
    "importances": "t.importance in (select value from json_each(:importances))",
    "older": "t.created < :older",
    "younger": "t.created > :younger",
    "assignee": "lower(coalesce(t.assignee, '')) = :assignee",
}
"""Conditions of a Query on what the indexes on open tasks hold: these can be asked of a million."""
_TAGGED = """(select distinct bug from bug_tags where tag in (select value from json_each(:tags))) g
    cross join tasks t on t.bug = g.bug"""
_OF_THE_BUG = {
    "tags": """exists (
        select 1 from bug_tags g where g.bug = t.bug and g.tag in (select value from json_each(:tags)))""",
    "without": """not exists (
        select 1 from bug_tags g where g.bug = t.bug and g.tag in (select value from json_each(:without)))""",
    "untagged": "not exists (select 1 from bug_tags g where g.bug = t.bug)",
    "title": """exists (select 1 from bugs b where b.id = t.bug and not exists (
        select 1 from json_each(:title) word where instr(lower(b.title), word.value) = 0))""",
    "untouched": f"""exists (
        select 1 from bugs b where b.id = t.bug and b.read_at is not null and not {TOUCHED})""",
}
"""Conditions for which the bug itself has to be looked up."""

_GRAVITY = "case t.importance when 'Critical' then 0 when 'High' then 1 else 2 end"
_KEYS = f"t.bug, t.project, t.status, {_GRAVITY} gravity, t.created"
_GRAVEST_FIRST = (
    ("tasks_by_status", "t.importance = 'Critical'"),
    ("tasks_by_status", "t.importance = 'High'"),
    ("tasks_open", "t.importance not in ('Critical', 'High')"),
)
"""What a meeting wants to see first: the gravest, then what has waited longest. Each with the index that finds it."""


@dataclass(frozen=True)
class Query:
    """Which open bugs are meant: all conditions must hold, and an empty one holds always.

    A bug has one of `tags` and none of `without`; each word of `title` is in its title; its age is more than `older`
    and less than `younger`. `assignee` is "" for nobody, None for anybody or nobody. Untouched is a bug on which
    nobody but its reporter has spoken. Words and names are in lower case.
    """

    projects: tuple[str, ...]
    statuses: frozenset[str] = frozenset()
    importances: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    older: timedelta | None = None
    younger: timedelta | None = None
    assignee: str | None = None
    untagged: bool = False
    untouched: bool = False
    title: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """How many open bugs match, for each status that has any and in the order of statuses, and the first of them.

    Where not all were looked at, `looked` is how many of each project were, and at least so many match.
    """

    counts: dict[str, int]
    first: list[OpenBug]
    looked: int | None = None


@dataclass(frozen=True)
class Untriaged:
    """How much waits for triage: numbers of open bugs; one bug may be in several. `ignored` are New, and nobody but
    their reporter has spoken in all the time asked for. Not `whole`: there are at least so many answered and ignored.
    """

    new: int
    undecided: int
    answered: int
    ignored: int
    whole: bool = True


class Backlog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def search(self, query: Query, most: int, *, robots: Iterable[str], now: datetime) -> Found:
        """How many open bugs match, and at most this many of them: Critical and High ones first, then the oldest."""
        robots, values = list(robots), _values(query, now)
        values["robots"] = json.dumps(sorted(robots))
        listed = " and ".join([_OPEN, *(sql for name, sql in _LISTED.items() if getattr(query, name) not in _ANY)])
        of_the_bug = [sql for name, sql in _OF_THE_BUG.items() if getattr(query, name)]
        few = bool(query.tags) and self._are_few(query.tags)
        counts, rows, whole = Counter[str](), list[dict[str, Any]](), True
        for project in query.projects:
            values["project"] = project
            if not of_the_bug:
                for (status, _), number in self._counted(listed, values).items():
                    counts[status] += number
                rows += self._first(listed, most, values)
                continue
            if few:
                sql = f"select {_KEYS} from {_TAGGED} where {listed}"
                found = self._store.rows(" and ".join([sql, *of_the_bug]), **values)
            else:
                found, looked = self._looked_at(listed, " and ".join(of_the_bug), values)
                whole = whole and looked < LOOKED
            counts.update(row["status"] for row in found)
            rows += found
        rows.sort(key=lambda row: (row["gravity"], row["created"], row["bug"]))
        keys = [(row["bug"], row["project"]) for row in rows[:most]]
        bugs = self._store.bugs.ask(
            "and t.bug in (select value from json_each(:bugs))",
            query.projects,
            robots,
            bugs=json.dumps([bug for bug, _ in keys]),
        )
        known = {(bug.number, bug.project): bug for bug in bugs}
        return Found(
            {status: counts[status] for status in OPEN_STATUSES if counts[status]},
            [known[key] for key in keys if key in known],
            None if whole else LOOKED,
        )

    def _are_few(self, tags: Iterable[str]) -> bool:
        """Whether so few bugs have these tags that all can be looked at."""
        rows = self._store.rows(
            """select count(*) n from (
                select 1 from bug_tags where tag in (select value from json_each(:tags)) limit :looked)""",
            tags=json.dumps(list(tags)),
            looked=LOOKED,
        )
        return int(rows[0]["n"]) < LOOKED

    def _counted(self, listed: str, values: dict[str, Any]) -> Counter[tuple[str, str]]:
        """How many open bugs of :project meet these conditions, by status and importance."""
        by = "t.status, t.importance"
        rows = self._store.rows(
            f"select {by}, count(*) n from tasks t indexed by tasks_by_status where {listed} group by {by}", **values
        )
        return Counter({(row["status"], row["importance"]): row["n"] for row in rows})

    def _first(self, listed: str, most: int, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The keys of the gravest and oldest open bugs of :project that meet these conditions."""
        rows: list[dict[str, Any]] = []
        for index, gravity in _GRAVEST_FIRST:
            if len(rows) < most:
                sql = _in_order(index, gravity, listed)
                rows += self._store.rows(f"select {_KEYS} {sql}", most=most - len(rows), **values)
        return rows

    def _looked_at(self, listed: str, of_the_bug: str, values: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
        """The keys of those of the first LOOKED open bugs of :project that meet all conditions, and how many were
        looked at."""
        rows, looked = list[dict[str, Any]](), 0
        for index, gravity in _GRAVEST_FIRST:
            if looked < LOOKED:
                sql, most = _in_order(index, gravity, listed), LOOKED - looked
                rows += self._store.rows(
                    f"select * from (select {_KEYS} {sql}) t where {of_the_bug}", most=most, **values
                )
                looked += self._store.rows(_so_many(index, gravity, listed), most=most, **values)[0]["n"]
        return rows, looked

    def untriaged(self, projects: Iterable[str], *, robots: Iterable[str], since: datetime) -> Untriaged:
        """How much waits for triage; `ignored` are those reported before `since`."""
        values = {"robots": json.dumps(sorted(robots)), "since": written(since), "statuses": json.dumps(OPEN_STATUSES)}
        counts, answered, ignored, whole = Counter[tuple[str, str]](), 0, 0, True
        for project in projects:
            values["project"] = project
            here = self._counted(_OPEN, values)
            counts.update(here)
            answered += self._of_the_first("Incomplete", ANSWERED, values)
            unheard = f"t.created < :since and b.read_at is not null and not {TOUCHED}"
            ignored += self._of_the_first("New", unheard, values)
            for status in ("New", "Incomplete"):
                whole = whole and sum(n for (one, _), n in here.items() if one == status) <= HEARD
        new = sum(n for (status, _), n in counts.items() if status == "New")
        undecided = sum(n for (_, importance), n in counts.items() if importance == "Undecided")
        return Untriaged(new, undecided, answered, ignored, whole)

    def _of_the_first(self, status: str, only: str, values: dict[str, Any]) -> int:
        """Of how many of HEARD open bugs of :project with this status the SQL `only` is true."""
        rows = self._store.rows(
            f"""select count(*) n from (
                select t.bug, t.created from tasks t indexed by tasks_by_status
                where {_OPEN} and t.status = :status limit :heard) t join bugs b on b.id = t.bug
            where {only}""",
            status=status,
            heard=HEARD,
            **values,
        )
        return int(rows[0]["n"])


_ANY: tuple[Any, ...] = (None, frozenset())


def _in_order(index: str, gravity: str, listed: str) -> str:
    """SQL for the :most oldest open bugs of :project with such an importance that meet these conditions."""
    return f"""from tasks t indexed by {index} where {gravity} and {listed}
        order by t.created, t.bug limit :most"""


def _so_many(index: str, gravity: str, listed: str) -> str:
    """SQL for how many there are of these, :most at most."""
    found = f"select 1 from tasks t indexed by {index} where {gravity} and {listed} limit :most"
    return f"select count(*) n from ({found})"


def _values(query: Query, now: datetime) -> dict[str, Any]:
    return {
        "statuses": json.dumps(sorted(query.statuses or OPEN_STATUSES)),
        "importances": json.dumps(sorted(query.importances)),
        "tags": json.dumps(sorted(query.tags)),
        "without": json.dumps(sorted(query.without)),
        "older": None if query.older is None else written(now - query.older),
        "younger": None if query.younger is None else written(now - query.younger),
        "assignee": query.assignee,
        "title": json.dumps(sorted(query.title)),
    }
