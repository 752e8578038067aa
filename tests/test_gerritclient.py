"""What gerritclient 1.2.0 does of itself, and what mentorbot makes of it: the traps that no test of a room shows.

Those that some room shows: no timeout, drips, no retries, Retry-After, broken bodies, the final LF, a missing
Content-Type, login pages, addresses in errors, netrc and proxies, headers (test_gerrit_wire.py, test_gerrit_faults.py,
test_gerrit.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from gerritclient import client

from mentorbot import config
from mentorbot.config import parse
from mentorbot.errors import ConfigError, SourceError
from mentorbot.sources import gerrit
from mentorbot.sources.gerrit_wire import Timeouts
from tests.builders import NOW
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    with GerritTwin([change_info(1, "demo/c++ & #1"), change_info(2, "demo/two words")]) as twin:
        yield twin


def server(url: str) -> gerrit.Server:
    settings = config.Gerrit(url=url, projects=("demo/c++ & #1", "demo/two words"))
    return gerrit.Server(settings, lambda: NOW, timeouts=Timeouts(5, 5, 5))


def numbers(rows: list[Any]) -> list[int]:
    return [row["_number"] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("label:Code-Review+2", []),
        ('project:"demo/c++ & #1"', [1]),
        ('project:"demo/two words" limit:5', [2]),
        ("status:open", [2, 1]),
    ],
)
def test_a_query_arrives_as_it_was_asked_and_alone(twin: GerritTwin, query: str, found: list[int]) -> None:
    """gerritclient quotes nothing, and takes a text for a list of letters, which makes the answer a list of lists."""
    assert numbers(server(twin.url).page(query, [])) == found
    assert [parse_qs(urlsplit(path).query)["q"] for path in twin.requests] == [[query]]


@pytest.mark.parametrize("answer", ["plain", "no list"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.page("status:open", []),
        lambda one: one.change(1),
        lambda one: one.comments(1),
    ],
    ids=["page", "change", "comments"],
)
def test_what_is_no_json_of_the_right_kind_is_a_failure_not_a_value(
    twin: GerritTwin, answer: str, ask: Callable[[gerrit.Server], object]
) -> None:
    """gerritclient gives the text of an answer in plain text in place of what was asked for."""
    twin.fail(answer)
    with pytest.raises(
        SourceError, match=r"not as Gerrit does: Not ready yet$|sent no (list of changes|change|comments)"
    ):
        ask(server(twin.url))


def test_whatever_the_network_does_is_one_kind_of_failure(twin: GerritTwin) -> None:
    """gerritclient lets the errors of requests, of json and of its own out, and Python's."""
    with pytest.raises(SourceError, match=r"^127\.0\.0\.1 has no certificate that can be trusted: "):
        server(twin.url.replace("http:", "https:")).page("status:open", [])
    with pytest.raises(SourceError, match=r"^nowhere\.invalid cannot be reached: "):
        server("http://nowhere.invalid").page("status:open", [])


def test_nothing_is_ever_sent_but_questions() -> None:
    """gerritclient keeps the headers of a POST for all that follows; mentorbot makes none."""
    sent = {"delete_request", "put_request", "post_request", "post_request_raw"}
    assert sent <= set(dir(client.APIClient))
    room = Path(gerrit.__file__).parent
    texts = [path.read_text() for path in room.glob("gerrit*.py")]
    assert not [word for word in sent for text in texts if word in text]


def test_a_file_in_the_working_folder_leads_nobody_elsewhere(
    twin: GerritTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gerritclient without a connection reads the environment, and `.env` where it stands."""
    monkeypatch.chdir(tmp_path)
    for name in ("GERRIT_URL", "URL", "GERRITCLIENT_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".env").write_text("url=http://127.0.0.1:9\nauth_type=basic\nusername=alice\npassword=secret\n")
    one = server(twin.url)
    assert numbers(one.page("status:open", [])) == [2, 1]
    assert one.change(1) and one.shows("demo/two words")
    assert len(twin.requests) == 3


def test_no_password_can_be_given_for_reading() -> None:
    """gerritclient takes a name and a password, and forgets them where no way to send them was named."""
    with pytest.raises(ConfigError, match="password"):
        parse('[gerrit]\nurl = "https://review.example.org"\nprojects = ["a"]\npassword = "secret"')


def test_names_arrive_as_they_are(twin: GerritTwin) -> None:
    """gerritclient puts an account's name into the address as it is."""
    one = server(twin.url)
    for name in ("a b/c?d#e", "100%", "alice"):
        one.account(name)
    paths = ["/accounts/a%20b%2Fc%3Fd%23e", "/accounts/100%25", "/accounts/alice"]
    assert twin.requests == paths
