"""Launchpad's own description of its web service 1.0, as launchpadlib packages it, at another address."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

DESCRIBED_ROOT = "https://api.launchpad.test/1.0/"
KIND = "application/vnd.sun.wadl+xml"


@cache
def described(root: str) -> bytes:
    """Launchpad's own description of its web service (packaged with launchpadlib), at this root."""
    text = files("launchpadlib").joinpath("testing/launchpad-wadl.xml").read_text(encoding="utf-8")
    if DESCRIBED_ROOT not in text:
        raise ValueError(
            f"launchpadlib's description does not name {DESCRIBED_ROOT}; this twin cannot stand in for it."
        )
    return text.replace(DESCRIBED_ROOT, root).encode()


@cache
def fields(description: bytes, representation: str) -> tuple[str, ...]:
    """The names of a representation's fields."""
    text = description.decode()
    start = text.index(f'id="{representation}"')
    section = text[start : text.index("</wadl:representation>", start)]
    return tuple(re.findall(r'<wadl:param style="plain"[^>]* name="([^"]+)"', section))
