"""How the running bot is, as it last said itself, for whoever asks why it is quiet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from mentorbot.store.store import Store


@dataclass(frozen=True)
class Health:
    """How the running bot was at a moment: on the network `since`, None while it is not; in which channels.

    `sync_ended` is when the mirrors' process ended by itself, with `sync_exit`, and `sync_again` when it starts again;
    None where it runs, or is not wanted.
    """

    at: datetime
    since: datetime | None
    nick: str
    channels: tuple[str, ...]
    sync_exit: int | None = None
    sync_ended: datetime | None = None
    sync_again: datetime | None = None


class HealthRecord:
    def __init__(self, store: Store) -> None:
        self._store = store

    def tell(self, health: Health) -> None:
        """Replace what the bot said of itself before."""
        with self._store.writing() as db:
            db.execute(
                "insert or replace into health values (1, ?, ?, ?, ?, ?, ?, ?)",
                [
                    written(health.at),
                    written(health.since),
                    health.nick,
                    json.dumps(health.channels),
                    health.sync_exit,
                    written(health.sync_ended),
                    written(health.sync_again),
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
        )
