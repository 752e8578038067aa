"""Real IRC servers on loopback for the tests, a person at a plain socket, and a server that says what it is told."""

from __future__ import annotations

import re
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import Self

import pytest

from mentorbot import clock
from mentorbot.chat.bot import Bot
from mentorbot.chat.presence import Patience
from mentorbot.config import Irc
from mentorbot.models import Heard

DEADLINE = 10.0
HASTY = Patience(connect=5, first_retry=0.1, last_retry=0.4, rejoin=0.1, wanting=0.4, settled=0.2, farewell=1)

NGIRCD = """
[Global]
Name = irc.example.org
Info = a server for tests
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = hello
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
"""

INSPIRCD = """
<config format="xml">
<server name="irc.example.org" description="a server for tests" network="Tests">
<admin name="a" nick="a" email="a@example.org">
<bind address="127.0.0.1" port="{port}" type="clients">
<bind address="127.0.0.1" port="{tls_port}" type="clients" sslprofile="tests">
<module name="ssl_gnutls">
<sslprofile name="tests" provider="gnutls" certfile="{folder}/server.crt" keyfile="{folder}/server.key">
<module name="cap"><module name="services_account"><module name="ircv3_accounttag">
<connect allow="*" timeout="20" pingfreq="60" localmax="500" globalmax="500" resolvehostnames="no" useident="no"
 commandrate="100000" threshold="1000" fakelag="no" recvq="100000" softsendq="200000" hardsendq="1000000">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/log">
<dns server="127.0.0.1" timeout="1">
<options defaultmodes="n">
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Ircd:
    """A server of its own folder, which can be killed and started again on the same ports."""

    def __init__(self, command: list[str], port: int, tls_port: int, folder: Path) -> None:
        self.command, self.port, self.tls_port, self.folder = command, port, tls_port, folder
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE
    never = threading.Event()
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the server ended at once"
        never.wait(0.02)
    raise AssertionError(f"nothing listens on port {port}")


def needs(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


@contextmanager
def ngircd(folder: Path) -> Iterator[Ircd]:
    needs("ngircd")
    port = free_port()
    (folder / "ngircd.conf").write_text(NGIRCD.format(port=port))
    server = Ircd(["ngircd", "-n", "-f", str(folder / "ngircd.conf")], port, 0, folder)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def inspircd(folder: Path) -> Iterator[Ircd]:
    """With TLS on its second port, for localhost, by the CA in ca.crt."""
    needs("inspircd", "openssl")
    certificate(folder, "localhost")
    port, tls_port = free_port(), free_port()
    (folder / "inspircd.conf").write_text(INSPIRCD.format(port=port, tls_port=tls_port, folder=folder))
    arguments = ["--config", str(folder / "inspircd.conf"), "--nofork", "--nopid", "--runasroot"]
    server = Ircd(["inspircd", *arguments], port, tls_port, folder)
    try:
        yield server
    finally:
        server.kill()


def certificate(folder: Path, host: str) -> None:
    """A private CA (ca.crt) and a certificate of its for a host (server.crt, server.key)."""
    needs("openssl")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    ca = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=a private CA", *ca)
    own = ["-addext", f"subjectAltName=DNS:{host}", "-addext", "basicConstraints=CA:FALSE"]
    openssl("req", "-x509", *new, "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.crt",
            "-subj", f"/CN={host}", *own)  # fmt: skip


class Wire:
    """A socket read line by line, with a deadline on every wait."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.raw = b""
        self._unread = b""
        sock.settimeout(DEADLINE)

    def send(self, *lines: str, encoding: str = "utf-8") -> None:
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode(encoding))

    def line(self) -> str:
        """The next line, whose end must be CR LF."""
        while b"\n" not in self._unread:
            data = self.sock.recv(2**14)
            if not data:
                raise EOFError("the other side hung up")
            self._unread += data
            self.raw += data
        line, _, self._unread = self._unread.partition(b"\n")
        assert line.endswith(b"\r"), line
        return line[:-1].decode()

    def until(self, pattern: str) -> str:
        """The first line that matches, from where we are."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            line = self.line()
            if re.search(pattern, line):
                return line
        raise AssertionError(f"nothing like {pattern} was said")

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Person(Wire):
    """Somebody on a server, in one channel."""

    def __init__(self, port: int, nick: str, channel: str = "#mentors", capabilities: str = "") -> None:
        super().__init__(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.nick = nick
        if capabilities:
            self.send("CAP LS 302", f"CAP REQ :{capabilities}", "CAP END")
        self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        while " 001 " not in (line := self.line()):
            if line.startswith("PING"):
                self.send(line.replace("PING", "PONG", 1))
        self.send(f"JOIN {channel}")
        self.until(f" 366 {re.escape(nick)} {re.escape(channel)}")

    def words(self, pattern: str = "PRIVMSG") -> str:
        """The text of the next message to come."""
        return re.sub(r"^(@\S+ )?:\S+ \S+ \S+ :", "", self.until(rf" {pattern} "))


class Server:
    """A server that says only what the test has it say."""

    def __init__(self, context: ssl.SSLContext | None = None, family: socket.AddressFamily = socket.AF_INET) -> None:
        self._listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self._listener.settimeout(DEADLINE)
        self._context = context
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> Wire:
        sock, _ = self._listener.accept()
        if self._context:
            sock.settimeout(DEADLINE)
            sock = self._context.wrap_socket(sock, server_side=True)
        return Wire(sock)

    def welcome(self, channel: str = "#c", nick: str = "bot") -> Wire:
        """Take the next connection as far as the channel."""
        peer = self.accept()
        peer.until("^USER ")
        peer.send(":srv CAP * LS :", f":srv 001 {nick} :Welcome")
        peer.until(f"^JOIN {channel}")
        peer.send(f":{nick}!b@h JOIN {channel}", f":srv 353 {nick} = {channel} :{nick} @alice +bob")
        peer.send(f":srv 366 {nick} {channel} :End")
        return peer

    def close(self) -> None:
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def quiet(peer: Wire, seconds: float) -> bool:
    """Whether nothing comes for so long."""
    return not peer._unread and not select.select([peer.sock], [], [], seconds)[0]


def settings(port: int, **others: object) -> Irc:
    """The settings of a bot that talks as fast as it can, without TLS, in #mentors."""
    usual: dict[str, object] = {"server": "127.0.0.1", "tls": False, "nick": "bot", "channels": ("#mentors",)}
    usual |= {"port": port, "flood_rate": 1000.0, "flood_burst": 1000}
    return Irc.model_validate(usual | others)


@contextmanager
def running(bot: Bot) -> Iterator[Bot]:
    """The bot in a thread of its own; leaves at the end, and must end in time."""
    thread = threading.Thread(target=bot.run, daemon=True)
    thread.start()
    try:
        yield bot
    finally:
        bot.quit()
        thread.join(DEADLINE)
    assert not thread.is_alive()


@contextmanager
def a_bot(
    port: int,
    *,
    hear: Callable[[Heard], None] | None = None,
    tick: Callable[[], None] | None = None,
    patience: Patience = HASTY,
    **others: object,
) -> Iterator[tuple[Bot, Queue[Heard]]]:
    """A running bot, and what it has heard."""
    heard: Queue[Heard] = Queue()
    bot = Bot(settings(port, **others), hear or heard.put, clock.system, tick, "mentorbot 1.2", patience)
    with running(bot):
        yield bot, heard
