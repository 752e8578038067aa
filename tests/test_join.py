"""Tests of plugins/join.py, as an admin says it to a bot that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mentorbot.config import Config
from mentorbot.store import Store
from tests.people import Server, Wire, an_app, quiet

UNTIL = "until I start again or read my configuration anew; what [irc] channels names lasts."


@pytest.fixture
def peer(config: Config, file_store: Store, server: Server) -> Iterator[Wire]:
    with an_app(config, server.port, file_store), server.welcome("#mentors", "mentorbot") as peer:
        yield peer


def tell(peer: Wire, words: str, account: str = "boss", to: str = "mentorbot") -> None:
    peer.send(f"@account={account} :ann!ann@ann.example PRIVMSG {to} :{words}")


def answer(peer: Wire) -> str:
    return peer.until("^PRIVMSG ann :").removeprefix("PRIVMSG ann :")


def test_it_comes_into_a_channel_and_leaves_it_again(peer: Wire) -> None:
    tell(peer, "join #docs")
    peer.until("^JOIN #docs$")
    assert answer(peer) == f"I ask to be let into #docs, and stay {UNTIL}"
    peer.send(":mentorbot!b@h JOIN #docs")
    tell(peer, "part #Docs")
    peer.until("^PART #Docs$")
    assert answer(peer) == f"I leave #Docs, {UNTIL}"


def test_it_leaves_a_channel_that_its_configuration_names_and_does_not_come_back(peer: Wire) -> None:
    tell(peer, "part #mentors")
    peer.until("^PART #mentors$")
    peer.send(":mentorbot!b@h PART #mentors")
    assert answer(peer) == f"I leave #mentors, {UNTIL}"
    # In less time it asks for channels that it misses.
    assert quiet(peer, 1)
    tell(peer, "part #mentors")
    assert answer(peer) == f"I am not in #mentors, and do not ask for it any more, {UNTIL}"


def test_asked_in_a_channel_it_answers_in_private(peer: Wire) -> None:
    tell(peer, "!join #docs", to="#mentors")
    assert peer.until("^PRIVMSG") == "PRIVMSG #mentors :ann: I answered you in private."
    assert answer(peer) == f"I ask to be let into #docs, and stay {UNTIL}"


@pytest.mark.parametrize("word", ["join", "part"])
@pytest.mark.parametrize("name", ["", "docs", "#a,#b", "#a b"])
def test_what_is_no_channel_is_refused(peer: Wire, word: str, name: str) -> None:
    tell(peer, f"{word} {name}")
    assert answer(peer) == f'"{name}" is no channel name; write one such as "#mentors".'


def test_it_says_what_waits_and_leaves_the_network(peer: Wire) -> None:
    tell(peer, "quit")
    assert answer(peer) == "I finish what I have begun, and leave."
    assert peer.until("^QUIT") == "QUIT :ann had me leave."
    peer.close()


def test_it_leaves_with_the_words_it_is_given(peer: Wire) -> None:
    tell(peer, "quit A new server room, back at noon.")
    assert peer.until("^QUIT") == "QUIT :A new server room, back at noon."
    peer.close()


@pytest.mark.parametrize("words", ["join #docs", "part #mentors", "quit"])
def test_it_is_for_admins(peer: Wire, words: str) -> None:
    tell(peer, words, account="ann")
    assert peer.line() == f"PRIVMSG ann :{words.split()[0]} is for this bot's admins."
    tell(peer, "why 1")
    assert answer(peer).startswith("I have not suggested anything")


@pytest.mark.parametrize("words", ["join #docs", "part #mentors", "quit", "sync"])
def test_in_a_shell_there_is_no_bot_to_tell(ask: Callable[..., list[str]], words: str) -> None:
    assert ask(words, account="boss", where=None) == [
        "This I can do only while I run: please say it to me in the chat."
    ]
