"""Tests of mentorbot/sync.py, with sources that are plain generators, and of plugins/sync.py, with a bot that runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot import clock, loader, sync
from mentorbot.app import App
from mentorbot.config import Config, load, parse
from mentorbot.errors import ConfigError, PartlyRead, SourceError
from mentorbot.mirrors import Mirrors
from mentorbot.models import Page
from mentorbot.store import Store
from mentorbot.store.cursors import Failure
from mentorbot.sync import Source, Stopped
from tests import people
from tests.builders import NOW, bug
from tests.people import DEADLINE, Wire, an_app
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

PAGES = 4


def numbers(store: Store) -> list[int]:
    return [found.number for found in store.bugs.ask("", ["harbour"], [])][::-1]


class Server:
    """Has one bug a page; breaks once before each page in `faults`. `asked` are the cursors it was given."""

    def __init__(self, name: str = "launchpad", first: int = 1, faults: dict[int, BaseException] | None = None) -> None:
        self.name, self.first, self.faults = name, first, faults or {}
        self.asked: list[str | None] = []

    @property
    def source(self) -> Source:
        return Source(self.name, self.changed_since)

    def changed_since(self, cursor: str | None) -> Iterator[Page]:
        self.asked.append(cursor)
        for page in range(int(cursor or 0) + 1, PAGES + 1):
            if fault := self.faults.pop(page, None):
                raise fault
            number = self.first + page - 1
            yield Page(tuple(bug(number, days=100 - number)), str(page), page, PAGES, "bugs")


def test_every_page_is_stored_with_its_cursor_and_told(store: Store) -> None:
    server, told = Server(), list[tuple[str, int, int | None, str]]()
    failures = sync.once(
        [server.source], store, lambda: NOW, lambda name, page: told.append((name, page.done, page.total, page.step))
    )
    assert failures == []
    assert (numbers(store), store.cursors.get("launchpad"), store.cursors.read_at("launchpad")) == (
        [1, 2, 3, 4],
        "4",
        NOW,
    )
    assert told == [("launchpad", n, 4, "bugs") for n in (1, 2, 3, 4)]


def test_a_page_is_in_the_store_before_it_is_told(store: Store) -> None:
    seen: list[tuple[list[int], str | None]] = []
    sync.once(
        [Server().source], store, lambda: NOW, lambda *_: seen.append((numbers(store), store.cursors.get("launchpad")))
    )
    assert seen == [([1], "1"), ([1, 2], "2"), ([1, 2, 3], "3"), ([1, 2, 3, 4], "4")]


def test_what_was_read_dates_from_the_begin_of_the_reading(store: Store) -> None:
    clock = iter([NOW, NOW + timedelta(hours=1)])
    sync.once([Server().source], store, lambda: next(clock))
    assert store.cursors.read_at("launchpad") == NOW


@pytest.mark.parametrize("page", range(1, PAGES + 1))
def test_a_run_that_is_cut_off_at_any_page_goes_on_where_it_was(store: Store, page: int) -> None:
    server = Server(faults={page: SourceError("the line was cut")})
    assert sync.once([server.source], store, lambda: NOW) == ["launchpad: the line was cut"]
    assert (numbers(store), store.cursors.read_at("launchpad")) == (list(range(1, page)), None)
    assert sync.once([server.source], store, lambda: NOW) == []
    assert numbers(store) == [1, 2, 3, 4]
    assert server.asked == [None, str(page - 1) if page > 1 else None]


@pytest.mark.parametrize("page", range(1, PAGES + 1))
def test_a_page_that_the_store_cannot_take_leaves_no_cursor_behind(store: Store, page: int) -> None:
    def too_big(cursor: str | None) -> Iterator[Page]:
        for one in Server().changed_since(cursor):
            things = [*one.things, *(bug(2**64) if one.cursor == str(page) else ())]
            yield Page(tuple(things), one.cursor)

    assert sync.once([Source("launchpad", too_big)], store, lambda: NOW) == [
        "launchpad: The store cannot keep this task: Python int too large to convert to SQLite INTEGER"
    ]
    assert numbers(store) == list(range(1, page))
    assert store.cursors.get("launchpad") == (str(page - 1) if page > 1 else None)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (SourceError("the server is down"), "launchpad: the server is down"),
        (KeyError("title"), "launchpad: something unforeseen went wrong (KeyError); the log has it."),
    ],
    ids=["a fault of the source", "a fault of ours"],
)
def test_a_source_that_fails_never_stops_another(
    store: Store, caplog: pytest.LogCaptureFixture, fault: Exception, said: str
) -> None:
    broken, whole = Server(faults={3: fault}), Server("gerrit", first=11)
    with caplog.at_level(logging.WARNING):
        assert sync.once([broken.source, whole.source], store, lambda: NOW) == [said]
    assert numbers(store) == [1, 2, 11, 12, 13, 14]
    assert (store.cursors.read_at("launchpad"), store.cursors.read_at("gerrit")) == (None, NOW)
    assert caplog.messages == [
        "launchpad: the server is down" if isinstance(fault, SourceError) else "launchpad could not be mirrored"
    ]


def test_the_last_failure_of_a_source_is_kept_and_outlives_the_next_success(store: Store) -> None:
    server = Server(faults={2: SourceError("the line was cut"), 3: KeyError("title")})
    for minutes in range(4):
        sync.once([server.source], store, lambda m=minutes: NOW + timedelta(minutes=m))  # type: ignore[misc]
        failure = store.cursors.failure("launchpad")
        assert (
            failure
            == [
                Failure(NOW, "the line was cut"),
                Failure(NOW + timedelta(minutes=1), "something unforeseen went wrong (KeyError); the log has it."),
            ][min(minutes, 1)]
        )
    assert store.cursors.read_at("launchpad") == NOW + timedelta(minutes=3)
    assert store.cursors.failure("gerrit") is None


def test_a_source_that_asks_for_time_gets_it_also_after_a_restart_but_no_more_than_a_day(tmp_path: Path) -> None:
    server, other = Server(faults={3: SourceError("Not so fast.", 900)}), Server("gerrit", first=11)
    for minutes, said, asked in (
        (0, ["launchpad: Not so fast."], [None]),
        (1, ["launchpad: it asked to be left alone for 14 minutes more."], [None]),
        (15, [], [None, "2"]),
    ):
        store = Store(tmp_path / "harbour.db")
        assert sync.once([server.source, other.source], store, lambda m=minutes: NOW + timedelta(minutes=m)) == said  # type: ignore[misc]
        assert server.asked == asked
        store.close()
    assert other.asked == [None, "4", "4"]
    store = Store()
    eternal = Server(faults={1: SourceError("Come back in a year.", 365 * 86_400)})
    sync.once([eternal.source], store, lambda: NOW)
    assert store.cursors.rests("launchpad", NOW) == NOW + timedelta(days=1)
    store.close()


def test_a_source_of_which_nothing_comes_is_asked_less_and_less_and_another_as_ever(store: Store) -> None:
    down = {page: SourceError("Nobody is there.") for page in range(1, 2)}
    server, other = Server(faults=Always(down)), Server("gerrit", first=11)
    minutes = 0.0

    def wait(seconds: float) -> None:
        nonlocal minutes
        minutes += seconds / 60
        if minutes == 150:
            server.faults = {}
        if minutes > 260:
            raise Stopped

    asked: list[float] = []

    def changed_since(cursor: str | None) -> Iterator[Page]:
        asked.append(minutes)
        yield from server.changed_since(cursor)

    source = Source("launchpad", changed_since)
    with pytest.raises(Stopped):
        sync.forever([source, other.source], store, lambda: NOW + timedelta(minutes=minutes), 300, wait)
    assert asked[:7] == [0, 5, 10, 20, 40, 80, 140]
    assert asked[7:9] == [200, 205]
    assert len(other.asked) == 53


class Always(dict[int, BaseException]):
    """Faults that do not pass."""

    def pop(self, page: int, *default: Any) -> Any:
        return self.get(page)


def test_the_mirrors_run_again_and_again_until_they_are_stopped(store: Store) -> None:
    server, waited = Server(faults={2: SourceError("the line was cut")}), list[float]()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        sync.forever([server.source], store, lambda: NOW, 300, wait)
    assert waited == [300, 300, 300]
    assert server.asked == [None, "1", "4"]
    assert numbers(store) == [1, 2, 3, 4]


def test_who_is_stopped_inside_a_source_ends_at_once_and_keeps_the_pages_it_had(store: Store) -> None:
    server, other = Server(faults={3: Stopped()}), Server("gerrit", first=11)
    with pytest.raises(Stopped):
        sync.forever([server.source, other.source], store, lambda: NOW, 300, lambda _: None)
    assert (numbers(store), store.cursors.get("launchpad"), other.asked) == ([1, 2], "2", [])


def test_what_survives_faults_does_not_survive_the_stop(store: Store) -> None:
    def stubborn(cursor: str | None) -> Iterator[Page]:
        try:
            raise Stopped
        except Exception:
            yield Page((), "never")

    with pytest.raises(Stopped):
        sync.once([Source("launchpad", stubborn)], store, lambda: NOW)


def test_while_nothing_can_be_written_no_source_is_asked_and_one_line_is_logged_each_time(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    server, other, rounds = Server(), Server("gerrit", first=11), list[float]()
    store.db.execute("pragma query_only = on")

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            store.db.execute("pragma query_only = off")
        if len(rounds) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        sync.forever([server.source, other.source], store, lambda: NOW, 300, wait)
    assert caplog.messages == ["The store in memory cannot be written: attempt to write a readonly database."] * 2
    assert (server.asked, other.asked) == ([None], [None])
    assert numbers(store) == [1, 2, 3, 4, 11, 12, 13, 14]


def test_one_source_can_be_chosen_by_name() -> None:
    both = [Server().source, Server("gerrit").source]
    assert sync.chosen(both, None) == both
    assert sync.chosen(both, "gerrit") == both[1:]
    with pytest.raises(ConfigError) as refused:
        sync.chosen(both, "git")
    assert str(refused.value) == 'There is no source "git"; there are launchpad, gerrit.'
    with pytest.raises(ConfigError) as refused:
        sync.chosen([], None)
    assert str(refused.value) == "There is nothing to mirror: name projects under [launchpad] or [gerrit]."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ('[launchpad]\nprojects = ["harbour"]', ["launchpad"]),
        ('[gerrit]\nurl = "https://review.harbour.example"', []),
        ('[gerrit]\nurl = "https://review.harbour.example"\nprojects = ["a/b"]', ["gerrit"]),
        (
            '[launchpad]\nprojects = ["harbour"]\n[gerrit]\nurl = "https://review.harbour.example"\nprojects = ["a/b"]',
            ["launchpad", "gerrit"],
        ),
    ],
)
def test_the_sources_are_those_that_the_configuration_names(store: Store, text: str, names: list[str]) -> None:
    found = sync.sources(parse(text), store, lambda: NOW, lambda _: None)
    assert [source.name for source in found] == names


# As an admin says it to a bot that runs.


def told(peer: Wire, words: str, account: str = "boss") -> str:
    peer.send(f"@account={account} :ann!ann@ann.example PRIVMSG mentorbot :{words}")
    return peer.until("^PRIVMSG ann :").removeprefix("PRIVMSG ann :")


def test_a_running_bot_asks_for_news_when_an_admin_says_so(tmp_path: Path, server: people.Server) -> None:
    with LaunchpadTwin([record(1)], projects=["harbour"]) as launchpad:
        path = tmp_path / "mentorbot.toml"
        path.write_text(
            f'[irc]\nserver = "127.0.0.1"\nport = {server.port}\ntls = false\nchannels = ["#mentors"]\n'
            f'admins = ["boss"]\n[sync]\nevery = "7d"\n'
            f'[launchpad]\nservice_root = "{launchpad.service_root}"\nprojects = ["harbour"]\n'
        )
        config, deadline = load(path), threading.Event()
        with closing(Store(tmp_path / "mentorbot.db")) as store:
            app = App(config, loader.load(config), store, clock.system, Mirrors(path, clock.system, shifted=False))
            with people.running(app), server.welcome("#mentors", "mentorbot") as peer:
                late = threading.Timer(3 * DEADLINE, deadline.set)
                late.start()
                while not store.cursors.read_at("launchpad") and not deadline.is_set():
                    peer.send("PING :x")
                    peer.until("PONG :x")
                late.cancel()
                again = threading.Event()
                launchpad.at(len(launchpad.requests) + 1, again.set)
                assert told(peer, "sync") == "The mirrors ask for news; !status tells when they are done."
                assert again.wait(DEADLINE)


def test_news_are_asked_for_by_admins_and_where_there_are_some(store: Store, server: people.Server) -> None:
    bare = parse('[irc]\nadmins = ["boss"]\nchannels = ["#mentors"]')
    with an_app(bare, server.port), server.welcome("#mentors", "mentorbot") as peer:
        assert told(peer, "sync") == "There is nothing that I mirror."
        assert told(peer, "sync", account="ann") == "sync is for this bot's admins."


def test_what_differs_is_told_of_every_source_also_where_one_fails() -> None:
    def failing() -> Iterator[str]:
        yield "LP#12 is not in the store."
        raise SourceError("the line was cut")

    idle = Server().changed_since
    both = [Source("launchpad", idle, verify=failing), Source("gerrit", idle), Source("git", idle, verify=failing)]
    assert [*sync.verify(both)] == [
        "launchpad: LP#12 is not in the store.",
        "launchpad: the line was cut",
        "git: LP#12 is not in the store.",
        "git: the line was cut",
        sync.MENDING,
    ]
    assert [*sync.verify([Source("gerrit", idle)])] == []


def test_a_source_of_which_only_single_things_cannot_be_read_is_as_new_as_it_can_be(store: Store) -> None:
    done: list[datetime] = []
    fault = PartlyRead("bug 6 cannot be understood")
    source = replace(Server(faults={4: fault}).source, read=done.append)
    assert sync.once([source], store, lambda: NOW) == ["launchpad: bug 6 cannot be understood"]
    assert (done, store.cursors.read_at("launchpad")) == ([NOW], NOW)
    assert store.cursors.failure("launchpad") == Failure(NOW, "bug 6 cannot be understood")


def test_what_is_to_be_done_when_all_is_read_is_done_then_and_only_then(store: Store) -> None:
    done: list[tuple[datetime, list[int]]] = []
    server = Server(faults={2: SourceError("the line was cut")})
    source = replace(server.source, read=lambda now: done.append((now, numbers(store))))
    assert sync.once([source], store, lambda: NOW) == ["launchpad: the line was cut"]
    assert done == []
    assert sync.once([source], store, lambda: NOW) == []
    assert done == [(NOW, [1, 2, 3, 4])]


def test_work_on_what_is_claimed_is_seen_also_where_a_source_fails(store: Store) -> None:
    seen: list[list[int]] = []
    server = Server(faults={2: SourceError("the line was cut")})
    source = replace(server.source, ran=lambda _: seen.append(numbers(store)))
    assert sync.once([source], store, lambda: NOW) == ["launchpad: the line was cut"]
    assert sync.once([source], store, lambda: NOW) == []
    assert seen == [[1], [1, 2, 3, 4]]


def test_the_usual_waits_are_computed_when_gerrit_is_read(store: Store, config: Config) -> None:
    [_, gerrit] = sync.sources(config, store, lambda: NOW, lambda _: None)
    gerrit.read(NOW)
    assert store.waits.computed() == NOW


def test_a_source_that_gives_nothing_for_days_is_asked_once_an_hour() -> None:
    breaker, now = sync.Breaker(), NOW
    for _ in range(100):
        breaker.note("launchpad", in_vain=True, now=now)
        now += timedelta(hours=1)
    assert not breaker.is_open("launchpad", now)
    assert breaker.is_open("launchpad", now - timedelta(seconds=1))
