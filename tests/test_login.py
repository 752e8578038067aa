"""How the bot becomes known to services, by real ones and by servers that fail in every way."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import ssl
import subprocess
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from mentorbot.chat.login import password, pieces
from mentorbot.errors import ConfigError
from tests import people, services
from tests.people import HASTY, Person, Wire, a_bot, company, until_logged
from tests.services import PASSWORD, Network

PLAIN: dict[str, Any] = {"sasl": "plain", "account": "bot", "password_env": "BOT_PASSWORD"}
NICKSERV: dict[str, Any] = {"nickserv": "NickServ", "account": "bot", "password_env": "BOT_PASSWORD"}
SERV = ":NickServ!s@services.example.org NOTICE bot"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_PASSWORD", PASSWORD)


# With real services


def test_with_its_password_it_is_known_before_it_joins(network: Network, logged: Queue[str]) -> None:
    with Person(network.port, "ann", capabilities="extended-join") as ann, a_bot(network.port, **PLAIN):
        assert ann.until(" JOIN ") == ":bot!bot@127.0.0.1 JOIN #mentors bot :mentorbot 1.2"
        lines = until_logged(logged, " MODE bot :+B")
        ann.send("WHOIS bot")
        ann.until(" 335 ann bot :is a bot")
    assert PASSWORD not in "".join(lines)
    assert [line for line in lines if "AUTHENTICATE" in line] == [
        "TO SERVER: AUTHENTICATE PLAIN",
        "FROM SERVER: AUTHENTICATE :+",
        "TO SERVER: AUTHENTICATE …",
    ]
    assert "Services know us as bot." in lines


def test_with_a_wrong_password_it_never_comes_in(
    network: Network, logged: Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_PASSWORD", "wrong")
    with a_bot(network.port, **PLAIN) as (bot, _):
        for _ in range(2):
            lines = until_logged(logged, "login to services failed")
            assert lines[-1] == "The login to services failed: SASL authentication failed."
            assert not any(" 001 " in line or "JOIN" in line for line in lines)
            assert not bot.connected


def test_with_its_certificate_it_is_known(network: Network, tmp_path: Path) -> None:
    own = tmp_path / "bot.pem"
    files = ["-keyout", str(own), "-out", str(tmp_path / "crt"), "-subj", "/CN=bot"]
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *new, *files], check=True, capture_output=True)
    certificate = (tmp_path / "crt").read_text()
    own.write_text(own.read_text() + certificate)
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
    external: dict[str, Any] = {"sasl": "external", "tls": True, "tls_cert": str(own), "server": "localhost"}
    external["tls_ca"] = str(network.ircd.folder / "ca.crt")
    with Person(network.port, "ann", capabilities="extended-join") as ann:
        services.identify(ann, "bot")
        ann.send(f"PRIVMSG NickServ :CERT ADD {fingerprint}")
        ann.until("NickServ.*Added fingerprint")
        for account in ("", "bot"):
            with a_bot(network.ircd.tls_port, **external, account=account):
                assert " JOIN #mentors bot :" in ann.until("^:bot!.* JOIN ")
        ann.send(f"PRIVMSG NickServ :CERT DEL {fingerprint}")
        ann.until("NickServ.*Deleted fingerprint")
        with a_bot(network.ircd.tls_port, **external), pytest.raises(TimeoutError):
            ann.sock.settimeout(0.5)
            ann.until("^:bot!.* JOIN ")


def test_without_sasl_it_asks_nickserv_and_then_joins(network: Network, logged: Queue[str]) -> None:
    with Person(network.port, "ann", capabilities="extended-join") as ann, a_bot(network.port, **NICKSERV):
        assert " JOIN #mentors bot :" in ann.until("^:bot!.* JOIN ")
        lines = until_logged(logged, "TO SERVER: JOIN")
    assert PASSWORD not in "".join(lines)
    assert "TO SERVER: PRIVMSG NickServ :IDENTIFY …" in lines


def test_nickserv_refuses_a_wrong_password(
    network: Network, logged: Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_PASSWORD", "wrong")
    with a_bot(network.port, **NICKSERV) as (bot, _):
        until_logged(logged, "The login to services failed: NickServ says: Invalid password for bot.")
        assert not bot.connected


def test_its_own_ghost_is_sent_away(network: Network) -> None:
    with (
        company(network.port, "bot", "ann") as (ghost, ann),
        a_bot(network.port, **PLAIN) as (bot, _),
    ):
        ann.until("^:bot_!.* JOIN ")
        ghost.until("^ERROR")
        assert ann.until("^:bot_!.* NICK ").endswith(" NICK :bot")
        bot.say("ann", ["it is me"])
        assert ann.words("PRIVMSG ann") == "it is me"


def test_while_services_are_away_it_waits_for_them(network: Network, logged: Queue[str]) -> None:
    network.stop_services()
    with Person(network.port, "ann", capabilities="extended-join") as ann, a_bot(network.port, **PLAIN):
        until_logged(logged, f"The login to services failed: {NO_SASL}.")
        network.start_services()
        assert " JOIN #mentors bot :" in ann.until("^:bot!.* JOIN ")


# SASL with servers that fail

TOO_EARLY = "the server welcomed us before we were known; perhaps it knows no SASL"
NO_SASL = "the server offers no SASL now; perhaps its services are away"


def negotiated(server: people.Server, offer: str = "sasl") -> Wire:
    peer = server.accept()
    peer.until("^USER")
    peer.send(f":srv CAP * LS :{offer}")
    assert peer.line() == "CAP REQ :sasl"
    peer.send(":srv CAP * ACK :sasl")
    return peer


def hung_up(peer: Wire) -> bool:
    """Whether nothing more was said before the end of the connection: neither CAP END nor JOIN."""
    try:
        line = peer.line()
    except (EOFError, ConnectionError):
        peer.close()
        return True
    raise AssertionError(f"it went on: {line}")


@pytest.mark.parametrize(
    ("offer", "answers", "reason"),
    [
        ("sasl", [":srv 904 bot :SASL authentication failed"], "SASL authentication failed"),
        ("sasl", [":srv 905 bot :SASL message too long"], "SASL message too long"),
        ("sasl", [":srv 906 bot :SASL authentication aborted"], "SASL authentication aborted"),
        ("sasl", [":srv 907 bot :You have already authenticated"], "You have already authenticated"),
        ("sasl", [":srv 902 bot :You must use a nick assigned to you"], "You must use a nick assigned to you"),
        (
            "sasl",
            [":srv 908 bot EXTERNAL,X :are available SASL mechanisms", ":srv 904 bot :\x02Failed\x02."],
            "Failed. (it offers EXTERNAL,X)",
        ),
        ("sasl=PLAIN", [":srv 001 bot :Welcome"], TOO_EARLY),
        ("sasl", [":srv 903 bot :fine, without a word said", ":srv 904 bot :no"], "no"),
    ],
)
def test_a_failed_sasl_login_ends_the_connection(
    server: people.Server, logged: Queue[str], offer: str, answers: list[str], reason: str
) -> None:
    with a_bot(server.port, **PLAIN):
        for _ in range(2):
            peer = negotiated(server, offer)
            assert peer.line() == "AUTHENTICATE PLAIN"
            peer.send(*answers)
            assert hung_up(peer)
            assert until_logged(logged, "login to")[-1] == f"The login to services failed: {reason.rstrip('.')}."


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([":srv 421 * CAP :Unknown command", ":srv 001 bot :Welcome"], TOO_EARLY),
        ([":srv CAP * LS :account"], NO_SASL),
        ([":srv CAP * LS :sasl", ":srv CAP * NAK :sasl"], NO_SASL),
        ([":srv CAP * LS :sasl"], NO_SASL),
        ([], NO_SASL),
        (
            [":srv CAP * LS :sasl=EXTERNAL,SCRAM-SHA-256", ":srv CAP * ACK :sasl"],
            "the server offers SASL EXTERNAL,SCRAM-SHA-256, not PLAIN",
        ),
    ],
)
def test_a_server_without_our_sasl_is_left(
    server: people.Server, logged: Queue[str], answers: list[str], reason: str
) -> None:
    with a_bot(server.port, patience=dataclasses.replace(HASTY, capabilities=0.2), **PLAIN):
        peer = server.accept()
        peer.until("^USER")
        peer.send(*answers)
        if any("LS :sasl" in answer for answer in answers):
            assert peer.line() == "CAP REQ :sasl"
        assert hung_up(peer)
        assert until_logged(logged, "login to")[-1] == f"The login to services failed: {reason}."


def test_after_a_failed_login_it_waits_longer_each_time(server: people.Server, logged: Queue[str]) -> None:
    slow = dataclasses.replace(HASTY, first_retry=0.01, last_retry=0.01, first_login_retry=0.4, last_login_retry=9)
    with a_bot(server.port, patience=slow, **PLAIN):
        for least, most in [(0.2, 0.4), (0.4, 0.8)]:
            peer = negotiated(server, "sasl=EXTERNAL")
            assert hung_up(peer)
            said = until_logged(logged, "Trying 127")[-1]
            assert least <= float(said.split()[-2]) <= most


@pytest.mark.parametrize("told", [False, True])
def test_services_that_never_answer_are_given_up(server: people.Server, logged: Queue[str], told: bool) -> None:
    with a_bot(server.port, patience=dataclasses.replace(HASTY, login=0.2), **PLAIN):
        peer = negotiated(server)
        assert peer.line() == "AUTHENTICATE PLAIN"
        if told:
            peer.send("AUTHENTICATE +")
            peer.until("AUTHENTICATE ")
        assert hung_up(peer)
        until_logged(logged, "The login to services failed: services did not answer in time.")


def test_what_sasl_says_is_the_account_and_the_password_once(server: people.Server) -> None:
    with a_bot(server.port, **PLAIN) as (bot, _):
        peer = negotiated(server, "sasl=EXTERNAL,plain")
        assert peer.line() == "AUTHENTICATE PLAIN"
        peer.send("AUTHENTICATE +", "AUTHENTICATE +")
        said = base64.b64encode(f"\0bot\0{PASSWORD}".encode()).decode()
        assert peer.line() == f"AUTHENTICATE {said}"
        peer.send(":srv 900 * * bot :You are now logged in as bot", ":srv 903 * :fine")
        assert peer.line() == "CAP END"
        assert not bot.connected
        peer.send(":srv 001 bot :Welcome")
        assert peer.line() == "JOIN #mentors"
        peer.send(":srv 901 bot bot!b@h :You are now logged out")
        assert hung_up(peer)


@pytest.mark.parametrize("size", [0, 1, 299, 300, 301, 600, 601, 1000])
def test_words_come_in_pieces_of_400_and_end_with_a_shorter_one(size: int) -> None:
    words = bytes(range(256)) * 4
    sizes = [len(piece) for piece in pieces(words[:size])]
    joined = "".join(pieces(words[:size])).removesuffix("+" if size % 300 == 0 else "")
    assert base64.b64decode(joined) == words[:size]
    assert sizes[:-1] == [400] * (len(sizes) - 1)
    assert sizes[-1] < 400


# NickServ where it fails


def greeted(server: people.Server, *features: str, nick: str = "bot") -> Wire:
    peer = server.accept()
    peer.until("^USER")
    peer.send(":srv CAP * LS :", f":srv 001 {nick} :Welcome")
    peer.send(f":srv 005 {nick} {' '.join(features)} A=1 :are supported", f":srv 376 {nick} :End of MOTD")
    peer.until("CAP END")
    return peer


@pytest.mark.parametrize(
    ("features", "answer"),
    [
        ([], ":srv 900 bot bot!b@h bot :You are now logged in as bot"),
        ([], ":services MODE bot :-i+r"),
        (["NETWORK=OFTC"], ":services MODE bot :+R"),
        ([], f"{SERV} :You are now identified for \x02bot\x02."),
        ([], f"{SERV} :Password accepted - you are now recognized."),
        ([], f"{SERV} :You are successfully identified as \x02bot\x02."),
    ],
)
def test_nickserv_accepts_in_many_ways(server: people.Server, features: list[str], answer: str) -> None:
    with a_bot(server.port, **NICKSERV) as (bot, _), greeted(server, *features) as peer:
        assert peer.line() == f"PRIVMSG NickServ :IDENTIFY {PASSWORD}"
        assert not bot.connected
        peer.send(
            f"{SERV} :This nickname is registered and protected.",
            ":mallory!m@h NOTICE bot :You are now identified for bot.",
            ":services MODE bot :+i-r",
            ":services MODE other :+r",
            *([] if features else [":services MODE bot :+R"]),
            "PING :x",
        )
        assert peer.line() == "PONG :x"
        peer.send(answer)
        assert peer.line() == "JOIN #mentors"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"{SERV} :Invalid password for \x02bot\x02.", "NickServ says: Invalid password for bot"),
        (f"{SERV} :Your nick isn't registered.", "NickServ says: Your nick isn't registered"),
        (f"{SERV} :\x02bot\x02 is not a registered nickname.", "NickServ says: bot is not a registered nickname"),
        (f"{SERV} :Password incorrect.", "NickServ says: Password incorrect"),
        (":srv 401 bot NickServ :No such nick", "there is no NickServ now; perhaps the services are away"),
        (":srv 440 bot NickServ :Services are down", "there is no NickServ now; perhaps the services are away"),
        ("", "services did not answer in time"),
    ],
)
def test_a_failed_nickserv_login_ends_the_connection(
    server: people.Server, logged: Queue[str], answer: str, reason: str
) -> None:
    with a_bot(server.port, patience=dataclasses.replace(HASTY, login=0.2 if not answer else 30), **NICKSERV):
        for _ in range(2):
            peer = greeted(server)
            peer.until("IDENTIFY")
            peer.send(answer)
            assert hung_up(peer)
            until_logged(logged, f"The login to services failed: {reason}.")


@pytest.mark.parametrize(
    ("features", "words"), [([], f"bot {PASSWORD}"), (["NETWORK=OFTC"], f"{PASSWORD} bot")], ids=["most", "OFTC"]
)
def test_under_another_nick_nickserv_is_told_whose_password_it_is(
    server: people.Server, features: list[str], words: str
) -> None:
    with a_bot(server.port, **NICKSERV | {"nickserv": "NickServ@services.example.org"}), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv CAP * LS :", ":srv 433 * bot :taken")
        peer.until("NICK bot_")
        peer.send(":srv 001 bot_ :hi", f":srv 005 bot_ {' '.join(features)} A=1 :are", ":srv 422 bot_ :No MOTD")
        assert peer.line() == f"PRIVMSG NickServ@services.example.org :IDENTIFY {words}"


def test_the_nick_is_taken_back_in_three_ways_and_then_no_more_on_this_connection(server: people.Server) -> None:
    with a_bot(server.port, **NICKSERV):
        for _ in range(2):
            with server.accept() as peer:
                peer.until("^USER")
                peer.send(":srv CAP * LS :", ":srv 433 * bot :taken", ":srv 001 bot_ :hi", ":srv 422 bot_ :No MOTD")
                peer.until("IDENTIFY")
                peer.send(":srv 900 bot_ bot_!b@h bot :You are now logged in as bot")
                for way in ["REGAIN", "RECOVER", "GHOST"]:
                    peer.until("^NICK bot$")
                    peer.send(":srv 433 bot_ bot :taken")
                    assert peer.line() == f"PRIVMSG NickServ :{way} bot"
                peer.until("^NICK bot$")
                peer.send(":srv 433 bot_ bot :taken", "PING :x")
                assert peer.line() == "PONG :x"


def test_who_is_not_logged_in_asks_services_for_nothing(server: people.Server) -> None:
    with a_bot(server.port), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv 433 * bot :taken", ":srv 001 bot_ :hi")
        peer.until("^NICK bot$")
        peer.send(":srv 433 bot_ bot :taken", "PING :x")
        assert peer.line() == "PONG :x"


@pytest.mark.parametrize(
    ("lines", "mode"),
    [
        ([":srv 005 bot BOT=b :are supported"], "MODE bot +b"),
        ([":srv 004 bot srv v1 BiRr bklov"], "MODE bot +B"),
        ([":srv 004 bot srv v1 BiRr bklov", ":srv 005 bot BOT=b :are supported"], "MODE bot +b"),
        ([":srv 004 bot srv v1 iRr bklov", ":srv 005 bot BOT :are supported"], None),
        ([":srv 005 bot BOT=bx :are supported"], None),
    ],
)
def test_it_says_that_it_is_a_bot(server: people.Server, lines: list[str], mode: str | None) -> None:
    with a_bot(server.port), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv CAP * LS :", ":srv 001 bot :hi", *lines, ":srv 376 bot :End", "PING :x")
        said = [peer.until("^JOIN"), *iter(peer.line, "PONG :x")][1:]
        assert said == ([mode] if mode else [])


# The password


def written(tmp_path: Path, words: str | bytes) -> str:
    path = tmp_path / "secret"
    path.write_bytes(words.encode() if isinstance(words, str) else words)
    return str(path)


def test_the_password_is_read_from_a_file_or_a_variable(tmp_path: Path) -> None:
    plain = {"sasl": "plain", "account": "bot"}
    assert password(people.settings(1)) == ""
    assert password(people.settings(1, **plain, password_env="BOT_PASSWORD")) == PASSWORD
    assert password(people.settings(1, **plain, password_file=written(tmp_path, "two words é\n"))) == "two words é"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", " is empty; it must hold the password of the bot's services account."),
        ("one\ntwo\n", " must hold one line."),
        ("nul\0", " must hold one line."),
        (b"\xff", " cannot be read: it is not UTF-8."),
        ("two words", " holds a space or more than 400 bytes, which NickServ cannot be told."),
        ("x" * 401, " holds a space or more than 400 bytes, which NickServ cannot be told."),
    ],
)
def test_a_password_that_cannot_be_used_is_told_without_its_words(
    tmp_path: Path, words: str | bytes, fault: str
) -> None:
    path = written(tmp_path, words)
    with pytest.raises(ConfigError) as error:
        password(people.settings(1, nickserv="NickServ", password_file=path))
    assert str(error.value) == f"[irc] password_file: {path}{fault}"


def test_a_password_that_is_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        password(people.settings(1, nickserv="NickServ", password_file=str(tmp_path / "no")))
    assert str(error.value) == f"[irc] password_file: {tmp_path}/no cannot be read: No such file or directory."
    with pytest.raises(ConfigError) as error:
        password(people.settings(1, nickserv="NickServ", password_env="NOT_SET"))
    assert str(error.value) == (
        "[irc] password_env: the variable NOT_SET is empty; it must hold the password of the bot's services account."
    )
