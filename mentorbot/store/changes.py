"""Changes, their votes, their messages and what they touch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from mentorbot.changes import Attention, Discussion, PatchSet, Reviewer
from mentorbot.links import blueprints_of, bugs_of
from mentorbot.models import Change, ChangeMessage, Vote, short
from mentorbot.store.moments import read, written
from mentorbot.store.openchanges import OpenChanges
from mentorbot.store.records import take

_PARTS = (
    "votes",
    "change_messages",
    "change_files",
    "change_bugs",
    "change_blueprints",
    "patch_sets",
    "reviewers",
    "attention",
)
"""The tables that hold what a change is made of, all of it told anew whenever the change is read."""


class Changes(OpenChanges):
    """The changes that wait, as `OpenChanges` finds them, and what the mirror writes and asks of all of them."""

    def save(self, change: Change) -> None:
        """Write a change as its server shows it now. A private one is forgotten instead."""
        if change.private:
            self.forget(change.number)
            return
        with self._store.writing() as db:
            self._clear(change.number, _PARTS)
            db.execute(
                # Its inline comments stay, and that they were read.
                f"""insert or replace into changes values ({", ".join("?" * 23)},
                    coalesce((select discussed from changes where number = ?), 0))""",
                [
                    *(change.number, change.project, change.branch, change.change_id, change.subject, change.status),
                    *(change.owner, change.owner_name),
                    *(written(change.created), written(change.updated), written(change.submitted)),
                    *(change.insertions, change.deletions, change.wip, change.topic, json.dumps(change.hashtags)),
                    *(change.patch_set, written(change.uploaded), change.unresolved, change.comment_count),
                    *(change.url, change.meta_rev, change.commit_message, change.number),
                ],
            )
            db.conn.executemany(
                "insert or replace into votes values (?, ?, ?, ?, ?, ?)",
                [(change.number, v.label, v.person, v.value, written(v.date), v.robot) for v in change.votes],
            )
            db.conn.executemany(
                "insert or replace into change_messages values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (change.number, m.id, m.author, written(m.date), m.tag, m.patch_set, m.robot, m.text)
                    for m in change.messages
                ],
            )
            db.conn.executemany(
                "insert or ignore into change_files values (?, ?)", [(change.number, path) for path in change.files]
            )
            db.conn.executemany(
                "insert into change_bugs values (?, ?, ?)",
                [(change.number, bug, how) for bug, how in bugs_of(change.commit_message, change.topic).items()],
            )
            db.conn.executemany(
                "insert into change_blueprints values (?, ?, ?, ?)",
                [
                    (change.number, short(change.project), name, how)
                    for name, how in blueprints_of(change.commit_message, change.topic).items()
                ],
            )
            db.conn.executemany(
                "insert or replace into patch_sets values (?, ?, ?, ?, ?)",
                [(change.number, p.number, p.uploader, written(p.uploaded), p.kind) for p in change.patch_sets],
            )
            db.conn.executemany(
                "insert or replace into reviewers values (?, ?, ?, ?)",
                [(change.number, r.person, r.state, r.robot) for r in change.reviewers],
            )
            db.conn.executemany(
                "insert or replace into attention values (?, ?, ?, ?)",
                [(change.number, a.person, written(a.since), a.reason) for a in change.attention],
            )

    def save_discussion(self, discussion: Discussion) -> None:
        """Write a change's inline comments in place of those it had; those of an unknown change are dropped."""
        with self._store.writing() as db:
            known = db.execute(
                "update changes set discussed = ? where number = ?", [discussion.count, discussion.change]
            )
            if not known.rowcount:
                return
            db.execute("delete from inline_comments where change = ?", [discussion.change])
            db.conn.executemany(
                "insert or replace into inline_comments values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        discussion.change,
                        c.id,
                        c.author,
                        written(c.date),
                        c.path,
                        c.line,
                        c.patch_set,
                        c.in_reply_to,
                        c.unresolved,
                        c.robot,
                        c.text,
                    )
                    for c in discussion.comments
                ],
            )

    def forget(self, number: int) -> None:
        """Remove a change and every word of it: it is private now, or gone."""
        with self._store.writing() as db:
            self._clear(number, (*_PARTS, "inline_comments"))
            db.execute("delete from changes where number = ?", [number])
            self._store.unsay("change", number, str(number))

    def _clear(self, number: int, parts: Iterable[str]) -> None:
        with self._store.writing() as db:
            for table in parts:
                db.execute(f"delete from {table} where change = ?", [number])

    # What the mirror asks.

    def updated(
        self, projects: Iterable[str], since: datetime | None = None, until: datetime | None = None, live: bool = False
    ) -> dict[int, datetime]:
        """When each change (only `live` ones: open) of these projects moved, if after `since` and up to `until`."""
        rows = self._store.rows(
            """select number, updated from changes where project in (select value from json_each(:projects))
            and (:since is null or updated > :since) and (:until is null or updated <= :until)
            and (not :live or status not in ('MERGED', 'ABANDONED'))""",
            projects=json.dumps(list(projects)),
            since=written(since),
            until=written(until),
            live=live,
        )
        return {row["number"]: read(row["updated"]) for row in rows}

    def sample(self, numbers: Iterable[int], most: int) -> list[int]:
        """Some of these changes, any."""
        rows = self._store.rows(
            "select value from json_each(:numbers) order by random() limit :most",
            numbers=json.dumps(list(numbers)),
            most=most,
        )
        return [row["value"] for row in rows]

    def of(self, number: int) -> Change | None:
        """A change as its server showed it last; None where the store has none of that number."""
        rows = self._store.rows("select * from changes where number = :number", number=number)
        if not rows:
            return None

        def parts(table: str, kind: Any) -> tuple[Any, ...]:
            found = self._store.rows(f"select * from {table} where change = :number", number=number)
            return tuple(take(kind, row) for row in found)

        files = self._store.rows("select path from change_files where change = :number", number=number)
        more = {
            "private": False,
            "hashtags": tuple(json.loads(rows[0]["hashtags"])),
            "files": tuple(row["path"] for row in files),
            "votes": parts("votes", Vote),
            "messages": parts("change_messages", ChangeMessage),
            "patch_sets": parts("patch_sets", PatchSet),
            "reviewers": parts("reviewers", Reviewer),
            "attention": parts("attention", Attention),
        }
        return take(Change, rows[0] | more)

    def undiscussed(self, most: int) -> dict[int, int]:
        """Changes whose inline comments were not read since their count moved, with that count; open ones first."""
        rows = self._store.rows(
            """select number, comment_count from changes where comment_count != discussed
            order by status != 'NEW', updated desc limit :most""",
            most=most,
        )
        return {row["number"]: row["comment_count"] for row in rows}

    # What commands ask.

    def answers_to_first_changes(self, since: datetime, until: datetime, known: timedelta) -> list[dict[str, Any]]:
        """What people said, up to `until`, on the first changes of their owners that were spoken of in that time.

        Only where the mirror has a change of the same project that is older by `known`. Gives dicts with number,
        subject, url, author, date and text, oldest first.
        """
        rows = self._store.rows(
            """select c.number, c.subject, c.url, c.created, m.author, m.date, m.text,
                (select min(o.created) from changes o where o.project = c.project) oldest
            from change_messages m join changes c on c.number = m.change
            where not m.robot and m.author is not null and m.author != c.owner and m.tag not like 'autogenerated:%'
            and m.date < :until
            and c.number in (select change from change_messages where date >= :since and date < :until)
            and not exists (
                select 1 from changes e where e.owner = c.owner and (e.created, e.number) < (c.created, c.number))
            order by m.date, m.id""",
            since=written(since),
            until=written(until),
        )
        return [
            row | {"date": read(row["date"])} for row in rows if read(row["oldest"]) <= read(row["created"]) - known
        ]

    def spellings(self, name: str) -> set[str]:
        """The names of all people who own, review or discuss changes and are called so, but for capitals."""
        rows = self._store.rows(
            """select owner name from changes where owner = :name collate nocase
            union select person from votes where person = :name collate nocase
            union select author from change_messages where author = :name collate nocase""",
            name=name,
        )
        return {row["name"] for row in rows}

    def said_by(self, author: str, since: datetime) -> list[str]:
        """What this person has written on changes since then, but for what robots wrote in their name."""
        rows = self._store.rows(
            "select text from change_messages where date >= :since and author = :author and not robot order by date",
            author=author,
            since=written(since),
        )
        return [row["text"] for row in rows]
