"""Tests of mentorbot/days.py: what people write when they say on which days they are away."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.days import FORMS, off, spoken
from mentorbot.errors import UserError

TODAY = date(2026, 2, 13)
"""A Friday."""


def understood(text: str, today: date = TODAY) -> str:
    """The days as they are repeated, or what is said instead."""
    try:
        return spoken(off(text, today))
    except UserError as error:
        return str(error)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", "on Friday 2026-02-13"),
        ("Tomorrow!", "on Saturday 2026-02-14"),
        ("the day after tomorrow", "on Sunday 2026-02-15"),
        ("on monday", "on Monday 2026-02-16"),
        ("friday", "on Friday 2026-02-20"),
        ("this week", "from Friday 2026-02-13 to Sunday 2026-02-15"),
        ("next week", "from Monday 2026-02-16 to Sunday 2026-02-22"),
    ],
)
def test_a_name_alone_is_itself(text: str, days: str) -> None:
    assert understood(text) == days


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("until friday", "Friday 2026-02-20"),
        ("I am away until tuesday, please", "Tuesday 2026-02-17"),
        ("till tomorrow", "Saturday 2026-02-14"),
        ("3 days", "Monday 2026-02-16"),
        ("for a week", "Friday 2026-02-20"),
        ("two weeks", "Friday 2026-02-27"),
        ("for the next two weeks", "Friday 2026-02-27"),
        ("next 3 days", "Monday 2026-02-16"),
        ("2026-12-20", "Sunday 2026-12-20"),
        ("2026-3-1.", "Sunday 2026-03-01"),
        ("the 20th of Dec", "Sunday 2026-12-20"),
        ("december 20, 2026", "Sunday 2026-12-20"),
        ("fri 20 feb", "Friday 2026-02-20"),
        ("5 january", "Tuesday 2027-01-05"),
    ],
)
def test_a_time_or_a_last_day_begins_today(text: str, last: str) -> None:
    assert understood(text) == f"from Friday 2026-02-13 to {last}"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-12-20 2027-01-06", "from Sunday 2026-12-20 to Wednesday 2027-01-06"),
        ("from 2026-12-20 to 2027-01-06.", "from Sunday 2026-12-20 to Wednesday 2027-01-06"),
        ("Dec 20 – Jan 6", "from Sunday 2026-12-20 to Wednesday 2027-01-06"),
        ("from 20 december for two weeks", "from Sunday 2026-12-20 to Sunday 2027-01-03"),
        ("between monday and wednesday", "from Monday 2026-02-16 to Wednesday 2026-02-18"),
        ("tomorrow till monday", "from Saturday 2026-02-14 to Monday 2026-02-16"),
    ],
)
def test_from_a_day_to_another(text: str, days: str) -> None:
    assert understood(text) == days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "2026-02-12 is past"),
        ("2026-02-12", "2026-02-12 is past"),
        ("2026-01-01 2026-01-02", "2026-01-02 is past"),
        ("2026-03-02 2026-03-01", "2026-03-01 is before 2026-03-02"),
        ("10 february", "2027-02-10 is more than 350 days ahead"),
        ("9999-12-31", "9999-12-31 is more than 350 days ahead"),
    ],
)
def test_what_is_over_or_too_far_is_told(text: str, said: str) -> None:
    assert understood(text) == f"{said}; say until which day you are away."


@pytest.mark.parametrize(
    "text",
    [
        "soon", "forever", "until further notice", "10", "the 5th", "3/4", "20.12.", "2026-02-30", "31 february",
        "in march", "next month", "next year", "until", "from", "32 fish", "",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_the_forms(text: str) -> None:
    assert understood(text).endswith(f"Say which days as {FORMS}.")


def test_every_form_that_is_named_is_understood() -> None:
    forms = FORMS.replace(" or ", " ").split(", ")
    assert len(forms) == 6
    assert [form for form in forms if not understood(form).startswith(("on ", "from "))] == []


WORDS = """
until till to from for next this coming the end of rest weekend week month year day days weeks monday fri may february
dec tomorrow today yesterday a an two 3 13 20 31 99 999 20th 2026 9999 2026-12-20 0001-01-01 20/12 3.4. - and
"""


@given(text=st.lists(st.sampled_from(WORDS.split()), max_size=6).map(" ".join) | st.text(), ahead=st.integers(0, 800))
def test_whatever_is_said_comes_to_days_from_today_on_or_a_sentence(text: str, ahead: int) -> None:
    today = TODAY + timedelta(days=ahead)
    try:
        first, last = off(text, today)
    except UserError as error:
        assert str(error).endswith(".")
    else:
        assert first <= last and today <= last


@pytest.mark.parametrize("zone", ["Nowhere/At-All", "Pacific/Kiritimati"])
def test_the_machines_own_time_zone_is_not_asked_for(zone: str) -> None:
    said = "from datetime import date; from mentorbot.days import off; print(*off('until friday', date(2026, 2, 13)))"
    command, env = [sys.executable, "-c", said], os.environ | {"TZ": zone}
    assert subprocess.run(command, env=env, capture_output=True, text=True).stdout == "2026-02-13 2026-02-20\n"
