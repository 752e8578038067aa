"""A store that cannot be written, since the disk is full or read-only: one clear line, and what can be read is told."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.models import Item
from mentorbot.store import Store
from tests import real_bot
from tests.builders import NOW, bug
from tests.mirrors import Mirror, same, settings
from tests.people import DEADLINE, Server, Wire
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

# Root writes where it may not, unless it gives that up.
ONLY_WHAT_THE_MODE_SAYS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
NOT_HELD = " (I cannot write anything down just now: others may hear of this too, and I shall not know that you did.)"
NEEDED = "I cannot write anything down just now, and this needs it; please ask me again later."
READ_ONLY = "cannot be written: attempt to write a readonly database."
FULL = "cannot be written: disk I/O error."
"""What SQLite says of a file that may not grow."""


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(n, tags=["low-hanging-fruit"], status="Confirmed") for n in range(1, 40)]) as twin:
        yield twin


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [*ONLY_WHAT_THE_MODE_SAYS, sys.executable, "-m", "mentorbot", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run a verb; gives its exit code and what it printed, the second on standard error."""
    process = begin(folder, *words)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def may_write(process: subprocess.Popen[str] | subprocess.Popen[bytes], most: int = resource.RLIM_INFINITY) -> None:
    """Let no file of a process grow over so many bytes from now on."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, hard))


@pytest.fixture
def read_only(tmp_path: Path, twin: LaunchpadTwin) -> Path:
    """A folder with a store that may only be read."""
    (tmp_path / "mentorbot.toml").write_text(
        f'[launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]\n[irc]\nadmins = ["boss"]'
    )
    with closing(Store(tmp_path / "mentorbot.db")) as store:
        store.save(
            [
                *bug(1, "The crane", tags=("low-hanging-fruit",), status="Confirmed"),
                *bug(2, "The quay"),
                *bug(3, "The tide"),
            ]
        )
        items = [Item("bug", n, "harbour", "A title", "", NOW) for n in (2, 3)]
        store.offers.make("account:alice", "", items, 2, NOW)
        store.leases.begin(items[1], "account:alice", "alice", NOW, timedelta(days=9999))
    (tmp_path / "mentorbot.db").chmod(0o444)
    return tmp_path


def test_a_sync_into_a_store_that_may_only_be_read_says_so_and_asks_nobody(
    read_only: Path, twin: LaunchpadTwin
) -> None:
    said = f"The store {read_only}/mentorbot.db {READ_ONLY}\n"
    assert run(read_only, "sync", "--once") == (1, "", said)
    assert twin.requests == []
    (read_only / "mentorbot.db.sync").unlink()
    read_only.chmod(0o555)
    said = f"The store {read_only}/mentorbot.db cannot be written: Permission denied.\n"
    assert run(read_only, "sync", "--once") == (1, "", said)
    read_only.chmod(0o755)


def test_what_only_reads_is_answered_from_a_store_that_may_only_be_read(read_only: Path) -> None:
    code, said, _ = run(read_only, "ask", "starter", "fixes")
    head, item, *_ = said.splitlines()
    assert (code, head.endswith(NOT_HELD), item.startswith("1. LP#1 The crane (harbour, ")) == (0, True, True)
    code, said, _ = run(read_only, "ask", "backlog", "harbour", "crane")
    assert (code, said.splitlines()[0]) == (0, "1 open bug for harbour title:crane: 1 Confirmed.")
    code, said, _ = run(read_only, "ask", "--account", "boss", "status")
    assert (code, said.splitlines()[1]) == (0, f"The store {read_only}/mentorbot.db {READ_ONLY}")
    for words in ("thanks bob for the map", "iam lp:alice", "optin", "claim 1", "done", "niche", "mentoring offer 2"):
        code, _, said = run(read_only, "ask", "--account", "alice", *words.split())
        assert code == 1
        assert re.fullmatch(rf"{NEEDED} The operators find it in the log as error \w{{6}}\.\n", said)


@pytest.mark.parametrize("request_number", [2, 25, 45])
def test_a_sync_whose_disk_becomes_full_ends_with_one_line_and_goes_on_there(
    twin: LaunchpadTwin, tmp_path: Path, request_number: int
) -> None:
    (tmp_path / "mentorbot.toml").write_text(
        f'[launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]'
    )
    process = begin(tmp_path, "sync", "--once")
    twin.at(request_number, lambda: may_write(process, 1))
    _, said = process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if " INFO " not in line]
    assert (process.returncode, lines) == (1, [f"The store {tmp_path}/mentorbot.db {FULL}"])
    twin.edit_task(7, "harbour", status="Triaged")
    assert run(tmp_path, "sync", "--once")[0] == 0
    mirror = Mirror(settings(twin))
    mirror.store.close()
    mirror.store = Store(tmp_path / "mentorbot.db")
    same(mirror, twin)
    assert len(mirror.kept()) == 39
    mirror.store.close()


@contextmanager
def full(process: subprocess.Popen[bytes], path: Path) -> Iterator[None]:
    """A disk on which the store cannot grow, and what is shorter, such as the log, can."""
    with closing(Store(path)) as reader:
        # Who reads keeps the log of writes from beginning anew.
        reader.db.conn.execute("begin")
        reader.db.conn.execute("select count(*) from bugs").fetchall()
        with closing(Store(path)) as writer:
            writer.unsaid.keep("nick:nobody", ["x" * 400_000], NOW)
        may_write(process, 300_000)
        yield
        may_write(process)
        reader.db.conn.execute("rollback")


def said(peer: Wire, who: str, words: str) -> str:
    """What the bot answers to somebody with an account."""
    peer.send(f"@account={who} :{who}!{who}@{who}.example PRIVMSG #mentors :!{words}")
    return peer.until(f"^PRIVMSG #mentors :{who}: ").partition(f"{who}: ")[2]


def test_a_bot_whose_disk_is_full_goes_on_answering_and_writes_when_there_is_room(
    twin: LaunchpadTwin, tmp_path: Path, server: Server
) -> None:
    path = tmp_path / "mentorbot.db"
    with closing(Store(path)) as store:
        store.save([*bug(1, "The crane", tags=("low-hanging-fruit",), status="Confirmed"), *bug(2, "The quay")])
    sections = '[launchpad]\nprojects = ["harbour"]\nservice_root = "http://127.0.0.1:9/"\n[sync]\nevery = "1h"'
    limits: dict[str, Any] = {"ask_rate": 50.0, "ask_burst": 50, "flood_rate": 100.0, "flood_burst": 50}
    with (
        real_bot.run(tmp_path, server.port, sections=sections, **limits) as process,
        server.welcome("#mentors", "castor", "account-tag") as peer,
    ):
        with full(process, path):
            assert said(peer, "ann", "starter fixes").endswith(NOT_HELD)
            peer.until("1. LP#1 The crane")
            for who, words in (("bob", "thanks ann for the map"), ("cat", "iam lp:cat"), ("dan", "optin")):
                assert re.fullmatch(
                    rf"{NEEDED} The operators find it in the log as error \w{{6}}\.", said(peer, who, words)
                )
            assert said(peer, "eve", "backlog harbour quay").startswith("1 open bug for harbour title:quay: 1 New.")
            # What the bot would write down by itself, such as where it is, waits for room.
            peer.send(":castor!b@h JOIN #other")
            until = time.monotonic() + DEADLINE
            while "It is tried again." not in (tmp_path / "log").read_text() and time.monotonic() < until:
                peer.send("PING :alive")
                peer.until("^PONG :alive")
        assert said(peer, "fay", "thanks ann for the map").startswith("Thank you, noted for ann.")
        assert not said(peer, "gus", "starter fixes").endswith(NOT_HELD)
        peer.send("PING :last")
        peer.until("^PONG :last")
    log = (tmp_path / "log").read_text()
    assert log.count("It is tried again") == 1
    assert "Traceback" not in log
    with closing(Store(path)) as store:
        health = store.health.last()
        assert health
        assert health.since is None
