"""How the running bot is, as it last said itself, for whoever asks why it is quiet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


SILENT = timedelta(minutes=5)
"""A bot that has said nothing of itself for so long does not run, or hangs."""


@dataclass(frozen=True)
class Health:
    """How the running bot was at a moment: on the network `since`, None while it is not; in which channels.

    `sync_ended` is when the mirrors' process ended by itself, with `sync_exit`, and `sync_again` when it starts again;
    None where it runs, or is not wanted. `waiting` lines wait for their turn in the chat; `off` tells why which plugins
    are off, and is None once the bot has ended; `hanging` tells of whom how many calls never came back.
    """

    at: datetime
    since: datetime | None
    nick: str
    channels: tuple[str, ...]
    sync_exit: int | None = None
    sync_ended: datetime | None = None
    sync_again: datetime | None = None
    waiting: int = 0
    off: Mapping[str, str] | None = None
    hanging: Mapping[str, int] = field(default_factory=dict)

    def is_silent(self, now: datetime) -> bool:
        return now - self.at > SILENT


class HealthRecord:
    def __init__(self, store: Store) -> None:
        self._store = store

    def tell(self, health: Health) -> None:
        """Replace what the bot said of itself before."""
        with self._store.writing() as db:
            db.execute(
                "insert or replace into health values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    written(health.at),
                    written(health.since),
                    health.nick,
                    json.dumps(health.channels),
                    health.sync_exit,
                    written(health.sync_ended),
                    written(health.sync_again),
                    health.waiting,
                    None if health.off is None else json.dumps(dict(health.off)),
                    json.dumps(dict(health.hanging)),
                ],
            )

    def last(self) -> Health | None:
        """What the bot said last; None if it never ran on this store."""
        rows = self._store.rows("select * from health")
        if not rows:
            return None
        [row] = rows
        return Health(
            at=read(row["at"]),
            since=read(row["since"]),
            nick=row["nick"],
            channels=tuple(json.loads(row["channels"])),
            sync_exit=row["sync_exit"],
            sync_ended=read(row["sync_ended"]),
            sync_again=read(row["sync_again"]),
            waiting=row["waiting"],
            off=row["off"] and json.loads(row["off"]),
            hanging=json.loads(row["hanging"]),
        )

    def running(self, now: datetime) -> Health | None:
        """What the bot said last, if it runs."""
        health = self.last()
        return health if health and health.off is not None and not health.is_silent(now) else None

    def off(self, now: datetime, loaded: Mapping[str, str]) -> Mapping[str, str]:
        """The plugins that are off, and why: in the running bot; where none runs, as they were `loaded` here."""
        running = self.running(now)
        return loaded if running is None or running.off is None else running.off
