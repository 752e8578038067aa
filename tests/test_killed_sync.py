"""A sync that is killed at any moment leaves a sound store, in which a page is whole or absent, and goes on there."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mentorbot.store import Store
from tests.mirrors import Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import record

KILLS = 5


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    bugs = [
        record(n, tags=["low-hanging-fruit"], comments=[("bob", "Me too."), ("carol", "Oh.")]) for n in range(1, 60)
    ]
    with LaunchpadTwin(bugs) as twin:
        twin.questions = {number: question(number) for number in range(1, 5)}
        twin.blueprints = [blueprint("quay-map")]
        yield twin


def begin(file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mentorbot", "--config", str(file), "sync", "--once"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def whole_pages_only(path: Path) -> None:
    """The file is sound, and every bug that counts as read has all its comments."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        half = db.execute("""
            select id, message_count from bugs where read_at is not null
            and message_count != 1 + (select count(*) from comments where bug = bugs.id)""")
        assert half.fetchall() == []


@pytest.mark.parametrize("seed", range(3))
def test_a_sync_that_is_killed_again_and_again_comes_to_its_end(twin: LaunchpadTwin, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    file, path = tmp_path / "mentorbot.toml", tmp_path / "mentorbot.db"
    file.write_text(f'[launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]')
    for _ in range(KILLS):
        process = begin(file)
        try:
            twin.at(len(twin.requests) + dice.randrange(1, 40), process.kill)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
        whole_pages_only(path)
        twin.settle()
        twin.comment(dice.randrange(1, 60), "dave", "It happened again.")
    last = begin(file)
    assert last.wait(60) == 0
    whole_pages_only(path)
    mirror = Mirror(settings(twin))
    mirror.store.close()
    mirror.store = Store(path)
    same(mirror, twin)
    assert len(mirror.kept()) == 59
    assert (len(mirror.store.questions.of("harbour")), len(mirror.store.blueprints.of("harbour"))) == (4, 1)
    mirror.store.close()
