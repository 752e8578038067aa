"""The Gerrit twin answers, and fails, as reference says Gerrit does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import account, change_info


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    infos = [
        change_info(1, "demo/one", "alice", votes=[("Code-Review", "bob", 1), ("Verified", "zuul", 1)]),
        change_info(2, "demo/one", "bob", status="MERGED", votes=[("Verified", "zuul", -1)]),
        change_info(3, "demo/two", "bob", work_in_progress=True),
        change_info(4, "demo/two", "alice", status="ABANDONED"),
        change_info(5, "demo/two", "carol", is_private=True),
    ]
    with GerritTwin(infos) as twin:
        yield twin


def get(twin: GerritTwin, path: str, **query: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(twin.url + path, params=query, timeout=5)


def numbers(twin: GerritTwin, query: str, **more: Any) -> list[int]:
    rows = json.loads(get(twin, "/changes/", q=query, **more).text.removeprefix(")]}'"))
    return [row["_number"] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("project:demo/one", [2, 1]),
        ("projects:demo/", [4, 3, 2, 1]),
        ("project:^demo/t.*", [4, 3]),
        ("is:open", [3, 1]),
        ("status:merged OR status:abandoned", [4, 2]),
        ("owner:bob -is:wip", [2]),
        ("NOT is:open", [4, 2]),
        ("is:wip OR owner:alice project:demo/one", [3, 1]),
        ("(is:wip OR owner:alice) project:demo/one", [1]),
        ("owner:alice AND project:demo/two OR is:wip", [4, 3]),
        ('before:"2026-01-01 00:02:00"', [2, 1]),
        ('after:"2026-01-01 00:02:00"', [4, 3, 2]),
        ('after:"2026-01-01 00:02:00" before:"2026-01-01 00:03:00"', [3, 2]),
        ("label:Code-Review=1", [1]),
        ("label:Code-Review", [1]),
        ("label:Verified<=-1,user=zuul", [2]),
        ("label:Verified=0", [4, 3]),
        ("NOT label:Code-Review<=2", []),
        ("project:nowhere", []),
        ("is:private", []),
        ("change:5 OR change:4", [4]),
        ("limit:1 is:open", [3]),
    ],
)
def test_a_query_finds_what_gerrit_would(twin: GerritTwin, query: str, found: list[int]) -> None:
    assert numbers(twin, query) == found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"q": "colour:blue"}, "400 Unsupported operator colour:blue"),
        ({"q": "is:banana"}, "400 Unrecognized value: banana"),
        ({"q": "is:mergeable"}, "400 'is:mergeable' operator is not supported on this gerrit host"),
        ({"q": "after:banana"}, "400 Invalid date format: banana"),
        ({"q": "owner:self"}, "403 Must be signed-in to use this operator"),
        ({"q": ""}, "400 query is empty"),
        ({"q": "--is:open"}, "400 line 1:1 no viable alternative at input '-'"),
        ({"q": "(is:open"}, "400 line 1:8 mismatched input '<EOF>' expecting ')'"),
        ({"q": "is:open", "o": "EVERYTHING"}, '400 "EVERYTHING" is not a valid value for "-o"'),
        ({"q": "is:open", "n": "1", "S": "100"}, "400 Cannot go beyond page 100 of results"),
        ({"q": "is:open", "n": "x"}, '400 "x" is not a valid value for "-n"'),
    ],
)
def test_a_refusal_is_a_sentence_in_plain_text(twin: GerritTwin, query: dict[str, str], words: str) -> None:
    answer = get(twin, "/changes/", **query)
    assert f"{answer.status_code} {answer.text.strip()}" == words
    assert answer.headers["Content-Type"] == "text/plain;charset=utf-8"


def test_private_and_missing_changes_look_the_same(twin: GerritTwin) -> None:
    answers = [get(twin, f"/changes/{number}") for number in (5, 99)]
    assert [(a.status_code, a.text) for a in answers] == [(404, "Not found: 5\n"), (404, "Not found: 99\n")]


def test_fields_come_only_with_their_option(twin: GerritTwin) -> None:
    def keys(*options: str) -> set[str]:
        return set(json.loads(get(twin, "/changes/1", o=options).text[5:]))

    bare = keys()
    assert bare & {"labels", "messages", "revisions", "current_revision", "_more_changes"} == set()
    assert keys("DETAILED_LABELS") - bare == {"labels"}
    assert keys("LABELS") - bare == {"labels"}
    assert keys("MESSAGES") - bare == {"messages"}
    assert keys("CURRENT_REVISION") - bare == {"current_revision", "revisions"}
    assert keys("CURRENT_COMMIT", "CURRENT_FILES") == bare
    assert bare - keys("SKIP_DIFFSTAT") == {"insertions", "deletions"}
    bodies = [json.loads(get(twin, "/changes/1", o=o).text[5:])["owner"] for o in ([], ["DETAILED_ACCOUNTS"])]
    assert bodies == [{"_account_id": 1000001}, account("alice")]


def test_pages_are_cut_by_the_smallest_limit_and_the_last_row_says_more(twin: GerritTwin) -> None:
    twin.query_limit = 3
    rows = json.loads(get(twin, "/changes/", q="projects:demo", n=100).text[5:])
    assert [(row["_number"], row.get("_more_changes")) for row in rows] == [(4, None), (3, None), (2, True)]
    assert numbers(twin, "projects:demo", S=3) == [1]
    assert numbers(twin, "projects:demo limit:1", n=2) == [4]


def test_several_queries_give_a_list_of_lists(twin: GerritTwin) -> None:
    rows = json.loads(get(twin, "/changes/", q=["is:open", "is:closed"], n=1).text[5:])
    assert [[row["_number"] for row in part] for part in rows] == [[3], [4]]


def test_a_touched_change_is_the_newest(twin: GerritTwin) -> None:
    twin.after(1, lambda: twin.touch(1, topic="moved"))
    assert [numbers(twin, "project:demo/one") for _ in range(2)] == [[2, 1], [1, 2]]


def test_requests_are_counted_by_path(twin: GerritTwin) -> None:
    numbers(twin, "is:open")
    get(twin, "/projects/demo%2Fone")
    get(twin, "/accounts/alice")
    get(twin, "/config/server/version")
    counted = {"/changes/": 1, "/projects/demo%2Fone": 1, "/accounts/alice": 1, "/config/server/version": 1}
    assert dict(twin.by_path) == counted


def test_an_answer_is_packed_when_asked(twin: GerritTwin) -> None:
    with requests.Session() as session:
        session.trust_env = False
        plain = session.get(f"{twin.url}/changes/?q=is:open", headers={"Accept-Encoding": "identity"}, timeout=5)
        packed = session.get(f"{twin.url}/changes/?q=is:open", headers={"Accept-Encoding": "gzip"}, timeout=5)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert plain.text.startswith(")]}'\n[") and plain.text.endswith("]\n")


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "429"])
def test_a_status_is_one_requests_fault(twin: GerritTwin, fault: str) -> None:
    twin.fail(fault)
    assert [get(twin, "/changes/1").status_code for _ in range(2)] == [int(fault), 200]


@pytest.mark.parametrize("fault", ["hang", "reset", "truncated"])
def test_a_broken_connection_breaks(twin: GerritTwin, fault: str) -> None:
    twin.fail(fault)
    with requests.Session() as session, pytest.raises(requests.RequestException):
        session.trust_env = False
        session.get(f"{twin.url}/changes/1", timeout=0.3)


@pytest.mark.parametrize(
    ("fault", "whole", "kind"),
    [
        ("slow", True, "application/json;charset=utf-8"),
        ("no-final-lf", False, "application/json;charset=utf-8"),
        ("no-content-type", True, None),
        ("cut", False, "application/json;charset=utf-8"),
        ("html", False, "text/html"),
        ("empty", False, "application/json;charset=utf-8"),
    ],
)
def test_a_bad_answer_looks_good_by_its_status(twin: GerritTwin, fault: str, whole: bool, kind: str | None) -> None:
    good = get(twin, "/changes/1").text
    twin.fail(fault)
    bad = get(twin, "/changes/1")
    assert (bad.status_code, bad.text == good, bad.headers.get("Content-Type")) == (200, whole, kind)


def test_it_runs_from_a_file(tmp_path: Any) -> None:
    file = tmp_path / "changes.jsonl"
    file.write_text(f"{json.dumps(change_info(1))}\n{json.dumps(change_info(2))}\n", encoding="utf-8")
    order = [sys.executable, "-m", "tests.twins.gerrit", str(file), "--port", "0"]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        url = said.rpartition(" ")[2]
        with requests.Session() as session:
            session.trust_env = False
            version = session.get(f"{url}/config/server/version", timeout=5).text
        process.terminate()
    assert (said, version) == (f"Gerrit's twin with 2 changes: {url}", ')]}\'\n"3.10.0"\n')
