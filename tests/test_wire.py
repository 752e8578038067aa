"""Bytes to lines and back, TLS, and the library's inner names that the wire leans on."""

import inspect
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import irc.client
import irc.features
import pytest

from mentorbot.chat import wire
from mentorbot.chat.loop import Reactor
from mentorbot.chat.wire import LONGEST_LINE, Features, Lines, decoded, dial, folded, tls_context
from mentorbot.errors import ConfigError
from mentorbot.values import Server
from tests import ircds, people
from tests.people import Linked

LEANED_ON = {
    (irc.client.ServerConnection, "_process_line"): ["self", "line"],
    (irc.client.ServerConnection, "_handle_message"): ["self", "arguments", "command", "source", "tags"],
    (irc.client.ServerConnection, "_handle_event"): ["self", "event"],
    (irc.client.ServerConnection, "_prep_message"): ["self", "string"],
    (irc.client.ServerConnection, "process_data"): ["self"],
    (irc.client.ServerConnection, "send_raw"): ["self", "string"],
    (irc.client.ServerConnection, "disconnect"): ["self", "message"],
    (irc.client.ServerConnection, "pong"): ["self", "target", "target2"],
    (irc.client.Reactor, "__init__"): ["self", "on_connect", "on_disconnect"],
    (irc.client.Reactor, "_handle_event"): ["self", "connection", "event"],
    (irc.client.Reactor, "process_once"): ["self", "timeout"],
    (irc.client.Reactor, "process_timeout"): ["self"],
    (irc.features.FeatureSet, "load_feature"): ["self", "feature"],
}


@pytest.mark.parametrize(("place", "names"), LEANED_ON.items(), ids=lambda value: getattr(value, "__name__", None))
def test_the_library_still_has_the_inner_names_we_lean_on(place: tuple[Any, str], names: list[str]) -> None:
    assert list(inspect.signature(getattr(*place)).parameters) == names


def test_the_library_still_calls_them() -> None:
    source = inspect.getsource(irc.client.ServerConnection)
    for inner in ["self.reactor._on_connect(self.socket)", "self._handle_message", "self.features.load(arguments)"]:
        assert inner in source


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("naïve ☂".encode(), "naïve ☂"),
        ("naïve".encode("latin-1"), "naïve"),
        (b"\x93quoted\x94", "\u201cquoted\u201d"),
        (b"\x81\x8d\x8f\x90\x9d", "\x81\x8d\x8f\x90\x9d"),
        (bytes(range(128, 256)), None),
    ],
)
def test_every_byte_is_read(line: bytes, text: str | None) -> None:
    assert decoded(line) == text if text else len(decoded(line)) == len(line)


def test_lines_come_whole_however_they_arrive() -> None:
    lines = Lines()
    heard = []
    for byte in "one\r\ntw\xf6\nthree".encode():
        lines.feed(bytes([byte]))
        heard += list(lines)
    assert heard == ["one", "tw\xf6"]


def test_a_line_without_end_is_let_go(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines()
    lines.feed(b"x" * (wire.UNFINISHED + 1))
    assert list(lines) == []
    assert (len(lines), caplog.messages) == (0, ["The server sent 65537 bytes without a line end; they are dropped."])


def test_features_that_make_no_sense_are_left_out() -> None:
    features = Features()
    features.load(["bot", "PREFIX=ov", "TARGMAX=NAMES", "CHANLIMIT=#", "-", "LOAD=x", "SET=1", "NICKLEN=30", "are"])
    assert features.nicklen == 30
    features.load(["bot", "CASEMAPPING=ascii", "WHOX", "are"])
    assert (features.casemapping, features.whox) == ("ascii", True)
    features.load(["bot", "-WHOX", "are"])
    assert not hasattr(features, "whox")


def test_names_are_compared_as_irc_does() -> None:
    assert folded("#Mentors[1]") == folded("#mENTORS{1}")
    assert folded("bot") != folded("bob")


@pytest.mark.parametrize(
    ("casemapping", "same"),
    [
        ("rfc1459", "{one|two}~\u212a"),
        ("strict-rfc1459", "{one|two}^\u212a"),
        ("ascii", "[one\\two]^\u212a"),
        ("rfc7613", "[one\\two]^\u212a"),
        (True, "[one\\two]^\u212a"),
    ],
)
def test_names_are_compared_as_the_server_does(linked: Linked, casemapping: object, same: str) -> None:
    assert folded("[ONE\\Two]^\u212a", casemapping) == same
    linked.hear(f":srv 005 bot CASEMAPPING={casemapping} :are supported\r\n".encode())
    assert linked.connection.folded("[ONE\\Two]^\u212a") == same


def test_a_secret_is_not_logged(linked: Linked, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    linked.connection.send_raw(f"PASS {'secret' * 100}", shown="PASS …")
    assert linked.peer.line().startswith("PASS secretsecret")
    assert caplog.messages == ["A line of 605 bytes was cut.", "TO SERVER: PASS …"]


@pytest.mark.parametrize("end", ["\r", "\n", "\0", "\r\n", "\n\r\n"])
def test_no_line_end_gets_into_a_line(linked: Linked, end: str) -> None:
    linked.connection.privmsg("#c", f"one{end}QUIT :two")
    assert linked.peer.line() == "PRIVMSG #c :one QUIT :two"


def test_a_line_too_long_is_cut_between_letters(linked: Linked) -> None:
    linked.connection.privmsg("#c", "é" * 600)
    line = linked.peer.line()
    assert line == f"PRIVMSG #c :{'é' * 249}"
    assert len(line.encode()) == LONGEST_LINE


def test_ping_is_answered_with_all_its_words(linked: Linked) -> None:
    linked.hear(b"PING :two words\r\n")
    assert linked.peer.line() == "PONG :two words"


def test_words_are_not_dequoted(linked: Linked) -> None:
    assert linked.hear(b":a!b@c PRIVMSG #c :\x10n \x10r \x100\r\n") == [("pubmsg", ["\x10n \x10r \x100"])]
    assert linked.hear(b":a!b@c PRIVMSG bot :\x01PING \x10rQUIT\x01\r\n") == [("ctcp", ["PING", "\x10rQUIT"])]
    assert linked.hear(b":a!b@c NOTICE bot :\x01PING 1\r\n") == [("ctcpreply", ["PING", "1"])]
    assert linked.hear(b":a!b@c NOTICE #c :hi\r\n") == [("pubnotice", ["hi"])]


def test_a_peer_that_reads_nothing_is_left(linked: Linked) -> None:
    began = time.monotonic()
    for _ in range(20_000):
        linked.connection.privmsg("#c", "x" * 400)
    assert not linked.connection.connected
    assert linked.events[-1].arguments == ["the server reads nothing"]
    assert time.monotonic() - began < 5


def test_what_was_written_is_told_when_it_was(linked: Linked) -> None:
    told: list[int] = []
    linked.connection.when_written(lambda: told.append(0))
    assert told == [0]
    while not linked.connection.has_more_to_write:
        linked.connection.privmsg("#c", "x" * 400)
    linked.connection.when_written(lambda: told.append(1))
    assert told == [0]
    linked.peer.sock.settimeout(0)
    while linked.connection.has_more_to_write:
        linked.peer.sock.recv(2**16)
        linked.reactor.process_once(0)
    assert told == [0, 1]


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    ircds.certificate(folder, "localhost")
    other = folder / "other"
    other.mkdir()
    ircds.certificate(other, "irc.example.org")
    return folder


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    return context


def shake_hands(folder: Path, ca: Path | None, host: str = "localhost") -> str:
    """How dialling a TLS server with that certificate ends: the protocol, or what was said against it."""
    with people.Server(server_context(folder)) as server:

        def answer() -> None:
            with suppress(OSError):
                server.accept().close()

        thread = threading.Thread(target=answer)
        thread.start()
        settings = people.settings(server.port, server=host, tls=True, tls_ca=str(ca) if ca else "")
        try:
            with dial(settings.servers[0], tls_context(settings), 5) as sock:
                assert isinstance(sock, ssl.SSLSocket)
                return sock.version() or ""
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        finally:
            thread.join()


def test_a_private_ca_is_trusted_where_the_settings_name_it(certificates: Path) -> None:
    assert shake_hands(certificates, certificates / "ca.crt") == "TLSv1.3"


def test_a_certificate_of_an_unknown_ca_is_refused(certificates: Path) -> None:
    assert shake_hands(certificates, None) == "unable to get local issuer certificate"


def test_a_certificate_for_another_host_is_refused(certificates: Path) -> None:
    other = certificates / "other"
    assert shake_hands(other, other / "ca.crt") == "Hostname mismatch, certificate is not valid for 'localhost'."


def test_a_server_that_never_answers_the_handshake_is_given_up(certificates: Path) -> None:
    with people.Server() as silent:
        settings = people.settings(silent.port, server="localhost", tls=True, tls_ca=str(certificates / "ca.crt"))
        with pytest.raises(TimeoutError):
            dial(settings.servers[0], tls_context(settings), 0.2)


def test_the_socket_never_blocks_and_does_not_gather_small_lines() -> None:
    with people.Server() as server, dial(Server("127.0.0.1", server.port), None, 5) as sock:
        assert not sock.getblocking()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_ipv6_is_spoken() -> None:
    try:
        server = people.Server(family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, dial(Server("::1", server.port), None, 5) as sock:
        assert sock.family == socket.AF_INET6


def test_a_ca_file_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        tls_context(people.settings(6697, tls=True, tls_ca="/nowhere/ca.crt"))
    assert str(error.value).startswith("[irc] tls_ca: /nowhere/ca.crt cannot be used as a CA file: ")


def test_a_certificate_without_its_key_is_named(certificates: Path) -> None:
    with pytest.raises(ConfigError) as error:
        tls_context(people.settings(6697, tls=True, tls_cert=str(certificates / "server.crt")))
    assert str(error.value).startswith(f"[irc] tls_cert: {certificates / 'server.crt'} must hold a certificate and its")


def test_tls_1_3_at_rest_does_not_stop_the_loop(certificates: Path) -> None:
    """The session tickets that follow the handshake make the socket readable, with nothing to read."""
    with people.Server(server_context(certificates)) as server:
        peers: list[people.Wire] = []
        thread = threading.Thread(target=lambda: peers.append(server.accept()))
        thread.start()
        settings = people.settings(server.port, server="localhost", tls=True, tls_ca=str(certificates / "ca.crt"))
        sock = dial(settings.servers[0], tls_context(settings), 5)
        thread.join()
        reactor = Reactor(on_connect=lambda _: None)
        connection = reactor.server()
        connection.connect("localhost", server.port, "bot", connect_factory=lambda _: sock)
        peers[0].until("^USER")
        began = time.monotonic()
        for _ in range(5):
            reactor.process_once(0.05)
        assert time.monotonic() - began < 1
        assert connection.connected
        peers[0].send("PING :still there")
        while connection.heard_at < began:
            reactor.process_once(1)
        assert peers[0].line() == "PONG :still there"
        connection.disconnect()
        peers[0].close()
        reactor.close()
