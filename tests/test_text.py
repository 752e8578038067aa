"""Tests of mentorbot/text.py."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.text import age, ago, count, left, listed, plain, shorten
from tests.builders import NOW


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Fix  the\tlog", "Fix the log"),
        ("one\r\nQUIT :bye\u2028two\x85three", "one QUIT :bye two three"),
        ("\x02bold\x02 \x1ditalic\x1d \x1fline\x1f \x0304,12red\x03 \x04ff0000hex\x0f", "bold italic line red hex"),
        ("a \x00 b\x7fc", "a bc"),
        ("evil \u202egnp.exe\u2066 \u200bzero\ufeff", "evil gnp.exe zero"),
        ("soft\xad hy\U000e0041phen\u180e\u2063", "soft hyphen"),
        ("half \ud83d a pair", "half a pair"),
        ("naïve 日本語 🐟", "naïve 日本語 🐟"),
        (" \x01 ", ""),
    ],
)
def test_a_text_from_outside_becomes_one_safe_line(said: str, heard: str) -> None:
    assert plain(said) == heard


def test_of_all_characters_none_is_said_that_nobody_sees() -> None:
    said = plain("".join(map(chr, range(0x110000))))
    unseen = {letter for letter in said if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    # Signs around numbers and hieroglyphs, which are drawn.
    drawn = [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)]
    assert unseen <= set(map(chr, drawn))
    assert set(" \n\t\u3164\u115f\u034f\u17b4") & set(said) == {" "}


@given(st.text(st.characters()))
def test_a_safe_line_stays_as_it_is(said: str) -> None:
    once = plain(said)
    assert plain(once) == once
    assert once.encode().decode() == once
    assert once.split() == once.split(" ") or once == ""


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("as long as allowed", 18, "as long as allowed"),
        ("cut at a word, if you can", 20, "cut at a word, if…"),
        ("no comma before, the dots", 17, "no comma before…"),
        ("x" * 30, 10, "x" * 9 + "…"),
        ("", 10, ""),
        ("ab", 1, "…"),
    ],
)
def test_a_long_text_is_cut_at_a_word(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_is_never_longer_than_asked(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= width


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=1), "an hour"),
        (timedelta(days=9), "9 days"),
        (timedelta(days=91), "91 days"),
        (timedelta(days=92), "3 months"),
        (timedelta(days=500), "16 months"),
        (timedelta(days=1200), "3 years"),
        (timedelta(days=-4), "a moment"),
    ],
    ids=str,
)
def test_an_age_has_one_unit(lasted: timedelta, said: str) -> None:
    assert age(NOW - lasted, NOW) == said


def test_what_was_in_this_minute_was_just_now() -> None:
    assert ago(NOW - timedelta(seconds=59), NOW) == "just now"
    assert ago(NOW + timedelta(seconds=59), NOW) == "just now"
    assert ago(NOW - timedelta(seconds=60), NOW) == "a minute ago"


def test_a_number_comes_with_its_noun() -> None:
    assert [count(n, "bug") for n in (0, 1, 2, 1234)] == ["no bugs", "1 bug", "2 bugs", "1,234 bugs"]
    assert [count(n, "reply", "replies") for n in (0, 1, 2)] == ["no replies", "1 reply", "2 replies"]


def test_words_are_listed_as_people_do() -> None:
    assert [listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (timedelta(days=14) - timedelta(minutes=4), "14 days"),
        (timedelta(days=3) - timedelta(seconds=50), "3 days"),
        (timedelta(days=13, hours=23), "13 days"),
        (timedelta(hours=5, minutes=20), "5 hours"),
        (timedelta(minutes=20), "20 minutes"),
        (-timedelta(days=3), "a moment"),
    ],
)
def test_what_is_left_is_told_to_the_nearest_hour(rest: timedelta, said: str) -> None:
    assert left(NOW + rest, NOW) == said
