"""The outgoing queue: folding, the pace, fairness, and what is dropped."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.bucket import Bucket
from mentorbot.chat.pace import STALE, WAITING_FOR_ONE, WAITING_IN_ALL, Pace, fold


class Seconds:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def always(_: str) -> bool:
    return True


def wide(_: str) -> int:
    return 400


def drain(pace: Pace, ready: Callable[[str], bool] = always, room: Callable[[str], int] = wide) -> list[str]:
    return [f"{line.target} {line.words}" for line in iter(lambda: pace.take(ready, room), None)]


def test_a_burst_goes_at_once_and_then_the_rate_rules(seconds: Seconds) -> None:
    pace = Pace(rate=2, burst=3, now=seconds)
    pace.put("#c", "abcdef")
    assert drain(pace) == ["#c a", "#c b", "#c c"]
    assert pace.wait(always) == 0.5
    seconds.now = 0.5
    assert drain(pace) == ["#c d"]
    seconds.now = 60
    assert drain(pace) == ["#c e", "#c f"]
    assert pace.wait(always) is None


def test_the_burst_does_not_grow_while_nothing_is_said(seconds: Seconds) -> None:
    bucket = Bucket(rate=1, burst=2, now=seconds)
    seconds.now = 1000
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_each_target_has_its_turn(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=6, now=seconds)
    pace.put("#c", ["1", "2", "3", "4"])
    pace.put("alice", ["a"])
    pace.put("bob", ["x", "y"])
    assert drain(pace) == ["#c 1", "alice a", "bob x", "#c 2", "bob y", "#c 3"]


def test_a_long_line_does_not_keep_others_waiting(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=10, now=seconds)
    pace.put("#c", ["aaaa bbbb cccc"])
    pace.put("alice", ["hi"])
    assert drain(pace, room=lambda _: 5) == ["#c aaaa", "alice hi", "#c  bbbb", "#c  cccc"]


def test_a_target_that_cannot_be_spoken_to_holds_nobody_up(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=10, now=seconds)
    pace.put("#away", ["later"])
    pace.put("#c", ["now"])
    assert drain(pace, ready=lambda target: target == "#c") == ["#c now"]
    assert pace.wait(lambda target: target == "#c") is None
    assert drain(pace) == ["#away later"]


def test_what_waited_too_long_is_dropped_and_the_log_says_so(
    seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    pace = Pace(rate=1, burst=10, now=seconds)
    pace.put("#c", ["old", "older"])
    seconds.now = STALE
    pace.put("#c", ["new"])
    seconds.now = STALE + 1
    assert drain(pace) == ["#c new"]
    assert caplog.messages == ["Given up after 5 minutes: 2 lines for #c."]


def test_too_much_for_one_target_is_refused_whole_and_the_log_says_so(
    seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    pace = Pace(rate=1, burst=1, now=seconds)
    assert pace.put("#c", ["x"] * WAITING_FOR_ONE)
    assert pace.put("alice", ["z"])
    assert not pace.put("#c", ["y"])
    assert len(pace) == WAITING_FOR_ONE + 1
    assert caplog.messages == [f"Given up, for {WAITING_FOR_ONE + 1} wait already: 1 line for #c."]


def test_what_is_given_up_goes_back_to_who_had_it_said(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=1, now=seconds)
    given_back: list[tuple[str, list[str]]] = []

    def put(target: str, name: str, *lines: str) -> None:
        pace.put(target, lines, unsaid=lambda words: given_back.append((name, words)))

    put("#c", "stale", "one two", "three")
    assert pace.take(always, lambda _: 4)
    seconds.now = STALE + 1
    put("#c", "too many", *["x"] * (WAITING_IN_ALL + 1))
    put("#c", "first", "a", "b")
    put("#c", "second", "c")
    assert drain(pace) == ["#c a"]
    assert pace.close() == 2
    put("#c", "late", "d")
    assert given_back == [
        ("too many", ["x"] * (WAITING_IN_ALL + 1)),
        ("stale", [" two", "three"]),
        ("second", ["c"]),
        ("first", ["b"]),
        ("late", ["d"]),
    ]
    assert pace.wait(always) is None


def test_the_pace_can_change(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=1, now=seconds)
    pace.put("#c", "abcdefgh")
    assert drain(pace) == ["#c a"]
    pace.change(rate=2, burst=3)
    assert pace.wait(always) == 0.5
    seconds.now = 60
    assert drain(pace) == ["#c b", "#c c", "#c d"]


def test_one_long_answer_fits_an_empty_queue(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=1, now=seconds)
    assert pace.put("#c", ["x"] * (WAITING_FOR_ONE + 1))
    assert not pace.put("alice", ["x"] * WAITING_IN_ALL)


def test_said_belongs_to_the_last_piece_of_the_last_line(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=10, now=seconds)
    said: list[str] = []
    pace.put("#c", ["one", "two words"], lambda: said.append("done"))
    lines = list(iter(lambda: pace.take(always, lambda _: 4), None))
    assert [(line.words, line.said is not None) for line in lines] == [
        ("one", False),
        ("two", False),
        (" wor", False),
        ("ds", True),
    ]


def test_nothing_to_say_is_said_at_once(seconds: Seconds) -> None:
    said: list[str] = []
    assert Pace(rate=1, burst=1, now=seconds).put("#c", ["", "\x02\x0f"], lambda: said.append("done"))
    assert said == ["done"]


def test_control_codes_and_line_ends_never_pass(seconds: Seconds) -> None:
    pace = Pace(rate=1, burst=10, now=seconds)
    pace.put("#c", ["a\r\nQUIT :\x00b \x0304red\x03 \x01ACTION\x01"])
    assert drain(pace) == ["#c a QUIT :b red ACTION"]


def folded(words: str, room: int) -> list[str]:
    """All the lines that words are said in."""
    lines = []
    while words:
        line, words = fold(words, room)
        lines.append(line)
    return lines


def test_lines_are_cut_before_a_space_where_one_is_near() -> None:
    assert folded("one two three", 9) == ["one two", " three"]
    assert folded("one twothreefour", 9) == ["one twoth", "reefour"]


def test_a_line_never_looks_like_a_command_for_another_bot() -> None:
    assert folded("!starter docs", 400) == ["» !starter docs"]
    assert folded(".help", 400) == ["» .help"]
    assert folded("say it with !starter", 12) == ["say it with", "» !starter"]
    assert folded("(nothing) to quote", 400) == ["(nothing) to quote"]
    assert folded('"nothing"', 400) == ['"nothing"']


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param("e\u0301", id="a letter and its accent"),
        pytest.param("\U0001f469\u200d\U0001f4bb", id="joined emoji"),
        pytest.param("\U0001f44d\U0001f3fd", id="a skin tone"),
        pytest.param("\U0001f1eb\U0001f1f7", id="a flag"),
        pytest.param("\u0928\u093f", id="a vowel sign"),
    ],
)
def test_a_letter_is_never_split_from_its_marks(letter: str) -> None:
    for room in range(20, 40):
        lines = folded(letter * 20, room)
        assert "".join(lines) == letter * 20
        assert [line.replace(letter, "") for line in lines] == [""] * len(lines)


def test_a_heap_of_marks_is_cut_all_the_same() -> None:
    heap = "a" + "\u0301" * 100
    lines = folded(heap, 50)
    assert "".join(lines) == heap
    assert max(len(line.encode()) for line in lines) <= 50


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="»"), max_size=600), st.integers(60, 420))
def test_folded_lines_fit_and_are_whole(words: str, room: int) -> None:
    lines = folded(words, room)
    assert "".join(lines).replace("»", "").replace(" ", "") == words.replace(" ", "")
    assert all(0 < len(line.encode()) <= room for line in lines)
