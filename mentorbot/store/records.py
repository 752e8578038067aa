"""A frozen dataclass as a row and back, where its fields are the table's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from mentorbot.store.moments import read, written

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from mentorbot.store.store import Store

    T = TypeVar("T", bound=DataclassInstance)


def put(store: Store, table: str, thing: DataclassInstance) -> None:
    """Write a thing as a row, in place of the one with the same key."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    row = {name: written(value) if isinstance(value, datetime) else value for name, value in values.items()}
    with store.writing() as db:
        marks = ", ".join(f":{name}" for name in row)
        db.execute(f"insert or replace into {table} ({', '.join(row)}) values ({marks})", row)


def take(kind: type[T], row: Mapping[str, Any]) -> T:
    """The thing that a row was made from."""
    return kind(**{name: _value(how, row[name]) for name, how in _hints(kind).items()})


def _value(how: Any, value: Any) -> Any:
    if how in (datetime, datetime | None):
        return read(value)
    return bool(value) if how is bool else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
