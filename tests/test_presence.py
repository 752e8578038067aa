"""How the bot comes to a network, stays and leaves, on real servers and on one that plays tricks."""

import dataclasses
import logging
import time
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from mentorbot import clock
from mentorbot.chat.bot import Bot
from tests import ircds, people
from tests.ircds import Ircd
from tests.people import HASTY, Person, a_bot


def test_when_a_real_server_is_killed_the_bot_comes_back_to_its_channels(ircd: Ircd) -> None:
    with Person(ircd.port, "alice") as alice, a_bot(ircd.port, channels=("#mentors", "#Docs")) as (bot, heard):
        alice.until("^:bot!.* JOIN ")
        ircd.kill()
        with pytest.raises((EOFError, ConnectionError)):
            alice.until("nothing more")
        ircd.start()
        with Person(ircd.port, "alice") as again:
            again.send("JOIN #docs")
            again.until(" 366 ")
            bot.say("#mentors", ["back again"])
            assert again.words() == "back again"
            again.send("PRIVMSG bot :are you there?")
            assert heard.get(timeout=people.DEADLINE).text == "are you there?"
            bot.say("#Docs", ["yes"])
            assert again.words("PRIVMSG #[Dd]ocs") == "yes"


def test_a_server_whose_certificate_is_for_another_host_is_never_spoken_to(
    tls_ircd: Ircd, caplog: pytest.LogCaptureFixture
) -> None:
    tls: dict[str, Any] = {"tls": True, "tls_ca": str(tls_ircd.folder / "ca.crt"), "server": "127.0.0.1"}
    logged: Queue[str] = Queue()
    listener = logging.Handler()
    listener.emit = lambda record: logged.put(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mentorbot.chat").addHandler(listener)
    try:
        with a_bot(tls_ircd.tls_port, **tls) as (bot, _):
            said = logged.get(timeout=people.DEADLINE)
            assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in said
            assert not bot.connected
    finally:
        logging.getLogger("mentorbot.chat").removeHandler(listener)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([":srv 421 * CAP :Unknown command"], id="knows no CAP"),
        pytest.param([":srv CAP * LS :"], id="has none"),
        pytest.param([":srv CAP * LS :account-tag", ":srv CAP * NAK :account-tag"], id="refuses"),
        pytest.param([], id="says nothing of it"),
    ],
)
def test_a_server_without_capabilities_does_not_keep_it_out(server: people.Server, answers: list[str]) -> None:
    patience = dataclasses.replace(HASTY, capabilities=0.1)
    with a_bot(server.port, patience=patience), server.accept() as peer:
        peer.until("^USER")
        peer.send(*answers)
        if answers[:1] != [":srv 421 * CAP :Unknown command"]:
            peer.until("^CAP END")
        peer.send(":srv 001 bot :hi")
        peer.until("^JOIN #mentors")


def test_a_silent_server_is_asked_and_then_left(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, silence=0.2, answer=0.1)
    with a_bot(server.port, patience=patience, channels=("#c",)):
        with server.welcome() as peer:
            for _ in range(2):
                assert peer.until("^PING") == "PING 127.0.0.1"
                peer.send(":srv PONG srv :127.0.0.1")
            peer.until("^PING")
            with pytest.raises(EOFError):
                peer.line()
        server.welcome().close()


def test_a_server_that_never_welcomes_is_left(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, register=0.1)
    with a_bot(server.port, patience=patience):
        with server.accept() as peer, pytest.raises(EOFError):
            peer.until("nothing more")
        server.accept().close()


def test_after_a_while_on_the_network_the_next_try_is_quick_again() -> None:
    patience = dataclasses.replace(HASTY, first_retry=0.01, last_retry=100, settled=0.05)
    with people.Server() as server, a_bot(server.port, patience=patience, channels=("#c",)) as (bot, _):
        for _ in range(4):
            server.accept().close()
        with server.welcome() as peer:
            assert bot._presence._failures == 4
            while bot._presence._failures:
                peer.send("PING :x")
                peer.until("^PONG")


def test_quit_ends_a_bot_that_is_not_connected_or_not_yet_run() -> None:
    port = ircds.free_port()
    with a_bot(port) as (bot, _):
        pass
    assert not bot.connected
    early = Bot(people.settings(port), lambda _: None, clock.system)
    early.quit()
    early.run()


def test_quit_does_not_wait_for_a_server_that_never_hangs_up(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, farewell=0.1)
    with a_bot(server.port, patience=patience, channels=("#c",)) as (bot, _):
        peer = server.welcome()
        began = time.monotonic()
        bot.quit("bye")
        assert peer.until("^QUIT") == "QUIT :bye"
        with pytest.raises(EOFError):
            peer.line()
        assert time.monotonic() - began < 2
        peer.close()


def test_a_ca_that_is_replaced_while_it_runs_is_used_from_the_next_connection_on(tmp_path: Path) -> None:
    with ircds.inspircd(tmp_path) as server:
        settings: dict[str, Any] = {"server": "localhost", "tls": True, "tls_ca": str(tmp_path / "ca.crt")}
        with a_bot(server.tls_port, **settings):
            wait_for_the_bot(server)
            server.kill()
            ircds.certificate(tmp_path, "localhost")
            server.start()
            wait_for_the_bot(server)


def wait_for_the_bot(server: Ircd) -> None:
    with Person(server.port, "alice") as alice:
        alice.send("NAMES #mentors")
        if "bot" not in alice.until(" 353 "):
            alice.until("^:bot!.* JOIN ")
