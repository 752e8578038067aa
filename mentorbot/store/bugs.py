"""Bugs, their tasks, tags, comments and logs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mentorbot.claims import claims
from mentorbot.links import proposal_in
from mentorbot.models import Activity, Bug, Comment, OpenBug, Tagged, Targets, Task
from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

FEW = 300
"""Bugs with a tag; of more it is quicker to look at the youngest of all, until enough have it."""
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

_FACTS = f"""
    select t.bug, t.project, b.title, t.url, t.status, t.importance, t.assignee, b.reporter, t.created, b.updated,
        (select json_group_array(tag) from bug_tags g where g.bug = b.id) tags,
        (select count(*) from comments c where c.bug = b.id and {_PERSON}) comments,
        {ANSWERED} answered
    from tasks t join bugs b on b.id = t.bug
    where t.is_open and t.project in (select value from json_each(:projects))
"""


_SAID = ("comments", "proposals")


class Bugs:
    def __init__(self, store: Store) -> None:
        self._store = store

    # What the mirror writes. All of it runs inside the store's transaction.

    def save_bug(self, bug: Bug) -> None:
        """Write a bug. A private one is forgotten instead; one that is not `whole` still counts as unread.

        Comments of a whole one, and log lines of a `logged` one, are to follow: those that the store had may have been
        hidden since, or their authors renamed, and go.
        """
        if bug.private:
            self.forget(bug.id)
            return
        with self._store.writing() as db:
            db.execute(
                """insert into bugs(id, title, reporter, created, updated, description, heat, message_count,
                    duplicate_of, etag, read_at)
                values (:id, :title, :reporter, :created, :updated, :description, :heat, :messages, :dup, :etag,
                    :read_at)
                on conflict(id) do update set title = excluded.title, reporter = excluded.reporter,
                    created = excluded.created, updated = excluded.updated, description = excluded.description,
                    heat = excluded.heat, message_count = excluded.message_count, duplicate_of = excluded.duplicate_of,
                    etag = excluded.etag, read_at = excluded.read_at""",
                {
                    "id": bug.id,
                    "title": bug.title,
                    "reporter": bug.reporter,
                    "created": written(bug.created),
                    "updated": written(bug.updated),
                    "description": bug.description,
                    "heat": bug.heat,
                    "messages": bug.message_count,
                    "dup": bug.duplicate_of,
                    "etag": bug.etag,
                    "read_at": written(bug.updated) if bug.whole else None,
                },
            )
            for table in ("bug_tags", *_SAID * bug.whole, *("activity",) * bug.logged):
                db.execute(f"delete from {table} where bug = ?", [bug.id])
            tags = [(tag, bug.id) for tag in sorted(bug.tags)]
            db.conn.executemany("insert into bug_tags(tag, bug) values (?, ?)", tags)

    def save_task(self, task: Task) -> None:
        """Write a task; a bug never read in full gets what its task says of it."""
        with self._store.writing() as db:
            db.execute(
                """insert or ignore into bugs(id, title, reporter, created, updated, description, heat, message_count,
                    etag) values (?, ?, ?, ?, ?, '', 0, 0, '')""",
                [task.bug, task.title, task.reporter, written(task.created), written(task.created)],
            )
            db.execute(
                "insert or replace into tasks values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    task.bug,
                    task.project,
                    task.status,
                    task.importance,
                    task.assignee,
                    written(task.created),
                    task.milestone,
                    written(task.left_new),
                    written(task.closed),
                    task.url,
                    task.etag,
                    task.is_open,
                ],
            )

    def save_comment(self, comment: Comment) -> None:
        if comment.number == 0:
            return
        with self._store.writing() as db:
            date = written(comment.date)
            db.execute(
                "insert or replace into comments values (?, ?, ?, ?, ?, ?)",
                [comment.bug, comment.number, comment.author, date, claims(comment.text), comment.text],
            )
            if proposal := proposal_in(comment.text):
                db.execute(
                    """insert into proposals values (:bug, :change, :state, :date)
                    on conflict(bug, change) do update set state = :state, date = :date where :date >= date""",
                    {"bug": comment.bug, "change": proposal.change, "state": proposal.state, "date": date},
                )

    def save_activity(self, line: Activity) -> None:
        with self._store.writing() as db:
            db.execute(
                "insert or replace into activity(bug, date, person, what, old, new) values (?, ?, ?, ?, ?, ?)",
                [line.bug, written(line.date), line.person, line.what, line.old, line.new],
            )

    def save_tagged(self, tagged: Tagged) -> None:
        """Write which open bugs of a project carry a tag, as a whole: those that are not among them lose it."""
        with self._store.writing() as db:
            db.execute(
                """delete from bug_tags where tag = :tag and bug not in (select value from json_each(:bugs))
                and bug in (select bug from tasks t join bugs b on b.id = t.bug
                    where t.project = :project and t.is_open and b.duplicate_of is null)""",
                {"tag": tagged.tag, "project": tagged.project, "bugs": json.dumps(sorted(tagged.bugs))},
            )
            tags = [(tagged.tag, bug) for bug in sorted(tagged.bugs)]
            db.conn.executemany("insert or ignore into bug_tags(tag, bug) values (?, ?)", tags)

    def save_targets(self, targets: Targets) -> None:
        """Remove a bug's tasks in other projects than these."""
        with self._store.writing() as db:
            db.execute(
                "delete from tasks where bug = ? and project not in (select value from json_each(?))",
                [targets.bug, json.dumps(sorted(targets.projects))],
            )

    def forget(self, bug: int) -> None:
        """Remove a bug and every word of it: it is private now, or gone."""
        with self._store.writing() as db:
            # What a public change says of the bug (change_bugs) is the change's, and holds the bug should it come back.
            for table in ("tasks", "bug_tags", *_SAID, "activity"):
                db.execute(f"delete from {table} where bug = ?", [bug])
            db.execute("delete from bugs where id = ?", [bug])
            self._store.unsay("bug", bug, str(bug))

    # What the mirror asks.

    def unread(self, limit: int, tags: Collection[str] = ()) -> list[int]:
        """Open bugs whose text was never read, the youngest first; where `tags` are named, those with one of them."""
        tagged = "and b.id in (select bug from bug_tags where tag in (select value from json_each(:tags)))"
        rows = self._store.rows(
            f"""select b.id from bugs b where b.read_at is null {tagged * bool(tags)}
            and exists (select 1 from tasks t where t.bug = b.id and t.is_open)
            order by b.created desc limit :limit""",
            limit=limit,
            tags=json.dumps(list(tags)),
        )
        return [row["id"] for row in rows]

    def etags(self, bugs: Iterable[int]) -> dict[int, str]:
        """The etag under which each of these bugs was last read in full."""
        rows = self._store.rows(
            "select id, etag from bugs where read_at is not null and id in (select value from json_each(:ids))",
            ids=json.dumps(list(bugs)),
        )
        return {row["id"]: row["etag"] for row in rows}

    # What commands ask.

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
        older: datetime | None = None,
        younger: datetime | None = None,
    ) -> list[OpenBug]:
        """Open bugs which nobody has taken, and nobody spoke for since `claimed_since`, that meet all conditions.

        The conditions are those of mentorbot.niches.BugQueue; an empty one always holds. An Incomplete bug still waits
        for its reporter, so it counts only where they have answered.
        """
        tagged = self._tagged(tags) if tags else []
        # Where few bugs have the tags SQLite begins with these; a plus keeps it from that where they are many.
        few = bool(tags) and self._are_few(tagged)
        lists = {"tags": tagged, "statuses": [*statuses], "importances": [*importances], "without": [*without]}
        lists["words"] = [word.lower() for word in words]
        has_tag = "t.bug in (select g.bug from json_each(:tags) w join bug_tags g on g.tag = w.value)"
        return self.ask(
            f"""{f"and {'' if few else '+'}{has_tag}" if tags else ""}
            and not exists (
                select 1 from bug_tags g join json_each(:without) w on g.tag glob w.value where g.bug = b.id)
            and (:statuses = '[]' or t.status in (select value from json_each(:statuses)))
            and (:importances = '[]' or t.importance in (select value from json_each(:importances)))
            and (:older is null or t.created <= :older) and (:younger is null or t.created >= :younger)
            and (:words = '[]' or exists (select 1 from json_each(:words) w
                where instr(lower(b.title), w.value) or instr(lower(b.description), w.value)))
            and (t.status != 'Incomplete' or {ANSWERED})
            and case :talk when 'none' then not {TOUCHED} when 'answered' then {ANSWERED} else 1 end {NOT_TAKEN}""",
            projects,
            robots,
            claimed_since=written(claimed_since),
            talk=talk,
            older=written(older),
            younger=written(younger),
            few=few,
            **{name: json.dumps(some) for name, some in lists.items()},
        )

    def _are_few(self, tags: Iterable[str]) -> bool:
        rows = self._store.rows(
            """select count(*) n from (
                select 1 from json_each(:tags) w join bug_tags g on g.tag = w.value limit :few + 1)""",
            tags=json.dumps(list(tags)),
            few=FEW,
        )
        return int(rows[0]["n"]) <= FEW

    def _tagged(self, patterns: Collection[str]) -> list[str]:
        """The tags that match one of these patterns, most of which are just tags."""
        wild = [pattern for pattern in patterns if set(pattern) & set("*?[")]
        found = "select distinct tag from bug_tags g join json_each(:wild) w on g.tag glob w.value"
        rows = self._store.rows(found, wild=json.dumps(wild)) if wild else []
        return [*(tag for tag in patterns if tag not in wild), *(row["tag"] for row in rows)]

    def untriaged(self, projects: Iterable[str], *, robots: Iterable[str], claimed_since: datetime) -> list[OpenBug]:
        """New bugs on which only the reporter has spoken, and Incomplete ones whose reporter answered and waits."""
        return self.ask(
            f"""and b.reporter not in (select value from json_each(:robots))
            and t.status in ('New', 'Incomplete') and case t.status when 'New' then not {TOUCHED} else {ANSWERED} end
            {NOT_TAKEN}""",
            projects,
            robots,
            claimed_since=written(claimed_since),
        )

    def titles(self, projects: Iterable[str]) -> list[tuple[int, str, str]]:
        """The (number, project, title) of all open bugs of these projects that are no duplicates, oldest first."""
        rows = self._store.rows(
            """select t.bug, t.project, b.title from tasks t join bugs b on b.id = t.bug
            where t.is_open and t.project in (select value from json_each(:projects)) and b.duplicate_of is null
            order by t.created, t.bug""",
            projects=json.dumps(list(projects)),
        )
        return [(row["bug"], row["project"], row["title"]) for row in rows]

    def ask(self, only: str, projects: Iterable[str], robots: Iterable[str], **values: Any) -> list[OpenBug]:
        """The open bugs `t`, `b` of these projects for which the SQL `only` holds too, youngest first.

        For the rooms of the store alone: nobody else writes SQL.
        """
        rows = self._store.rows(
            f"{_FACTS} {only} order by t.created desc, t.bug desc",
            projects=json.dumps(list(projects)),
            robots=json.dumps(sorted(robots)),
            **values,
        )
        return [open_bug(row) for row in rows]

    def logged(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """The log lines of that time with their bug's title, reporter, first url and all assignees, oldest first."""
        rows = self._store.rows(
            """select a.*, b.title, b.reporter, (select min(url) from tasks t where t.bug = b.id) url,
                (select json_group_array(assignee) from tasks t where t.bug = b.id and assignee is not null) assignees
            from activity a join bugs b on b.id = a.bug where a.date >= :since and a.date < :until order by a.date""",
            since=written(since),
            until=written(until),
        )
        return [row | {"date": read(row["date"]), "assignees": json.loads(row["assignees"])} for row in rows]


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
