"""Which days people mean: "tomorrow", "next week", "until friday", "3 days", "20 december", 2026-12-20 2027-01-06."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import get_args

from mentorbot.errors import UserError
from mentorbot.values import Weekday

Span = tuple[date, date]
"""The first and the last day, both included."""

FORMS = "tomorrow, next week, until friday, 3 days, 20 december, or 2026-12-20 2027-01-06"
JUST = timedelta(days=31)
"""What was so lately may be meant where no year is named, though it is over."""

_DAY = timedelta(days=1)
_WEEKDAYS: tuple[str, ...] = get_args(Weekday)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "couple": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_UNITS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
_NEAR = {"yesterday": -1, "tomorrow": 1, "day after tomorrow": 2}
_NEAR |= dict.fromkeys(("today", "now", "tonight", "this morning", "this afternoon", "this evening"), 0)

_SMALL_WORDS = re.compile(r"\b(?:the|of|for|all|whole|i['’]?m|i am|away|please)\b")
_LASTING = re.compile(
    rf"(?:(?:next|coming) )?(?:an? )?\b([1-9]\d{{0,2}}|{'|'.join(_NUMBERS)}) ({'|'.join(_UNITS)})s?\b"
)
_TO = re.compile(r" (until|till?|to|through|thru|and|[-–—]+) ")
_UNTIL = re.compile(r"(?:until|till?|to|through|thru) (.+)")
_BEFORE = re.compile(r"(?:on|in|during|from|starting|between) ")
_END = re.compile(r"(?:end|rest) (.+)")
_WRITTEN = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_NUMERIC = re.compile(r"(\d\d?)[./](\d\d?)(?:[./](\d{4}|\d\d)?)?")
_NTH = r"(\d\d?)(?:st|nd|rd|th)?"
_DATE = re.compile(rf"(?:{_NTH} ([a-z]{{3,}})|([a-z]{{3,}}) {_NTH})(?: (\d{{4}}))?")
_PERIOD = re.compile(r"(?:(this|next|coming) )?([a-z]{3,})(?: (\d{4}))?")


def off(text: str, today: date) -> Span:
    """The days on which somebody is away who says so; a UserError where they are past, or could be others.

    A date alone is the last day, as after "until"; a day of the week, a week or a month alone is itself.
    """
    said = " ".join(_SMALL_WORDS.sub(" ", re.sub(r"[,;!?()\"“”]", " ", text.lower()[:200])).split()).rstrip(".")
    said = re.sub(r"(\d{4}-\d\d?-\d\d?) (?=\d{4}-)", r"\1 to ", said)
    said = re.sub(r"(?<![\d-])(\d\d?)[-–](\d\d?)(?![\d-])", r"\1 to \2", said)
    try:
        first, last = _understood(said, today)
    except (KeyError, OverflowError):  # or it is after the last year that there is
        what = f'I do not understand "{said[:40]}". ' if said else ""
        raise UserError(f"{what}Say which days as {FORMS}.") from None
    if last < today or last < first:
        raise UserError(f"{last} is {'past' if last < today else f'before {first}'}; say until which day you are away.")
    return first, last


def spoken(days: Span) -> str:
    """Days with their names, so that a mistake is seen: "on Friday 2026-02-13", "from … to …"."""
    first, last = (f"{day:%A} {day}" for day in days)
    return f"on {first}" if first == last else f"from {first} to {last}"


def _understood(said: str, today: date) -> Span:
    if lasting := _LASTING.search(said):
        many = _NUMBERS.get(lasting[1]) or int(lasting[1])
        rest = f"{said[: lasting.start()]} {said[lasting.end() :]}".strip()
        first = _named(rest, today)[0] if rest else today
        return first, first + (many * _UNITS[lasting[2]] - 1) * _DAY
    if until := _UNTIL.fullmatch(said):
        return today, _until(_named(until[1], today))
    if to := _TO.search(said):
        start, end = said[: to.start()], said[to.end() :]
        first = _named(_completed(start, end), today)[0]
        days = _named(_completed(end, start), first)
        return first, _until(days) if to[1].endswith(("til", "till")) else days[1]
    if said.startswith(("from ", "starting ")):
        raise UserError(f'Until when? Say "{said[:40]} until" and a day, too.')
    days = _named(said, today)
    return (today, days[1]) if _dated(said, today) or _END.fullmatch(said) else days


def _until(days: Span) -> date:
    """Who is away until Friday is away on Friday; who is away until next week is here next week."""
    first, last = days
    return first if first == last else first - _DAY


def _completed(number: str, other: str) -> str:
    """ "20" with the month of the other day, "20 december" of "27 december"."""
    bare = re.fullmatch(rf"(?:{_BEFORE.pattern})?{_NTH}", number)
    return re.sub(r"\b\d\d?(?:st|nd|rd|th)?\b", bare[1], other, count=1) if bare else number


def _named(said: str, today: date) -> Span:
    """What one name stands for, a day, a week or a month; KeyError where it is none."""
    said = _BEFORE.sub("", said, count=1)
    if end := _END.fullmatch(said):
        return (_named(end[1], today)[1],) * 2
    if said in _NEAR:
        return (today + _NEAR[said] * _DAY,) * 2
    if said == "week after next":
        return _named("next week", today + 7 * _DAY)
    if day := _dated(said, today):
        return day, day
    period = _PERIOD.fullmatch(said)
    found = period and _period(said, period[1] or "", period[2], period[3], today)
    if not found:
        raise KeyError(said)
    return max(found[0], today), found[1]


def _dated(said: str, today: date) -> date | None:
    """The day that a date names, the coming one where it has no year; None where it is no date."""
    if found := _WRITTEN.fullmatch(said):
        return _built(said, *map(int, found.groups()))
    if found := _NUMERIC.fullmatch(said):
        year, (one, other) = found[3] and f"20{found[3][-2:]}", (int(found[1]), int(found[2]))
        days = [_coming(said, year, *pair, today) for pair in {(one, other), (other, one)} if pair[0] <= 12]
        if len(days) > 1:
            raise _either(said, *sorted(days))
        return days[0] if days else None
    weekday, _, rest = said.partition(" ")
    if (place := _place(weekday, _WEEKDAYS)) and (day := _dated(rest, today)):
        if day.weekday() != place - 1:
            raise UserError(f"{day} is a {day:%A}: please say which day you mean.")
        return day
    if (found := _DATE.fullmatch(said)) and (month := _place(found[2] or found[3], _MONTHS)):
        return _coming(said, found[5], month, int(found[1] or found[4]), today)
    return None


def _period(said: str, which: str, word: str, year: str | None, today: date) -> Span | None:
    monday, next_one = today - today.weekday() * _DAY, which in ("next", "coming")
    if (place := _place(word, _WEEKDAYS)) and not year:
        day = today + (place - 1 - today.weekday()) % 7 * _DAY
        if which == "next" and today < day < monday + 7 * _DAY:
            raise _either(said, day, day + 7 * _DAY)
        # Who says Friday on a Friday means the next one: this one is called today.
        return (day + 7 * _DAY * (which != "this" and day == today),) * 2
    if month := _place(word, _MONTHS):
        return _month(_coming(said, year, month, 1, today.replace(day=1)))
    match word:
        case "week":
            monday += 7 * _DAY * next_one
            return monday, monday + 6 * _DAY
        case "weekend":
            saturday = monday + 5 * _DAY
            if which == "next" and today < saturday:
                raise _either(said, saturday, saturday + 7 * _DAY)
            saturday += 7 * _DAY * (next_one and today >= saturday)
            return saturday, saturday + _DAY
        case "month":
            return _month(_month(today)[1] + _DAY if next_one else today)
        case "year":
            return date(today.year + next_one, 1, 1), date(today.year + next_one, 12, 31)
    return None


def _month(day: date) -> Span:
    first = day.replace(day=1)
    return first, (first + 31 * _DAY).replace(day=1) - _DAY


def _place(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names a word is, or begins with three letters or more; the first is 1."""
    return next((n for n, name in enumerate(names, 1) if len(word) > 2 and name.startswith(word)), None)


def _coming(said: str, year: str | None, month: int, day: int, today: date) -> date:
    if year:
        return _built(said, int(year), month, day)
    found = _built(said, today.year, month, day)
    if timedelta() < today - found <= JUST:
        raise UserError(f'"{said}" is just over: please say it with its year, if you mean the next.')
    return found if found >= today else _built(said, today.year + 1, month, day)


def _built(said: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UserError(f'There is no "{said}". Say which days as {FORMS}.') from None


def _either(said: str, one: date, other: date) -> UserError:
    return UserError(f'"{said}" may be {one:%A} {one} or {other:%A} {other}: please say which, as a date.')
