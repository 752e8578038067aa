"""Tests of mentorbot/writes.py, and of a bot whose store another process holds."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import loader
from mentorbot.config import Config
from mentorbot.errors import StoreError
from mentorbot.store import Health, Store
from mentorbot.workers import Workers
from mentorbot.writes import MOST, Writes
from tests.builders import NOW
from tests.people import DEADLINE, Server, Wire

SOON = 3.0
"""Seconds: less than any wait for the store, and plenty for the pace of the bot and for a loaded machine."""


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


def test_writes_are_done_in_their_order(workers: Workers) -> None:
    writes, done, written = Writes(workers), threading.Event(), list[int]()
    for number in range(50):
        writes.put(lambda number=number: written.append(number))  # type: ignore[misc]
    writes.put(done.set)
    writes.go_on()
    assert done.wait(DEADLINE)
    assert written == list(range(50))


def test_what_the_store_refuses_is_tried_again_first_and_what_is_broken_is_not(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    writes, tried, written = Writes(workers), threading.Event(), list[str]()
    locked = [True]

    def first() -> None:
        tried.set()
        if locked[0]:
            raise StoreError("The store is locked.")
        written.append("first")

    def broken() -> None:
        raise KeyError("tide")

    for write in (first, broken, lambda: written.append("last")):
        writes.put(write)
    assert tried.wait(DEADLINE)
    writes.finish(DEADLINE)
    assert written == []
    locked[0] = False
    writes.finish(DEADLINE)
    assert written == ["first", "last"]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "The store is locked. It is tried again.",
        "something could not be written to the store, and never will:",
    ]


def test_so_many_writes_may_wait(workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    writes, go, written = Writes(workers), threading.Event(), list[int]()
    writes.put(lambda: go.wait(DEADLINE))
    for number in range(MOST):
        writes.put(lambda number=number: written.append(number))  # type: ignore[misc]
    go.set()
    writes.finish(DEADLINE)
    assert written == list(range(MOST - 1))
    assert [record.levelname for record in caplog.records] == ["ERROR"]


HOLDER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    other.execute(line)
    print("done", flush=True)
"""


class Holder:
    """Another process, which has the store for itself while it `holds` it."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.tell("select 1")

    def tell(self, sql: str) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{sql}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    @contextmanager
    def holds(self) -> Iterator[None]:
        self.tell("begin exclusive")
        try:
            yield
        finally:
            self.tell("rollback")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "mentorbot.db")
    yield store
    store.close()


@pytest.fixture
def holder(store: Store) -> Iterator[Holder]:
    holder = Holder(Path(store.path or ""))
    yield holder
    holder.process.communicate(timeout=DEADLINE)


@contextmanager
def on_network(config: Config, store: Store, server: Server) -> Iterator[Wire]:
    """The bot, which says a line a second in #mentors of a server that says what it is told."""
    irc = {"port": server.port, "flood_rate": 1.0, "flood_burst": 1, "welcome_off": ("#mentors",)}
    config = config.model_copy(update={"irc": config.irc.model_copy(update=irc)})
    app = room.App(config, loader.load(config), store, lambda: NOW)
    thread = threading.Thread(target=app.run)
    thread.start()
    try:
        with server.welcome("#mentors", "mentorbot") as peer:
            yield peer
            app.quit()
            peer.until("^QUIT")
    finally:
        app.quit()
        thread.join(2 * DEADLINE)
    assert not thread.is_alive()


def ask(peer: Wire, nick: str, words: str) -> None:
    peer.send(f"@account={nick} :{nick}!{nick}@{nick}.example PRIVMSG #mentors :{words}")


def wait(peer: Wire, pattern: str) -> float:
    """Seconds until the bot sends such a line."""
    began = time.monotonic()
    peer.until(pattern)
    return time.monotonic() - began


def test_a_bot_whose_store_another_process_holds_stays_on_the_network_and_loses_nothing(
    config: Config, store: Store, holder: Holder, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentorbot.store.file.WAIT", 1.0)
    store.outbox.put("#mentors", ["Good morning.", "It is Friday."], NOW)
    sorry = "I cannot write anything down just now, and this needs it; please ask me again later. "
    with on_network(config, store, server) as peer:
        peer.until("PRIVMSG #mentors :Good morning.")
        with holder.holds():
            # What the bot would write down: that all is said, and where it is now.
            peer.until("PRIVMSG #mentors :It is Friday.")
            peer.send(":mentorbot!b@h JOIN #other")
            waits = list[float]()
            for nick in ("ann", "bob"):
                ask(peer, nick, "!why")
                peer.send(f"PING :{nick}")
                waits.append(wait(peer, f"PONG :{nick}"))
                waits.append(wait(peer, f"PRIVMSG #mentors :{nick}: I have not suggested anything to you yet"))
            for nick in ("cat", "dan", "eve"):
                ask(peer, nick, "!optin")
            heard = [peer.until("PRIVMSG #mentors :(cat|dan|eve): ") for _ in range(3)]
            peer.send("PING :last")
            waits.append(wait(peer, "PONG :last"))
            assert store.rows("select state from outbox") == [{"state": "saying"}]
        assert [line.partition(": ")[2][: len(sorry)] for line in heard] == [sorry] * 3
        assert max(waits) < SOON
        # The store was at fault, and not the plugin.
        ask(peer, "fay", "!optin")
        assert "fay: I answered you in private." in peer.until("PRIVMSG #mentors :fay: ")
        health = store.health.last()
        assert health and health.channels == ("#mentors", "#other")
    assert store.rows("select state from outbox") == [{"state": "said"}]
    assert store.outbox.interrupted(NOW) == []
    assert store.health.last() == Health(NOW, None, "mentorbot", ())


def test_a_bot_that_cannot_write_when_it_starts_is_on_the_network_all_the_same(
    config: Config, store: Store, holder: Holder, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentorbot.store.file.WAIT", 0.1)
    store.outbox.put("#mentors", ["Good morning."], NOW)
    store.outbox.take(NOW)
    with holder.holds(), on_network(config, store, server) as peer:
        ask(peer, "ann", "!backlog harbour")
        peer.until("PRIVMSG #mentors :ann: No open bug matches harbour")
    # The next start tells of what was cut off.
    assert store.rows("select state from outbox") == [{"state": "saying"}]
