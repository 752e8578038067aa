"""The hours in which people talked with each other in a channel; of who they were it holds nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store

KEPT = timedelta(days=28)
"""Habits change; what is older tells nothing any more."""


class Hours:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, channel: str, hour: datetime) -> None:
        with self._store.writing() as db:
            db.execute("insert or ignore into hours values (?, ?)", [channel.lower(), written(hour)])
            db.execute("delete from hours where hour < ?", [written(hour - KEPT)])

    def of(self, channel: str, now: datetime) -> list[datetime]:
        """The hours of the last four weeks, each by its begin, the first first."""
        rows = self._store.rows(
            "select hour from hours where channel = :channel and hour >= :since order by hour",
            channel=channel.lower(),
            since=written(now - KEPT),
        )
        return [read(row["hour"]) for row in rows]
