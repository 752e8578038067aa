"""The part of Gerrit's query language that the tests use: OR is looser than AND, NOT takes one term."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Change = Mapping[str, Any]
Predicate = Callable[[Change], bool]

_TOKEN = re.compile(r"""[()]|-|(?:[^\s():"{}-][^\s():"{}]*:)?(?:"[^"]*"|\{[^}]*\}|[^\s()"{}]+)""")
_END = "<EOF>"
_MARKS = {")", "-", "NOT", "AND", "OR", _END}
_STATUS = {
    "open": {"NEW"},
    "pending": {"NEW"},
    "new": {"NEW"},
    "closed": {"MERGED", "ABANDONED"},
    "merged": {"MERGED"},
    "abandoned": {"ABANDONED"},
}
_COMPARE = {"=": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_LABEL = re.compile(r"(?P<name>[\w-]+?)(?P<how>>=|<=|[=<>]|(?=[+-]\d)|$)(?P<value>[+-]?\d+|)(?:,user=(?P<user>\S+))?")


class BadQuery(Exception):
    """What Gerrit answers 400 (or `status`) to, in its words."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


class Query:
    """A query read from its text: `matches(change)`, and `limit`, if the query names one."""

    def __init__(self, text: str) -> None:
        self.limit: int | None = None
        self._tokens = _tokens(text)
        if self._next == _END:
            raise BadQuery("query is empty")
        self.matches = self._or()  # what is left over is passed by, as in Gerrit

    @property
    def _next(self) -> str:
        return self._tokens[0][1]

    def _take(self) -> str:
        return self._tokens.pop(0)[1]

    def _or(self) -> Predicate:
        parts = [self._and()]
        while self._next == "OR":
            self._take()
            parts.append(self._and())
        return lambda change: any(part(change) for part in parts)

    def _and(self) -> Predicate:
        parts = [self._not()]
        while self._next not in ("OR", ")", _END):
            if self._next == "AND":
                self._take()
            parts.append(self._not())
        return lambda change: all(part(change) for part in parts)

    def _not(self) -> Predicate:
        if self._next in ("-", "NOT"):
            self._take()
            base = self._base()
            return lambda change: not base(change)
        return self._base()

    def _base(self) -> Predicate:
        place, word = self._tokens[0]
        if word == "(":
            self._take()
            inside = self._or()
            if self._next != ")":
                raise BadQuery(f"line 1:{self._tokens[0][0]} mismatched input '{self._next}' expecting ')'")
            self._take()
            return inside
        if word in _MARKS:
            raise BadQuery(f"line 1:{place} no viable alternative at input '{word}'")
        name, _, value = self._take().partition(":")
        value = value[1:-1] if value[:1] in ('"', "{") else value
        if name == "limit":
            self.limit = _limit(value)
            return lambda change: True
        return _term(name, value)


def _tokens(text: str) -> list[tuple[int, str]]:
    """The words with their places, and the end."""
    return [(match.start(), match[0]) for match in _TOKEN.finditer(text)] + [(len(text), _END)]


def _limit(value: str) -> int:
    if not value.isdecimal():
        raise BadQuery(f"Invalid limit: {value}")
    if int(value) == 0:
        raise BadQuery("limit must be positive: 0")
    return int(value)


def _term(name: str, value: str) -> Predicate:
    match name:
        case "project" | "p" | "repo" | "branch" if value.startswith("^"):
            key, pattern = ("branch" if name == "branch" else "project"), re.compile(value)
            return lambda change: pattern.fullmatch(change[key]) is not None
        case "project" | "p" | "repo":
            return lambda change: change["project"] == value
        case "projects":
            return lambda change: change["project"].startswith(value)
        case "branch" | "topic":
            return lambda change: change.get(name, "") == value
        case "change" if value.isdecimal():
            return lambda change: change["_number"] == int(value)
        case "change":
            raise BadQuery("Invalid change format")
        case "status" | "is" if value in _STATUS:
            return lambda change: change["status"] in _STATUS[value]
        case "is" if value == "wip":
            return lambda change: bool(change.get("work_in_progress"))
        case "is" if value == "private":
            return lambda change: bool(change.get("is_private"))
        case "is" if value == "mergeable":
            raise BadQuery("'is:mergeable' operator is not supported on this gerrit host")
        case "status" | "is":
            raise BadQuery(f"Unrecognized value: {value}")
        case "owner" | "o" if value == "self":
            raise BadQuery("Must be signed-in to use this operator", 403)
        case "owner" | "o":
            return lambda change: _is(change["owner"], value)
        case "after" | "since":
            moment = _moment(value)
            return lambda change: _moment(change["updated"]) >= moment
        case "before" | "until":
            moment = _moment(value)
            return lambda change: _moment(change["updated"]) <= moment
        case "label":
            return _label(value)
    raise BadQuery(f"Unsupported operator {name}:{value}")


def _is(account: Mapping[str, Any], who: str) -> bool:
    return who in (account.get("username"), account.get("name"), str(account.get("_account_id")))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"Invalid date format: {text}") from None


def _label(text: str) -> Predicate:
    """`label:X=0` means that nobody voted anything else; where 0 satisfies a comparison, no votes do too."""
    if not (said := _LABEL.fullmatch(text)):
        raise BadQuery(f"Invalid label status {text}")
    compare = _COMPARE[said["how"] or "="]
    wanted = int(said["value"] or 1)

    def matches(change: Change) -> bool:
        votes = change.get("labels", {}).get(said["name"], {}).get("all", ())
        values = [v["value"] for v in votes if v.get("value") and (said["user"] is None or _is(v, said["user"]))]
        return any(compare(value, wanted) for value in values) or (compare(0, wanted) and (not values or wanted != 0))

    return matches
