"""Tests of mentorbot/clock.py."""

from datetime import UTC, datetime, timedelta

import pytest

from mentorbot import clock


def test_the_machines_time_is_aware_and_utc() -> None:
    assert clock.system().tzinfo is UTC


def test_a_clock_set_to_a_moment_runs_on_from_there() -> None:
    moment = datetime(2026, 2, 13, 15, 0, tzinfo=UTC)
    now = clock.starting_at(moment)
    first, second = now(), now()
    assert moment <= first <= second < moment + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-13", datetime(2026, 2, 13, tzinfo=UTC)),
        ("2026-02-13T15:00", datetime(2026, 2, 13, 15, tzinfo=UTC)),
        ("2026-02-13T15:00+02:00", datetime(2026, 2, 13, 13, tzinfo=UTC)),
        ("2026-02-13T15:00:01.5Z", datetime(2026, 2, 13, 15, 0, 1, 500000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_utc_where_it_names_no_zone(text: str, moment: datetime) -> None:
    read = clock.parse(text)
    assert (read, read.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("text", ["", "friday", "2026-02-30", "0001-01-01T00:00+01:00", "9999-12-31T23:59-01:00"])
def test_what_is_no_moment_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        clock.parse(text)
