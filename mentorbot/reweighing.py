"""What past answers say for other points: a proposal for people to read, never a change by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from mentorbot.feedback import verdict
from mentorbot.store import Store
from mentorbot.weights import Weights

FEW = 20
"""Of fewer answers with a signal, or without it, nothing is concluded."""
Z = 1.96
"""For intervals that hold in 95 of 100 cases."""


@dataclass(frozen=True)
class Judged:
    """A suggestion of which somebody said, or showed, that it was `good` for them; `signals` are names."""

    signals: frozenset[str]
    good: bool


@dataclass(frozen=True)
class Move:
    """A signal whose points might be others; how many of those `with_it` were good, of how many, and `without`."""

    signal: str
    now: int
    then: int
    with_it: tuple[int, int]
    without: tuple[int, int]


@dataclass(frozen=True)
class Proposal:
    """Moves for one kind of item, from so many answers; `before` and `after` say how often a good suggestion had more
    points than one that was not."""

    kind: str
    good: int
    bad: int
    moves: tuple[Move, ...]
    before: float
    after: float


def proposals(store: Store, weights: Weights) -> list[Proposal]:
    """A proposal for each kind of item, from all that people answered so far."""
    past: dict[str, list[Judged]] = {kind: [] for kind in weights}
    for kind, signals, outcome, feedback, reason in store.funnels.outcomes():
        good = verdict(outcome, feedback, reason)
        if good is not None and kind in past:
            past[kind].append(Judged(frozenset(signals), good))
    return [propose(kind, judged, weights[kind]) for kind, judged in past.items()]


def propose(kind: str, past: Sequence[Judged], points: Mapping[str, int]) -> Proposal:
    """One point more or less for each signal that past answers speak for or against, where it betters the order."""
    order, moved, moves = _order(past, points), dict(points), []
    for signal, now in points.items():
        with_it = _share([one.good for one in past if signal in one.signals])
        without = _share([one.good for one in past if signal not in one.signals])
        if min(with_it[1], without[1]) < FEW:
            continue
        low, high = difference(with_it, without)
        step = 1 if low > 0 else -1 if high < 0 else 0
        if step and _order(past, moved | {signal: now + step}) > _order(past, moved):
            moved[signal] = now + step
            moves.append(Move(signal, now, now + step, with_it, without))
    good, all_of_them = _share([one.good for one in past])
    return Proposal(kind, good, all_of_them - good, tuple(moves), order, _order(past, moved))


def difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, each (so many, of so many).

    Newcombe's, from Wilson's intervals (Statistics in Medicine 17, 1998, method 10).
    """
    (a, b), (c, d) = wilson(*one), wilson(*other)
    p, q = one[0] / one[1], other[0] / other[1]
    return p - q - sqrt((p - a) ** 2 + (d - q) ** 2), p - q + sqrt((b - p) ** 2 + (q - c) ** 2)


def wilson(some: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    share = some / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z / (1 + Z * Z / of) * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return middle - half, middle + half


def rendered(found: Sequence[Proposal]) -> str:
    """Proposals as a ranking.toml, with the reasons as comments."""
    lines = ["# A proposal, from what people did with past suggestions and said of them. Nothing changes by itself:"]
    lines.append("# read it, and write what convinces you into the ranking.toml beside mentorbot.toml.")
    for one in found:
        lines += [
            "",
            f"[{one.kind}]",
            f"# {one.good:,} suggestions were good for those who got them, {one.bad:,} were not.",
        ]
        for move in one.moves:
            reason = f"now {move.now}: {_said(move.with_it)} were good with it, {_said(move.without)} without"
            lines.append(f"{move.signal} = {move.then}  # {reason}")
        if one.moves:
            order = f"# Effect on these: the better of two had more points in {one.before:.0%} of all pairs,"
            lines.append(f"{order} and would have in {one.after:.0%}.")
        else:
            lines.append("# Nothing to change: they say too little, or nothing else than the points do.")
    return "\n".join(lines)


def _said(share: tuple[int, int]) -> str:
    return f"{share[0]:,} of {share[1]:,}"


def _share(good: Sequence[bool]) -> tuple[int, int]:
    return sum(good), len(good)


def _order(past: Sequence[Judged], points: Mapping[str, int]) -> float:
    """Of all pairs of a good and a bad suggestion, the share in which the good one has more points; ties are half."""
    sums: dict[bool, list[int]] = {True: [], False: []}
    for one in past:
        sums[one.good].append(sum(points.get(signal, 0) for signal in one.signals))
    pairs = len(sums[True]) * len(sums[False])
    won = sum((good > bad) + (good == bad) / 2 for good in sums[True] for bad in sums[False])
    return won / pairs if pairs else 0.5
