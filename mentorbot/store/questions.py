"""Questions that people ask on Launchpad Answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mentorbot.questions import LIVE_QUESTIONS, Question
from mentorbot.store.records import put, take

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_LIVE = ", ".join(f"'{status}'" for status in LIVE_QUESTIONS)
_STATES = {
    "unanswered": "status = 'Open' and responded is null",
    # Who gives what they were asked for makes the question Open again.
    "replied": "status in ('Open', 'Needs information') and queried > responded",
}


class Questions:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, question: Question) -> None:
        put(self._store, "questions", question)

    def forget(self, number: int) -> None:
        """Remove a question and every word of it: it is gone."""
        with self._store.writing() as db:
            db.execute("delete from questions where number = ?", [number])
            self._store.unsay("question", number, str(number))

    def live(self, project: str) -> dict[int, str]:
        """The questions of a project that still wait for something, each with the etag under which it was read."""
        rows = self._store.rows(
            f"select number, etag from questions where project = :project and status in ({_LIVE})", project=project
        )
        return {row["number"]: row["etag"] for row in rows}

    def of(self, project: str) -> list[Question]:
        """The questions of a project, the youngest first."""
        rows = self._store.rows(
            "select * from questions where project = :project order by created desc, number desc", project=project
        )
        return [take(Question, row) for row in rows]

    def project(self, number: int) -> str:
        """The project of a question; "" where the store has none of that number."""
        rows = self._store.rows("select project from questions where number = :number", number=number)
        return rows[0]["project"] if rows else ""

    def waiting(self, state: str, projects: Iterable[str], *, not_by: Iterable[str] = ()) -> list[Question]:
        """Questions of these projects that are nobody's and wait in a `state` of mentorbot.niches.QuestionQueue, the
        youngest first; none asked by `not_by`."""
        rows = self._store.rows(
            f"""select * from questions where project in (select value from json_each(:projects)) and {_STATES[state]}
            and assignee is null and lower(owner) not in (select value from json_each(:mine))
            order by created desc, number desc""",
            projects=json.dumps(list(projects)),
            mine=json.dumps([name.lower() for name in not_by]),
        )
        return [take(Question, row) for row in rows]

    def is_waiting(self, number: int, states: Iterable[str]) -> bool:
        """Whether a question still waits for an answer in one of these states."""
        found = " or ".join(_STATES[state] for state in states)
        return bool(self._store.rows(f"select 1 from questions where number = :number and ({found})", number=number))
