"""Tests of plugins/say.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mentorbot.config import Config
from mentorbot.dispatch import Answer
from mentorbot.store import Health, Store
from tests.builders import NOW
from tests.people import Server, an_app

Say = Callable[..., Answer]


def said(answer: Say, text: str, **who: str | None) -> list[str]:
    return answer(text, **{"account": "boss", "where": None} | who).lines


def outbox(store: Store) -> list[tuple[str, list[str]]]:
    return [(letter.target, letter.lines) for letter in store.outbox.take(NOW)]


def test_a_running_bot_says_it_once_and_tells_the_admin_in_private(
    config: Config, file_store: Store, server: Server
) -> None:
    with an_app(config, server.port, file_store), server.welcome("#mentors", "mentorbot") as peer:
        peer.send("@account=boss :ann!a@h PRIVMSG #mentors :!say #Mentors The meeting is in ten minutes.")
        lines = [peer.until("^PRIVMSG") for _ in range(3)]
        peer.send("@account=bob :bob!b@h PRIVMSG mentorbot :why 1")
        assert peer.until("^PRIVMSG").startswith("PRIVMSG bob :I have not suggested anything")
    assert sorted(lines) == [
        "PRIVMSG #mentors :The meeting is in ten minutes.",
        "PRIVMSG #mentors :ann: I answered you in private.",
        "PRIVMSG ann :It goes to #mentors.",
    ]


def test_in_a_shell_it_is_for_the_running_bot_where_that_is_now(answer: Say, store: Store) -> None:
    store.health.tell(Health(NOW, NOW, "mentorbot", ("#docs",), off={}))
    assert said(answer, "say #mentors Hello.") == ["I am not in #mentors, but in #docs."]
    assert said(answer, "say #docs Hello.") == ["It goes to #docs."]
    assert outbox(store) == [("#docs", ["Hello."])]


def test_where_none_runs_it_waits_for_the_next(answer: Say, store: Store) -> None:
    assert said(answer, "say #mentors Good morning.") == ["It goes to #mentors."]
    assert outbox(store) == [("#mentors", ["Good morning."])]


@pytest.mark.parametrize("text", ["say", "say #mentors", "say #mentors  "])
def test_half_a_command_is_told_how_it_is_said(answer: Say, store: Store, text: str) -> None:
    assert said(answer, text) == ["Say where and what: !say #mentors Good morning!"]
    assert outbox(store) == []


def test_it_is_for_admins_and_for_channels(answer: Say, store: Store) -> None:
    assert said(answer, "say #mentors Hello.", account="ann") == ["say is for this bot's admins."]
    assert said(answer, "say bob Hello.") == ["I am not in bob, but in #mentors."]
    assert outbox(store) == []
