"""Tests of plugins/welcome.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.commands import Request
from mentorbot.config import Config
from mentorbot.loader import Loaded
from mentorbot.models import Who
from mentorbot.store import Store
from tests.builders import NOW

WORDS = [
    "Welcome to #mentors! I am a program that helps people find something to do in Harbour: say starter here and I name"
    " three things that wait for somebody, say help for the rest. In the channel it is !starter. I write to you unasked"
    " this once; if you say quiet, never."
]
Greet = Callable[..., list[str] | None]


@pytest.fixture
def greet(config: Config, loaded: Loaded, store: Store) -> Greet:
    """What somebody is told who says something in a channel."""

    def said(nick: str = "alice", account: str | None = None, where: str = "#mentors") -> list[str] | None:
        request = Request(Who(nick, account), where, "hello", NOW + timedelta(days=9), config, loaded)
        lines: list[str] | None = loaded.hooks.greet(request=request, store=store)
        return lines

    return said


def test_one_is_welcomed_once_in_each_channel_ever(greet: Greet) -> None:
    assert [greet(), greet(), greet(nick="Alice"), greet(account="al"), greet(nick="bob", account="al")] == [
        WORDS,
        None,
        None,
        None,
        None,
    ]
    assert greet(where="#docs") == [WORDS[0].replace("#mentors", "#docs")]
    assert greet(nick="carol") == WORDS


def test_a_channel_may_want_no_welcomes(config: Config, loaded: Loaded, store: Store) -> None:
    off = config.model_copy(update={"irc": config.irc.model_copy(update={"welcome_off": ("#Mentors",)})})
    request = Request(Who("alice"), "#mentors", "hello", NOW, off, loaded)
    assert loaded.hooks.greet(request=request, store=store) is None


def test_who_is_known_is_no_newcomer(greet: Greet, store: Store) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l")
    assert greet(nick="ada", account="ada") is None


def test_quiet_ends_it_for_good(greet: Greet, ask: Callable[..., list[str]]) -> None:
    assert ask("!quiet", nick="alice", account="al") == ["From now on I write to you only when you ask me something."]
    assert [greet(account="al"), greet(nick="other", account="al"), greet(where="#docs")] == [None, None, None]
    assert greet(nick="carol") == WORDS
