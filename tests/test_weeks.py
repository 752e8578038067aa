"""Tests of mentorbot/recognition/weeks.py: from one shout-out to the next."""

from datetime import UTC, datetime, timedelta

import pytest

from mentorbot import config as settings
from mentorbot.errors import UserError
from mentorbot.recognition import weeks
from mentorbot.recognition.weeks import Week


def said_in(zone: str, day: str, time: str) -> settings.Config:
    return settings.parse(f'[community]\ntimezone = "{zone}"\n[shoutout]\nday = "{day}"\ntime = "{time}"')


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def running(config: settings.Config, now: datetime) -> Week:
    return weeks.after(config, weeks.last(config, now))


UTC_FRIDAY = said_in("UTC", "friday", "15:00")


def test_a_week_ends_at_its_moment_and_not_a_second_later() -> None:
    week_6 = Week("2026-W06", at("2026-01-30 15:00"), at("2026-02-06 15:00"))
    week_7 = Week("2026-W07", at("2026-02-06 15:00"), at("2026-02-13 15:00"))
    week_8 = Week("2026-W08", at("2026-02-13 15:00"), at("2026-02-20 15:00"))
    assert weeks.last(UTC_FRIDAY, at("2026-02-13 14:59:59")) == week_6
    assert running(UTC_FRIDAY, at("2026-02-13 14:59:59")) == week_7
    assert weeks.last(UTC_FRIDAY, at("2026-02-13 15:00")) == week_7
    assert running(UTC_FRIDAY, at("2026-02-13 15:00")) == week_8
    assert weeks.named(UTC_FRIDAY, "2026-W07") == weeks.named(UTC_FRIDAY, "2026-w7") == week_7


def test_weeks_follow_each_other_without_a_gap_over_years_and_clock_changes() -> None:
    for config in (
        UTC_FRIDAY,
        said_in("Europe/Paris", "sunday", "02:30"),  # left out in March, twice in October
        said_in("America/Santiago", "sunday", "00:00"),  # midnight itself is left out in September
        said_in("Pacific/Kiritimati", "monday", "00:10"),
        said_in("Pacific/Pago_Pago", "sunday", "23:50"),
    ):
        week = running(config, at("2024-12-01 00:00"))
        for _ in range(120):
            following = weeks.after(config, week)
            assert following.start == week.end
            assert running(config, week.end) == following
            assert weeks.last(config, week.end) == weeks.last(config, following.end - timedelta(seconds=1)) == week
            assert weeks.before(config, following) == weeks.named(config, week.name) == week
            week = following


def test_the_moment_stays_at_its_hour_when_the_clocks_change() -> None:
    paris = said_in("Europe/Paris", "friday", "15:00")
    assert running(paris, at("2026-03-27 15:00")).start == at("2026-03-27 14:00")
    assert running(paris, at("2026-03-27 15:00")).end == at("2026-04-03 13:00")


def test_an_hour_left_out_is_said_after_the_gap_and_one_that_comes_twice_the_first_time() -> None:
    paris = said_in("Europe/Paris", "sunday", "02:30")
    assert weeks.named(paris, "2026-W13").end == at("2026-03-29 01:30")  # 03:30 by the new time
    assert weeks.named(paris, "2026-W43").end == at("2026-10-25 00:30")


def test_a_week_is_named_by_the_iso_year_of_the_day_it_ends_on() -> None:
    assert running(UTC_FRIDAY, at("2027-01-01 14:00")).name == "2026-W53"


@pytest.mark.parametrize("name", ["", "friday", "2026-W54", "2026-W00", "0000-W01", "2026-07"])
def test_what_is_no_week_is_refused_with_how_to_write_one(name: str) -> None:
    with pytest.raises(UserError) as said:
        weeks.named(UTC_FRIDAY, name)
    assert str(said.value) == f'"{name}" is no week; write it as 2026-W07.'


def test_a_moment_is_spoken_in_the_zone_of_the_community() -> None:
    assert weeks.spoken(said_in("Europe/Paris", "friday", "15:00"), at("2026-02-13 14:00")) == (
        "Friday 13 February, 15:00 CET"
    )
