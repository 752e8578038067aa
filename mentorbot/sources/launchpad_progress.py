"""How far the mirror of Launchpad came, kept as a text between runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from mentorbot import clock

OVERLAP = timedelta(minutes=15)
"""How long after the moment of a change Launchpad may first show it: transactions take their time, replicas lag."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Progress:
    """How far the mirror of one project came.

    `before`: the walk over its open bugs, the youngest first, goes on with what is older. `missed`: something on its
    way could not be read, so that it is walked again when all is compared next. `tags`: those searched for.
    `watermark`: the newest change known, and `polled`: when it was last asked what changed, both by the server's clock.
    `checked`: when all that the store has was last compared with what is there, `checking`: how far down a comparison
    came that is not at its end, `renewed`: the last bug that was read anew without any change being known.
    `asked`: when questions and blueprints were last read.
    """

    before: datetime | None = None
    done: int = 0
    walked: bool = False
    missed: bool = False
    tags: tuple[str, ...] = ()
    watermark: datetime | None = None
    polled: datetime | None = None
    checked: datetime | None = None
    checking: datetime | None = None
    renewed: int = 0
    asked: datetime | None = None

    @property
    def check_is_due(self) -> bool:
        return bool(self.polled and self.checked and _apart(self.polled, self.checked) >= DAY)

    @property
    def asking_is_due(self) -> bool:
        return bool(self.polled and (self.asked is None or _apart(self.polled, self.asked) >= HOUR))

    @property
    def since(self) -> datetime | None:
        """From when on to ask: 15 minutes before the watermark, or less where the server's clock went on meanwhile.

        All that was 15 minutes old at the last poll had shown by then, so a quiet project gives nothing twice.
        """
        if self.watermark is None or self.polled is None:
            known = self.watermark or self.polled
            return known - OVERLAP if known else None
        return max(self.watermark - OVERLAP, min(self.watermark, self.polled - OVERLAP))


def _apart(one: datetime, other: datetime) -> timedelta:
    # A server whose clock was ahead for an hour would else not be compared until that moment comes.
    return abs(one - other)


MOMENTS = ("before", "watermark", "polled", "checked", "checking", "asked")


def read(cursor: str | None) -> dict[str, Progress]:
    """What a cursor says; what it does not say, or not in our words, begins anew."""
    try:
        found = json.loads(cursor or "{}")
        return {name: _progress(fields) for name, fields in found.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _progress(fields: Mapping[str, Any]) -> Progress:
    moments = {key: clock.parse(fields[key]) if fields.get(key) else None for key in MOMENTS}
    return Progress(**{**fields, **moments, "tags": tuple(fields.get("tags", ()))})


def written(projects: Mapping[str, Progress]) -> str:
    """The cursor that says how far each project came."""
    return json.dumps({name: asdict(now) for name, now in projects.items()}, default=datetime.isoformat)
