"""Tests of mentorbot/scorecard.py: items weighed with all that the store knows, and the scores of a moment."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mentorbot import scorecard
from mentorbot.cli import main
from mentorbot.config import Config
from mentorbot.models import Item, Signal
from mentorbot.store import Store, Wait
from tests.builders import NOW, bug, days_ago
from tests.conftest import CONFIG

HERE = Wait("harbour", "", timedelta(days=1), 50)
SAILS = Wait("harbour", "sails", timedelta(days=9), 20)
ROPES = Wait("harbour", "ropes", None, 12)


def item(number: int, title: str = "", points: int = 3, days: float = 5, kind: str = "bug") -> Item:
    signals = (Signal("starter_tag", points, "tagged first"),)
    return Item(kind, number, "harbour", title or f"Item {number}", "", days_ago(days), signals=signals)


def numbers(items: list[Item], store: Store, config: Config) -> list[int]:
    return [found.number for found in scorecard.ranked(items, "account:ada", store, config, NOW)]


def test_what_was_said_and_done_changes_the_order(store: Store, config: Config) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l")
    store.save([*bug(1, comments=(("vera", "Which version?"),)), *bug(2), *bug(3)])
    store.save(bug(9, "Anchor is lost", comments=(("ada-l", "I see it too."),)))
    items = [item(1, days=1), item(2, days=2), item(3, "Lost: one anchor", days=3), item(50, kind="change", days=4)]
    assert numbers(items, store, config) == [3, 2, 50, 1]
    found = {i.number: i.signals[1:] for i in scorecard.ranked(items, "account:ada", store, config, NOW)}
    assert found == {
        1: (
            Signal("lately", 1, "somebody spoke of it 5 days ago"),
            Signal("unanswered", -2, "the last word is a question that its reporter has not answered"),
        ),
        2: (),
        3: (Signal("alike", 1, "like your LP#9: lost, anchor"),),
        50: (),
    }


def test_of_a_long_queue_the_best_are_weighed_and_the_rest_follows(store: Store, config: Config) -> None:
    asked = (("vera", "Which version?"),)
    for number in range(1, 61):
        store.save(bug(number, comments=asked if number in (5, 60) else ()))
    found = list(scorecard.ranked([item(n, points=n) for n in range(1, 61)], "account:ada", store, config, NOW))
    assert [(i.number, i.points) for i in found] == [(60, 59), (59, 59), *((n, n) for n in range(58, 0, -1))]


def test_a_bug_waits_as_its_slowest_component_does_or_as_its_project() -> None:
    usual = {(wait.project, wait.component): wait for wait in (HERE, SAILS, ROPES)}
    found = [
        scorecard.slowest(usual, "harbour", frozenset(tags))
        for tags in ((), ("unknown",), ("sails",), ("sails", "ropes", "unknown"))
    ]
    assert found == [HERE, HERE, SAILS, ROPES]
    assert scorecard.slowest(usual, "client", frozenset({"sails"})) is None


def test_scores_are_those_of_the_moment(store: Store, config: Config) -> None:
    store.save(bug(1, "Typo", days=12, tags=("low-hanging-fruit",), comments=(("vera", "Which version?", 4),)))
    store.save([*bug(2, days=200, importance="Undecided"), *bug(3, days=8, assignee="bob")])
    store.save(bug(4, status="Fix Released"))
    store.save([*bug(5, days=20), *bug(5, days=20, project="harbour-client", importance="Wishlist")])
    store.waits.keep([Wait("harbour-client", "", None, 20)], NOW)
    assert scorecard.scores(store, config, NOW) == pytest.approx(
        {1: 5 + 1 + 4 + 3 + 1 - 2 + 1 / 14, 2: -1 + 1 + 1 / 202, 3: 4 + 3 + 1 + 1 / 10, 5: 4 + 3 + 1 + 1 / 22}
    )
    assert scorecard.scores(store, config, days_ago(9)) == pytest.approx(
        {1: 5 + 1 + 4 + 3 + 1 + 1 / 5, 2: -1 + 1 + 1 / 193, 5: 4 + 3 + 1 + 1 / 13}
    )


def test_the_verb_writes_every_open_bug_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "mentorbot.toml").write_text(CONFIG, encoding="utf-8")
    with_bugs = Store(tmp_path / "mentorbot.db")
    with_bugs.save([*bug(2, days=8), *bug(1, days=400, importance="Undecided")])
    with_bugs.close()
    where = ["--config", str(tmp_path / "mentorbot.toml"), "--now", NOW.isoformat(), "score"]
    said = CliRunner().invoke(main, [*where, str(tmp_path / "scores.csv")])
    assert (said.exit_code, said.output) == (0, f"{tmp_path}/scores.csv: 2 open bugs\n")
    with (tmp_path / "scores.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["bug_id", "score"]
    scores = [(int(number), float(score)) for number, score in rows]
    assert dict(scores) == pytest.approx({1: 1 / 402, 2: 8.1}, abs=1e-5)
    said = CliRunner().invoke(main, [*where, str(tmp_path / "none" / "scores.csv")])
    assert said.exit_code == 1
    assert said.stderr.startswith(f"{tmp_path}/none/scores.csv cannot be written: ")
