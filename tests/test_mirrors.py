"""Tests of mentorbot/mirrors.py; what an operator hears of them is in tests/test_status.py."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from mentorbot.mirrors import Mirrors
from tests import people
from tests.builders import NOW

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
