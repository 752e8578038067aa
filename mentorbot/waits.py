"""The usual wait of a newcomer for a person's first answer, by project and component.

Changes that nobody has answered yet count as waiting still, not as never begun: without them a project that ignores
people would look quick. That is the Kaplan-Meier estimate (Kaplan and Meier, Journal of the American Statistical
Association 53, 1958, "Nonparametric estimation from incomplete observations").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from mentorbot.store import FirstChange, Store, Wait

LATELY = timedelta(days=365)
"""First changes of that time count: people come and go."""
KNOWN = timedelta(days=180)
"""Who has no change in a mirror that reaches back so far is new."""
FEW = 10
"""Of fewer first changes nothing is said."""
FRESH = timedelta(hours=12)
"""How long a computed wait is good."""


def median(waits: Iterable[tuple[timedelta, bool]]) -> timedelta | None:
    """The time within which half are answered; None if fewer than half ever are.

    Each is (how long it waited, whether it was answered then); the others are known to have waited so long at least.
    """
    ordered = sorted(waits, key=lambda wait: (wait[0], not wait[1]))
    unanswered = 1.0
    for before, (waited, answered) in enumerate(ordered):
        if answered:
            unanswered *= 1 - 1 / (len(ordered) - before)
        # A hair above a half: the product of fractions may miss it.
        if answered and unanswered <= 0.5 + 1e-9:
            return waited
    return None


def usual(changes: Iterable[FirstChange]) -> list[Wait]:
    """The usual wait of each project and component that has enough first changes."""
    groups: dict[tuple[str, str], list[tuple[timedelta, bool]]] = defaultdict(list)
    for change in changes:
        for component in ("", *change.components):
            groups[change.project, component].append((change.waited, change.answered))
    return [Wait(*place, median(waits), len(waits)) for place, waits in sorted(groups.items()) if len(waits) >= FEW]


def compute(store: Store, robots: Iterable[str], now: datetime) -> None:
    """Compute the usual waits and keep them for the chat."""
    store.waits.keep(usual(store.waits.first_changes(now - LATELY, now, KNOWN, robots)), now)


def refresh(store: Store, robots: Iterable[str], now: datetime) -> None:
    """Compute the usual waits anew where they are not fresh."""
    last = store.waits.computed()
    if last is None or not timedelta() <= now - last < FRESH:
        compute(store, robots, now)
