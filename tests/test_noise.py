"""Thousands of lines by chance, to the bot as it is run; `python -m tests.bench.million` sends as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import million

LINES = 10_000


@pytest.mark.parametrize("run", [million.from_server, million.from_user])
def test_lines_by_chance_cost_the_bot_nothing(run: million.Run, tmp_path: Path) -> None:
    outcome = run(tmp_path, LINES)
    assert (outcome.odd, outcome.answered) == ([], True)
    assert outcome.sent > LINES / 500
    assert outcome.late < outcome.early * 1.3
