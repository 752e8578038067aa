"""Which days people mean: "tomorrow", "until friday", "next week", "20 december to 6 january", 2026-12-20."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from mentorbot.errors import UserError

Span = tuple[date, date]
"""The first and the last day, both included."""

FORMS = "tomorrow, until friday, next week, 3 days, 20 december, or 2026-12-20 2027-01-06"
FARTHEST = timedelta(days=350)
"""What is farther away is mostly misunderstood: a day that is just over is taken for next year's."""

_WRITTEN = re.compile(r"(\d{4}-\d\d?-\d\d?)[\s,;]+(?=\d)")
_LITTLE = re.compile(
    r"\b(?:i['’]?m|i am|away|please|the|of|all|whole|next(?= \S+ (?:days|weeks)))\b|[,;!?()\"“”]|\.(?!\d)"
)
_UNTIL = re.compile(r"(?:^|\s)(?:to|until|till?|through|for|and|[-–—])\s")
_FROM = re.compile(r"(?:from|on|in|starting|between)\s")
_NAMED = re.compile(r"[a-z]{3}|\d{4}-")
"""What a day has that is no mere number: 3/4 is in March to some and in April to others, and 20.12 a time of day."""
_LASTING = re.compile(r"\d|\ban?\s|days\b|weeks\b")


def off(text: str, today: date) -> Span:
    """The days on which somebody is away who says so; a UserError where they are past, or nobody knows which they are.

    A name alone ("friday", "next week") is itself; a date or a time alone ("20 december", "3 days") is how long.
    """
    said = " ".join(_LITTLE.sub(" ", _WRITTEN.sub(r"\1 to ", text.lower()[:200])).split())
    start, *ends = (part.strip() for part in _UNTIL.split(f"{said} ", maxsplit=1))
    if ends:
        first = _day(start, today) if start else today
        last = _day(ends[0], first)
    elif start.endswith(" week") and not _LASTING.search(start):
        first = _day(start, today)
        first -= timedelta(days=first.weekday())
        last = first + timedelta(days=6)
    else:
        last = _day(start, today)
        first = today if _LASTING.search(start) else last
    far, past = last - today > FARTHEST, last < today
    if far or past or last < first:
        why = f"more than {FARTHEST.days} days ahead" if far else "past" if past else f"before {first}"
        raise UserError(f"{last} is {why}; say until which day you are away.")
    return max(first, today), last


def spoken(days: Span) -> str:
    """Days with their names, so that a mistake is seen: "on Friday 2026-02-13", "from … to …"."""
    first, last = (f"{day:%A} {day}" for day in days)
    return f"on {first}" if first == last else f"from {first} to {last}"


def _day(said: str, today: date) -> date:
    from dateparser.date import DateDataParser  # most days of a bot pass without it

    base, named = datetime.combine(today, time.min), _FROM.sub("", said, count=1)
    # Without TIMEZONE it asks the machine for its own, and fails where that has an odd name.
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "TIMEZONE": "UTC"}
    parser = DateDataParser(languages=["en"], settings=settings)
    found = parser.get_date_data(named) if _NAMED.search(named) else None
    # Of a month alone nobody knows which of its days are meant.
    if not found or not found.date_obj or found.period not in ("day", "week"):
        about = f'I do not understand "{said[:40]}". ' if said else ""
        raise UserError(f"{about}Say which days as {FORMS}.")
    day: date = found.date_obj.date()
    return day
