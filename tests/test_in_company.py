"""The bot among many, and among its like, on a real server."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import clock, config, loader
from mentorbot.store import Store
from tests import real_bot
from tests.ircds import Ircd, inspircd, ngircd
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

@command("volley BOT BOT")
def volley(request, store):
    """Have another bot ask the same of this one."""
    other, this = request.words
    return ["Yours.", f"{other}: volley {this} {other}"]

@command("title")
def title(request, store):
    """Show a title that names people."""
    return ["LP#7 Ping bob, [carol]"]
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


def talk_of_two(server: Ircd, folder: Path, words: str, **irc: object) -> list[str]:
    """What is said in the channel of two running bots of ours when alice says `words` there, until they are silent."""
    with ExitStack() as stack:
        alice = stack.enter_context(Person(server.port, "alice"))
        onlooker = stack.enter_context(Person(server.port, "onlooker"))
        for nick in ("castor", "pollux"):
            (folder / nick).mkdir()
            usual = {"nick": nick, "flood_rate": 1000.0, "flood_burst": 1000}
            stack.enter_context(real_bot.run(folder / nick, server.port, {"ours": PLUGIN}, **usual | irc))
        for _ in range(2):
            onlooker.until("^:(castor|pollux)!.* JOIN ")
        alice.send(f"PRIVMSG #mentors :{words}")
        talk = list[str]()
        while len(talk) < 200 and not quiet(onlooker, 1):
            if " PRIVMSG #mentors " in (line := onlooker.line()):
                talk.append(re.sub(r"^:(\w+)!\S+ PRIVMSG #mentors :", r"\1> ", line))
        return talk


@pytest.mark.parametrize("welcome_off", [["#mentors"], []])
def test_two_of_ours_do_not_talk_for_ever(server: Ircd, tmp_path: Path, welcome_off: list[str]) -> None:
    """Each takes the other's first line for a question, and its answer for another one; both may greet in private."""
    talk = talk_of_two(server, tmp_path, "castor: poke pollux", welcome_off=welcome_off)
    assert talk[:3] == ["alice> castor: poke pollux", "castor> alice: Here it is.", "castor> pollux: say hello"]
    assert talk[3].startswith("pollux> castor: ")
    assert 3 < len(talk) <= 3 + 2 * 3


def test_two_of_ours_that_quote_each_others_refusals_come_to_an_end(server: Ircd, tmp_path: Path) -> None:
    quoted = '!echo castor: I am only a program and do not understand "i".'
    talk = talk_of_two(server, tmp_path, f"castor: poke pollux: {quoted}", welcome_off=[])
    assert talk[2] == f"castor> pollux: {quoted}: say hello"
    assert talk[3].startswith("pollux> castor: castor: I am only a program")
    assert len(talk) <= 3 + 2 * 3


@pytest.mark.parametrize("pace", [{}, {"ask_rate": 1000.0, "ask_burst": 1000}], ids=["usual pace", "any pace"])
def test_two_of_ours_whose_plugins_play_ball_come_to_an_end(
    server: Ircd, tmp_path: Path, pace: dict[str, object]
) -> None:
    """Each line is a good question to the other; no shipped plugin does that."""
    talk = talk_of_two(server, tmp_path, "castor: volley pollux castor", **pace)
    assert talk[:4] == [
        "alice> castor: volley pollux castor",
        "castor> alice: Yours.",
        "castor> pollux: volley castor pollux",
        "pollux> castor: Yours.",
    ]
    # Castor may answer the first of two lines before the second is there.
    assert "pollux> castor: volley pollux castor" in talk[4:6]
    assert len(talk) < 60
    assert not [line for line in talk if "slow down" in line and talk.count(line) > 1]


def test_one_that_the_network_marks_as_a_bot_gets_no_answer(tmp_path: Path) -> None:
    """Two of ours where there is bot mode: they do not hear each other at all."""
    more = '<module name="botmode"><module name="ircv3_ctctags">'
    with inspircd(tmp_path, more) as ircd:
        talk = talk_of_two(ircd, tmp_path, "castor: volley pollux castor")
    assert talk == [
        "alice> castor: volley pollux castor",
        "castor> alice: Yours.",
        "castor> pollux: volley castor pollux",
    ]


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


def test_a_channel_is_not_called_together_by_a_question(server: Ircd, tmp_path: Path) -> None:
    with ExitStack() as stack:
        alice, bob, _ = (stack.enter_context(Person(server.port, nick)) for nick in ("alice", "bob", "carol"))
        stack.enter_context(bot(server, tmp_path, "castor"))
        bob.until("^:castor!.* JOIN ")
        alice.send("PRIVMSG #mentors :!echo wake up bob carol")
        assert bob.words("PRIVMSG #mentors") == "!echo wake up bob carol"
        assert bob.words("PRIVMSG #mentors") == "alice: I answered you in private."
        assert alice.until("^:castor!.* PRIVMSG alice ").endswith(" :wake up bob carol")


def test_a_title_that_names_people_of_the_channel_is_for_its_asker_alone(server: Ircd, tmp_path: Path) -> None:
    with ExitStack() as stack:
        alice, bob = (stack.enter_context(Person(server.port, nick)) for nick in ("alice", "bob"))
        stack.enter_context(bot(server, tmp_path, "castor"))
        bob.until("^:castor!.* JOIN ")
        alice.send("PRIVMSG #mentors :!title")
        assert alice.words() == "alice: LP#7 Ping bob, [carol]"
        with Person(server.port, "Carol"):
            alice.send("PRIVMSG #mentors :!title")
            assert alice.words("PRIVMSG #mentors") == "alice: I answered you in private."
            assert alice.words("PRIVMSG alice") == "LP#7 Ping bob, [carol]"


def test_who_is_ignored_stays_so_when_the_bot_starts_again(server: Ircd, tmp_path: Path) -> None:
    def ask(person: Person) -> None:
        person.send("PRIVMSG #mentors :!echo hi")

    with Person(server.port, "alice") as alice, Person(server.port, "mallory") as mallory:
        for _ in range(2):
            with bot(server, tmp_path, "castor"):
                alice.until("^:castor!.* JOIN ")
                with closing(Store(tmp_path / "castor.db")) as store:
                    if not store.courtesy.ignored(clock.system()):
                        store.courtesy.ignore("Mallory", clock.system() + timedelta(days=1), "boss", clock.system())
                ask(mallory)
                ask(alice)
                assert alice.words("PRIVMSG #mentors") == "!echo hi"
                assert alice.words("PRIVMSG #mentors") == "alice: hi"
        in_two_days = clock.starting_at(clock.system() + timedelta(days=2))
        with bot(server, tmp_path, "castor", in_two_days):
            alice.until("^:castor!.* JOIN ")
            ask(mallory)
            assert alice.until("^:castor!.* PRIVMSG").endswith(" :mallory: hi")


def test_one_is_welcomed_once_and_not_again_when_the_bot_starts_again(server: Ircd, tmp_path: Path) -> None:
    with Person(server.port, "alice") as alice:
        welcomes = []
        for _ in range(2):
            with bot(server, tmp_path, "castor", welcome_off=[]):
                alice.until("^:castor!.* JOIN ")
                alice.send("PRIVMSG #mentors :good morning")
                while not quiet(alice, 1):
                    welcomes.append(alice.words("PRIVMSG alice"))
    assert len(welcomes) == 1
    assert welcomes[0].startswith("Welcome to #mentors!")


def test_those_who_come_back_from_a_split_are_not_welcomed(tmp_path: Path) -> None:
    with Server() as server, bot(server, tmp_path, "castor", welcome_off=[]), welcome(server) as peer:
        peer.send(*(f":user{n}!u@h{n} JOIN #mentors" for n in range(200)), "PING :back")
        assert peer.line() == "PONG :back"
        assert quiet(peer, 1)
        peer.send(":user7!u@h7 PRIVMSG #mentors :good morning")
        peer.until("^WHOIS|^PRIVMSG user7 :Welcome to #mentors!")


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
