"""The weeks of the shout-out: each ends at its day and time in the community's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mentorbot.config import Config
from mentorbot.errors import UserError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """From one shout-out to the next, in UTC; `name` is the ISO week of the day on which it ends and is said."""

    name: str
    start: datetime
    end: datetime

    @property
    def work(self) -> str:
        """What saying it is called among the dated work that is done once."""
        return f"shoutout {self.name}"


def named(config: Config, name: str) -> Week:
    """The week of this name; raises UserError where there is none."""
    try:
        found = re.fullmatch(r"(\d{4})-W(\d{1,2})", name, re.IGNORECASE)
        year, number = (int(found[1]), int(found[2])) if found else (0, 0)
        return _ending(config, date.fromisocalendar(year, number, _DAYS.index(config.shoutout.day) + 1))
    except (ValueError, OverflowError):
        raise UserError(f'"{name[:20]}" is no week; write it as 2026-W07.') from None


def last(config: Config, now: datetime) -> Week:
    """The latest week that is over."""
    today = now.astimezone(config.community.zone).date()
    week = _ending(config, today - timedelta((today.weekday() - _DAYS.index(config.shoutout.day)) % 7))
    return week if week.end <= now else before(config, week)


def before(config: Config, week: Week) -> Week:
    return _ending(config, _day(config, week) - _WEEK)


def after(config: Config, week: Week) -> Week:
    return _ending(config, _day(config, week) + _WEEK)


def spoken(config: Config, moment: datetime) -> str:
    """A moment as the community says it: "Friday 13 February, 15:00 UTC"."""
    local = moment.astimezone(config.community.zone)
    return f"{local:%A} {local.day} {local:%B, %H:%M %Z}"


def _day(config: Config, week: Week) -> date:
    return week.end.astimezone(config.community.zone).date()


def _ending(config: Config, day: date) -> Week:
    year, number, _ = day.isocalendar()
    return Week(f"{year}-W{number:02}", _moment(config, day - _WEEK), _moment(config, day))


def _moment(config: Config, day: date) -> datetime:
    # An hour that comes twice is meant the first time; one that is left out, as if the clock had not been put forward.
    return datetime.combine(day, config.shoutout.time, config.community.zone).astimezone(UTC)
