"""Tests of mentorbot/sources/manners.py."""

import pytest

from mentorbot.errors import SourceError
from mentorbot.sources.manners import cause, patiently, retry_after, server_time
from tests.builders import NOW


@pytest.mark.parametrize(
    ("rest", "tried", "waits"),
    [(None, 4, [(1, 2), (2, 3), (4, 5)]), (120.0, 4, [(120, 120)] * 3), (120.5, 1, [])],
)
def test_what_may_pass_is_tried_four_times_with_the_rest_the_server_names(
    rest: float | None, tried: int, waits: list[tuple[float, float]]
) -> None:
    asked, waited = [], list[float]()

    def ask() -> None:
        asked.append(1)
        raise SourceError("It is busy.", rest)

    with pytest.raises(SourceError, match="It is busy"):
        patiently(lambda error: True, waited.append)(ask)
    assert (len(asked), len(waited)) == (tried, len(waits))
    assert all(least <= seconds <= most for seconds, (least, most) in zip(waited, waits, strict=True))


def test_what_will_not_pass_is_tried_once() -> None:
    waited: list[float] = []
    with pytest.raises(ValueError, match="never"):
        patiently(lambda error: isinstance(error, SourceError), waited.append)(int, "never")
    assert waited == []


@pytest.mark.parametrize("header", ["", "soon", "-5", "Fri, 99 Feb 2026"])
def test_a_header_that_names_no_time_is_none(header: str) -> None:
    assert (retry_after(header, lambda: NOW), server_time(header)) == (None, None)


def wrapped(inner: Exception, *, hidden: bool) -> Exception:
    try:
        try:
            raise inner
        except Exception as error:
            raise ValueError("in a library's words") from (None if hidden else error)
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (wrapped(ConnectionRefusedError(111, "Connection refused"), hidden=False), "Connection refused"),
        (wrapped(ConnectionRefusedError(111, "Connection refused"), hidden=True), "in a library's words"),
        (wrapped(TimeoutError(), hidden=False), "it took too long"),
        (ValueError("It broke."), "It broke"),
        (ValueError(), "ValueError"),
    ],
    ids=str,
)
def test_a_cause_is_what_the_machine_said(error: Exception, said: str) -> None:
    assert cause(error) == said
