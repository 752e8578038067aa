"""When a channel is awake: in which hours people talk with each other there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from mentorbot.text import listed

FEW = 3
"""Of fewer days with talk nothing is said."""
A_WHILE = timedelta(days=14)


class Company:
    """Who has spoken in each channel in this hour: forgotten when the hour is over, and written nowhere."""

    def __init__(self) -> None:
        self._spoke: dict[str, tuple[datetime, set[str]]] = {}

    def joined(self, channel: str, person: str, now: datetime) -> datetime | None:
        """Note that a person speaks; gives the hour, once, when they are the second to: one alone is no talk."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        known, people = self._spoke.get(channel.lower(), (hour, set()))
        if known != hour:
            people = set()
        if len(people) == 2 or person in people:
            return None
        people.add(person)
        self._spoke[channel.lower()] = hour, people
        return hour if len(people) == 2 else None


def awake(talks: Sequence[datetime], now: datetime, zone: tzinfo) -> str:
    """When people usually talk, in words and by the clocks of a zone, from the hours (each by its begin) in which they
    did; "" where too little is known."""
    talks, now = [hour.astimezone(zone) for hour in talks], now.astimezone(zone)
    if len({hour.date() for hour in talks}) < FEW:
        return ""
    days = Counter(hour.hour for hour in talks)
    most = max(days.values())
    usual = {hour for hour in range(24) if 2 * days[hour] >= most}
    # One quiet hour between two others is part of the day.
    usual |= {hour for hour in range(24) if {(hour - 1) % 24, (hour + 1) % 24} <= usual}
    begins = [hour for hour in range(24) if hour in usual and (hour - 1) % 24 not in usual]
    spans = [f"from {hour:02}:00 to {_end(hour, usual):02}:00 {now:%Z}" for hour in begins]
    workdays = now - min(talks) >= A_WHILE and all(hour.weekday() < 5 for hour in talks)
    when = listed(spans) or "at all hours"
    return f"mostly {when}{', Monday to Friday' if workdays else ''}; it is {now:%A, %H:%M %Z} now"


def _end(begin: int, usual: set[int]) -> int:
    return next(hour % 24 for hour in range(begin + 1, begin + 25) if hour % 24 not in usual)
