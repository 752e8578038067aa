"""How well the scorecard finds what newcomers then fixed, on nova's recorded bugs: `python -m tests.ranking_report`.

The labels and the measures are the judge's own (tools/judge_ranking among the recorded data). The points were chosen
on one half of the bugs, so it is the other half that tells; halves are by the CRC of the bug's number.
"""

from __future__ import annotations

import importlib.util
import json
import lzma
import random
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mentorbot import config as settings
from mentorbot import scorecard
from mentorbot.sources import recorded
from mentorbot.store import Store
from tests.nova import SHARED
from tests.nova import recorded as as_recorded

JUDGE = SHARED / "tools" / "judge_ranking" / "evaluate.py"
DUMP = SHARED / "data" / "nova-lp-bugs" / "all_2017-10-11_id_not_mod3.jsonl.xz"
FIRST, LAST = "2015-01", "2017-04"
FEWER_THAN_3 = 2
"""The judge's label lt3: who fixed it had at most so many commits merged before."""
TIMES = 200
"""Resamples of the bugs, for the intervals."""


@dataclass(frozen=True)
class Measured:
    """An AUC and how many times the base rate the best hold, each with its 95 % interval; and the AUC's difference to
    "tag, then youngest" on the same resamples."""

    auc: tuple[float, float, float]
    times: tuple[float, float, float]
    better: tuple[float, float, float]


def judge() -> ModuleType:
    """The judge's program; skips the test where it, its data or numpy is not here."""
    pytest.importorskip("numpy")
    for path in (JUDGE, DUMP):
        if not path.exists():
            pytest.skip(f"{path} is not here; MENTORBOT_SHARED names the folder with the recordings")
    spec = importlib.util.spec_from_file_location("judge_ranking", JUDGE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(JUDGE.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(JUDGE.parent))
    return module


def half(bug: int) -> int:
    """0 for the half on which the points were chosen, 1 for the other."""
    return zlib.crc32(str(bug).encode()) % 2


def scores(moments: Iterable[datetime]) -> dict[datetime, dict[int, float]]:
    """The scores of all bugs at each moment, from one store with all that came later in it."""
    config = settings.parse('[launchpad]\nprojects = ["nova"]\n')
    with tempfile.TemporaryDirectory() as folder:
        bugs = Path(folder) / "bugs.jsonl"
        with lzma.open(DUMP, "rt", encoding="utf-8") as dump, bugs.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(as_recorded(json.loads(line))) + "\n" for line in dump)
        store = Store()
        recorded.launchpad(bugs, store)
    found = {moment: scorecard.scores(store, config, moment.replace(tzinfo=UTC)) for moment in moments}
    store.close()
    return found


class Queues:
    """The judge's monthly queues, each bug with its label; made once, measured often."""

    def __init__(self, wanted: Callable[[int], bool] = lambda _: True, judged: ModuleType | None = None) -> None:
        self.judge = judged or judge()
        self.moments: list[datetime] = list(self.judge.months(FIRST, LAST))
        self.bugs = [bug for bug in self.judge.load() if wanted(bug.id)]
        self._places: dict[int, int] = {}
        self._queues = [[bug for bug in self.bugs if self.judge.queued(bug, at)] for at in self.moments]

    def measured(self, score: Callable[[Any, datetime], float], best: int) -> Measured:
        """How well these scores do: over all bugs, and over TIMES resamples of them."""
        import numpy as np

        random.seed(0)
        groups = [
            {
                "y": np.array([self.judge.label(bug, at, FEWER_THAN_3) for bug in queue], float),
                "u": np.array([self._places.setdefault(bug.id, len(self._places)) for bug in queue]),
                "s": np.array([score(bug, at) for bug in queue], float),
                "ref": np.array([self.judge.base("tagage", bug, at, random) for bug in queue], float),
            }
            for at, queue in zip(self.moments, self._queues, strict=True)
        ]
        many, resample = len(self._places), np.random.default_rng(0)
        rounds = [np.ones(many), *(resample.multinomial(many, np.ones(many) / many) * 1.0 for _ in range(TIMES))]
        ours = [self.judge.measure(groups, "s", weights, best) for weights in rounds]
        theirs = [self.judge.measure(groups, "ref", weights, best) for weights in rounds]

        def of(values: list[float]) -> tuple[float, float, float]:
            low, high = np.nanpercentile(values[1:], [2.5, 97.5])
            return values[0], float(low), float(high)

        return Measured(
            of([round_[0] for round_ in ours]),
            of([round_[4] for round_ in ours]),
            of([one[0] - other[0] for one, other in zip(ours, theirs, strict=True)]),
        )


def methods(queues: Queues, card: dict[datetime, dict[int, float]]) -> dict[str, Callable[[Any, datetime], float]]:
    """The ways to rank that are compared."""

    def base(name: str) -> Callable[[Any, datetime], float]:
        return lambda bug, at: float(queues.judge.base(name, bug, at, random))

    return {
        "random": base("random"),
        "tag only": base("tag"),
        "youngest first": base("age"),
        "tag, then youngest": base("tagage"),
        "the scorecard": lambda bug, at: card[at][bug.id],
    }


def main() -> None:
    whole = Queues()
    card = scores(whole.moments)
    parts = (("all bugs", whole, 20), ("chosen on", None, 10), ("held out", None, 10))
    for place, (name, queues, best) in enumerate(parts):
        part = queues or Queues(lambda bug, wanted=place - 1: half(bug) == wanted, whole.judge)  # type: ignore[misc]
        print(f"\n{name}: {len(part.bugs):,} bugs, {FIRST} to {LAST}, label lt3")
        for method, score in methods(part, card).items():
            found = part.measured(score, best)
            print(
                f"  {method:19} AUC {_said(found.auc)}   precision@{best}, times the base rate {_said(found.times, 1)}"
                f"   AUC against tag, then youngest {_said(found.better, sign='+')}"
            )


def _said(value: tuple[float, float, float], digits: int = 3, sign: str = "") -> str:
    point, low, high = (f"{number:{sign}.{digits}f}" for number in value)
    return f"{point} [{low}, {high}]"


if __name__ == "__main__":
    main()
