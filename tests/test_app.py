"""The running bot: what is queued is said once, and it leaves politely."""

from __future__ import annotations

import logging
import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import config as settings
from mentorbot import loader
from mentorbot.chat.demo_server import serve
from mentorbot.chat.visitor import Line, visiting
from mentorbot.config import Config
from mentorbot.models import Heard
from mentorbot.store import Health, Store
from tests import people
from tests.builders import NOW, bug

DEADLINE = 10.0
Said = queue.Queue[tuple[Heard | None, list[str]]]


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "mentorbot.db")
    yield store
    store.close()


@contextmanager
def running(config: Config, store: Store, address: tuple[str, int]) -> Iterator[tuple[room.App, Said]]:
    irc = {"server": address[0], "port": address[1], "tls": False, "flood_rate": 500.0, "flood_burst": 500}
    config = config.model_copy(update={"irc": config.irc.model_copy(update=irc)})
    said: Said = queue.Queue()
    app = room.App(config, loader.load(config), store, lambda: NOW, said=lambda heard, lines: said.put((heard, lines)))
    with people.running(app):
        yield app, said


def test_a_question_in_the_channel_is_answered_to_its_asker(config: Config, file_store: Store) -> None:
    file_store.save(bug(12, tags=("low-hanging-fruit",), status="Triaged"))
    heard: queue.Queue[Line] = queue.Queue()
    with (
        serve() as address,
        visiting(address, "ann", "#mentors", heard.put) as ann,
        running(config, file_store, address) as (_, said),
    ):
        assert ann.company.wait(DEADLINE)
        ann.say("!why 1")
        ann.say("good morning")
        assert sorted(said.get(timeout=DEADLINE)[1] for _ in range(2)) == [
            [],
            ["ann: I have not suggested anything to you yet; say !starter."],
        ]
        line = heard.get(timeout=DEADLINE)
    assert line == Line("mentorbot", "#mentors", "ann: I have not suggested anything to you yet; say !starter.")


def test_who_speaks_for_the_first_time_is_welcomed_in_private_once(config: Config, file_store: Store) -> None:
    heard: queue.Queue[Line] = queue.Queue()
    with (
        serve() as address,
        visiting(address, "ann", "#mentors", heard.put) as ann,
        running(config, file_store, address) as (_, said),
    ):
        assert ann.company.wait(DEADLINE)
        for words in ("good morning", "nobody here?", "!why 1"):
            ann.say(words)
            assert said.get(timeout=DEADLINE)[0] is not None
        lines = [heard.get(timeout=DEADLINE) for _ in range(2)]
    assert [(line.channel, line.text[:20]) for line in lines] == [
        (None, "Welcome to #mentors!"),
        ("#mentors", "ann: I have not sugg"),
    ]


def test_a_private_answer_leaves_one_line_in_the_channel(config: Config, file_store: Store) -> None:
    heard: queue.Queue[Line] = queue.Queue()
    with (
        serve() as address,
        visiting(address, "ann", "#mentors", heard.put) as ann,
        running(config, file_store, address),
    ):
        assert ann.company.wait(DEADLINE)
        ann.say("!howto triage")
        lines = [heard.get(timeout=DEADLINE) for _ in range(6)]
    assert [line.text for line in lines if line.channel] == ["ann: I answered you in private."]
    assert len([line for line in lines if line.channel is None]) == 5


def test_what_is_queued_is_said_once_when_the_bot_is_there(config: Config, file_store: Store) -> None:
    file_store.outbox.put("#mentors", ["Thanks!", "All of you."], NOW)
    with serve() as address, running(config, file_store, address) as (_, said):
        assert said.get(timeout=DEADLINE) == (None, ["Thanks!", "All of you."])
    assert file_store.rows("select state from outbox") == [{"state": "said"}]
    with serve() as address, running(config, file_store, address) as (_, said):
        file_store.outbox.put("#mentors", ["And again."], NOW)
        assert said.get(timeout=DEADLINE) == (None, ["And again."])


def test_what_was_cut_off_is_told_to_the_operator_and_not_said_again(
    config: Config, file_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    file_store.outbox.put("#mentors", ["Thanks!"], NOW)
    file_store.outbox.take(NOW)
    with caplog.at_level(logging.ERROR), serve() as address, running(config, file_store, address):
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "Perhaps never said, because the bot was cut off: to #mentors: ['Thanks!']"
    ]
    assert file_store.outbox.take(NOW) == []


def test_what_was_for_one_person_is_not_told_to_the_log(
    config: Config, file_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    file_store.outbox.put("ann", ["You are ann-l.", "Twice."], NOW)
    file_store.outbox.take(NOW)
    with caplog.at_level(logging.ERROR), serve() as address, running(config, file_store, address):
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "Perhaps never said, because the bot was cut off: to ann: 2 lines"
    ]


def test_a_running_bot_tells_how_it_is_and_that_it_left(config: Config, file_store: Store) -> None:
    file_store.outbox.put("#mentors", ["Good morning."], NOW)
    with serve() as address, running(config, file_store, address) as (app, said):
        said.get(timeout=DEADLINE)
        app._tick()
        written = threading.Event()
        app._writes.put(written.set)
        assert written.wait(DEADLINE)
        assert file_store.health.last() == Health(NOW, NOW, "mentorbot", ("#mentors",))
    assert file_store.health.last() == Health(NOW, None, "mentorbot", ())


def test_mirrors_that_end_start_again_in_a_minute(tmp_path: Path) -> None:
    broken = tmp_path / "mentorbot.toml"
    broken.write_text("[irc]\nprot = 1\n")
    mirrors = room.Mirrors(broken, lambda: NOW, shifted=False)

    def started(after: float) -> int | None:
        mirrors.look_after(NOW + timedelta(seconds=after))
        process = mirrors._process
        if process:
            process.wait(DEADLINE)
        return process.pid if process else None

    first = started(0)
    assert first is not None
    assert started(1) is None
    assert started(59) is None
    assert mirrors.fault == {
        "sync_exit": 2,
        "sync_ended": NOW + timedelta(seconds=1),
        "sync_again": NOW + timedelta(seconds=61),
    }
    assert started(62) not in (None, first)
    assert mirrors.fault == {}
    mirrors.stop()


def test_mirrors_that_end_soon_start_again_later_each_time(tmp_path: Path) -> None:
    broken = tmp_path / "mentorbot.toml"
    broken.write_text("[irc]\nprot = 1\n")
    mirrors = room.Mirrors(broken, lambda: NOW, shifted=False)
    now, pauses = NOW, list[float]()
    for lasted in [1, 1, 1, 1, 1, 1, 600, 1]:
        mirrors.look_after(now)
        assert mirrors._process
        mirrors._process.wait(DEADLINE)
        now += timedelta(seconds=lasted)
        mirrors.look_after(now)
        pauses.append((mirrors.fault["sync_again"] - now).total_seconds() / 60)
        now = mirrors.fault["sync_again"]
    assert pauses == [1, 2, 4, 8, 16, 30, 1, 2]
    mirrors.stop()


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


def test_a_new_configuration_counts_on_the_same_connection(
    tmp_path: Path, file_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    path, said = tmp_path / "mentorbot.toml", queue.Queue[tuple[Heard | None, list[str]]]()
    with serve() as (host, port), visiting((host, port), "ann", "#mentors", lambda _: None) as ann:

        def write(more: str) -> None:
            path.write_text(CONFIG_FILE.format(host=host, port=port, more=more))

        def answer(text: str) -> list[str]:
            ann.say(text)
            return said.get(timeout=DEADLINE)[1]

        write('nick = "guide"')
        with reloadable(path, file_store, (host, port), said) as app, caplog.at_level(logging.INFO):
            assert ann.company.wait(DEADLINE)
            assert answer("!why 1") == ["ann: I have not suggested anything to you yet; say !starter."]
            connection = app.bot._presence.place.connection
            write('nick = "leader"\nprefix = "?"\n[plugins]\noff = ["thanks"]\n[store]\npath = "other.db"')
            app.reload()
            app._tick()
            assert answer("!why 1") == []
            assert answer("?why 1") == ["ann: I have not suggested anything to you yet; say ?starter."]
            assert answer("?thanks bob for tea") == []
            write('prefix = "long"')
            app.reload()
            app._tick()
            write("[plugins]\noff = ['none']")
            app.reload()
            app._tick()
            assert answer("?why 1") == ["ann: I have not suggested anything to you yet; say ?starter."]
            assert (app.bot.nick, app.bot._presence.place.connection) == ("guide", connection)
    messages = [record.getMessage() for record in caplog.records if record.name == "mentorbot.app"]
    commands = len(loader.load(settings.parse('[plugins]\noff = ["thanks"]')).commands)
    assert messages == [
        f"The configuration is read anew: {commands} commands.",
        "[irc] nick is as it was: it changes with a restart only.",
        "[store] path is as it was: it changes with a restart only.",
        f"The old configuration stays: {path}, line 10: [irc] prefix: one to three punctuation characters, such as !",
        "The old configuration stays: [plugins] off names none, but there is no such plugin.",
    ]


def test_what_made_the_connection_and_the_store_stay_as_they_were() -> None:
    old = settings.parse('[irc]\nadmins = ["ann"]\n[store]\npath = "a.db"\n[launchpad]\nprojects = ["harbour"]')
    new = settings.parse('[irc]\nadmins = ["bob"]\nport = 1\nflood_rate = 9\n[store]\npath = "b.db"')
    config, fixed = room.changed(old, new)
    assert fixed == ["[irc] port", "[store] path"]
    assert config == settings.parse('[irc]\nadmins = ["bob"]\nflood_rate = 9\n[store]\npath = "a.db"')


def test_a_text_that_cannot_be_said_keeps_no_other_from_being_said(config: Config, file_store: Store) -> None:
    file_store.outbox.put("no nick", ["Hello?"], NOW)
    file_store.outbox.put("#mentors", ["Good morning."], NOW)
    with serve() as address, running(config, file_store, address) as (_, said):
        assert said.get(timeout=DEADLINE) == (None, ["Good morning."])
    assert file_store.rows("select target, state from outbox") == [
        {"target": "no nick", "state": "saying"},
        {"target": "#mentors", "state": "said"},
    ]


def test_new_mirrors_begin_at_once_with_a_new_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.toml"
    file.write_text('[launchpad]\nservice_root = "http://127.0.0.1:1/"\nprojects = ["harbour"]\n')
    mirrors = room.Mirrors(file, lambda: NOW, shifted=False)
    mirrors.look_after(NOW)
    first = mirrors._process
    assert first
    mirrors.restart()
    first.wait(DEADLINE)
    mirrors.look_after(NOW)
    assert mirrors._process not in (None, first)
    assert mirrors.fault == {}
    mirrors.stop()


OWNER = """
import sys
import threading
from datetime import datetime
from pathlib import Path
from mentorbot.app import Mirrors
mirrors = Mirrors(Path(sys.argv[1]), datetime.now, shifted=False)
mirrors.look_after(datetime.now())
print(mirrors._process.pid, flush=True)
sys.stdin.read()
"""


def test_mirrors_end_with_the_bot_even_if_it_is_killed_while_a_source_is_silent(
    tmp_path: Path, server: people.Server
) -> None:
    config = tmp_path / "mentorbot.toml"
    config.write_text(f'[gerrit]\nurl = "http://127.0.0.1:{server.port}"\nprojects = ["harbour"]\n')
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin and owner.stdout
    mirrors = os.pidfd_open(int(owner.stdout.readline()))
    with server.accept():
        assert not select.select([mirrors], [], [], 0)[0]
        owner.kill()
        ended, _, _ = select.select([mirrors], [], [], DEADLINE)
    if not ended:
        signal.pidfd_send_signal(mirrors, signal.SIGKILL)
    assert ended
    os.close(mirrors)
    owner.communicate()
