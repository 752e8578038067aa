"""Clocks that jump, a server's or ours: nothing is lost for good, nor waits for a moment that was never true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mentorbot import clock, config, sync
from mentorbot.errors import SourceError
from mentorbot.models import Page
from mentorbot.sources import gerrit
from mentorbot.store import Store
from mentorbot.sync import Breaker, Source
from tests.builders import NOW
from tests.mirrors import Mirror, same, settings
from tests.twins.gerrit import GerritTwin, moment
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import question
from tests.twins.launchpad_records import record

HOUR, DAY, AGE = timedelta(hours=1), timedelta(days=1), timedelta(days=365 * 60)


@pytest.mark.parametrize("ahead", [DAY, timedelta(days=3), timedelta(days=365 * 50)])
def test_what_changed_after_launchpads_clock_was_put_right_is_read(ahead: timedelta) -> None:
    with LaunchpadTwin([record(1), record(2), record(3)]) as twin:
        mirror = Mirror(settings(twin))
        twin.now = clock.system() + ahead
        twin.comment(1, "bob", "Dated by a clock that is ahead.")
        mirror.run()
        twin.now = clock.system()
        twin.comment(2, "bob", "Dated by the right one.")
        mirror.run()
        mirror.run()
        same(mirror, twin)
        twin.now += HOUR
        mirror.run()
        twin.requests.clear()
        mirror.run()
        assert twin.count("searchTasks") == 1


def test_a_day_that_was_never_true_puts_off_no_comparison_and_no_questions() -> None:
    with LaunchpadTwin([record(1), record(2)]) as twin:
        mirror = Mirror(settings(twin))
        mirror.run()
        right, twin.now = twin.now, twin.now + AGE
        mirror.run()
        twin.now = right + HOUR
        mirror.run()
        twin.edit(1, quietly=True, private=True, information_type="Private")
        twin.questions = {1: question(1)}
        twin.now = right + DAY + 2 * HOUR
        mirror.run()
        assert set(mirror.kept()) == {2}
        assert len(mirror.store.questions.of("harbour")) == 1


def source(twin: GerritTwin, store: Store, now: datetime) -> Source:
    server = gerrit.Server(config.Gerrit(url=twin.url, projects=("demo/one",)), lambda: now)
    return Source("gerrit", lambda cursor: gerrit.changed_since(server, cursor, store.changes))


def mirror(twin: GerritTwin, store: Store, now: datetime) -> None:
    assert sync.once([source(twin, store, now)], store, lambda: now) == []


@pytest.mark.parametrize("ahead", [HOUR, DAY, timedelta(days=365 * 50)])
def test_what_moved_after_gerrits_clock_was_put_right_is_read(store: Store, ahead: timedelta) -> None:
    now = clock.system()
    with GerritTwin([change_info(n) for n in range(1, 4)]) as twin:
        twin.changes[1] |= {"updated": moment(now + ahead), "subject": "Dated by a clock that is ahead"}
        mirror(twin, store, now)
        twin.changes[2] |= {"updated": moment(now), "subject": "Dated by the right one"}
        mirror(twin, store, now)
        mirror(twin, store, now)
        assert {row["number"]: row["subject"] for row in store.rows("select number, subject from changes")} == {
            1: "Dated by a clock that is ahead",
            2: "Dated by the right one",
            3: "Mend a typo",
        }


def test_a_clock_of_ours_that_was_ahead_puts_off_no_comparison(store: Store) -> None:
    with GerritTwin([change_info(n) for n in range(1, 4)]) as twin:
        mirror(twin, store, NOW + AGE)
        twin.changes[2]["is_private"] = True
        mirror(twin, store, NOW)
        assert set(store.changes.updated(["demo/one"])) == {1, 3}


def test_what_a_cursor_says_in_other_words_is_read_anew(store: Store) -> None:
    with GerritTwin([change_info(1)]) as twin:
        ours = json.dumps({"url": twin.url})
        for cursor in ("{", "[]", "null", ours, ours[:-1] + ', "since": [], "walk": 7}'):
            store.cursors.set("gerrit", cursor)
            mirror(twin, store, NOW)
            assert set(store.changes.updated(["demo/one"])) == {1}


@pytest.mark.parametrize("seconds", [10.0**9, 10.0**18, float("inf")])
def test_a_rest_of_ages_is_a_day_and_one_from_a_clock_that_was_ahead_is_over(store: Store, seconds: float) -> None:
    def busy(_: str | None) -> Iterator[Page]:
        raise SourceError("Later.", seconds)
        yield

    assert sync.once([Source("gerrit", busy)], store, lambda: NOW + AGE) == ["gerrit: Later."]
    assert store.cursors.rests("gerrit", NOW + AGE) == NOW + AGE + DAY
    assert store.cursors.rests("gerrit", NOW) is None


NO_TIMES = [*("9" * 20, "9" * 400, "-5", "soon", "Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 01 Jan 99999 00:00:00 GMT")]


@pytest.mark.parametrize("told", NO_TIMES)
def test_a_server_that_names_no_time_to_come_back_ends_in_a_sentence(store: Store, told: str) -> None:
    with GerritTwin([change_info(1)]) as twin:
        twin.retry_after = told
        twin.fail(*["429"] * 4)
        said = ["gerrit: 127.0.0.1 answered 429 Too Many Requests: Quota exceeded"]
        assert sync.once([source(twin, store, NOW)], store, lambda: NOW) == said


def test_a_source_left_alone_by_a_clock_that_was_ahead_is_asked_again() -> None:
    breaker = Breaker()
    for _ in range(3):
        breaker.note("gerrit", True, datetime(2099, 1, 1, tzinfo=UTC))
    assert breaker.is_open("gerrit", datetime(2099, 1, 1, tzinfo=UTC))
    assert not breaker.is_open("gerrit", NOW)
