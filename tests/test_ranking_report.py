"""The scorecard on real bugs: it must find what newcomers then fixed, also among bugs on which no point was chosen."""

from __future__ import annotations

import pytest

from tests.ranking_report import Queues, half, judge, methods, scores


@pytest.fixture(scope="module")
def whole() -> Queues:
    return Queues()


def test_the_card_finds_what_newcomers_fix_better_than_the_tag_and_youth(whole: Queues) -> None:
    card = scores(whole.moments)
    found = whole.measured(methods(whole, card)["the scorecard"], 20)
    assert found.auc[0] >= 0.8
    assert found.times[0] >= 7
    assert found.better[1] > 0
    held_out = Queues(lambda bug: half(bug) == 1, whole.judge)
    found = held_out.measured(methods(held_out, card)["the scorecard"], 10)
    assert found.auc[0] >= 0.75
    assert found.better[0] >= 0


def test_the_measure_tells_chance_from_knowledge(whole: Queues) -> None:
    assert judge().__name__ == "judge_ranking"
    ways = methods(whole, {})
    chance = whole.measured(ways["random"], 20)
    assert 0.4 < chance.auc[0] < 0.6
    known = whole.measured(lambda bug, at: whole.judge.label(bug, at, 2), 20)
    assert known.auc[0] == pytest.approx(1)
