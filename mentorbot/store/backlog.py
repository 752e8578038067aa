"""Questions about the backlog: which open bugs match, how many of each status, and how much waits for triage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mentorbot.models import OPEN_STATUSES, OpenBug
from mentorbot.store.bugs import ANSWERED, TOUCHED
from mentorbot.store.moments import written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_MATCHING = f"""
    from tasks t where t.is_open and t.project in (select value from json_each(:projects))
    and t.bug not in (select id from bugs where duplicate_of is not null)
    and (:statuses = '[]' or t.status in (select value from json_each(:statuses)))
    and (:importances = '[]' or t.importance in (select value from json_each(:importances)))
    and (:created_before is null or t.created < :created_before)
    and (:created_after is null or t.created > :created_after)
    and (:assignee is null or lower(coalesce(t.assignee, '')) = :assignee)
    and (:tags = '[]' or t.bug in (select bug from bug_tags where tag in (select value from json_each(:tags))))
    and (:without = '[]'
        or t.bug not in (select bug from bug_tags where tag in (select value from json_each(:without))))
    and (not :untagged or not exists (select 1 from bug_tags g where g.bug = t.bug))
    and (:title = '[]' or exists (select 1 from bugs b where b.id = t.bug and not exists (
        select 1 from json_each(:title) word where instr(lower(b.title), word.value) = 0)))
    and (not :untouched or exists (select 1 from bugs b where b.id = t.bug and b.read_at is not null and not {TOUCHED}))
"""
# Only what the index on open tasks holds is asked of every task; a bug itself is looked up where a condition needs it.

_FIRST = "case t.importance when 'Critical' then 0 when 'High' then 1 else 2 end, t.created, t.bug"
"""What a meeting wants to see first: the gravest, then what has waited longest."""


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
    """How many open bugs match, for each status that has any and in the order of statuses, and the first of them."""

    counts: dict[str, int]
    first: list[OpenBug]


@dataclass(frozen=True)
class Untriaged:
    """How much waits for triage: numbers of open bugs; one bug may be in several. `ignored` are New, and nobody but
    their reporter has spoken in all the time asked for."""

    new: int
    undecided: int
    answered: int
    ignored: int


class Backlog:
    def __init__(self, store: Store) -> None:
        self._store = store

    def search(self, query: Query, most: int, *, robots: Iterable[str], now: datetime) -> Found:
        """How many open bugs match, and at most this many of them: Critical and High ones first, then the oldest."""
        rows = self._store.rows(
            f"select t.bug, t.project, t.status {_MATCHING} order by {_FIRST}",
            robots=json.dumps(sorted(robots)),
            **_values(query, now),
        )
        keys = [(row["bug"], row["project"]) for row in rows[:most]]
        bugs = self._store.bugs.ask(
            "and t.bug in (select value from json_each(:bugs))",
            query.projects,
            robots,
            bugs=json.dumps([bug for bug, _ in keys]),
        )
        known = {(bug.number, bug.project): bug for bug in bugs}
        counts = Counter(row["status"] for row in rows)
        return Found(
            {status: counts[status] for status in OPEN_STATUSES if status in counts},
            [known[key] for key in keys if key in known],
        )

    def untriaged(self, projects: Iterable[str], *, robots: Iterable[str], since: datetime) -> Untriaged:
        """How much waits for triage; `ignored` are those reported before `since`."""
        [row] = self._store.rows(
            f"""select count(*) filter (where t.status = 'New') new,
                count(*) filter (where t.importance = 'Undecided') undecided,
                count(*) filter (where t.status = 'Incomplete' and {ANSWERED}) answered,
                count(*) filter (
                    where t.status = 'New' and t.created < :since and b.read_at is not null and not {TOUCHED}) ignored
            from tasks t join bugs b on b.id = t.bug
            where t.is_open and t.project in (select value from json_each(:projects)) and b.duplicate_of is null""",
            projects=json.dumps(list(projects)),
            robots=json.dumps(sorted(robots)),
            since=written(since),
        )
        return Untriaged(**row)


def _values(query: Query, now: datetime) -> dict[str, Any]:
    return {
        "projects": json.dumps(query.projects),
        "statuses": json.dumps(sorted(query.statuses)),
        "importances": json.dumps(sorted(query.importances)),
        "tags": json.dumps(sorted(query.tags)),
        "without": json.dumps(sorted(query.without)),
        "created_before": None if query.older is None else written(now - query.older),
        "created_after": None if query.younger is None else written(now - query.younger),
        "assignee": query.assignee,
        "untagged": query.untagged,
        "untouched": query.untouched,
        "title": json.dumps(sorted(query.title)),
    }
