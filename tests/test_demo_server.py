"""The demo's IRC server, spoken to by plain sockets."""

import socket
from collections.abc import Iterator

import pytest

from mentorbot.chat.demo_server import serve
from mentorbot.errors import MentorbotError
from tests import people
from tests.people import Person, answers


@pytest.fixture
def stranger(port: int) -> Iterator[people.Wire]:
    """Somebody who has not said who they are."""
    with people.Wire(socket.create_connection(("127.0.0.1", port), timeout=people.DEADLINE)) as wire:
        yield wire


def test_the_welcome_is_what_clients_wait_for(stranger: people.Wire) -> None:
    assert answers(stranger, "NICK alice", "JOIN #c") == [":demo.mentorbot 451 alice :You have not registered"]
    welcome = answers(stranger, "USER Alice 0 * :Alice A")
    assert [line.split()[1] for line in welcome] == ["001", "002", "003", "004", "005", "375", "372", "376"]
    assert welcome[0] == ":demo.mentorbot 001 alice :Welcome to the demo, alice!Alice@127.0.0.1"


def test_capabilities_hold_the_welcome_up_until_they_are_agreed(stranger: people.Wire) -> None:
    assert answers(stranger, "CAP LS 302", "NICK alice", "USER alice 0 * :a", "CAP REQ :sasl account-tag") == [
        ":demo.mentorbot CAP * LS :account-tag",
        ":demo.mentorbot CAP alice NAK :sasl account-tag",
    ]
    assert answers(stranger, "CAP REQ account-tag", "CAP LIST", "CAP WHAT", "CAP END")[:4] == [
        ":demo.mentorbot CAP alice ACK :account-tag",
        ":demo.mentorbot CAP alice LIST :account-tag",
        ":demo.mentorbot 410 alice WHAT :Invalid CAP command",
        ":demo.mentorbot 001 alice :Welcome to the demo, alice!alice@127.0.0.1",
    ]


def test_people_hear_each_other_and_those_who_asked_see_accounts(alice: Person, bob: Person) -> None:
    alice.send("PRIVMSG #Mentors :hello  there ", "PRIVMSG bob :in private", "NOTICE bob :noted")
    assert [bob.line() for _ in range(3)] == [
        "@account=alice :alice!alice@127.0.0.1 PRIVMSG #Mentors :hello  there ",
        "@account=alice :alice!alice@127.0.0.1 PRIVMSG bob :in private",
        "@account=alice :alice!alice@127.0.0.1 NOTICE bob :noted",
    ]
    bob.send("PRIVMSG #mentors :caf\xe9 ☂")
    assert alice.line() == ":bob!bob@127.0.0.1 PRIVMSG #mentors :café ☂"


def test_what_is_not_utf_8_is_read_all_the_same(alice: Person, bob: Person) -> None:
    alice.send("PRIVMSG bob :caf\xe9", encoding="latin-1")
    assert bob.words() == "café"


def test_a_line_is_cut_where_real_servers_cut_it(alice: Person, bob: Person) -> None:
    alice.send(f"PRIVMSG bob :{'é' * 400}")
    line = bob.line().removeprefix("@account=alice ")
    assert 509 <= len(line.encode()) <= 510


def test_joining_twice_changes_nothing(alice: Person, bob: Person) -> None:
    assert answers(alice, "JOIN #mentors", "JOIN #MENTORS,#Mentors") == []
    assert answers(alice, "NAMES #mentors") == [
        ":demo.mentorbot 353 alice = #mentors :alice bob",
        ":demo.mentorbot 366 alice #mentors :End of NAMES",
    ]


def test_a_nick_is_one_persons_and_its_change_is_told(alice: Person, bob: Person) -> None:
    assert answers(bob, "NICK Alice", "NICK 1x", "NICK") == [
        ":demo.mentorbot 433 bob Alice :Nickname is already in use",
        ":demo.mentorbot 432 bob 1x :Erroneous nickname",
        ":demo.mentorbot 431 bob :No nickname given",
    ]
    bob.send("NICK robert")
    assert alice.line() == ":bob!bob@127.0.0.1 NICK :robert"
    alice.send("PRIVMSG robert :hi")
    assert bob.until("PRIVMSG") == "@account=alice :alice!alice@127.0.0.1 PRIVMSG robert :hi"
    assert answers(bob, "NICK Robert") == ["@account=robert :robert!bob@127.0.0.1 NICK :Robert"]


def test_who_leaves_is_told_to_those_who_stay(port: int, alice: Person, bob: Person) -> None:
    bob.send("PART #mentors :lunch", "JOIN #mentors")
    assert [alice.line(), alice.line()] == [
        ":bob!bob@127.0.0.1 PART #mentors :lunch",
        ":bob!bob@127.0.0.1 JOIN #mentors",
    ]
    bob.send("QUIT :bye")
    assert alice.line() == ":bob!bob@127.0.0.1 QUIT :Quit: bye"
    with Person(port, "carol"):
        assert alice.line() == ":carol!carol@127.0.0.1 JOIN #mentors"
    assert alice.line() == ":carol!carol@127.0.0.1 QUIT :Connection closed"
    assert answers(alice, "ISON bob carol alice") == [":demo.mentorbot 303 alice :alice"]


VERBS = (
    "CAP NICK USER PASS PONG PING JOIN PART TOPIC PRIVMSG NOTICE MOTD NAMES LIST MODE KICK WHO WHOIS USERHOST ISON AWAY"
)


@pytest.mark.parametrize("verb", [*VERBS.split(), "DUMP", "__CLASS__", "SERVICE", "x"])
def test_no_number_of_arguments_ends_a_connection(alice: Person, verb: str) -> None:
    lines = [
        verb,
        f"{verb} ",
        f"{verb} :",
        f"{verb} a",
        f"{verb} , ,",
        f":x {verb} #nowhere a b c d e",
        f"@t {verb} * :a b",
    ]
    answers(alice, *lines)
    assert answers(alice, "ISON nobody")[0].startswith(":demo.mentorbot 303 ")


def test_lines_that_are_none_are_passed_over(alice: Person) -> None:
    assert answers(alice, "", "   ", ":", ":x", "@t", "\x00", "\r", "123") == []


def test_a_line_without_end_ends_the_connection_only_of_who_sends_it(port: int, alice: Person, bob: Person) -> None:
    bob.sock.sendall(b"x" * 20_000)
    assert alice.line() == ":bob!bob@127.0.0.1 QUIT :Connection closed"


def test_somebody_who_never_reads_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentorbot.chat.demo_server.SEND_SECONDS", 0.2)
    with serve() as (_, port), Person(port, "alice") as alice, Person(port, "deaf"):
        alice.until("JOIN")
        for _ in range(200):
            alice.send(*[f"PRIVMSG #mentors :{'x' * 400}"] * 100)
        assert alice.until("QUIT") == ":deaf!deaf@127.0.0.1 QUIT :Connection closed"


def test_it_ends_with_its_block_and_says_where_a_port_is_taken() -> None:
    with serve() as (_, port):
        person = Person(port, "alice")
        with pytest.raises(MentorbotError) as error, serve(port):
            pass
        assert str(error.value) == f"The demo's chat cannot use port {port} (Address already in use); name another."
    with pytest.raises((EOFError, ConnectionError)):
        person.until("nothing more")
    person.close()
    with serve(port) as (_, same):
        assert same == port
