"""The running bot goes by a new configuration: on the same connection, and with nothing lost or held up."""

from __future__ import annotations

import logging
import queue
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import config as settings
from mentorbot import loader
from mentorbot.chat.demo_server import serve
from mentorbot.chat.visitor import visiting
from mentorbot.models import Heard
from mentorbot.store import Store
from tests import people
from tests.builders import NOW

DEADLINE = 10.0
Said = queue.Queue[tuple[Heard | None, list[str]]]

CONFIG_FILE = """
[irc]
server = "{host}"
port = {port}
tls = false
channels = ["#mentors"]
flood_rate = 500.0
flood_burst = 500
welcome_off = ["#mentors"]
{more}
"""


@contextmanager
def reloadable(path: Path, store: Store, address: tuple[str, int], heard: Said) -> Iterator[room.App]:
    """The bot as its configuration file at `path` says; `heard` gets what is said."""
    config = settings.load(path)
    app = room.App(
        config,
        loader.load(config),
        store,
        lambda: NOW,
        said=lambda line, lines: heard.put((line, lines)),
        reread=lambda: settings.load(path),
    )
    with people.running(app):
        yield app


@pytest.fixture
def told() -> Iterator[queue.Queue[str]]:
    """What the app logs."""
    with people.overheard("mentorbot.app", logging.INFO) as said:
        yield said


def test_a_new_configuration_counts_on_the_same_connection(
    tmp_path: Path, file_store: Store, told: queue.Queue[str]
) -> None:
    path, said = tmp_path / "mentorbot.toml", queue.Queue[tuple[Heard | None, list[str]]]()
    with serve() as (host, port), visiting((host, port), "ann", "#mentors", lambda _: None) as ann:

        def write(more: str) -> None:
            path.write_text(CONFIG_FILE.format(host=host, port=port, more=more))

        def answer(text: str) -> list[str]:
            ann.say(text)
            return said.get(timeout=DEADLINE)[1]

        write('nick = "guide"')
        with reloadable(path, file_store, (host, port), said) as app:
            assert ann.company.wait(DEADLINE)
            assert answer("!why 1") == ["ann: I have not suggested anything to you yet; say !starter."]
            connection = app.bot._presence.place.connection
            write('nick = "leader"\nprefix = "?"\n[plugins]\noff = ["thanks"]\n[store]\npath = "other.db"')
            app.reload()
            messages = people.until_logged(told, "[store] path")
            assert answer("!why 1") == []
            assert answer("?why 1") == ["ann: I have not suggested anything to you yet; say ?starter."]
            assert answer("?thanks bob for tea") == []
            write('prefix = "long"')
            app.reload()
            messages += people.until_logged(told, "stays")
            write("[plugins]\noff = ['none']")
            app.reload()
            messages += people.until_logged(told, "stays")
            assert answer("?why 1") == ["ann: I have not suggested anything to you yet; say ?starter."]
            assert (app.bot.nick, app.bot._presence.place.connection) == ("guide", connection)
    commands = len(loader.load(settings.parse('[plugins]\noff = ["thanks"]')).commands)
    assert messages == [
        f"The configuration is read anew: {commands} commands.",
        "[irc] nick is as it was: it changes with a restart only.",
        "[store] path is as it was: it changes with a restart only.",
        f"The old configuration stays: {path}, line 10: [irc] prefix: one to three punctuation characters, such as !",
        "The old configuration stays: [plugins] off names none, but there is no such plugin.",
    ]


def test_channels_and_pace_are_those_of_a_new_configuration(tmp_path: Path, file_store: Store) -> None:
    path, said = tmp_path / "mentorbot.toml", queue.Queue[tuple[Heard | None, list[str]]]()
    with serve() as (host, port), people.Person(port, "ann", "#docs") as ann:

        def write(channels: str, rate: float) -> None:
            text = CONFIG_FILE.format(host=host, port=port, more="")
            text = text.replace('channels = ["#mentors"]\n', f"channels = {channels}\n", 1)
            path.write_text(text.replace("flood_rate = 500.0", f"flood_rate = {rate}"))

        write('["#mentors"]', 500)
        with reloadable(path, file_store, (host, port), said) as app:
            write('["#docs", "#mentors"]', 400)
            app.reload()
            ann.until("^:mentorbot!.* JOIN #docs")
            ann.send("PRIVMSG #docs :!why 1")
            assert said.get(timeout=DEADLINE)[1] == ["ann: I have not suggested anything to you yet; say !starter."]
            assert app.bot._pace.bucket.rate == 400
            write('["#mentors"]', 400)
            app.reload()
            ann.until("^:mentorbot!.* PART #docs")


def test_what_made_the_connection_and_the_store_stay_as_they_were() -> None:
    old = settings.parse('[irc]\nadmins = ["ann"]\n[store]\npath = "a.db"\n[launchpad]\nprojects = ["harbour"]')
    new = settings.parse('[irc]\nadmins = ["bob"]\nport = 1\nflood_rate = 9\n[store]\npath = "b.db"')
    config, fixed = settings.changed(old, new)
    assert fixed == ["[irc] port", "[store] path"]
    assert config == settings.parse('[irc]\nadmins = ["bob"]\nflood_rate = 9\n[store]\npath = "a.db"')


SLOW = '''"""For tests."""
import threading
from mentorbot import command

BEGUN, GATE = threading.Semaphore(0), threading.Event()

@command("nap", timeout=30)
def nap(request, store):
    """Sleep until the gate opens."""
    BEGUN.release()
    GATE.wait(20)
    return ["good morning"]
'''


def test_a_plugin_whose_file_takes_for_ever_holds_nobody_up(
    tmp_path: Path, file_store: Store, told: queue.Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "READING", 0.5)
    path, said = tmp_path / "mentorbot.toml", queue.Queue[tuple[Heard | None, list[str]]]()
    with serve() as (host, port), people.Person(port, "ann") as ann:
        path.write_text(CONFIG_FILE.format(host=host, port=port, more='[plugins]\nfolder = "own"'))
        own = tmp_path / "own"
        own.mkdir()
        with reloadable(path, file_store, (host, port), said) as app:
            ann.until("^:mentorbot!.* JOIN ")
            (own / "stuck.py").write_text('"""Stuck."""\nimport threading\nthreading.Event().wait()\n')
            app.reload()
            assert people.until_logged(told, "stays")[-1] == (
                "The old configuration stays: reading the new one: it took more than 0.5 seconds"
            )
            ann.send("PRIVMSG #mentors :!why 1")
            assert ann.words() == "ann: I have not suggested anything to you yet; say !starter."
            (own / "stuck.py").write_text('"""Mended."""\n')
            app.reload()
            people.until_logged(told, "is read anew")


def test_what_was_begun_before_is_finished_before_it_leaves(
    tmp_path: Path, file_store: Store, told: queue.Queue[str]
) -> None:
    path, said = tmp_path / "mentorbot.toml", queue.Queue[tuple[Heard | None, list[str]]]()
    with serve() as (host, port), people.Person(port, "ann") as ann:
        path.write_text(CONFIG_FILE.format(host=host, port=port, more='[plugins]\nfolder = "own"'))
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "slow.py").write_text(SLOW)
        with reloadable(path, file_store, (host, port), said) as app:
            plugin = sys.modules["mentorbot_folder_slow"]
            ann.until("^:mentorbot!.* JOIN ")
            ann.send("PRIVMSG #mentors :!nap")
            assert plugin.BEGUN.acquire(timeout=DEADLINE)
            app.reload()
            people.until_logged(told, "is read anew")
            app.quit("Until soon.")
            assert people.quiet(ann, 0.5)
            plugin.GATE.set()
            assert re.sub(r"^\S+ ", "", ann.line()) == "PRIVMSG #mentors :ann: good morning"
            ann.until(" QUIT ")
