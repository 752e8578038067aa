"""Tests of plugins/status.py: what an operator hears of how the bot is."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mentorbot import clock, loader
from mentorbot import config as settings
from mentorbot.app import App
from mentorbot.cli import main
from mentorbot.config import Config, parse
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.mirrors import Mirrors
from mentorbot.models import Heard, Who
from mentorbot.store import Health, Store
from tests.builders import NOW, days_ago
from tests.people import DEADLINE, Server, Wire
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

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
        "Waiting: no lines for their turn in the chat, 1 text to be said, no proofs of names elsewhere.",
        "Ignored: nobody.",
        "Plugins: all on; no calls hang.",
    ]


def test_what_waits_whom_it_does_not_hear_and_what_hangs(answer: Say, store: Store) -> None:
    how(store, waiting=12, off={"backlog": "it failed 3 times"}, hanging={"starter": 2, "jobs": 1})
    for days, name in enumerate(("cat", "Ann", "bob", "10.0.0.1"), 1):
        store.courtesy.ignore(name, NOW + timedelta(days=days), "boss", NOW)
    store.courtesy.ignore("dan", NOW, "boss", days_ago(1))
    assert status(answer)[3:] == [
        "Waiting: 12 lines for their turn in the chat, no texts to be said, no proofs of names elsewhere.",
        "Ignored: cat, ann, bob and 1 other.",
        "Plugins: all on but backlog; calls that hang: 1 of jobs and 2 of starter.",
        "backlog is off: it failed 3 times.",
    ]


def test_of_a_bot_that_does_not_run_nothing_is_told_but_how_it_would_begin(config: Config, store: Store) -> None:
    how(store, at=NOW - 6 * MINUTE, waiting=12, off={"fixes": "it failed"}, hanging={"starter": 2})
    assert [off_line for off_line in _with_backlog_off(config, store) if "off" in off_line or "hang" in off_line] == [
        "Network: the bot said 6 minutes ago how it is, and nothing since: it does not run, or hangs.",
        "Plugins: all on but backlog and thanks; no calls hang.",
        "backlog is off: left out by [plugins] off.",
        "thanks is off: left out by [plugins] off.",
    ]


def _with_backlog_off(config: Config, store: Store) -> list[str]:
    """What a shell is told of a bot whose configuration leaves out two plugins."""
    less = config.model_copy(update={"plugins": config.plugins.model_copy(update={"off": ("backlog", "thanks")})})
    dispatch = Dispatch(less, loader.load(less), store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice", "boss"), None, "status"))
    dispatch.close()
    assert said
    return said.lines


def test_a_plugin_that_was_switched_on_again_is_on(config: Config, store: Store) -> None:
    how(store, off={})
    assert _with_backlog_off(config, store)[-1] == "Plugins: all on; no calls hang."


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
        "Launchpad: read to its end 3 minutes ago; last failure 2 minutes ago: Launchpad cannot be reached: no route."
    )


def test_a_store_that_cannot_be_written_is_told(answer: Say, store: Store) -> None:
    store.db.execute("pragma query_only = on")
    assert status(answer)[1] == "The store in memory cannot be written: attempt to write a readonly database."


def test_mirrors_that_died_are_told(answer: Say, store: Store) -> None:
    how(store, sync_exit=-9, sync_ended=NOW - MINUTE, sync_again=NOW + 3 * MINUTE)
    assert status(answer)[3] == ("The mirrors' process ended a minute ago by signal 9; it starts again in 3 minutes.")
    how(store, sync_exit=2, sync_ended=NOW - MINUTE, sync_again=NOW + 3 * MINUTE)
    assert status(answer)[3] == (
        "The mirrors' process ended a minute ago with exit code 2; it starts again in 3 minutes."
    )


def test_no_channel_hears_it_however_short_it_is(store: Store) -> None:
    bare = parse('[irc]\nadmins = ["boss"]')
    dispatch = Dispatch(bare, loader.load(bare), store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice", "boss"), "#mentors", "!status"))
    dispatch.close()
    assert said and (said.target, len(said.lines)) == ("alice", 4)


def test_it_is_for_admins(answer: Say) -> None:
    assert answer("!status", account="alice").lines == ["status is for this bot's admins."]


def test_a_source_that_asked_to_be_left_alone_is_told_with_the_time_left(answer: Say, store: Store) -> None:
    store.cursors.failed("launchpad", "Launchpad asks for fewer requests.", NOW - MINUTE)
    store.cursors.rest("launchpad", 14 * 60, NOW)
    store.cursors.rest("gerrit", 0, NOW)
    assert status(answer)[1:3] == [
        "Launchpad: never read to its end; last failure a minute ago: Launchpad asks for fewer requests;"
        " it asked to be left alone for 14 minutes more.",
        "Gerrit: never read to its end.",
    ]


# Of a bot that runs.

BOSSES = [f"boss{number}" for number in range(1000)]
"""Whoever is told the same again and again is told no more."""


@pytest.fixture
def config_file(tmp_path: Path, server: Server) -> Iterator[Path]:
    with LaunchpadTwin([record(1)], projects=["harbour"]) as launchpad:
        path = tmp_path / "mentorbot.toml"
        path.write_text(
            f'[irc]\nserver = "127.0.0.1"\nport = {server.port}\ntls = false\nchannels = ["#mentors"]\n'
            f"admins = {json.dumps(BOSSES)}\nflood_rate = 500.0\nflood_burst = 500\nask_rate = 500.0\nask_burst = 500\n"
            f'[launchpad]\nservice_root = "{launchpad.service_root}"\nprojects = ["harbour"]\n'
        )
        yield path


class Running:
    """The bot with its mirrors, on a server that says what it is told; its `now` may be moved on."""

    def __init__(self, path: Path, store: Store) -> None:
        config, self.now = settings.load(path), clock.system()
        self.loaded = loader.load(config)
        self.mirrors = Mirrors(path, lambda: self.now, shifted=False)
        self.app = App(config, self.loaded, store, lambda: self.now, self.mirrors)
        self._bosses = cycle(BOSSES)

    def status(self, peer: Wire) -> list[str]:
        """What an admin is told in private."""
        peer.send(f"@account={next(self._bosses)} :ann!ann@ann.example PRIVMSG mentorbot :status")
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Plugins:"):
            lines.append(peer.until("PRIVMSG ann :").partition(" :")[2])
        return lines

    def until(self, peer: Wire, pattern: str) -> str:
        """The line of `status` that matches, as soon as one does."""
        deadline = time.monotonic() + 3 * DEADLINE
        while time.monotonic() < deadline:
            if found := [line for line in self.status(peer) if re.search(pattern, line)]:
                return found[0]
        raise AssertionError(f"status never said {pattern}")


@pytest.fixture
def bot(config_file: Path, server: Server) -> Iterator[tuple[Running, Wire]]:
    store = Store(config_file.parent / "mentorbot.db")
    running = Running(config_file, store)
    thread = threading.Thread(target=running.app.run)
    thread.start()
    try:
        with server.welcome("#mentors", "mentorbot") as peer:
            yield running, peer
            running.app.quit()
            peer.until("^QUIT")
    finally:
        running.app.quit()
        thread.join(3 * DEADLINE)
        store.close()
    assert not thread.is_alive()


def test_mirrors_that_are_killed_show_in_status_and_begin_again(bot: tuple[Running, Wire]) -> None:
    running, peer = bot
    assert running.until(peer, "^Launchpad: read") == "Launchpad: read to its end just now."
    killed = running.mirrors._process
    assert killed
    os.kill(killed.pid, signal.SIGKILL)
    assert running.until(peer, "mirrors") == (
        "The mirrors' process ended just now by signal 9; it starts again in a minute."
    )
    assert running.mirrors._process is None
    running.now += timedelta(seconds=59)
    assert running.until(peer, "in a second") == (
        "The mirrors' process ended just now by signal 9; it starts again in a second."
    )
    running.now += timedelta(seconds=1)
    deadline = time.monotonic() + DEADLINE
    while any("mirrors" in line for line in running.status(peer)):
        assert time.monotonic() < deadline
    again = running.mirrors._process
    assert again and again.pid != killed.pid


def test_status_and_the_shells_list_agree_on_what_is_off(bot: tuple[Running, Wire], config_file: Path) -> None:
    running, peer = bot
    running.loaded.turn_off("backlog", "it failed 3 times in ten minutes")
    running.until(peer, "Plugins: all on but backlog; no calls hang.")
    listed = CliRunner().invoke(main, ["--config", str(config_file), "plugins"]).stdout
    rows = {line.split()[0]: line for line in listed.splitlines()[1:]}
    assert [name for name, row in rows.items() if row.split()[1] == "off"] == ["backlog"]
    assert rows["backlog"].rstrip().endswith("it failed 3 times in ten minutes")


def test_what_waits_and_what_hangs_in_a_running_bot_is_told(bot: tuple[Running, Wire]) -> None:
    running, peer = bot
    back = threading.Event()
    running.app.bot.say("#elsewhere", ["one", "two", "three"])
    running.loaded.workers.submit("backlog", back.wait, 0.01)
    try:
        assert running.until(peer, "3 lines") == (
            "Waiting: 3 lines for their turn in the chat, no texts to be said, no proofs of names elsewhere."
        )
        assert running.until(peer, "hang: ") == "Plugins: all on; calls that hang: 1 of backlog."
    finally:
        back.set()
    assert running.until(peer, "no calls") == "Plugins: all on; no calls hang."
