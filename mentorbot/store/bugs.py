"""Bugs, their tasks, tags, comments and logs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from mentorbot.claims import claims
from mentorbot.links import proposal_in
from mentorbot.models import Activity, Bug, Comment, Tagged, Targets, Task
from mentorbot.store.moments import read, written
from mentorbot.store.openbugs import OpenBugs

_SAID = ("comments", "proposals")


class Bugs(OpenBugs):
    """The open bugs that `OpenBugs` finds, and what the mirror writes and asks of all of them."""

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
            db.execute("update tasks set duplicate = ? where bug = ?", [bug.duplicate_of is not None, bug.id])
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
                """insert or replace into tasks values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    (select duplicate_of is not null from bugs where id = ?))""",
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
                    task.bug,
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
                and bug in (select bug from tasks where project = :project and is_open and not duplicate)""",
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
