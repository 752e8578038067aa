"""A bot that is told to end finishes what is begun, says what it can, and loses nothing of the rest."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot.config import Config, Plugins
from mentorbot.store import Store
from tests import people
from tests.builders import NOW
from tests.ircds import Ircd, ngircd
from tests.people import HASTY, Person, an_app

PLUGIN = '''"""For tests."""
import threading
from mentorbot import command

BEGUN, GATE = threading.Semaphore(0), threading.Event()

@command("echo WORDS")
def echo(request, store):
    """Repeat the words, each in a line."""
    return request.text.split()

@command("nap", timeout=30)
def nap(request, store):
    """Sleep until the gate opens."""
    BEGUN.release()
    GATE.wait(20)
    return ["good morning"]
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    with ngircd(tmp_path_factory.mktemp("ngircd")) as server:
        yield server


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    (tmp_path / "ours.py").write_text(PLUGIN)
    irc = config.irc.model_copy(update={"ask_burst": 1000, "welcome_off": ("#mentors",)})
    return config.model_copy(update={"irc": irc, "plugins": Plugins(folder=str(tmp_path))})


@contextmanager
def there(
    server: Ircd, config: Config, store: Store, flood_rate: float = 500.0, flood_burst: int = 500
) -> Iterator[tuple[room.App, Person]]:
    """The bot, and alice in its channel."""
    pace = {"flood_rate": flood_rate, "flood_burst": flood_burst}
    with Person(server.port, "alice") as alice, an_app(config, server.port, store, HASTY, lambda: NOW, **pace) as app:
        alice.until("^:mentorbot!.* JOIN ")
        yield app, alice


def napping(alice: Person) -> threading.Event:
    """Four naps are asked for, and three of them begun; gives what ends them."""
    plugin = sys.modules["mentorbot_folder_ours"]
    alice.send(*["PRIVMSG #mentors :!nap"] * 4)
    for _ in range(3):
        assert plugin.BEGUN.acquire(timeout=people.DEADLINE)
    alice.send("PRIVMSG mentorbot :about")  # of another plugin: once it is answered all is heard
    alice.words("PRIVMSG alice")
    gate: threading.Event = plugin.GATE
    return gate


def last_words(alice: Person) -> list[str]:
    """What the bot says to the channel (and in private) until it leaves, and the reason it leaves with."""
    said = []
    while " QUIT " not in (line := alice.line()):
        said.append(re.sub(r"^:\S+ PRIVMSG \S+ :", "", line))
    return [*said, re.sub(r'^:\S+ QUIT :"?(.*?)"?$', r"QUIT \1", line)]


def test_what_waits_is_said_at_the_pace_before_it_leaves(server: Ircd, config: Config, file_store: Store) -> None:
    with there(server, config, file_store, flood_rate=10.0, flood_burst=1) as (app, alice):
        alice.send("PRIVMSG #mentors :!echo a b c d")
        assert alice.words() == "alice: a"
        began = time.monotonic()
        app.quit("Until soon.")
        assert last_words(alice) == ["b", "c", "d", "QUIT Until soon."]
        assert 0.25 < time.monotonic() - began < room.LAST_WORDS
    assert file_store.unsaid.of("nick:alice") == []


def test_what_is_begun_is_finished_and_nothing_new_is_heard(server: Ircd, config: Config, file_store: Store) -> None:
    with there(server, config, file_store) as (app, alice):
        gate = napping(alice)
        app.quit("Until soon.")
        alice.send("PRIVMSG #mentors :!echo hi", "PING :x")
        alice.until(" PONG ")
        gate.set()
        assert last_words(alice) == ["alice: good morning"] * 4 + ["QUIT Until soon."]


def test_what_it_cannot_say_in_time_is_kept_and_said_once_after_the_restart(
    server: Ircd, config: Config, file_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LAST_WORDS", 0.7)
    slow = there(server, config, file_store, flood_rate=2.0, flood_burst=1)
    with Person(server.port, "bob") as bob, slow as (app, alice):
        alice.send("PRIVMSG #mentors :!echo a b c", "PRIVMSG mentorbot :echo 1 2 3 4 5")
        first = alice.words()
        file_store.outbox.put("#mentors", ["Thanks to", "all of you."], NOW)
        while not file_store.rows("select 1 from outbox where state = 'saying'"):
            bob.send("PING :x")
            bob.until(" PONG ")
        app.quit("Until soon.")
        said = last_words(alice)
    assert said.pop() == "QUIT Until soon. If I owe you an answer, say !more when I am back."
    assert 1 <= len(said) <= 4
    said = [line.removeprefix("alice: ") for line in (first, *said)]
    monkeypatch.undo()
    with there(server, config, file_store) as (_, alice):
        alice.send("PRIVMSG mentorbot :more")
        while len(said) < 10:
            said.append(alice.words())
    assert sorted(said) == sorted([*"abc12345", "Thanks to", "all of you."])
    with there(server, config, file_store) as (_, alice):
        alice.send("PRIVMSG mentorbot :more")
        assert alice.words() == "That was all."
    assert file_store.rows("select state from outbox") == [{"state": "said"}]


def test_what_it_did_not_come_to_is_told_to_who_asks_for_more(
    server: Ircd, config: Config, file_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LAST_WORDS", 0.1)
    with there(server, config, file_store) as (app, alice):
        gate = napping(alice)
        app.quit("Until soon.")
        assert last_words(alice) == ["QUIT Until soon."]
        while not file_store.unsaid.of("nick:alice"):
            alice.send("PING :x")
            alice.until(" PONG ")
        gate.set()
    assert sorted(file_store.unsaid.of("nick:alice")) == [
        "I had to leave before I came to nap; please ask me again.",
        *["good morning"] * 3,
    ]


def test_told_twice_it_leaves_at_once(server: Ircd, config: Config, file_store: Store) -> None:
    with there(server, config, file_store, flood_rate=0.01, flood_burst=2) as (app, alice):
        alice.send("PRIVMSG #mentors :!echo a b")
        assert alice.words() == "alice: a"
        began = time.monotonic()
        app.quit("Until soon.")
        app.quit("Until soon.")
        assert last_words(alice)[-1].startswith("QUIT Until soon.")
        assert time.monotonic() - began < 2
    assert file_store.unsaid.of("nick:alice") == ["b"]


def test_off_the_network_it_leaves_at_once_and_keeps_what_waits(config: Config, file_store: Store) -> None:
    with people.Server() as silent, an_app(config, silent.port, file_store) as app:
        silent.accept().close()
        app.bot.say("#mentors", ["a"], unsaid=lambda left: file_store.unsaid.keep("nick:alice", left, NOW))
        began = time.monotonic()
        app.quit("Until soon.")
    assert time.monotonic() - began < 2
    assert file_store.unsaid.of("nick:alice") == ["a"]


def test_the_process_ends_politely_on_sigterm(server: Ircd, tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.toml"
    file.write_text(
        f'[irc]\nserver = "127.0.0.1"\nport = {server.port}\ntls = false\nchannels = ["#mentors"]\n'
        "flood_rate = 5.0\nflood_burst = 1\n"
    )
    with Person(server.port, "alice") as alice:
        process = subprocess.Popen(
            [sys.executable, "-m", "mentorbot", "--config", str(file), "run"], stderr=subprocess.PIPE, text=True
        )
        alice.until("^:mentorbot!.* JOIN ")
        alice.send("PRIVMSG mentorbot :help", "PRIVMSG mentorbot :howto docs")
        alice.words("PRIVMSG alice")
        process.send_signal(signal.SIGTERM)
        said = last_words(alice)
        _, log = process.communicate(timeout=people.DEADLINE)
    assert (process.returncode, said[-1]) == (0, "QUIT Until soon.")
    assert len(said) > 5
    assert "Traceback" not in log
