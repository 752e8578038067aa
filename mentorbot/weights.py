"""The points of each signal: ours, and what the community's own ranking.toml changes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mentorbot.errors import ConfigError
from mentorbot.faults import no_such, text_beside, toml

Weights = Mapping[str, Mapping[str, int]]
"""Points by signal, for each of mentorbot.kinds."""

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
    own = toml(text_beside(path), str(path))
    if faults := [f"{path}: {fault}" for kind, points in own.items() for fault in _faults(kind, points)]:
        raise ConfigError("\n".join(faults))
    return {kind: {**points, **own.get(kind, {})} for kind, points in shipped().items()}


def _faults(kind: str, own: Any) -> list[str]:
    if kind not in shipped():
        return [f"[{kind}]: {no_such('section', kind, shipped())}"]
    if not isinstance(own, dict):
        return [f"{kind}: write it as a section: [{kind}]"]
    found = []
    for name, points in own.items():
        if name not in shipped()[kind]:
            found.append(f"[{kind}] {name}: {no_such('signal', name, shipped()[kind])}")
        elif type(points) is not int or abs(points) > MOST:
            found.append(f"[{kind}] {name}: write a whole number from -{MOST} to {MOST}")
    return found
