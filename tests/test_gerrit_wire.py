"""One GET that fails in every way a server can."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from mentorbot.sources.gerrit_wire import Timeouts, Unanswered, anonymous, get
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info

NOW = datetime(2026, 2, 13, 15, 0, tzinfo=UTC)
HASTY = Timeouts(connect=5, read=1, whole=1.5)


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    with GerritTwin([change_info(1)]) as twin:
        yield twin


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with anonymous("mentorbot/1 (tests)") as session:
        yield session


def ask(session: requests.Session, url: str, **query: Any) -> Any:
    return get(session, url, query, lambda: NOW, HASTY)


def told(error: Unanswered) -> tuple[str, float | None, bool, bool]:
    return str(error), error.retry_after, error.again, error.heavy


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("500", ("127.0.0.1 answered 500 Internal Server Error: Internal server error", None, True, True)),
        ("502", ("127.0.0.1 answered 502 Bad Gateway: Internal server error", None, True, True)),
        ("503", ("127.0.0.1 answered 503 Service Unavailable: Internal server error", None, True, True)),
        ("504", ("127.0.0.1 answered 504 Gateway Timeout: Internal server error", None, True, True)),
        ("429", ("127.0.0.1 answered 429 Too Many Requests: Quota exceeded", 1.0, True, False)),
        ("hang", ("127.0.0.1 did not answer in time.", None, True, True)),
        ("drip", ("127.0.0.1 did not answer in time.", None, True, True)),
        ("reset", ("127.0.0.1 cannot be reached: Connection reset by peer.", None, True, False)),
        ("cut", ("127.0.0.1 broke off its answer.", None, True, False)),
        (
            "html",
            (
                "127.0.0.1 answered, but not as Gerrit does: <!DOCTYPE html><title>Please log in</title>",
                None,
                False,
                False,
            ),
        ),
        ("empty", ("127.0.0.1 answered, but not as Gerrit does: nothing at all", None, False, False)),
    ],
)
def test_a_failure_is_a_sentence_that_says_whether_to_try_again(
    twin: GerritTwin, session: requests.Session, fault: str, expected: tuple[object, ...]
) -> None:
    twin.fail(fault)
    with pytest.raises(Unanswered) as failure:
        ask(session, f"{twin.url}/changes/1")
    assert told(failure.value) == expected


def test_an_answer_that_ends_too_early_is_worth_another_try(twin: GerritTwin, session: requests.Session) -> None:
    twin.fail("truncated")
    with pytest.raises(Unanswered, match=r"^127\.0\.0\.1 broke off its answer: IncompleteRead") as failure:
        ask(session, f"{twin.url}/changes/1")
    assert failure.value.again


@pytest.mark.parametrize("fault", ["", "slow", "no-final-lf", "no-content-type"])
def test_an_odd_answer_is_still_an_answer(twin: GerritTwin, session: requests.Session, fault: str) -> None:
    twin.fail(fault)
    assert ask(session, f"{twin.url}/changes/1")["_number"] == 1


def test_a_refusal_keeps_the_servers_words_and_status_but_not_the_address(
    twin: GerritTwin, session: requests.Session
) -> None:
    with pytest.raises(Unanswered) as failure:
        ask(session, f"{twin.url}/changes/", q="colour:blue")
    expected = ("127.0.0.1 answered 400 Bad Request: Unsupported operator colour:blue", None, False, False)
    assert (told(failure.value), failure.value.status) == (expected, 400)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3600", 3600.0),
        ("Fri, 13 Feb 2026 15:02:00 GMT", 120.0),
        ("Fri, 13 Feb 2026 14:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    twin: GerritTwin, session: requests.Session, header: str, seconds: float | None
) -> None:
    twin.retry_after = header
    twin.fail("429")
    with pytest.raises(Unanswered) as failure:
        ask(session, f"{twin.url}/changes/1")
    assert failure.value.retry_after == seconds


def test_a_server_that_is_not_there_is_said_so(session: requests.Session) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(Unanswered) as failure:
            ask(session, f"http://127.0.0.1:{port}/changes/1")
    assert told(failure.value) == ("127.0.0.1 cannot be reached: Connection refused.", None, True, False)


def test_nobodys_password_and_no_proxy_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: requests.Session
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        port = server.getsockname()[1]
        with pytest.raises(Unanswered, match="did not answer in time"):
            ask(session, f"http://127.0.0.1:{port}/changes/1")
        connection, _ = server.accept()
        with connection:
            sent = connection.recv(4096).decode()
    names = [line.partition(":")[0] for line in sent.splitlines()[1:] if line]
    assert names == ["Host", "User-Agent", "Accept-Encoding", "Accept", "Connection"]
    assert "mentorbot/" in sent
