"""Tests of plugins/waiting.py: the changes nobody has looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.config import Config
from mentorbot.models import Vote
from mentorbot.store import Store
from tests.builders import NOW, REVIEW, bug, change, days_ago

Ask = Callable[..., list[str]]


@pytest.fixture
def config(config: Config) -> Config:
    """Of harbour-client only the changes are read, not the bugs."""
    return config.model_copy(update={"launchpad": config.launchpad.model_copy(update={"projects": ("harbour",)})})


def test_the_longest_wait_comes_first(ask: Ask, store: Store) -> None:
    store.save([change(50, "Fix a typo", days=2), change(51, "Add an anchor", days=9, lines=1, uploaded=days_ago(1))])
    store.save([change(52, "Row", project="harbour/harbour-client", days=5, lines=400)])
    assert ask("!waiting") == [
        "3 changes in harbour and harbour-client without a first review, the longest wait first.",
        f"change 51 Add an anchor (harbour, 1 line, waiting for 9 days) {REVIEW}/c/harbour/harbour/+/51",
        f"change 52 Row (harbour-client, 400 lines, waiting for 5 days) {REVIEW}/c/harbour/harbour-client/+/52",
        f"change 50 Fix a typo (harbour, 12 lines, waiting for 2 days) {REVIEW}/c/harbour/harbour/+/50",
    ]


def test_one_project_alone(ask: Ask, store: Store) -> None:
    store.save([change(50), change(52, "Row", project="harbour/harbour-client")])
    assert ask("!waiting Harbour-Client") == [
        "1 change in harbour-client without a first review, the longest wait first.",
        f"change 52 Row (harbour-client, 12 lines, waiting for 3 days) {REVIEW}/c/harbour/harbour-client/+/52",
    ]


def test_what_was_looked_at_or_is_not_ready_does_not_wait(ask: Ask, store: Store) -> None:
    store.save([change(50, votes=(Vote("Code-Review", "bob", -1),)), change(51, messages=(("bob", "Why?"),))])
    store.save([change(52, verified=-1), change(53, wip=True), change(54, status="MERGED"), change(55, private=True)])
    store.cursors.finished("gerrit", NOW - timedelta(hours=3))
    store.cursors.finished("launchpad", NOW - timedelta(hours=3))
    assert ask("!waiting harbour") == ["Nothing in harbour waits for a first review. (Gerrit as of 3 hours ago)"]


def test_an_unknown_project_is_named(ask: Ask, store: Store) -> None:
    store.save(bug(1))
    assert ask("!waiting harbr") == ['I know no project "harbr". Did you mean harbour? I read harbour, harbour-client.']


def test_past_fifty_it_says_how_many_there_are(ask: Ask, store: Store) -> None:
    store.save([change(n, days=100 - n) for n in range(1, 53)])
    lines = ask("!waiting harbour")
    while more := ask("!more"):
        if more == ["That was all."]:
            break
        lines += more
    assert [line.split()[1] for line in lines[1:-1]] == [str(n) for n in range(1, 51)]
    assert lines[-1] == "These were the first 50 of 52."
