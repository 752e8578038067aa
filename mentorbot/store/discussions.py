"""What was said on bugs up to a moment, and which were open then: nothing that came later counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.models import OpenBug
from mentorbot.store.moments import read, written
from mentorbot.store.openbugs import open_bug

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_SAID = (
    "from comments c where c.bug = b.id and c.date <= :now and c.author not in (select value from json_each(:robots))"
)
_LAST = f"{_SAID} order by c.number desc limit 1"


@dataclass(frozen=True)
class Said:
    """On a bug: its last word is a question to the reporter; somebody took it once; a change that was to mend it is
    merged; when somebody spoke last."""

    unanswered: bool = False
    given_up: bool = False
    merged: bool = False
    spoken: datetime | None = None


class Discussions:
    def __init__(self, store: Store) -> None:
        self._store = store

    def on(self, bugs: Iterable[int], robots: Iterable[str], now: datetime) -> dict[int, Said]:
        """What people had said on each of these bugs by then; on free ones whoever took it once has given up."""
        rows = self._store.rows(
            f"""select b.id, (select c.author != b.reporter and instr(c.text, '?') {_LAST}) unanswered,
                (select max(c.date) {_SAID}) spoken, exists (select 1 {_SAID} and c.claim) given_up,
                exists (select 1 from proposals p where p.bug = b.id and p.state = 'merged' and p.date <= :now)
                or exists (
                    select 1 from change_bugs f join changes g on g.number = f.change
                    where f.bug = b.id and g.status = 'MERGED' and coalesce(g.submitted, g.updated) <= :now) merged
            from bugs b where b.id in (select value from json_each(:bugs))""",
            bugs=json.dumps(list(bugs)),
            robots=json.dumps(sorted(robots)),
            now=written(now),
        )
        return {
            row["id"]: Said(bool(row["unanswered"]), bool(row["given_up"]), bool(row["merged"]), read(row["spoken"]))
            for row in rows
        }

    def open_bugs(self, robots: Iterable[str], now: datetime) -> list[OpenBug]:
        """All bugs of all projects that were open then, taken or not, as far as the store can tell.

        What Launchpad keeps without a date (title, tags, importance, status) is as it was last read.
        """
        rows = self._store.rows(
            f"""select t.bug, t.project, b.title, t.url, t.status, t.importance, t.assignee, b.reporter, t.created,
                b.updated, (select json_group_array(tag) from bug_tags g where g.bug = b.id) tags,
                (select count(*) {_SAID}) comments,
                (select c.author = b.reporter {_LAST})
                and exists (select 1 {_SAID} and c.author != b.reporter) answered
            from tasks t join bugs b on b.id = t.bug
            where t.created <= :now and (t.is_open or t.closed > :now) order by t.bug, t.project""",
            robots=json.dumps(sorted(robots)),
            now=written(now),
        )
        return [open_bug(row) for row in rows]
