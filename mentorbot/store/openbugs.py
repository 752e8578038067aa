"""Which open bugs are free for somebody: the questions of the queues."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.models import OpenBug
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

LOOKED = 10_000
"""Where a project has more open bugs than this, the queues look at so many of the youngest, and at no others."""
FEW = 300
"""Bugs with a tag; of more it is quicker to look at the youngest of all, until enough have it."""
FEW_OF_MANY = 2000
"""The same where the project has more than LOOKED: the tag would be rare among those."""
OPEN = "t.is_open and not t.duplicate"
_PERSON = "c.author not in (select value from json_each(:robots))"
TOUCHED = f"exists (select 1 from comments c where c.bug = b.id and c.author != b.reporter and {_PERSON})"
"""Somebody else than its reporter has spoken on the bug."""
ANSWERED = f"""{TOUCHED} and b.reporter = (
    select c.author from comments c where c.bug = b.id and {_PERSON} order by c.number desc limit 1)"""
"""Somebody spoke on the bug, and its reporter has spoken since."""

NOT_TAKEN = """
    and t.assignee is null and t.status not in ('In Progress', 'Fix Committed') and b.duplicate_of is null
    and not exists (select 1 from milestones m where m.project = t.project and m.name = t.milestone and not m.active)
    and b.read_at is not null
    and not exists (
        select 1 from comments c where c.bug = b.id and c.claim and c.date >= :claimed_since
        and c.author not in (select value from json_each(:robots)))
    and not exists (
        select 1 from change_bugs f join changes g on g.number = f.change where f.bug = b.id and g.status = 'NEW')
    and not exists (
        select 1 from proposals p left join changes g on g.number = p.change
        where p.bug = b.id and coalesce(g.status, upper(p.state)) in ('NEW', 'OPEN'))
"""
"""Nobody works on the bug, as far as anybody said. One whose comments were not read might be taken: not free."""

_UNTRIAGED = f"""
    and b.reporter not in (select value from json_each(:robots))
    and t.status in ('New', 'Incomplete') and case t.status when 'New' then not {TOUCHED} else {ANSWERED} end
    {NOT_TAKEN}"""
_FIXED = """and (exists (select 1 from proposals p where p.bug = b.id and p.state = 'merged') or exists (
    select 1 from change_bugs f join changes g on g.number = f.change where f.bug = b.id and g.status = 'MERGED'))"""
# A text is put into small letters once, however many words are looked for in it.
_SAYS = """and exists (
    with said(text) as materialized (select lower(b.title) || char(10) || lower(b.description))
    select 1 from said cross join json_each(:words) w where instr(said.text, w.value))"""
_FACTS = f"""
    select t.bug, t.project, b.title, t.url, t.status, t.importance, t.assignee, b.reporter, t.created, b.updated,
        (select json_group_array(tag) from bug_tags g where g.bug = b.id) tags,
        (select count(*) from comments c where c.bug = b.id and {_PERSON}) comments,
        {ANSWERED} answered
    from tasks t join bugs b on b.id = t.bug
    where {OPEN} and t.project in (select value from json_each(:projects))
"""


class OpenBugs:
    def __init__(self, store: Store) -> None:
        self._store = store

    def free(
        self,
        projects: Iterable[str],
        *,
        robots: Iterable[str],
        claimed_since: datetime,
        tags: Collection[str] = (),
        statuses: Iterable[str] = (),
        importances: Iterable[str] = (),
        without: Iterable[str] = (),
        words: Iterable[str] = (),
        talk: str = "",
        fixed: bool = False,
        older: datetime | None = None,
        younger: datetime | None = None,
    ) -> list[OpenBug]:
        """Open bugs which nobody has taken, and nobody spoke for since `claimed_since`, that meet all conditions.

        The conditions are those of mentorbot.niches.BugQueue; an empty one always holds. An Incomplete bug still waits
        for its reporter, so it counts only where they have answered.
        """
        tagged = self._tagged(tags) if tags else []
        projects = list(projects)
        few = bool(tags) and self._are_few(tagged, projects)
        lists = {"tags": tagged, "statuses": [*statuses], "importances": [*importances], "without": [*without]}
        lists["words"] = [word.lower() for word in words]
        # Where few bugs have the tags SQLite begins with these.
        tag = "select g.bug from json_each(:tags) w join bug_tags g on g.tag = w.value"
        has_tag = f"t.bug in ({tag})" if few else f"exists ({tag} where g.bug = t.bug)"
        return self.ask(
            f"""{f"and {has_tag}" if tags else ""}
            and (:statuses = '[]' or t.status in (select value from json_each(:statuses)))
            and (:importances = '[]' or t.importance in (select value from json_each(:importances)))
            and (:older is null or t.created <= :older) and (:younger is null or t.created >= :younger)
            and not exists (
                select 1 from bug_tags g join json_each(:without) w on g.tag glob w.value where g.bug = b.id)
            and (t.status != 'Incomplete' or {ANSWERED})
            and case :talk when 'none' then not {TOUCHED} when 'answered' then {ANSWERED} else 1 end {NOT_TAKEN}
            {_FIXED if fixed else ""} {_SAYS if words else ""}""",
            projects,
            robots,
            claimed_since=written(claimed_since),
            talk=talk,
            older=written(older),
            younger=written(younger),
            few=few,
            **{name: json.dumps(some) for name, some in lists.items()},
        )

    def _are_few(self, tags: Iterable[str], projects: Iterable[str]) -> bool:
        rows = self._store.rows(
            """select count(*) n from (
                select 1 from json_each(:tags) w join bug_tags g on g.tag = w.value limit :few + 1)""",
            tags=json.dumps(list(tags)),
            few=FEW_OF_MANY,
        )
        count = int(rows[0]["n"])
        return count <= FEW or (count <= FEW_OF_MANY and any(map(self.horizon, projects)))

    def horizon(self, project: str) -> str:
        """From when on the LOOKED youngest open bugs of a project were reported; "" where it has no more than these."""
        rows = self._store.rows(
            """select created from tasks where is_open and not duplicate and project = :project
            order by created desc limit 1 offset :looked""",
            project=project,
            looked=LOOKED,
        )
        return rows[0]["created"] if rows else ""

    def _tagged(self, patterns: Collection[str]) -> list[str]:
        """The tags that match one of these patterns, most of which are just tags."""
        wild = [pattern for pattern in patterns if set(pattern) & set("*?[")]
        # From each tag to the next, however many bugs have it.
        found = """with recursive known(tag) as (
                select min(tag) from bug_tags union all
                select (select min(tag) from bug_tags where tag > known.tag) from known where known.tag is not null)
            select distinct tag from known join json_each(:wild) w on tag glob w.value"""
        rows = self._store.rows(found, wild=json.dumps(wild)) if wild else []
        return [*(tag for tag in patterns if tag not in wild), *(row["tag"] for row in rows)]

    def untriaged(self, projects: Iterable[str], *, robots: Iterable[str], claimed_since: datetime) -> list[OpenBug]:
        """New bugs on which only the reporter has spoken, and Incomplete ones whose reporter answered and waits."""
        return self.ask(_UNTRIAGED, projects, robots, claimed_since=written(claimed_since))

    def count_untriaged(
        self, projects: Iterable[str], *, robots: Iterable[str], claimed_since: datetime
    ) -> tuple[int, bool]:
        """How many of these there are, and whether those are all: of each project the LOOKED youngest are looked at."""
        count, whole = 0, True
        for project in projects:
            horizon = self.horizon(project)
            whole = whole and not horizon
            rows = self._store.rows(
                f"""select count(*) n from tasks t join bugs b on b.id = t.bug
                where {OPEN} and t.project = :project and t.created >= :horizon {_UNTRIAGED}""",
                project=project,
                horizon=horizon,
                robots=json.dumps(sorted(robots)),
                claimed_since=written(claimed_since),
            )
            count += rows[0]["n"]
        return count, whole

    def titles(self, projects: Iterable[str]) -> list[tuple[int, str, str]]:
        """The (number, project, title) of the open bugs of these projects that are no duplicates, oldest first.

        Of each project the LOOKED youngest.
        """
        rows = [
            row
            for project in projects
            for row in self._store.rows(
                f"""select t.bug, t.project, b.title, t.created from tasks t join bugs b on b.id = t.bug
                where {OPEN} and t.project = :project and t.created >= :horizon""",
                project=project,
                horizon=self.horizon(project),
            )
        ]
        rows.sort(key=lambda row: (row["created"], row["bug"]))
        return [(row["bug"], row["project"], row["title"]) for row in rows]

    def ask(self, only: str, projects: Iterable[str], robots: Iterable[str], **values: Any) -> list[OpenBug]:
        """The open bugs `t`, `b` of these projects for which the SQL `only` holds too, youngest first.

        For the rooms of the store alone: nobody else writes SQL.
        """
        rows = self._store.rows(
            f"{_FACTS} {only} order by t.created desc, t.bug desc, t.project",
            projects=json.dumps(list(projects)),
            robots=json.dumps(sorted(robots)),
            **values,
        )
        return [open_bug(row) for row in rows]


def open_bug(row: dict[str, Any]) -> OpenBug:
    """The bug of a row that has all the facts."""
    return OpenBug(
        number=row["bug"],
        project=row["project"],
        title=row["title"],
        url=row["url"] or f"https://bugs.launchpad.net/bugs/{row['bug']}",
        status=row["status"],
        importance=row["importance"],
        assignee=row["assignee"],
        reporter=row["reporter"],
        created=read(row["created"]),
        updated=read(row["updated"]),
        tags=frozenset(json.loads(row["tags"])),
        comments=row["comments"],
        answered=bool(row["answered"]),
    )
