"""Fields of Launchpad's JSON: what must be there, what may be hidden, and in words what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mentorbot.sources import bounds
from mentorbot.text import shorten

Json = Mapping[str, Any]

REDACTED = "tag:launchpad.net:2008:redacted"
"""What stands in a field that anonymous readers may not see."""

PUBLIC = ("Public", "Public Security")

_NUMBER = re.compile(r"/(?:bugs|\+bug)/(\d+)(?:/|$)")
_TARGET = re.compile(r"https?://[^/]+/[^/]+/(.+?)/?")


def name_of(json: object) -> str:
    """What a thing is known by: a bug and its task by the bug's number, others by their own or by their name."""
    if not isinstance(json, Mapping):
        return ""
    if number := _NUMBER.search(str(json.get("bug_link"))):
        return number[1]
    return shorten(str(json.get("id") or json.get("name") or ""))


def called(json: object, what: str) -> str:
    if not isinstance(json, Mapping):
        raise ValueError(f"{what} should be a JSON object")
    name = json.get("id") or json.get("bug_link")
    return f"{what} ({shorten(str(name))})" if name else what


def keyed(json: object, key: str, what: str) -> Json:
    if not isinstance(json, Mapping):
        raise ValueError(f"{what} should be a JSON object")
    if key not in json:
        raise ValueError(f'{what} has no "{key}"')
    return json


def needed(json: object, key: str, what: str) -> Any:
    return keyed(json, key, what)[key]


def seen(json: object, key: str, what: str) -> Any:
    """A field that may be absent, empty or hidden: all three are None."""
    if not isinstance(json, Mapping):
        raise ValueError(f"{what} should be a JSON object")
    value = json.get(key)
    return None if value == REDACTED else value


def listed(value: object, key: str, what: str) -> list[str]:
    if value is None or value == REDACTED:
        return []
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError(f'"{key}" of {what} should be a list of texts')
    return value


def whole(value: object, key: str, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f'"{key}" of {what} should be a number')
    return value


def moment(json: object, key: str, what: str) -> datetime:
    value = needed(json, key, what)
    try:
        return bounds.moment(value)
    except ValueError:
        raise ValueError(f'"{key}" of {what} is no date: {shorten(str(value))}') from None


def moment_or_none(json: object, key: str, what: str) -> datetime | None:
    return None if seen(json, key, what) is None else moment(json, key, what)


def person(link: object) -> str | None:
    """The account's name at the end of a person's link."""
    return _end(link, "~")


def last(link: object) -> str | None:
    return _end(link, "/")


def _end(link: object, mark: str) -> str | None:
    if not link or link == REDACTED:
        return None
    if not isinstance(link, str):
        raise ValueError(f"{shorten(str(link))} should be a link")
    _, found, name = link.rpartition(mark)
    return name if found else None


def bug_number(link: str, key: str, what: str) -> int:
    match = _NUMBER.search(str(link))
    if match is None:
        raise ValueError(f'"{key}" of {what} names no bug: {shorten(str(link))}')
    return int(match[1])


def target(link: object) -> str:
    """What a target's link names: "nova", a series "nova/liberty", a package "ubuntu/+source/synaptic"."""
    match = _TARGET.fullmatch(str(link))
    if match is None:
        raise ValueError(f'"target_link" names no project: {shorten(str(link))}')
    return match[1]
