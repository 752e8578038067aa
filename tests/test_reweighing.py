"""Tests of mentorbot/reweighing.py: what past answers say for other points, and that nothing changes by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mentorbot import weights
from mentorbot.cli import main
from mentorbot.models import Item, Signal
from mentorbot.reweighing import Judged, Move, Proposal, difference, propose, rendered, wilson
from mentorbot.store import Store
from tests.builders import NOW
from tests.conftest import CONFIG

POINTS = {"small_words": 1, "untouched": 1, "long_talk": -1}


def judged(signals: str, good: int, bad: int) -> list[Judged]:
    return [Judged(frozenset(signals.split()), n < good) for n in range(good + bad)]


def test_what_past_answers_speak_for_gets_a_point_and_what_they_speak_against_loses_one() -> None:
    past = judged("small_words", 40, 5) + judged("untouched", 5, 40) + judged("", 20, 20)
    found = propose("bug", past, POINTS)
    assert [(move.signal, move.now, move.then) for move in found.moves] == [("small_words", 1, 2), ("untouched", 1, 0)]
    assert found.moves[0] == Move("small_words", 1, 2, (40, 45), (25, 85))
    assert (found.good, found.bad) == (65, 65)
    assert found.after > found.before


def test_few_answers_and_answers_that_differ_by_chance_change_nothing() -> None:
    assert propose("bug", judged("small_words", 19, 0) + judged("untouched", 0, 50), POINTS).moves == ()
    assert propose("bug", judged("small_words", 19, 0) + judged("untouched", 0, 19), POINTS).moves == ()
    assert propose("bug", judged("small_words", 16, 14) + judged("", 14, 16), POINTS).moves == ()
    assert propose("bug", [], POINTS) == Proposal("bug", 0, 0, (), 0.5, 0.5)


def test_what_would_not_better_the_order_is_left_out() -> None:
    assert propose("bug", judged("small_words", 40, 5) + judged("", 20, 40), POINTS).moves == ()


def test_the_intervals_are_those_of_the_books() -> None:
    # Newcombe's example (a): 56 of 70 and 48 of 80.
    assert difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_proposal_is_a_ranking_file_with_its_reasons(tmp_path: Path) -> None:
    past = judged("small_words", 40, 5) + judged("untouched", 5, 40) + judged("", 20, 20)
    said = rendered([propose("bug", past, POINTS), propose("change", [], POINTS)])
    assert said.splitlines() == [
        "# A proposal, from what people did with past suggestions and said of them. Nothing changes by itself:",
        "# read it, and write what convinces you into the ranking.toml beside mentorbot.toml.",
        "",
        "[bug]",
        "# 65 suggestions were good for those who got them, 65 were not.",
        "small_words = 2  # now 1: 40 of 45 were good with it, 25 of 85 without",
        "untouched = 0  # now 1: 5 of 45 were good with it, 60 of 85 without",
        "# Effect on these: the better of two had more points in 50% of all pairs, and would have in 77%.",
        "",
        "[change]",
        "# 0 suggestions were good for those who got them, 0 were not.",
        "# Nothing to change: they say too little, or nothing else than the points do.",
    ]
    own = tmp_path / "ranking.toml"
    own.write_text(said, encoding="utf-8")
    assert weights.read(own)["bug"]["small_words"] == 2


def test_the_verb_reads_what_became_of_suggestions_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    store = Store(tmp_path / "mentorbot.db")
    for n in range(1, 61):
        person, signals = f"account:p{n}", (Signal("long_talk", -1, "9 comments already"),) if n % 2 else ()
        items = [Item("bug", n, "harbour", "", "", NOW, "fixes", signals)]
        [item] = store.offers.make(person, "", items, 1, NOW)
        if n % 2:
            lease = store.leases.begin(item, person, f"p{n}", NOW, timedelta(days=14))
            store.leases.end(lease, "done", NOW)
        else:
            store.offers.pass_on(person, "too hard", NOW)
    store.close()
    before = (tmp_path / "mentorbot.db").stat().st_size
    said = CliRunner().invoke(main, ["--config", str(tmp_path / "mentorbot.toml"), "ranking", "suggest"])
    assert said.exit_code == 0
    assert said.output.splitlines()[3:7] == [
        "[bug]",
        "# 30 suggestions were good for those who got them, 30 were not.",
        "long_talk = 0  # now -1: 30 of 30 were good with it, 0 of 30 without",
        "# Effect on these: the better of two had more points in 0% of all pairs, and would have in 50%.",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mentorbot.db", "mentorbot.toml"]
    assert (tmp_path / "mentorbot.db").stat().st_size == before
