"""Tests of plugins/status.py: what an operator hears of how the bot is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mentorbot import loader
from mentorbot.config import Config, parse
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Health, Store
from tests.builders import NOW, days_ago

Say = Callable[..., Answer]
MINUTE = timedelta(minutes=1)


def status(answer: Say) -> list[str]:
    return answer("status", account="boss", where=None).lines


def how(store: Store, **facts: Any) -> None:
    """The bot says that it is well, but for these facts."""
    well: dict[str, Any] = {"at": NOW - MINUTE, "since": days_ago(3), "nick": "mentorbot_", "channels": ("#mentors",)}
    store.health.tell(Health(**(well | facts)))


def test_a_bot_that_is_well_says_so_in_private(answer: Say, store: Store) -> None:
    how(store)
    store.cursors.finished("launchpad", NOW - 3 * MINUTE)
    store.cursors.finished("gerrit", NOW - 4 * MINUTE)
    store.outbox.put("#mentors", ["Thanks!"], NOW)
    said = answer("!status", account="Boss")
    assert (said.target, said.private_note) == ("alice", "I answered you in private.")
    assert said.lines == [
        "Network: on 127.0.0.1 as mentorbot_ for 3 days, in #mentors.",
        "Launchpad: read to its end 3 minutes ago.",
        "Gerrit: read to its end 4 minutes ago.",
        "Waiting: 1 text to be said, no proofs of names elsewhere.",
        "Plugins: all on.",
    ]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"since": None}, "Network: not on 127.0.0.1."),
        ({"channels": ()}, "Network: on 127.0.0.1 as mentorbot_ for 3 days, in no channel, but not in #mentors."),
        ({"channels": ("#Mentors", "#b")}, "Network: on 127.0.0.1 as mentorbot_ for 3 days, in #Mentors and #b."),
        (
            {"at": NOW - 6 * MINUTE},
            "Network: the bot said 6 minutes ago how it is, and nothing since: it does not run, or hangs.",
        ),
    ],
)
def test_why_it_is_quiet(answer: Say, store: Store, facts: dict[str, Any], said: str) -> None:
    how(store, **facts)
    assert status(answer)[0] == said


def test_a_bot_that_never_ran_and_mirrors_that_never_ended(answer: Say) -> None:
    assert status(answer)[:3] == [
        "Network: I have never been on 127.0.0.1.",
        "Launchpad: never read to its end.",
        "Gerrit: never read to its end.",
    ]


def test_the_last_failure_of_each_source_is_told_and_whether_it_lasts(answer: Say, store: Store) -> None:
    store.cursors.failed("launchpad", "Launchpad cannot be reached: no route.", NOW - 2 * MINUTE)
    store.cursors.failed("gerrit", "review.harbour.example answered 503.", days_ago(2))
    store.cursors.finished("gerrit", NOW - MINUTE)
    assert status(answer)[1:3] == [
        "Launchpad: never read to its end; last failure 2 minutes ago: Launchpad cannot be reached: no route.",
        "Gerrit: read to its end a minute ago; last failure 2 days ago: review.harbour.example answered 503.",
    ]
    store.cursors.finished("launchpad", NOW - 3 * MINUTE)
    assert status(answer)[1] == (
        "Launchpad: read to its end 3 minutes ago, and not since; last failure 2 minutes ago:"
        " Launchpad cannot be reached: no route."
    )


def test_mirrors_that_died_are_told(answer: Say, store: Store) -> None:
    how(store, sync_exit=-9, sync_ended=NOW - MINUTE, sync_again=NOW + 3 * MINUTE)
    assert status(answer)[3] == (
        "The mirrors' process ended a minute ago with exit code -9; it starts again in 3 minutes."
    )


def test_plugins_that_are_off_are_named(config: Config, store: Store) -> None:
    less = config.model_copy(update={"plugins": config.plugins.model_copy(update={"off": ("docs", "thanks")})})
    loaded = loader.load(less)
    loaded.turn_off("fixes", "it failed", failed=True)
    dispatch = Dispatch(less, loaded, store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice", "boss"), None, "status"))
    dispatch.close()
    assert said and said.lines[-1] == "Plugins: docs, fixes and thanks off."


def test_no_channel_hears_it_however_short_it_is(store: Store) -> None:
    bare = parse('[irc]\nadmins = ["boss"]')
    dispatch = Dispatch(bare, loader.load(bare), store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice", "boss"), "#mentors", "!status"))
    dispatch.close()
    assert said and (said.target, len(said.lines)) == ("alice", 3)


def test_it_is_for_admins(answer: Say) -> None:
    assert answer("!status", account="alice").lines == ["status is for this bot's admins."]
