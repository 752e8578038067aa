"""Words for people: ages, plurals, and texts from outside made safe to say."""

import difflib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import humanize

# Controls that are no space, DEL, halves of a UTF-16 pair, what reorders its neighbours, and what nobody sees.
_UNSAYABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# IRC formatting: colour with its digits, hex colour with its digits, and the bare toggles.
_COLOUR = re.compile(
    "\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6}(?:,[0-9a-fA-F]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)


def plain(text: str) -> str:
    """A text from outside as one safe line: no control, colour or direction codes, single spaces."""
    return " ".join(_UNSAYABLE.sub("", _COLOUR.sub("", text)).split())


def shorten(text: str, width: int = 80) -> str:
    """At most `width` characters of a text from outside, cut at a word with an ellipsis."""
    text = plain(text)
    if len(text) <= width:
        return text
    cut = text[: width - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > width // 2 else cut).rstrip(" ,;:-") + "…"


def age(since: datetime, now: datetime) -> str:
    """How old something is, in one unit: "5 hours", "40 days", "7 months", "2 years"."""
    return lasting(max(now - since, timedelta()))


def lasting(lasted: timedelta) -> str:
    """A length of time in one unit: "9 hours", "40 days"."""
    # humanize says "a month" from 16 days on, which reads wrongly beside a question such as age:>30d.
    if lasted.days >= 730:
        return count(lasted.days // 365, "year")
    if lasted.days >= 92:  # three months, whatever their length
        return count(lasted.days * 12 // 365, "month")
    return count(lasted.days, "day") if lasted.days >= 2 else humanize.naturaldelta(lasted)


def left(until: datetime, now: datetime) -> str:
    """How long something lasts still, to the nearest hour: of two weeks that began just now, "14 days"."""
    rest, hour = max(until - now, timedelta()), timedelta(hours=1)
    return lasting(rest if rest < hour else round(rest / hour) * hour)


def ago(moment: datetime, now: datetime) -> str:
    """When something was: "3 days ago", "just now"."""
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{age(moment, now)} ago"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 bug", "3 bugs", "no bugs"."""
    many = many or f"{one}s"
    if number == 0:
        return f"no {many}"
    return f"{number:,} {one if number == 1 else many}"


def listed(words: list[str], last: str = "and") -> str:
    """Words as people list them: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def meant(word: str, known: Iterable[str], alike: float = 0.6) -> str:
    """A question after the known word that is spelt nearly so, " Did you mean backlog?"; nothing where none is.

    `alike` is how near it must be, from 0 to 1, as difflib measures it.
    """
    by_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_case, 1, alike)
    return f" Did you mean {by_case[near[0]]}?" if near else ""
