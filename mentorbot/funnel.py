"""How many people asked, were offered something, claimed it, and what became of it: counts only, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mentorbot.store import Store

FEW = 5
"""Of fewer people it is not told how far they came: who knows them would know what became of them."""


@dataclass(frozen=True)
class Step:
    """Of the people who asked since then, in a niche ("" for all together): how many came how far."""

    niche: str
    offered: int
    claimed: int
    seen: int
    finished: int


@dataclass(frozen=True)
class Funnel:
    """`asked` people came, `returned` of them again within 90 days; `steps` are all together first, then niches."""

    asked: int
    returned: int
    steps: list[Step]
    too_few: int


def since(start: datetime, store: Store) -> Funnel:
    """The funnel of those who asked from `start` on."""
    asked, returned = store.funnels.people(start)
    steps = [Step(**row) for row in store.funnels.steps(start)]
    told = [step for step in steps if step.offered >= FEW]
    return Funnel(asked, returned, told, sum(step.niche != "" for step in steps if step not in told))
