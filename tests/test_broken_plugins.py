"""What broken plugins cost: who asked gets a kind line, the admins a word, and nobody else notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mentorbot import app as room
from mentorbot import clock, config, loader
from mentorbot.models import Who
from mentorbot.store import Store
from tests import services
from tests.people import Person, Server, Wire, quiet, running
from tests.services import Network

FALLS = '''"""For tests."""
from mentorbot import command

@command("fall")
def fall(request, store):
    """Have a fault."""
    raise KeyError("a secret")

@command("stand")
def stand(request, store):
    """Have none."""
    return ["I stand."]
'''
SORRY = r"Something went wrong on my side\. The operators find it in the log as error (\w{6})\."
TOLD = (
    r"The plugin falls is off: it failed 3 times in ten minutes, the last time as error \w{6}\."
    r" To try it again say plugin on falls\."
)


@contextmanager
def falling(folder: Path, port: int, **irc: object) -> Iterator[Store]:
    """A bot in #mentors with a plugin that falls, and boss and mate for admins; its store."""
    (folder / "falls.py").write_text(FALLS)
    usual = {"server": "127.0.0.1", "port": port, "tls": False, "nick": "castor", "channels": ["#mentors"]}
    more = {"flood_rate": 500.0, "flood_burst": 500, "welcome_off": ["#mentors"], "admins": ["Boss", "mate"]}
    whole = config.Config.model_validate({"irc": usual | more | irc, "plugins": {"folder": str(folder)}})
    store = Store(folder / "castor.db")
    with closing(store), running(room.App(whole, loader.load(whole), store, clock.system)):
        yield store


def test_admins_who_are_seen_logged_in_are_told_once_and_nobody_else(network: Network, tmp_path: Path) -> None:
    with (
        Person(network.port, "alice") as alice,
        Person(network.port, "chief") as chief,
        Person(network.port, "boss") as impostor,
        falling(tmp_path, network.port),
    ):
        services.identify(chief, "boss")
        alice.until("^:castor!.* JOIN ")
        for _ in range(3):
            alice.send("PRIVMSG #mentors :!fall")
            assert re.fullmatch(rf"alice: {SORRY}", alice.words("PRIVMSG #mentors"))
        assert re.fullmatch(TOLD, chief.words("PRIVMSG chief"))
        services.identify(impostor, "alice")
        for _ in range(2):
            impostor.send("PRIVMSG castor :stand")
            assert impostor.words("PRIVMSG boss") == "stand is switched off at the moment."
        for asked, said in [
            ("stand", "stand is switched off at the moment."),
            ("plugin on falls", "falls is on, with fall and stand."),
            ("stand", "I stand."),
        ]:
            chief.send(f"PRIVMSG castor :{asked}")
            assert chief.words("PRIVMSG chief") == said


def test_an_admin_who_logs_in_later_is_told_then(network: Network, tmp_path: Path) -> None:
    with Person(network.port, "alice") as alice, falling(tmp_path, network.port):
        alice.until("^:castor!.* JOIN ")
        alice.send(*["PRIVMSG castor :fall"] * 3)
        assert all(re.fullmatch(SORRY, alice.words("PRIVMSG alice")) for _ in range(3))
        with Person(network.port, "chief") as chief:
            services.identify(chief, "boss")
            assert re.fullmatch(TOLD, chief.words("PRIVMSG chief"))


def known_by_lines_alone(server: Server) -> Wire:
    """Take castor into the channel, on a server that tells accounts by the tag of a line and in no other way."""
    peer = server.accept()
    peer.until("^USER ")
    peer.send(":srv CAP * LS :account-tag")
    peer.until("^CAP REQ")
    peer.send(":srv CAP * ACK :account-tag", ":srv 001 castor :Welcome")
    peer.until("^JOIN #mentors")
    peer.send(":castor!b@h JOIN #mentors", ":srv 366 castor #mentors :End")
    return peer


def test_an_admin_who_is_not_seen_is_told_when_they_ask_something(server: Server, tmp_path: Path) -> None:
    with falling(tmp_path, server.port), known_by_lines_alone(server) as peer:
        peer.send(*[":alice!a@h PRIVMSG #mentors :!fall"] * 3)
        for _ in range(3):
            peer.until("^PRIVMSG #mentors :alice: Something went wrong")
        peer.send(":boss!x@h PRIVMSG #mentors :!about", "@account=mate :friend!f@h PRIVMSG #mentors :good morning")
        peer.until("^PRIVMSG #mentors :boss: ")
        assert quiet(peer, 1.5)
        peer.send(*["@account=MATE :friend!f@h PRIVMSG castor :stand"] * 2)
        said = sorted(peer.line() for _ in range(3))
        assert re.fullmatch(f"PRIVMSG friend :{TOLD}", said[0])
        assert said[1:] == ["PRIVMSG friend :stand is switched off at the moment."] * 2


def test_an_admin_who_wants_quiet_is_told_no_earlier_than_they_ask(network: Network, tmp_path: Path) -> None:
    with (
        Person(network.port, "alice") as alice,
        Person(network.port, "chief") as chief,
        falling(tmp_path, network.port) as store,
    ):
        services.identify(chief, "boss")
        store.courtesy.leave_alone(Who("chief", "boss").keys, clock.system())
        alice.until("^:castor!.* JOIN ")
        alice.send(*["PRIVMSG castor :fall"] * 3)
        assert all(re.fullmatch(SORRY, alice.words("PRIVMSG alice")) for _ in range(3))
        chief.until("^:castor!.* JOIN ")
        assert quiet(chief, 1.5)
        chief.send("PRIVMSG castor :stand")
        said = sorted(chief.words("PRIVMSG chief") for _ in range(2))
        assert re.fullmatch(TOLD, said[0])
        assert said[1] == "stand is switched off at the moment."
