"""A network with services for the tests: InspIRCd and Atheme, linked on loopback, where accounts can be registered."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import people
from tests.ircds import Ircd, free_port, inspircd, needs
from tests.people import Person, Wire

LEAF = "leaf.example.org"
PASSWORD = "long-horse-battery"

LINK = """
<bind address="127.0.0.1" port="{link_port}" type="servers">
<module name="spanningtree"><module name="sasl"><module name="sslinfo"><module name="botmode">
<module name="ircv3"><module name="ircv3_capnotify"><module name="svshold">
<sasl target="services.example.org" requiressl="no">
<uline server="services.example.org">
"""

PEER = """
<link name="{name}" ipaddr="127.0.0.1" port="{port}" allowmask="127.0.0.1" sendpass="linked" recvpass="linked">
"""

OPERATOR = """
<class name="all" commands="*" usermodes="*" snomasks="*"><type name="all" classes="all">
<oper name="oper" password="linked" host="*@*" type="all">
"""

ATHEME = """
loadmodule "modules/protocol/inspircd";
loadmodule "modules/backend/opensex";
loadmodule "modules/crypto/pbkdf2v2";
loadmodule "modules/nickserv/main";
loadmodule "modules/nickserv/cert";
loadmodule "modules/nickserv/ghost";
loadmodule "modules/nickserv/group";
loadmodule "modules/nickserv/identify";
loadmodule "modules/nickserv/logout";
loadmodule "modules/nickserv/register";
loadmodule "modules/saslserv/main";
loadmodule "modules/saslserv/external";
loadmodule "modules/saslserv/plain";
pbkdf2v2 {{ digest = "SHA256"; rounds = 10000; }};
serverinfo {{
  name = "services.example.org"; desc = "services for tests"; numeric = "00A"; recontime = 1; netname = "Tests";
  hidehostsuffix = "users.example.org"; adminname = "a"; adminemail = "a@example.org";
  registeremail = "noreply@example.org"; mta = "/bin/true"; loglevel = {{ error; info; admin; network; }};
  maxlogins = 50; maxusers = 50; mdlimit = 30; emaillimit = 1000; emailtime = 1; auth = none; casemapping = rfc1459;
}};
uplink "irc.example.org" {{ host = "127.0.0.1"; password = "linked"; port = {link_port}; }};
nickserv {{ nick = "NickServ"; user = "NickServ"; host = "services.example.org"; real = "NickServ"; maxnicks = 5; }};
saslserv {{ nick = "SaslServ"; user = "SaslServ"; host = "services.example.org"; real = "SaslServ"; }};
general {{ permissive_mode; commit_interval = 5; default_clone_allowed = 500; flood_msgs = 0; }};
"""


class Network:
    """An InspIRCd with its services, which can end on their own."""

    def __init__(self, ircd: Ircd, atheme: list[str]) -> None:
        self.ircd, self._atheme = ircd, atheme
        self.port = ircd.port
        self.start_services()

    def start_services(self) -> None:
        self._services = subprocess.Popen(self._atheme, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop_services(self) -> None:
        """End them politely: they keep the accounts."""
        self._services.terminate()
        self._services.wait()

    def register(self, account: str) -> None:
        """Have an account of this name, with PASSWORD."""
        with Person(self.port, account) as person:
            person.send(f"PRIVMSG NickServ :REGISTER {PASSWORD} {account}@example.org")
            person.until(f" 900 {account} ")


def identify(person: Wire, account: str) -> None:
    person.send(f"PRIVMSG NickServ :IDENTIFY {account} {PASSWORD}")
    person.until(f" 900 .*logged in as {account}")


def wait_for_services(port: int) -> None:
    """Until SASL is offered, which it is while the services are linked."""
    deadline = time.monotonic() + people.DEADLINE
    never = threading.Event()
    with Person(port, "waiting") as person:
        while time.monotonic() < deadline:
            person.send("CAP LS 302")
            if "sasl=" in person.until(" CAP .* LS "):
                return
            never.wait(0.05)
    raise AssertionError("the services are not linked")


@contextmanager
def linked_services(folder: Path, without: Iterable[str] = (), more: str = "") -> Iterator[Network]:
    """`more` and `without` change the ircd's configuration."""
    needs("atheme-services")
    link_port = free_port()
    (folder / "data").mkdir()
    (folder / "atheme.conf").write_text(ATHEME.format(link_port=link_port))
    files = ["-c", "atheme.conf", "-l", "atheme.log", "-p", "atheme.pid", "-D", "data"]
    arguments = [str(folder / word) if not word.startswith("-") else word for word in files]
    link = LINK.format(link_port=link_port) + PEER.format(name="services.example.org", port=link_port)
    with inspircd(folder, link + more, without) as ircd:
        network = Network(ircd, ["atheme-services", "-n", *arguments])
        try:
            wait_for_services(ircd.port)
            yield network
        finally:
            network.stop_services()


class Pair:
    """Two InspIRCd, the first with services, which can lose each other and be linked again."""

    def __init__(self, hub: Network, leaf: Ircd, operator: Person) -> None:
        self.hub, self.leaf, self._operator = hub, leaf, operator

    def split(self) -> None:
        self._operator.send(f"SQUIT {LEAF} :split")
        self._operator.until("Netsplit complete")

    def join(self) -> None:
        """Link them, and wait until each has told the other all it knows."""
        self._operator.send(f"CONNECT {LEAF}")
        self._operator.until(rf"end of netburst from \W*{LEAF}")


@contextmanager
def two_servers(folder: Path) -> Iterator[Pair]:
    """A pair that tells accounts by extended-join and account-notify only, with the account boss."""
    hub, leaf, port = folder / "hub", folder / "leaf", free_port()
    hub.mkdir()
    leaf.mkdir()
    without = ['<module name="ircv3_accounttag">']
    link = LINK.format(link_port=port) + PEER.format(name="irc.example.org", port=1)
    with (
        linked_services(hub, without, PEER.format(name=LEAF, port=port) + OPERATOR) as network,
        inspircd(leaf, link, without, LEAF) as other,
        Person(network.port, "operator", "#operators") as operator,
    ):
        network.register("boss")
        operator.send("OPER oper linked", "MODE operator +s +*")
        operator.until(" 381 ")
        pair = Pair(network, other, operator)
        pair.join()
        yield pair


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """With the accounts bot, boss and alice."""
    with linked_services(tmp_path_factory.mktemp("network")) as network:
        for account in ("bot", "boss", "alice"):
            network.register(account)
        yield network
