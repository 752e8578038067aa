"""Loads files of recorded web-service JSON into the store (`mentorbot import`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mentorbot import config
from mentorbot.errors import SourceError, StoreError
from mentorbot.models import Bug, Task
from mentorbot.questions import Blueprint, Question
from mentorbot.sources import gerrit_shapes, launchpad_shapes
from mentorbot.store import Store
from mentorbot.text import count

UNFIT = (ValueError, TypeError, AttributeError, LookupError, RecursionError, StoreError)
"""What a shape raises where JSON is not as the web services write it, and the store for what it cannot hold."""


def launchpad(path: Path, store: Store) -> str:
    """Load a file of Launchpad's JSON (JSON Lines, or one document); tells what was in it."""
    found = Counter[type]()
    with store.writing():
        for number, document in _documents(path):
            try:
                things = launchpad_shapes.recorded(document)
                store.save(things)
            except UNFIT as error:
                raise SourceError(f"{path}, {number}: {error}; nothing of the file was loaded.") from None
            found.update(map(type, things))
    bugs = f"{count(found[Bug], 'bug')}, {count(found[Task], 'task')}"
    others = {"question": found[Question], "blueprint": found[Blueprint]}
    return ", ".join([bugs, *(count(number, what) for what, number in others.items() if number)])


def gerrit(path: Path, store: Store, settings: config.Gerrit) -> str:
    """Load a file of Gerrit's JSON (one change, a list, JSON Lines; `)]}'` allowed); tells what was in it."""
    try:
        changes = gerrit_shapes.recorded(_text(path), settings.url, frozenset(settings.robots))
        store.save(changes)
    except UNFIT as error:
        raise SourceError(f"{path}: {error}; nothing of the file was loaded.") from None
    return count(len(changes), "change")


def _documents(path: Path) -> Iterator[tuple[str, Any]]:
    """The JSON documents of a file, each with the name of its place."""
    text = _text(path)
    try:
        yield "the document", _json(text)
        return
    except json.JSONDecodeError as error:
        whole = error
    # Not splitlines: JSON may have U+2028 and its like inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", _json(line)
        except json.JSONDecodeError as error:
            # A single broken document over many lines fails at its own place, not at line 1.
            fault = whole if number == 1 and whole.lineno > 1 and whole.msg != "Extra data" else error
            place = fault.lineno if fault is whole else number
            said = f"{path}, line {place}: this is not JSON: {fault.msg}; nothing of the file was loaded."
            raise SourceError(said) from None


def _json(text: str) -> Any:
    """What a text of JSON says; raises JSONDecodeError too where Python gives up: thousands of brackets or digits."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise json.JSONDecodeError(str(error).partition(";")[0], text, 0) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from None
