"""The bot among many, and among its like, on a real server."""

from __future__ import annotations

import re
import sys
import time as timing
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import clock, config, loader
from mentorbot.store import Store
from tests.ircds import Ircd, ngircd
from tests.people import DEADLINE, Person, Server, Wire, quiet, running

PLUGIN = '''"""For tests."""
from mentorbot import command

@command("poke BOT")
def poke(request, store):
    """Say a line that another bot takes for its own, in second place, where no asker's name stands before it."""
    return ["Here it is.", f"{request.text}: say hello"]

@command("echo WORDS")
def echo(request, store):
    """Repeat the words."""
    return [request.text]

@command("hurt")
def hurt(request, store):
    """Try to say more than one thing."""
    return ["x\\r\\nQUIT :gone", "\\x01ACTION hurts\\x01"]
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    with ngircd(tmp_path_factory.mktemp("ngircd")) as server:
        yield server


@contextmanager
def bot(
    server: Ircd | Server, folder: Path, nick: str, time: clock.Clock = clock.system, **irc: object
) -> Iterator[room.App]:
    """A whole bot in #mentors, which welcomes nobody unless told to."""
    (folder / "ours.py").write_text(PLUGIN)
    settings = {
        "irc": {
            "server": "127.0.0.1", "port": server.port, "tls": False, "nick": nick, "channels": ["#mentors"],
            "flood_rate": 1000.0, "flood_burst": 1000, "welcome_off": ["#mentors"], **irc,
        },
        "shoutout": {"channels": ["#mentors"]},
        "plugins": {"folder": str(folder)},
    }  # fmt: skip
    whole = config.Config.model_validate(settings)
    store = Store(folder / f"{nick}.db")
    with closing(store), running(room.App(whole, loader.load(whole), store, time)) as app:
        yield app


@pytest.mark.parametrize("welcome_off", [["#mentors"], []])
def test_two_of_ours_do_not_talk_for_ever(server: Ircd, tmp_path: Path, welcome_off: list[str]) -> None:
    """Each takes the other's first line for a question, and its answer for another one."""
    with ExitStack() as stack:
        alice = stack.enter_context(Person(server.port, "alice"))
        onlooker = stack.enter_context(Person(server.port, "onlooker"))
        for nick in ("castor", "pollux"):
            stack.enter_context(bot(server, tmp_path, nick, welcome_off=welcome_off))
            onlooker.until(f"^:{nick}!.* JOIN ")
        alice.send("PRIVMSG #mentors :castor: poke pollux")
        talk = []
        while not quiet(onlooker, 1):
            if " PRIVMSG #mentors " in (line := onlooker.line()):
                talk.append(line)
    lines = [re.sub(r"^:(\w+)!\S+ PRIVMSG #mentors :", r"\1> ", line) for line in talk]
    assert lines[:3] == ["alice> castor: poke pollux", "castor> alice: Here it is.", "castor> pollux: say hello"]
    assert lines[3].startswith("pollux> castor: ")
    assert 3 < len(lines) <= 3 + 2 * 3


def test_a_parrot_of_its_lines_gets_no_endless_answers(server: Ircd, tmp_path: Path) -> None:
    with (
        Person(server.port, "alice") as alice,
        Person(server.port, "parrot") as parrot,
        bot(server, tmp_path, "castor"),
    ):
        alice.until("^:castor!.* JOIN ")
        parrot.until("^:castor!.* JOIN ")
        for words in ("!poke parrot", "castor: nonsense", "!echo castor: echo castor: nonsense"):
            alice.send(f"PRIVMSG #mentors :{words}")
        repeated = 0
        while not quiet(parrot, 1):
            if found := re.match(r":(?:castor|alice)!\S+ PRIVMSG #mentors :(.*)", parrot.line()):
                repeated += 1
                parrot.send(f"PRIVMSG #mentors :{found[1]}")
        assert repeated < 20
        alice.send("PRIVMSG #mentors :!echo still here")
        alice.until("^:castor!.* :alice: still here")


def test_two_hundred_people_ask_a_thousand_things_at_once(server: Ircd, tmp_path: Path) -> None:
    with ExitStack() as stack:
        people = [stack.enter_context(Person(server.port, f"user{n}", channel=f"#{n}")) for n in range(200)]
        watcher = stack.enter_context(Person(server.port, "watcher"))
        stack.enter_context(bot(server, tmp_path, "castor"))
        watcher.until("^:castor!.* JOIN ")
        for person in people:
            person.send(*(f"PRIVMSG castor :echo {person.nick} {k}" for k in range(5)))
        wanted = {person.nick: [f"{person.nick} {k}" for k in range(5)] for person in people}
        got = {person.nick: sorted(person.words() for _ in range(5)) for person in people}
        assert got == wanted
        for person in people:
            person.send("PING :end")
        more = {person.nick: line for person in people if "PONG" not in (line := person.line())}
    assert more == {}


def test_what_a_command_gives_makes_no_second_line_on_the_wire(server: Ircd, tmp_path: Path) -> None:
    with Person(server.port, "alice") as alice, bot(server, tmp_path, "castor"):
        alice.until("^:castor!.* JOIN ")
        alice.send("PRIVMSG #mentors :!hurt")
        assert [alice.words(), alice.words()] == ["alice: x QUIT :gone", "ACTION hurts"]
        alice.send("PRIVMSG #mentors :!echo still here")
        assert alice.words() == "alice: still here"


def test_a_channel_is_not_called_together_by_a_question(server: Ircd, tmp_path: Path) -> None:
    with ExitStack() as stack:
        alice, bob, _ = (stack.enter_context(Person(server.port, nick)) for nick in ("alice", "bob", "carol"))
        stack.enter_context(bot(server, tmp_path, "castor"))
        bob.until("^:castor!.* JOIN ")
        alice.send("PRIVMSG #mentors :!echo wake up bob carol")
        assert bob.words("PRIVMSG #mentors") == "!echo wake up bob carol"
        assert bob.words("PRIVMSG #mentors") == "alice: I answered you in private."
        assert alice.until("^:castor!.* PRIVMSG alice ").endswith(" :wake up bob carol")


def welcome(server: Server) -> Wire:
    """Take castor into the channel, on a server that marks the lines of people with an account."""
    peer = server.accept()
    peer.until("^USER ")
    peer.send(":srv CAP * LS :account-tag")
    peer.until("^CAP REQ")
    peer.send(":srv CAP * ACK :account-tag", ":srv 001 castor :Welcome")
    peer.until("^JOIN #mentors")
    peer.send(":castor!b@h JOIN #mentors", ":srv 353 castor = #mentors :castor", ":srv 366 castor #mentors :End")
    return peer


NAP = '''"""For tests."""
import threading
from mentorbot import command

GATE = threading.Event()

@command("{name}", timeout=30)
def nap(request, store):
    """Sleep until the gate opens."""
    GATE.wait(20)
    return ["good morning"]
'''


def test_while_twelve_plugins_sleep_others_are_answered_at_once(tmp_path: Path) -> None:
    naps = [f"nap{n}" for n in range(12)]
    for name in naps:
        (tmp_path / f"{name}.py").write_text(NAP.format(name=name))
    with Server() as server, bot(server, tmp_path, "castor", ask_rate=1000.0, ask_burst=1000):
        peer = welcome(server)
        peer.send(*(f":u{n}!u@h{n} PRIVMSG #mentors :!{name}" for name in naps for n in range(5)))
        answered, ponged = [], []
        for n in range(300):
            began = timing.perf_counter()
            peer.send(f":alice!a@a.example.org PRIVMSG #mentors :!echo {n}")
            assert peer.line() == f"PRIVMSG #mentors :alice: {n}"
            answered.append(timing.perf_counter() - began)
            began = timing.perf_counter()
            peer.send(f"PING :{n}")
            assert peer.line() == f"PONG :{n}"
            ponged.append(timing.perf_counter() - began)
        for name in naps:
            sys.modules[f"mentorbot_folder_{name}"].GATE.set()
        woken = [peer.until("good morning") for _ in range(60)]
        peer.close()
    assert len(woken) == 60
    assert sorted(answered)[296] < 0.05
    assert sorted(ponged)[296] < 0.02


SLOW_EVIDENCE = '''"""For tests."""
import threading
from mentorbot import hookimpl

BEGUN, GATE = threading.Event(), threading.Event()

@hookimpl
def evidence(since):
    BEGUN.set()
    GATE.wait(20)
    return []
'''


def test_work_that_is_due_and_slow_does_not_hold_the_chat_up(tmp_path: Path) -> None:
    (tmp_path / "slow_evidence.py").write_text(SLOW_EVIDENCE)
    friday = clock.starting_at(datetime(2026, 2, 13, 15, 1, tzinfo=UTC))
    with Server() as server, bot(server, tmp_path, "castor", friday):
        plugin = sys.modules["mentorbot_folder_slow_evidence"]
        peer = welcome(server)
        assert plugin.BEGUN.wait(DEADLINE)
        peer.send("PING :x", ":alice!a@h PRIVMSG #mentors :!echo hi")
        assert [peer.line(), peer.line()] == ["PONG :x", "PRIVMSG #mentors :alice: hi"]
        plugin.GATE.set()
        peer.close()
