"""The whole bot outlives its servers, real ones: killed under load, stopped, split from each other, or never there."""

from __future__ import annotations

import dataclasses
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from mentorbot.chat.patience import Patience
from mentorbot.config import Config, Plugins
from tests import ircds, people, services
from tests.ircds import Ircd, free_port
from tests.people import HASTY, Person, a_bot, an_app, company, until_logged
from tests.services import Pair

ECHO = '''"""For tests."""
from mentorbot import command

@command("echo WORDS")
def echo(request, store):
    """Repeat the words."""
    return [request.text]
'''
WHY = "I have not suggested anything to you yet; say !starter."
DENIED = "shoutout is for this bot's organisers. If you are one, please log in to the network's services and ask again."
GRANTED = "Nothing would be said for 2026-W07: no thanks and no unsung work were recorded in that week."


@pytest.fixture
def echoing(config: Config, tmp_path: Path) -> Config:
    """With a command that says what it is told."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "ours.py").write_text(ECHO)
    return config.model_copy(update={"plugins": Plugins(folder=str(folder))})


# Killed


def test_killed_five_times_under_load_it_is_back_each_time_and_nothing_is_said_twice(
    tmp_path: Path, echoing: Config
) -> None:
    """Lines are asked faster than they may be answered, so that some wait whenever the server dies."""
    said: Counter[str] = Counter()

    def listen(alice: Person, until: str) -> None:
        while f":{until}" not in (line := alice.line()):
            said.update(re.findall(r"^:mentorbot!.* :(\w+: \d-\w+)$", line))

    pace = {"flood_rate": 50.0, "flood_burst": 5, "ask_rate": 1000.0, "ask_burst": 1000}
    irc = echoing.irc.model_copy(update={"welcome_off": ("#mentors",)} | pace)
    config = echoing.model_copy(update={"irc": irc})
    with ircds.ngircd(tmp_path) as server, an_app(config, server.port, flood_rate=50.0, flood_burst=5):
        for round_ in range(6):
            with ExitStack() as stack:
                alice, *others = (stack.enter_context(Person(server.port, nick)) for nick in ("alice", "bob", "carol"))
                alice.send("NAMES #mentors")
                if "mentorbot" not in alice.until(" 353 "):
                    alice.until("^:mentorbot!.* JOIN ")
                alice.send("PRIVMSG #mentors :!echo here")
                listen(alice, "alice: here")
                if round_ == 5:
                    break
                for person in others:
                    person.send(*(f"PRIVMSG #mentors :!echo {round_}-{person.nick}{n}" for n in range(40)))
                listen(alice, f"bob: {round_}-bob3")
                server.kill()
                with pytest.raises((EOFError, ConnectionError)):
                    listen(alice, "nothing")
            server.start()
    assert {line: times for line, times in said.items() if times > 1} == {}
    # What waited when the server died was said to the next one; only what was on its way then is lost.
    assert len(said) > 5 * 2 * 20


# Stopped


def test_a_stopped_server_is_found_out_and_the_bot_is_back_when_it_goes_on(
    tmp_path: Path, config: Config, logged: Queue[str]
) -> None:
    patience = dataclasses.replace(HASTY, connect=1, register=1, silence=0.5, answer=0.3)
    with (
        ircds.inspircd(tmp_path) as server,
        Person(server.port, "alice") as alice,
        an_app(config, server.port, patience=patience),
    ):
        alice.until("^:mentorbot!.* JOIN ")
        server.process.send_signal(signal.SIGSTOP)
        until_logged(logged, "the server is silent")
        until_logged(logged, "the server is silent")
        server.process.send_signal(signal.SIGCONT)
        alice.until("^:mentorbot!.* QUIT ")
        alice.until("^:mentorbot_?!.* JOIN ")
        alice.send("PRIVMSG #mentors :!why 1")
        alice.until(f" PRIVMSG #mentors :alice: {WHY}")


def test_from_a_stopped_server_it_goes_to_another_of_the_list(
    tmp_path_factory: pytest.TempPathFactory, config: Config
) -> None:
    patience = dataclasses.replace(HASTY, silence=0.5, answer=0.3)
    with ExitStack() as stack:
        one, two = (stack.enter_context(ircds.inspircd(tmp_path_factory.mktemp("ircd"))) for _ in range(2))
        ann = stack.enter_context(Person(one.port, "ann"))
        bob = stack.enter_context(Person(two.port, "bob"))
        servers = (f"127.0.0.1:{two.port}",)
        stack.enter_context(an_app(config, one.port, patience=patience, more_servers=servers))
        ann.until("^:mentorbot!.* JOIN ")
        one.process.send_signal(signal.SIGSTOP)
        bob.until("^:mentorbot!.* JOIN ")
        bob.send("PRIVMSG #mentors :!why 1")
        assert bob.words("PRIVMSG #mentors") == f"bob: {WHY}"
        one.process.send_signal(signal.SIGCONT)


# Split


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with services.two_servers(tmp_path_factory.mktemp("pair")) as pair:
        yield pair


@pytest.mark.parametrize("at_the_leaf", [False, True], ids=["services on its own side", "services on the other side"])
def test_after_a_netsplit_people_are_who_they_were_and_nobody_is_talked_to(
    pair: Pair, config: Config, at_the_leaf: bool
) -> None:
    here, there = (pair.leaf, pair.hub) if at_the_leaf else (pair.hub, pair.leaf)
    with ExitStack() as stack:
        watcher = stack.enter_context(Person(here.port, "watcher"))
        boss, ann, silent = stack.enter_context(company(there.port, "boss", "ann", "silent"))
        services.identify(ann, "boss")
        app = stack.enter_context(an_app(config, here.port))
        ann.until("^:mentorbot!.* JOIN ")
        boss.send("PRIVMSG #mentors :hello", "PRIVMSG #mentors :!why 1")
        assert {boss.words()[:10], boss.words()[:10]} == {"Welcome to", "boss: I ha"}
        ann.send("PRIVMSG #mentors :hello")
        assert ann.words("PRIVMSG ann").startswith("Welcome to")
        ann.send("PRIVMSG mentorbot :shoutout preview")
        assert ann.words("PRIVMSG ann") == GRANTED
        pair.split()
        watcher.until("^:ann!.* QUIT ")
        ann.send("PRIVMSG #mentors :!why 1", "PRIVMSG #mentors :is nobody here?")
        pair.join()
        watcher.until("^:ann!.* JOIN ")
        ann.until("^:mentorbot!.* JOIN ")
        for person, answer in ((ann, GRANTED), (boss, DENIED)):
            person.send("PRIVMSG #mentors :hello again", "PRIVMSG mentorbot :shoutout preview")
            assert person.words(f"PRIVMSG {person.nick}") == answer
        assert app.bot.people("#mentors") == {"watcher", "boss", "ann", "silent", "mentorbot"}
        silent.send("PING :end")
        silent.until(" PONG ")
        assert b" PRIVMSG silent " not in silent.raw


# Never there


def test_servers_are_tried_in_turn_each_by_its_own_name(tls_ircd: Ircd, logged: Queue[str]) -> None:
    """The certificate is for localhost; another name of the same machine is another host."""
    dead, alive = free_port(), tls_ircd.tls_port
    settings: dict[str, Any] = {"server": "localhost", "tls": True, "tls_ca": str(tls_ircd.folder / "ca.crt")}
    settings["more_servers"] = (f"127.0.0.1:{alive}", f"localhost:{alive}")
    with Person(tls_ircd.port, "alice") as alice, a_bot(dead, **settings) as (bot, _):
        alice.until("^:bot!.* JOIN ")
        bot.say("#mentors", ["here at last"])
        assert alice.words() == "here at last"
    told = until_logged(logged, "On localhost")
    assert [re.sub(r"(reached): .*\. (Trying)", r"\1: … \2", line) for line in told if "SERVER" not in line] == [
        f"Connecting to localhost:{dead}.",
        f"localhost:{dead} cannot be reached: … Trying 127.0.0.1:{alive} in 0.1 s.",
        f"Connecting to 127.0.0.1:{alive}.",
        f"127.0.0.1:{alive} cannot be reached: … Trying localhost:{alive} in 0.1 s.",
        f"Connecting to localhost:{alive}.",
        f"On localhost:{alive} as bot.",
    ]
    assert any("certificate is not valid for '127.0.0.1'" in line for line in told)


def test_after_the_last_server_comes_the_first_again() -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(people.Server()) for _ in range(3)]
        more = tuple(f"127.0.0.1:{server.port}" for server in servers[1:])
        patience = Patience(first_retry=0.1, last_retry=0.2)
        stack.enter_context(a_bot(servers[0].port, patience=patience, more_servers=more, channels=("#c",)))
        for server in [*servers, *servers]:
            server.accept().close()
        servers[0].welcome().close()
        servers[1].welcome().close()
