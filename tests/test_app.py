"""The running bot: what is queued is said once, and it leaves politely."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


def test_what_is_for_an_account_is_said_to_who_has_it_now_and_to_nobody_else(
    config: Config, file_store: Store, server: people.Server
) -> None:
    config = config.model_copy(update={"irc": config.irc.model_copy(update={"welcome_off": ("#mentors",)})})
    file_store.outbox.put("account:ada", ["You are ada-l."], NOW)
    file_store.outbox.put("#mentors", ["Good morning."], NOW)
    with running(config, file_store, ("127.0.0.1", server.port)), server.welcome("#mentors", "mentorbot") as peer:
        peer.until("^PRIVMSG #mentors :Good morning.")
        for _ in range(10):
            for speaker in (":ada!a@h", "@account=eve :ada!a@h", "@account=Ada :owl!o@h"):
                peer.send(f"{speaker} PRIVMSG #mentors :good morning")
            if not people.quiet(peer, 2):
                break
        assert peer.until("You are") == "PRIVMSG owl :You are ada-l."
    assert file_store.rows("select state from outbox") == [{"state": "said"}] * 2


def test_what_is_for_an_account_is_said_where_it_is_seen(
    config: Config, file_store: Store, server: people.Server
) -> None:
    file_store.outbox.put("account:ada", ["You are ada-l."], NOW)
    with running(config, file_store, ("127.0.0.1", server.port)), server.accept() as peer:
        peer.send(":srv CAP * LS :extended-join account-notify")
        peer.until("^CAP REQ")
        peer.send(":srv CAP * ACK :extended-join account-notify", ":srv 001 mentorbot :Welcome")
        peer.until("^JOIN")
        peer.send(
            ":mentorbot!b@h JOIN #mentors * :bot", ":ada!a@h JOIN #mentors eve :Eve", ":owl!o@h JOIN #mentors ada :Ada"
        )
        assert peer.until("You are") == "PRIVMSG owl :You are ada-l."


def test_a_running_bot_tells_how_it_is_and_that_it_left(config: Config, file_store: Store) -> None:
    file_store.outbox.put("#mentors", ["Good morning."], NOW)
    with serve() as address, running(config, file_store, address) as (app, said):
        said.get(timeout=DEADLINE)
        app._tick()
        written = threading.Event()
        app._writes.put(written.set)
        assert written.wait(DEADLINE)
        assert file_store.health.last() == Health(NOW, NOW, "mentorbot", ("#mentors",), off={})
    assert file_store.health.last() == Health(NOW, None, "mentorbot", ())


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
