"""Tests of mentorbot/hours.py and store/hours.py: when a channel is awake, without a word of who was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mentorbot.config import Config
from mentorbot.hours import Company, awake
from mentorbot.store import Store
from tests.builders import NOW
from tests.people import Server
from tests.test_app import running

HOUR = NOW.replace(minute=0)


def test_the_second_person_of_an_hour_makes_it_a_talk_once() -> None:
    company = Company()
    said = [("#c", "ann", 0), ("#C", "ann", 1), ("#d", "ben", 2), ("#C", "ben", 3), ("#c", "cat", 4), ("#c", "ann", 5)]
    told = [company.joined(channel, who, NOW + timedelta(minutes=m)) for channel, who, m in said]
    assert told == [None, None, None, HOUR, None, None]


def test_in_the_next_hour_one_alone_is_no_talk_again() -> None:
    company = Company()
    moments = [("ann", 0), ("ben", 29), ("ann", 30), ("ann", 60), ("ben", 70)]
    told = [company.joined("#c", who, NOW + timedelta(minutes=m)) for who, m in moments]
    assert told == [None, HOUR, None, None, HOUR + timedelta(hours=1)]


def talks(*hours: int, days: int, skip: Callable[[datetime], bool] = lambda _: False) -> list[datetime]:
    """Talks at these hours of each of the days before today."""
    midnight = NOW.replace(hour=0, minute=0)
    found = [midnight - timedelta(days=day) + timedelta(hours=hour) for day in range(1, days + 1) for hour in hours]
    return sorted(hour for hour in found if not skip(hour))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ([], ""),
        (talks(9, 10, days=2), ""),
        (talks(9, 10, days=3), "mostly from 09:00 to 11:00 UTC; it is Friday, 14:30 UTC now"),
        (talks(9, 11, days=3), "mostly from 09:00 to 12:00 UTC; it is Friday, 14:30 UTC now"),
        (talks(22, 23, 0, 1, days=3), "mostly from 22:00 to 02:00 UTC; it is Friday, 14:30 UTC now"),
        (
            talks(0, 8, 9, 15, days=3),
            "mostly from 00:00 to 01:00 UTC, from 08:00 to 10:00 UTC and from 15:00 to 16:00 UTC;"
            " it is Friday, 14:30 UTC now",
        ),
        (talks(*range(24), days=3), "mostly at all hours; it is Friday, 14:30 UTC now"),
        (
            talks(9, days=8) + talks(10, days=4) + talks(11, days=3),
            "mostly from 09:00 to 11:00 UTC; it is Friday, 14:30 UTC now",
        ),
        (
            talks(9, days=16, skip=lambda hour: hour.weekday() > 4),
            "mostly from 09:00 to 10:00 UTC, Monday to Friday; it is Friday, 14:30 UTC now",
        ),
        (
            talks(9, days=12, skip=lambda hour: hour.weekday() > 4),
            "mostly from 09:00 to 10:00 UTC; it is Friday, 14:30 UTC now",
        ),
    ],
)
def test_the_usual_hours_are_said_in_utc(hours: list[datetime], said: str) -> None:
    assert awake(hours, NOW, UTC) == said


def test_the_usual_hours_are_those_of_the_communitys_clocks() -> None:
    told = "mostly from 07:00 to 09:00 JST, Monday to Friday; it is Friday, 23:30 JST now"
    hours = talks(22, 23, days=16, skip=lambda hour: hour.weekday() in (4, 5))
    assert awake(hours, NOW, ZoneInfo("Asia/Tokyo")) == told


def test_four_weeks_are_kept_a_channel_and_nothing_but_the_hours(store: Store) -> None:
    for days in (30, 27, 1):
        store.hours.add("#Mentors", HOUR - timedelta(days=days))
    store.hours.add("#mentors", HOUR - timedelta(days=1))
    store.hours.add("#other", HOUR)
    assert store.hours.of("#MENTORS", NOW) == [HOUR - timedelta(days=27), HOUR - timedelta(days=1)]
    assert [set(row) for row in store.rows("select * from hours")] == [{"channel", "hour"}] * 3


@pytest.mark.parametrize(
    ("lines", "observed"),
    [
        ((":ann!a@h PRIVMSG #Mentors :hello", ":ben!b@h PRIVMSG #mentors :hi"), ["2026-02-13T14:00:00.000000"]),
        ((":ann!a@h PRIVMSG #mentors :hello", ":ann!a@h PRIVMSG #Mentors :nobody here?"), []),
        ((":ann!a@h PRIVMSG #mentors :hello", "@bot :r2!r@h PRIVMSG #mentors :news"), []),
        ((":ann!a@h PRIVMSG #mentors :hello", ":mentorbot!b@h PRIVMSG #mentors :hello"), []),
    ],
    ids=["two people", "one alone", "one and a robot", "one and the bot itself"],
)
def test_what_people_say_in_a_channel_is_observed_and_what_programs_say_is_not(
    config: Config, tmp_path: Path, server: Server, lines: tuple[str, ...], observed: list[str]
) -> None:
    store = Store(tmp_path / "bot.db")
    silent = {"welcome_off": ("#mentors",)}
    config = config.model_copy(update={"irc": config.irc.model_copy(update=silent)})
    with running(config, store, ("127.0.0.1", server.port)), server.welcome("#mentors", "mentorbot") as peer:
        peer.send(*lines, ":ann!a@h PRIVMSG #mentors :!why 1")
        peer.until("^WHOIS ann")
        peer.send(":srv 318 mentorbot ann :End")
        peer.until("^PRIVMSG #mentors :ann: I have not suggested")
    assert store.rows("select * from hours") == [{"channel": "#mentors", "hour": hour} for hour in observed]
    store.close()
