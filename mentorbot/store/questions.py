"""Questions that people ask on Launchpad Answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mentorbot.questions import LIVE_QUESTIONS, Question
from mentorbot.store.records import put, take

if TYPE_CHECKING:
    from mentorbot.store.store import Store

_LIVE = ", ".join(f"'{status}'" for status in LIVE_QUESTIONS)


class Questions:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, question: Question) -> None:
        put(self._store, "questions", question)

    def forget(self, number: int) -> None:
        """Remove a question and every word of it: it is gone."""
        with self._store.writing() as db:
            db.execute("delete from questions where number = ?", [number])

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
