"""The points of each signal: ours, and what the community's own ranking.toml changes of them."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mentorbot.errors import ConfigError

Weights = Mapping[str, Mapping[str, int]]
"""Points by signal, for "bug" and for "change"."""

MOST = 100
"""Points of one signal, either way: more is a slip of the pen."""


@cache
def shipped() -> Weights:
    """Our own points."""
    loaded: Weights = tomllib.loads((files("mentorbot_data") / "ranking.toml").read_text(encoding="utf-8"))
    return loaded


def read(path: Path | None) -> Weights:
    """Our points with those that this file changes; raises ConfigError with one line for each fault."""
    if path is None:
        return shipped()
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors
        raise ConfigError(f"{path}: this is not TOML: {error}") from None
    if faults := [f"{path}: {fault}" for kind, points in own.items() for fault in _faults(kind, points)]:
        raise ConfigError("\n".join(faults))
    return {kind: {**points, **own.get(kind, {})} for kind, points in shipped().items()}


def _faults(kind: str, own: Any) -> list[str]:
    if kind not in shipped():
        return [f"[{kind}]: there is no such section; there are {', '.join(shipped())}."]
    if not isinstance(own, dict):
        return [f"{kind}: write it as a section: [{kind}]"]
    found = []
    for name, points in own.items():
        if name not in shipped()[kind]:
            near = difflib.get_close_matches(name, shipped()[kind], 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(shipped()[kind])}."
            found.append(f"[{kind}] {name}: there is no such signal; {meant}")
        elif type(points) is not int or abs(points) > MOST:
            found.append(f"[{kind}] {name}: write a whole number from -{MOST} to {MOST}")
    return found
