"""Tests of mentorbot/doctor.py, on a chat, a Launchpad and a Gerrit that are there or are not."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mentorbot import clock, doctor
from mentorbot.chat.demo_server import serve
from mentorbot.cli import main
from mentorbot.config import Config, parse
from mentorbot.doctor import Finding, findings
from mentorbot.store import Store
from tests import ircds
from tests.ircds import free_port
from tests.people import Person, Server
from tests.services import PASSWORD, Network
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A configuration whose chat, Launchpad and Gerrit are there, as sections of settings."""
    groups = {"ports": {"harbour"}}
    with (
        serve() as (host, port),
        LaunchpadTwin([record(1)], groups=groups, aliases={"haven": "harbour"}) as launchpad,
        GerritTwin([change_info(1)]) as gerrit,
    ):
        yield {
            "irc": {"server": host, "port": port, "tls": False},
            "launchpad": {"service_root": launchpad.service_root, "projects": ["harbour"]},
            "gerrit": {"url": gerrit.url, "projects": ["demo/one"]},
            "store": {"path": str(tmp_path / "mentorbot.db")},
        }


def look(world: dict[str, Any]) -> list[Finding]:
    return list(findings(Config.model_validate(world), clock.system))


def found(world: dict[str, Any], what: str) -> Finding:
    [finding] = [finding for finding in look(world) if finding.what.startswith(what)]
    return finding


def test_where_all_is_well_each_thing_has_its_line(world: dict[str, Any]) -> None:
    path = world["store"]["path"]
    assert look(world) == [
        Finding("DNS 127.0.0.1", True, "127.0.0.1"),
        Finding(f"TLS 127.0.0.1:{world['irc']['port']}", True, "connected; not encrypted, for [irc] tls is false"),
        Finding("SASL", True, "not configured"),
        Finding("Launchpad harbour", True, "there"),
        Finding("Gerrit demo/one", True, "there"),
        Finding(f"store {path}", True, "not there yet; run and sync make it"),
    ]
    assert not Path(path).exists()
    Store(path).close()
    sound = found(world, "store")
    assert (sound.well, re.sub(r"\d\.\d", "N", sound.said)) == (True, "sound and writable, N MB")


def test_what_fails_is_told_and_keeps_nothing_else_from_being_looked_at(world: dict[str, Any]) -> None:
    world["irc"] |= {"server": "irc.invalid", "port": 6667}
    world["launchpad"]["projects"] = ["harbour", "atlantis", "ports", "haven"]
    world["gerrit"]["projects"] = ["demo/none", "demo/one"]
    seen = [(finding.what, finding.well, finding.said) for finding in look(world)]
    assert [well for _, well, _ in seen] == [False, False, True, True, False, False, False, False, True, True]
    assert seen[4:8] == [
        ("Launchpad atlantis", False, "Launchpad knows no project atlantis."),
        ("Launchpad ports", False, "ports is a group of projects on Launchpad; name those you want instead."),
        ("Launchpad haven", False, "Launchpad calls haven harbour now; write that under [launchpad] projects."),
        (
            "Gerrit demo/none",
            False,
            f"{world['gerrit']['url']} shows no project demo/none: mend [gerrit] projects, or it is not public.",
        ),
    ]


def test_each_server_of_the_network_is_tried(world: dict[str, Any]) -> None:
    port, dead = world["irc"]["port"], free_port()
    world["irc"] |= {"port": dead, "more_servers": [f"127.0.0.1:{port}", f"[::1]:{dead}"]}
    seen = [(finding.what, finding.well) for finding in look(world)][:7]
    assert seen == [
        ("DNS 127.0.0.1", True),
        (f"TLS 127.0.0.1:{dead}", False),
        ("DNS 127.0.0.1", True),
        (f"TLS 127.0.0.1:{port}", True),
        ("DNS ::1", True),
        (f"TLS [::1]:{dead}", False),
        ("SASL", True),
    ]


def test_servers_that_are_not_there(world: dict[str, Any]) -> None:
    port = free_port()
    world["irc"]["port"] = port
    world["launchpad"]["service_root"] = f"http://127.0.0.1:{port}/"
    world["gerrit"]["url"] = f"http://127.0.0.1:{port}"
    assert [finding.said for finding in look(world)][1:5] == [
        "Connection refused",
        "not configured",
        "Launchpad cannot be reached: Connection refused.",
        "127.0.0.1 cannot be reached: Connection refused.",
    ]


def test_a_store_that_is_damaged_or_is_none(world: dict[str, Any]) -> None:
    path = Path(world["store"]["path"])
    path.write_text("this is no database, but it is long enough to look at\n" * 30)
    assert found(world, "store") == Finding(
        f"store {path}", False, f"The store {path} cannot be opened: file is not a database."
    )
    path.unlink()
    Store(path).close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(whole)
    assert found(world, "store").well is False


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    ircds.certificate(folder, "localhost")
    return folder


@pytest.mark.parametrize(
    ("host", "ca", "well", "said"),
    [
        ("localhost", True, True, "verified, TLSv1.3; its certificate is good for "),
        ("localhost", False, False, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "),
        ("127.0.0.1", True, False, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch"),
    ],
    ids=["trusted", "of an unknown CA", "for another host"],
)
def test_a_certificate_is_verified(
    world: dict[str, Any], certificates: Path, host: str, ca: bool, well: bool, said: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    with Server(context) as server:

        def welcome() -> None:
            # It may not like what it sees.
            with suppress(OSError):
                server.accept().close()

        peer = threading.Thread(target=welcome)
        peer.start()
        tls_ca = str(certificates / "ca.crt") if ca else ""
        world["irc"] = {"server": host, "port": server.port, "tls_ca": tls_ca}
        seen = found(world, "TLS")
        peer.join(10)
    assert (seen.well, seen.said[: len(said)]) == (well, said)


@pytest.mark.parametrize("way", [{"sasl": "plain"}, {"nickserv": "NickServ"}], ids=["SASL", "NickServ"])
def test_the_login_is_tried_beside_a_running_bot(
    world: dict[str, Any], network: Network, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    world["irc"] |= {"port": network.port, "account": "bot", "password_env": "BOT_PASSWORD", **way}
    what = "NickServ" if "nickserv" in way else "SASL"
    monkeypatch.setattr(doctor, "SECONDS", 5.0)
    monkeypatch.setenv("BOT_PASSWORD", PASSWORD)
    with Person(network.port, "mentorbot") as running:
        assert found(world, what) == Finding(what, True, "services know the bot as bot")
        monkeypatch.setenv("BOT_PASSWORD", "wrong")
        assert found(world, what) == Finding(what, False, "no login in 5 seconds; the log above may say why")
        monkeypatch.delenv("BOT_PASSWORD")
        missing = "[irc] password_env: the variable BOT_PASSWORD is empty; it must hold the password of the bot's"
        assert found(world, what) == Finding(what, False, f"{missing} services account.")
        running.send("PING :still here")
        running.until("PONG .*still here")


def test_the_verb_prints_a_line_for_each_and_fails_where_one_does(world: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.toml"

    def run(projects: str) -> tuple[int, list[str]]:
        irc = world["irc"]
        file.write_text(
            f'[irc]\nserver = "{irc["server"]}"\nport = {irc["port"]}\ntls = false\n'
            f'[launchpad]\nservice_root = "{world["launchpad"]["service_root"]}"\nprojects = [{projects}]\n'
        )
        result = CliRunner().invoke(main, ["--config", str(file), "doctor"])
        return result.exit_code, result.stdout.splitlines()

    code, lines = run('"harbour"')
    assert (code, lines[2:]) == (
        0,
        [
            "ok   SASL: not configured",
            "ok   Launchpad harbour: there",
            f"ok   store {tmp_path}/mentorbot.db: not there yet; run and sync make it",
        ],
    )
    code, lines = run('"atlantis"')
    assert (code, lines[3]) == (1, "FAIL Launchpad atlantis: Launchpad knows no project atlantis.")


def test_nothing_is_looked_at_that_is_not_wanted() -> None:
    bare = parse('[irc]\nserver = "127.0.0.1"\nport = 1\ntls = false\n[store]\npath = "/nowhere/x.db"')
    assert [finding.what for finding in findings(bare, clock.system)] == [
        "DNS 127.0.0.1",
        "TLS 127.0.0.1:1",
        "SASL",
        "store /nowhere/x.db",
    ]
