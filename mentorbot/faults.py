"""What is wrong with a TOML file, in plain words: that it is none, or with the line what pydantic finds in it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mentorbot.errors import ConfigError

_KINDS = {
    "string_type": 'write a text in quotes, such as "text"',
    "tuple_type": 'write a list in brackets, such as ["one", "two"]',
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "string_too_short": "write something, or leave it out",
    "missing": "this is needed",
}
"""What pydantic says in Python's words, in TOML's."""


def text_of(path: Path) -> str:
    """What stands in a file; raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def text_beside(path: Path) -> str:
    """What stands in a file beside the configuration, which, unlike that, is no pipe; raises ConfigError."""
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path} cannot be read: it is no file")  # a device may never come to its end
    return text_of(path)


def toml(text: str, name: str) -> dict[str, Any]:
    """What a TOML text says; raises ConfigError with the file's `name`."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of thousands of digits or brackets Python speaks in its own words
        raise ConfigError(f"{name}: this is not TOML: {error}") from None


def faults(errors: ValidationError, text: str, name: str, no_such: Callable[[list[str]], str]) -> list[str]:
    """One line for each fault, with the file's `name`, the line in its `text`, and the key.

    `no_such` says of keys from the section on that the last of them is unknown.
    """
    found = []
    for error in errors.errors(include_url=False):
        keys = [str(part) for part in error["loc"] if not isinstance(part, int)]
        line = _line_of(text, keys)
        where = f"{name}, line {line}" if line else name
        dotted = f"[{keys[0]}] {' '.join(keys[1:])}".strip() if len(keys) > 1 else f"[{keys[0]}]"
        found.append(f"{where}: {dotted}: {_said(error, keys, no_such)}")
    return found


def no_such(kind: str, word: str, known: Iterable[str]) -> str:
    """That there is no such setting (or whatever `kind` says), and which one may be meant."""
    return f"there is no such {kind}; {meant(word, known)}"


def meant(word: str, known: Iterable[str]) -> str:
    """Which of the known words may be meant; all of them, if none is near."""
    known = list(known)
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."


def _said(error: Any, keys: list[str], no_such: Callable[[list[str]], str]) -> str:
    if error["type"] == "extra_forbidden":
        return no_such(keys)
    if error["type"] == "model_type":
        return f"write it as a section: [{keys[0]}]" if len(keys) == 1 else "write it as a table: { key = value }"
    if error["type"] in _KINDS:
        return _KINDS[error["type"]]
    message: str = error["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


_HEADER = re.compile(r"\s*\[+([^]#]+)\]")
_KEY = re.compile(r"""\s*([\w."'\s-]+?)\s*=""")


def _line_of(text: str, keys: list[str]) -> int | None:
    """Where a setting stands: the first line that names most of it. TOML's parser does not keep the lines."""
    section: list[str] = []
    most, found = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = named = re.findall(r"[\w-]+", header[1])
        elif key := _KEY.match(line):
            named = [*section, *re.findall(r"[\w-]+", key[1])]
        else:
            continue
        agreed = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(named, keys, strict=False)))
        if agreed > most:
            most, found = agreed, number
    return found
