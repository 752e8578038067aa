"""Whether what was read is what its model says: a source that sends a list for a title spoils nothing but that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

Fits = Callable[[Any], bool]

_WORDS = {str: "a text", int: "a whole number", bool: "true or false", datetime: "a date"}


def sound(thing: T) -> T:
    """The thing itself. Raises ValueError naming the field that has not the kind its dataclass says."""
    for name, fits, words in _fields(type(thing)):  # type: ignore[arg-type]
        if not fits(getattr(thing, name)):
            kind = type(thing).__name__.lower()
            raise ValueError(f"the {name.replace('_', ' ')} of a {kind} should be {words}")
    return thing


@cache
def _fields(model: type) -> list[tuple[str, Fits, str]]:
    return [(name, _fitting(kind), _in_words(kind)) for name, kind in get_type_hints(model).items()]


def _fitting(kind: Any) -> Fits:
    """What tells whether a value is of a kind that the models use."""
    parts = get_args(kind)
    if get_origin(kind) is UnionType:
        some = [_fitting(part) for part in parts]
        return lambda value: any(fits(value) for fits in some)
    if origin := get_origin(kind):
        each = _fitting(parts[0])
        return lambda value: isinstance(value, origin) and all(map(each, value))
    if kind is int:  # as the store can hold it
        return lambda value: type(value) is int and -(2**63) <= value < 2**63
    if is_dataclass(kind):
        return lambda value: isinstance(value, kind) and sound(value) is value  # type: ignore[arg-type]
    return lambda value: isinstance(value, kind)


def _in_words(kind: Any) -> str:
    kinds = [part for part in get_args(kind) if part not in (NoneType, Ellipsis)] or [kind]
    words = _WORDS.get(kinds[0], "complete")
    return words if get_origin(kind) in (None, UnionType) else f"a list, each of it {words}"
