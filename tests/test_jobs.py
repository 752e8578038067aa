"""Tests of mentorbot/jobs.py: what is due is done once, whoever asks and how often."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mentorbot import config as settings
from mentorbot import jobs, loader
from mentorbot.models import Credit, Who
from mentorbot.store import Store
from tests.builders import NOW, activity, bug, days_ago

Ask = Callable[..., list[str]]
MOMENT = NOW.replace(hour=15, minute=0)
SECOND = timedelta(seconds=1)
LINES = [
    "Thanks from Harbour for quiet work that helped this week:",
    "• bob is thanked for the map.",
    "Who helped you? Say !thanks NICK for what they did, and I keep it for next time.",
]


@pytest.fixture
def due(config: settings.Config, store: Store, loaded: loader.Loaded) -> Callable[[datetime], list[list[str]]]:
    """Ask what is due at a moment; gives what is then said."""

    def ask(now: datetime) -> list[list[str]]:
        jobs.due(store, config, loaded.hooks, now)
        return [letter.lines for letter in store.outbox.take(now)]

    return ask


def thank_bob(store: Store) -> None:
    store.people.choose("account:bob", "in", NOW)
    store.credits.add([Credit("account:bob", "bob", "thanks", "the map", "", days_ago(1), "account:alice")])


Due = Callable[[datetime], list[list[str]]]


def test_a_talk_that_nobody_goes_on_with_is_forgotten_after_30_days(due: Due, store: Store) -> None:
    ann, ben = Who("ann"), Who("ben")
    store.talks.keep(ann, "niche", {"minutes": 30}, NOW)
    store.talks.keep(ben, "niche", {"minutes": 30}, NOW + SECOND)
    due(NOW + timedelta(days=30) + SECOND)
    assert [store.talks.of(who.key, "niche") for who in (ann, ben)] == [None, {"minutes": 30}]


def test_the_shoutout_is_said_at_its_moment_once(due: Due, store: Store) -> None:
    thank_bob(store)
    said = [due(MOMENT + n * SECOND) for n in (-2, -1, 0, 1, 2, 3600)]
    assert said == [[], [], [LINES], [], [], []]


def test_what_the_mirrors_show_is_said_too(due: Due, store: Store) -> None:
    store.people.choose("launchpad:tess", "in", NOW)
    store.save([*bug(12, "Crash"), activity(12, "tess", "harbour: status", "New", "Confirmed")])
    assert due(MOMENT)[0][1] == (
        "• tess found out that LP#12 is real, “Crash”. https://bugs.harbour.example/harbour/+bug/12"
    )


def test_once_it_is_said_the_mirrors_are_not_searched_again(due: Due, store: Store) -> None:
    due(MOMENT)
    store.save([*bug(12), activity(12, "tess", "harbour: status", "New", "Confirmed")])
    due(MOMENT + SECOND)
    assert store.credits.between(days_ago(9), MOMENT) == []


def test_each_channel_hears_it(store: Store, config: settings.Config, loaded: loader.Loaded) -> None:
    thank_bob(store)
    two = config.model_copy(update={"shoutout": settings.Shoutout(channels=("#mentors", "#harbour"))})
    jobs.due(store, two, loaded.hooks, MOMENT)
    assert [(x.target, x.lines) for x in store.outbox.take(NOW)] == [("#mentors", LINES), ("#harbour", LINES)]


def test_a_bot_that_was_down_says_it_within_a_day(due: Due, store: Store) -> None:
    thank_bob(store)
    assert due(MOMENT + timedelta(hours=24)) == [LINES]


def test_after_a_day_it_is_left_out_and_the_operator_hears_so_once(
    due: Due, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    thank_bob(store)
    assert due(MOMENT + timedelta(hours=24) + SECOND) == []
    assert due(MOMENT + timedelta(hours=25)) == []
    assert caplog.messages == [
        "The shout-out of 2026-W07 was due at 2026-02-13T15:00:00+00:00, when I was not running, and is now left out;"
        " 1 contribution was recorded for it."
    ]


def test_a_new_bot_does_not_speak_of_weeks_before_its_time(due: Due, caplog: pytest.LogCaptureFixture) -> None:
    assert due(NOW) == []
    assert caplog.messages == []


def test_when_nobody_can_be_named_the_operator_hears_why(
    due: Due, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.credits.add([Credit("nick:dan", "dan", "thanks", "the map", "", days_ago(1), "account:alice")])
    assert due(MOMENT) == due(MOMENT + SECOND) == []
    assert caplog.messages == [
        "Nothing is said for 2026-W07: 1 contribution is recorded, but nobody who made them has agreed to be named yet;"
        " !optin agrees."
    ]


def test_consent_withdrawn_just_before_the_moment_is_respected(due: Due, ask: Ask, store: Store) -> None:
    thank_bob(store)
    assert LINES[1] in ask("!shoutout preview", account="boss")
    ask("!optout", account="bob")
    assert due(MOMENT) == []


def test_what_was_posted_by_hand_is_not_said_again(due: Due, ask: Ask, store: Store) -> None:
    thank_bob(store)
    ask("!shoutout post", account="boss")
    assert due(MOMENT) == [LINES]  # the letter that was waiting, and no second one
    assert due(MOMENT + SECOND) == []


def test_threads_and_processes_that_ask_at_the_same_moment_say_it_once(
    tmp_path: Path, config: settings.Config, loaded: loader.Loaded
) -> None:
    stores = [Store(tmp_path / "shared.db") for _ in range(4)]  # as four processes have it: each its own connections
    thank_bob(stores[0])
    together = threading.Barrier(8)

    def ask(store: Store) -> None:
        together.wait(10)
        jobs.due(store, config, loaded.hooks, MOMENT)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, stores * 2))
    assert [letter.lines for letter in stores[0].outbox.take(MOMENT)] == [LINES]
    for store in stores:
        store.close()


def test_a_fault_while_it_is_written_leaves_the_week_to_be_said(
    due: Due, store: Store, config: settings.Config, loaded: loader.Loaded
) -> None:
    thank_bob(store)
    store.db.execute("create trigger full before insert on outbox begin select raise(abort, 'disk full'); end")
    with pytest.raises(Exception, match="disk full"):
        due(MOMENT)
    store.db.execute("drop trigger full")
    assert due(MOMENT + SECOND) == [LINES]


def test_a_plugin_that_fails_costs_nobody_their_thanks(
    tmp_path: Path, store: Store, config: settings.Config, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.py").write_text(
        '"""Fails."""\nfrom mentorbot import hookimpl\n\n\n@hookimpl\ndef evidence(since):\n    yield 1 / 0\n'
    )
    broken = loader.load(config.model_copy(update={"plugins": settings.Plugins(folder=str(tmp_path))}))
    thank_bob(store)
    jobs.due(store, config, broken.hooks, MOMENT)
    assert [letter.lines for letter in store.outbox.take(MOMENT)] == [LINES]
    assert [(r.levelno, r.exc_info is not None) for r in caplog.records] == [(logging.ERROR, True)]


def test_without_a_channel_nothing_is_due(store: Store, config: settings.Config, loaded: loader.Loaded) -> None:
    nowhere = config.model_copy(update={"shoutout": settings.Shoutout()})
    jobs.due(store, nowhere, loaded.hooks, MOMENT)
    assert store.outbox.is_done("shoutout 2026-W07") is False


def test_a_text_for_somebody_who_is_not_seen_for_90_days_is_given_up(
    store: Store, config: settings.Config, loaded: loader.Loaded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mentorbot.jobs")
    old = store.outbox.put("account:ada", ["LP#7 is yours."], NOW)
    store.outbox.put("account:ada", ["Somebody thanked you."], NOW + timedelta(days=1))
    store.outbox.put("#mentors", ["Good morning."], NOW)
    jobs.due(store, config, loaded.hooks, NOW + timedelta(days=90))
    assert caplog.messages == []
    for _ in range(2):
        jobs.due(store, config, loaded.hooks, NOW + timedelta(days=90, minutes=1))
    assert caplog.messages == ["1 text for people who were not seen for 90 days: given up."]
    letters = store.outbox.take(NOW + timedelta(days=91), ["account:ada"])
    assert [letter.lines for letter in letters] == [["Somebody thanked you."], ["Good morning."]]
    assert not any("LP#7" in row["lines"] for row in store.rows("select lines from outbox"))
    assert store.outbox.withdraw(old)
