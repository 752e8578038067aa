"""Tests of mentorbot/mirrors.py; what an operator hears of them is in tests/test_status.py."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.mirrors import Mirrors
from mentorbot.store import Store
from tests import people
from tests.builders import NOW
from tests.ircds import free_port

DEADLINE = 10.0


def test_mirrors_that_end_start_again_in_a_minute(tmp_path: Path) -> None:
    broken = tmp_path / "mentorbot.toml"
    broken.write_text("[irc]\nprot = 1\n")
    mirrors = Mirrors(broken, lambda: NOW, shifted=False)

    def started(after: float) -> int | None:
        mirrors.look_after(NOW + timedelta(seconds=after))
        process = mirrors._process
        if process:
            process.wait(DEADLINE)
        return process.pid if process else None

    first = started(0)
    assert first is not None
    assert started(1) is None
    assert started(59) is None
    assert mirrors.fault == {
        "sync_exit": 2,
        "sync_ended": NOW + timedelta(seconds=1),
        "sync_again": NOW + timedelta(seconds=61),
    }
    assert started(62) not in (None, first)
    assert mirrors.fault == {}
    mirrors.stop()


def test_mirrors_that_cannot_begin_are_tried_again_as_if_they_had_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python-that-was"))
    mirrors = Mirrors(tmp_path / "mentorbot.toml", lambda: NOW, shifted=False)
    mirrors.look_after(NOW)
    assert mirrors.fault == {"sync_exit": 126, "sync_ended": NOW, "sync_again": NOW + timedelta(minutes=1)}
    mirrors.look_after(NOW + timedelta(minutes=1))
    assert mirrors.fault["sync_again"] == NOW + timedelta(minutes=3)
    mirrors.stop()


def test_a_clock_that_was_years_ahead_does_not_keep_mirrors_down_for_years(tmp_path: Path) -> None:
    broken = tmp_path / "mentorbot.toml"
    broken.write_text("[irc]\nprot = 1\n")
    ahead = NOW + timedelta(days=3650)
    mirrors = Mirrors(broken, lambda: ahead, shifted=False)
    mirrors.look_after(ahead)
    assert mirrors._process
    mirrors._process.wait(DEADLINE)
    mirrors.look_after(ahead)
    assert mirrors._process is None
    mirrors.look_after(NOW)
    assert mirrors._process
    mirrors.stop()


def test_mirrors_that_end_soon_start_again_later_each_time(tmp_path: Path) -> None:
    broken = tmp_path / "mentorbot.toml"
    broken.write_text("[irc]\nprot = 1\n")
    mirrors = Mirrors(broken, lambda: NOW, shifted=False)
    now, pauses = NOW, list[float]()
    for lasted in [1, 1, 1, 1, 1, 1, 600, 1]:
        mirrors.look_after(now)
        assert mirrors._process
        mirrors._process.wait(DEADLINE)
        now += timedelta(seconds=lasted)
        mirrors.look_after(now)
        pauses.append((mirrors.fault["sync_again"] - now).total_seconds() / 60)
        now = mirrors.fault["sync_again"]
    assert pauses == [1, 2, 4, 8, 16, 30, 1, 2]
    mirrors.stop()


def test_new_mirrors_begin_at_once_with_a_new_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.toml"
    file.write_text('[launchpad]\nservice_root = "http://127.0.0.1:1/"\nprojects = ["harbour"]\n')
    mirrors = Mirrors(file, lambda: NOW, shifted=False)
    mirrors.look_after(NOW)
    first = mirrors._process
    assert first
    mirrors.restart()
    first.wait(DEADLINE)
    mirrors.look_after(NOW)
    assert mirrors._process not in (None, first)
    assert mirrors.fault == {}
    mirrors.stop()


def test_mirrors_that_are_down_begin_at_once_when_news_are_wanted(tmp_path: Path) -> None:
    mirrors = Mirrors(tmp_path / "none.toml", lambda: NOW, shifted=False)
    mirrors.look_after(NOW)
    assert mirrors._process
    mirrors._process.wait(DEADLINE)
    mirrors.look_after(NOW)
    assert mirrors.fault["sync_exit"] == 2
    mirrors.look_now()
    mirrors.look_after(NOW)
    assert mirrors._process
    assert mirrors.fault == {}
    mirrors._process.wait(DEADLINE)
    mirrors.look_now()
    mirrors.stop()


OWNER = """
import sys
from datetime import datetime
from pathlib import Path
from mentorbot.mirrors import Mirrors
mirrors = Mirrors(Path(sys.argv[1]), datetime.now, shifted=False)
mirrors.look_after(datetime.now())
print(mirrors._process.pid, flush=True)
sys.stdin.read()
"""


def test_mirrors_end_with_the_bot_even_if_it_is_killed_while_a_source_is_silent(
    tmp_path: Path, server: people.Server
) -> None:
    config = tmp_path / "mentorbot.toml"
    config.write_text(f'[gerrit]\nurl = "http://127.0.0.1:{server.port}"\nprojects = ["harbour"]\n')
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin and owner.stdout
    mirrors = os.pidfd_open(int(owner.stdout.readline()))
    with server.accept():
        assert not select.select([mirrors], [], [], 0)[0]
        owner.kill()
        ended, _, _ = select.select([mirrors], [], [], DEADLINE)
    if not ended:
        signal.pidfd_send_signal(mirrors, signal.SIGKILL)
    assert ended
    os.close(mirrors)
    owner.communicate()


def test_mirrors_that_take_their_time_to_end_keep_nothing_from_being_written(tmp_path: Path) -> None:
    """Some that end processes do not wait for long."""
    never = threading.Event()
    with people.Server() as silent, closing(Store(tmp_path / "mentorbot.db")) as store:
        (tmp_path / "mentorbot.toml").write_text(
            f'[irc]\nserver = "127.0.0.1"\nport = {free_port()}\ntls = false\n'
            f'[launchpad]\nservice_root = "http://127.0.0.1:{silent.port}/"\nprojects = ["harbour"]\n'
        )
        bot = subprocess.Popen([sys.executable, "-m", "mentorbot", "run"], cwd=tmp_path, stderr=subprocess.DEVNULL)
        try:
            with silent.accept():
                mirrors = int(Path(f"/proc/{bot.pid}/task/{bot.pid}/children").read_text())
                os.kill(mirrors, signal.SIGSTOP)
                bot.terminate()
                until = time.monotonic() + DEADLINE / 2
                while not ((health := store.health.last()) and health.off is None) and time.monotonic() < until:
                    never.wait(0.05)
                assert health
                assert (health.off, bot.poll()) == (None, None)
                os.kill(mirrors, signal.SIGKILL)
                assert bot.wait(DEADLINE) == 0
        finally:
            bot.kill()
            bot.wait()
