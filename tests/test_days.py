"""Tests of mentorbot/days.py: what people write when they say on which days they are away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.days import FORMS, off, spoken
from mentorbot.errors import UserError

TODAY = date(2026, 2, 13)
"""A Friday."""
WEDNESDAY = date(2026, 2, 11)


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
        ("this afternoon", "on Friday 2026-02-13"),
        ("tomorrow", "on Saturday 2026-02-14"),
        ("Tomorrow!", "on Saturday 2026-02-14"),
        ("the day after tomorrow", "on Sunday 2026-02-15"),
        ("today and tomorrow", "from Friday 2026-02-13 to Saturday 2026-02-14"),
        ("monday", "on Monday 2026-02-16"),
        ("on Thurs.", "on Thursday 2026-02-19"),
        ("friday", "on Friday 2026-02-20"),
        ("this friday", "on Friday 2026-02-13"),
        ("next monday", "on Monday 2026-02-16"),
        ("next friday", "on Friday 2026-02-20"),
        ("this week", "from Friday 2026-02-13 to Sunday 2026-02-15"),
        ("next week", "from Monday 2026-02-16 to Sunday 2026-02-22"),
        ("the week after next", "from Monday 2026-02-23 to Sunday 2026-03-01"),
        ("the weekend", "from Saturday 2026-02-14 to Sunday 2026-02-15"),
        ("next month", "from Sunday 2026-03-01 to Tuesday 2026-03-31"),
        ("all of february", "from Friday 2026-02-13 to Saturday 2026-02-28"),
        ("in march", "from Sunday 2026-03-01 to Tuesday 2026-03-31"),
        ("next year", "from Friday 2027-01-01 to Friday 2027-12-31"),
        ("december", "from Tuesday 2026-12-01 to Thursday 2026-12-31"),
    ],
)
def test_a_day_or_a_week_or_a_month_alone_is_itself(text: str, days: str) -> None:
    assert understood(text) == days


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("until friday", "Friday 2026-02-20"),
        ("I am away until tuesday, please", "Tuesday 2026-02-17"),
        ("till tomorrow", "Saturday 2026-02-14"),
        ("until next week", "Sunday 2026-02-15"),
        ("until the end of next week", "Sunday 2026-02-22"),
        ("the rest of the month", "Saturday 2026-02-28"),
        ("until the end of the year", "Thursday 2026-12-31"),
        ("until march", "Saturday 2026-02-28"),
        ("end of march", "Tuesday 2026-03-31"),
        ("3 days", "Sunday 2026-02-15"),
        ("for a week", "Thursday 2026-02-19"),
        ("the next two weeks", "Thursday 2026-02-26"),
        ("a couple of weeks", "Thursday 2026-02-26"),
        ("a month", "Saturday 2026-03-14"),
        ("2026-12-20", "Sunday 2026-12-20"),
        ("2026-3-1.", "Sunday 2026-03-01"),
        ("20 december", "Sunday 2026-12-20"),
        ("the 20th of Dec", "Sunday 2026-12-20"),
        ("december 20, 2027", "Monday 2027-12-20"),
        ("fri 20 feb", "Friday 2026-02-20"),
        ("20/12", "Sunday 2026-12-20"),
        ("2/20/26", "Friday 2026-02-20"),
        ("20.12.", "Sunday 2026-12-20"),
        ("5/5", "Tuesday 2026-05-05"),
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
        ("from 20 december to 6 january", "from Sunday 2026-12-20 to Wednesday 2027-01-06"),
        ("Dec 20 – Jan 6", "from Sunday 2026-12-20 to Wednesday 2027-01-06"),
        ("from 20 december for two weeks", "from Sunday 2026-12-20 to Saturday 2027-01-02"),
        ("a week from monday", "from Monday 2026-02-16 to Sunday 2026-02-22"),
        ("from monday to friday", "from Monday 2026-02-16 to Friday 2026-02-20"),
        ("between monday and wednesday", "from Monday 2026-02-16 to Wednesday 2026-02-18"),
        ("tomorrow till monday", "from Saturday 2026-02-14 to Monday 2026-02-16"),
        ("from monday until march", "from Monday 2026-02-16 to Saturday 2026-02-28"),
        ("march to may", "from Sunday 2026-03-01 to Sunday 2026-05-31"),
        ("from 20 to 27 february", "from Friday 2026-02-20 to Friday 2026-02-27"),
        ("feb 20-27", "from Friday 2026-02-20 to Friday 2026-02-27"),
    ],
)
def test_from_a_day_to_another(text: str, days: str) -> None:
    assert understood(text) == days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3/4", '"3/4" may be Wednesday 2026-03-04 or Friday 2026-04-03: please say which, as a date.'),
        ("next friday", '"next friday" may be Friday 2026-02-13 or Friday 2026-02-20: please say which, as a date.'),
        (
            "until next weekend",
            '"next weekend" may be Saturday 2026-02-14 or Saturday 2026-02-21: please say which, as a date.',
        ),
        ("10 february", '"10 february" is just over: please say it with its year, if you mean the next.'),
        ("monday 17 february", "2026-02-17 is a Tuesday: please say which day you mean."),
        ("from monday", 'Until when? Say "from monday until" and a day, too.'),
    ],
)
def test_what_could_be_another_day_is_asked_back(text: str, said: str) -> None:
    assert understood(text, WEDNESDAY) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "2026-02-12 is past"),
        ("2026-02-12", "2026-02-12 is past"),
        ("march 2025", "2025-03-31 is past"),
        ("2026-01-01 2026-01-02", "2026-01-02 is past"),
        ("2026-03-02 2026-03-01", "2026-03-01 is before 2026-03-02"),
    ],
)
def test_what_is_over_is_told(text: str, said: str) -> None:
    assert understood(text) == f"{said}; say until which day you are away."


@pytest.mark.parametrize("text", ["2026-02-30", "31 february", "0000-01-01", "2026-13-01"])
def test_days_that_there_are_not_are_told(text: str) -> None:
    assert understood(text) == f'There is no "{text}". Say which days as {FORMS}.'


@pytest.mark.parametrize(
    "text",
    [
        "soon", "forever", "until further notice", "a few days", "in 3 days", "3 days ago", "0 days", "10", "13/13",
        "december 9999", "9999-12-31 for 3 days", "2026-03-01 2026-03-02 2026-03-03", "until", "from", "32 fish",
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
        assert str(error).endswith((".", "too."))
    else:
        assert first <= last and today <= last
