"""Real IRC servers on loopback for the tests, started from a folder of their own and ended by their process."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

DEADLINE = 10.0

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
<server name="{name}" description="a server for tests" network="Tests">
<admin name="a" nick="a" email="a@example.org">
<bind address="127.0.0.1" port="{port}" type="clients">
<bind address="127.0.0.1" port="{tls_port}" type="clients" sslprofile="tests">
<module name="ssl_gnutls">
<sslprofile name="tests" provider="gnutls" hash="sha256" certfile="{folder}/server.crt" keyfile="{folder}/server.key">
<module name="cap"><module name="services_account"><module name="ircv3_accounttag">
<connect allow="*" timeout="20" pingfreq="60" localmax="500" globalmax="500" resolvehostnames="no" useident="no"
 commandrate="1000000" threshold="2000000" fakelag="no" recvq="100000" softsendq="200000" hardsendq="1000000">
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
def inspircd(
    folder: Path, more: str = "", without: Iterable[str] = (), name: str = "irc.example.org"
) -> Iterator[Ircd]:
    """With TLS on its second port, for localhost, by the CA in ca.crt. `more` and `without` change its settings."""
    needs("inspircd", "openssl")
    certificate(folder, "localhost")
    port, tls_port = free_port(), free_port()
    settings = INSPIRCD.format(port=port, tls_port=tls_port, folder=folder, name=name) + more
    for words in without:
        settings = settings.replace(words, "")
    (folder / "inspircd.conf").write_text(settings)
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


@pytest.fixture(scope="module", params=["ngircd", "inspircd"])
def ircd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    folder = tmp_path_factory.mktemp(request.param)
    with {"ngircd": ngircd, "inspircd": inspircd}[request.param](folder) as server:
        yield server


@pytest.fixture(scope="module")
def tls_ircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    with inspircd(tmp_path_factory.mktemp("tls")) as server:
        yield server
