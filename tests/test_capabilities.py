"""What the bot and a server agree on, before the welcome and after it."""

from __future__ import annotations

import dataclasses

import pytest

from tests import people
from tests.people import HASTY, Wire, a_bot


def asked(peer: Wire, count: int) -> list[str]:
    return [peer.until("^CAP REQ") for _ in range(count)]


def test_what_is_offered_over_several_lines_is_asked_for_line_by_line(server: people.Server) -> None:
    with a_bot(server.port), server.accept() as peer:
        assert [peer.line() for _ in range(3)] == ["CAP LS 302", "NICK bot", "USER bot 0 * :mentorbot 1.2"]
        peer.send(":srv CAP * LS * :sasl=PLAIN extended-join multi-prefix", ":srv CAP * LS :account-tag account-notify")
        assert asked(peer, 3) == ["CAP REQ :account-notify", "CAP REQ :account-tag", "CAP REQ :extended-join"]
        peer.send(":srv CAP * ACK :account-tag ", ":srv CAP * NAK :account-notify", ":srv CAP bot ack :extended-join")
        assert peer.line() == "CAP END"


def test_the_server_is_not_kept_waiting_for_what_it_does_not_answer(server: people.Server) -> None:
    with a_bot(server.port, patience=dataclasses.replace(HASTY, capabilities=0.1)), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv CAP * LS :account-tag extended-join", ":srv CAP * ACK :account-tag")
        assert peer.until("^CAP END") == "CAP END"


def test_what_comes_later_is_asked_for_and_what_goes_is_forgotten(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, _), server.welcome() as peer:
        active = bot._presence.capabilities.active
        peer.send(":srv CAP bot NEW :sasl=PLAIN account-tag setname", "PING :1")
        assert [peer.line(), peer.line()] == ["CAP REQ :account-tag", "PONG :1"]
        peer.send(":srv CAP bot ACK :account-tag", ":srv CAP bot NEW :account-tag", "PING :2")
        assert peer.line() == "PONG :2"
        assert active == {"account-tag"}
        peer.send(":srv CAP bot DEL :account-tag sasl", "PING :3")
        assert peer.line() == "PONG :3"
        assert active == set()
        peer.send(":srv CAP bot NEW :account-tag", ":srv CAP bot ACK :account-tag", ":srv CAP bot ACK :-account-tag")
        peer.send("PING :4")
        peer.until("^PONG :4")
        assert active == set()


@pytest.mark.parametrize("line", [":srv CAP", ":srv CAP bot", ":srv CAP bot LS", ":srv CAP bot ACK", ":srv CAP x Y z"])
def test_a_cap_line_without_sense_changes_nothing(server: people.Server, line: str) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, _), server.welcome() as peer:
        peer.send(line, "PING :x")
        assert peer.line() == "PONG :x"
        assert bot._presence.capabilities.active == set()
