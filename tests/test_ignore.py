"""Tests of plugins/ignore.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.dispatch import Answer
from mentorbot.store import Store
from tests.builders import NOW

Ask = Callable[..., list[str]]
HELP = "Say whom, by one nick, account or host, and for how many days, 365 at most: !ignore NICK 7"


def test_somebody_is_ignored_for_a_while_and_listed_with_the_end(ask: Ask, store: Store) -> None:
    assert ask("!ignore", account="boss") == ["I ignore nobody."]
    assert ask("!ignore Mallory", account="boss") == [
        "I hear nobody called Mallory, by nick, account or host, until 2026-02-20 14:30 UTC. !unignore Mallory ends it."
    ]
    ask("!ignore bad.example.org 1d", account="Boss")
    assert ask("!ignore", account="boss") == [
        "I ignore bad.example.org until 2026-02-14 14:30 UTC (Boss) and mallory until 2026-02-20 14:30 UTC (boss)."
    ]
    assert [one.name for one in store.courtesy.ignored(NOW + timedelta(days=2))] == ["mallory"]


def test_it_ends_when_an_admin_says_so(ask: Ask) -> None:
    ask("!ignore mallory 30", account="boss")
    assert ask("!unignore MALLORY", account="boss") == ["I hear MALLORY again."]
    assert ask("!unignore mallory", account="boss") == ['I do not ignore "mallory". I ignore nobody.']


def test_whom_it_ignores_is_told_in_private_only(answer: Callable[..., Answer], ask: Ask) -> None:
    ask("!ignore mallory", account="boss")
    for text in ("!ignore", "!unignore", "!unignore bob"):
        said = answer(text, account="boss")
        assert (said.target, said.lines[0].partition("I ignore ")[2][:8]) == ("alice", "mallory ")


@pytest.mark.parametrize("words", ["a b c", "a b", "a 0", "a 366", "a -1", "a 1.5", "a 99999999999", "x" * 101, "a ²"])
def test_what_cannot_be_understood_is_told_how_it_is_said(ask: Ask, store: Store, words: str) -> None:
    assert ask(f"!ignore {words}", account="boss") == [HELP]
    assert store.courtesy.ignored(NOW) == []


def test_an_admin_cannot_be_ignored(ask: Ask, store: Store) -> None:
    assert ask("!ignore BOSS", account="boss") == ["BOSS is an admin; those I hear."]
    assert store.courtesy.ignored(NOW) == []


@pytest.mark.parametrize("text", ["!ignore mallory", "!ignore", "!unignore mallory"])
def test_it_is_for_admins(ask: Ask, text: str) -> None:
    assert ask(text, account="alice") == [f"{text.split()[0][1:]} is for this bot's admins."]
