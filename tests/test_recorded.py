"""Tests of mentorbot/sources/recorded.py: files of recorded JSON into the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mentorbot.config import Gerrit
from mentorbot.errors import SourceError
from mentorbot.sources import recorded
from mentorbot.store import Store
from tests.twins.launchpad_devel import blueprint, question

API = "https://api.harbour.example/devel"
SETTINGS = Gerrit(url="https://review.harbour.example", robots=("harbour-ci",))

File = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(text: str) -> Path:
        (tmp_path / "recording").write_text(text, encoding="utf-8")
        return tmp_path / "recording"

    return write


def whole(number: int, title: str = "It sinks", **facts: Any) -> dict[str, Any]:
    """A recorded bug with its task, as Launchpad's web service writes both."""
    return {
        "bug": {
            "id": number,
            "title": title,
            "owner_link": f"{API}/~rita",
            "date_created": "2026-02-01T10:00:00+00:00",
            "date_last_updated": "2026-02-02T10:00:00+00:00",
            "information_type": "Public",
            "tags": ["first"],
            **facts,
        },
        "bug_tasks": [
            {
                "bug_link": f"{API}/bugs/{number}",
                "target_link": f"{API}/harbour",
                "status": "New",
                "importance": "Low",
                "assignee_link": None,
                "date_created": "2026-02-01T10:00:00+00:00",
                "title": f'Bug #{number} in harbour: "{title}"',
            }
        ],
    }


def change(number: int, **facts: Any) -> dict[str, Any]:
    return {
        "_number": number,
        "project": "harbour/harbour",
        "branch": "master",
        "change_id": f"I{number:040x}",
        "subject": "Do not sink",
        "status": "NEW",
        "created": "2026-02-01 10:00:00.000000000",
        "updated": "2026-02-02 10:00:00.000000000",
        "insertions": 1,
        "deletions": 0,
        "owner": {"_account_id": 7, "username": "nora"},
        **facts,
    }


def titles(store: Store) -> dict[int, str]:
    return {bug.number: bug.title for bug in store.bugs.ask("", ["harbour"], [])}


def lines(*documents: object) -> str:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


@pytest.mark.parametrize(
    "text",
    [
        lines(whole(12), whole(13)),
        lines(whole(12)) + "\n  \n" + lines(whole(13)).strip(),
        lines(whole(12), whole(13)).replace("\n", "\r\n"),
        json.dumps([whole(12), whole(13)], indent=1),
        json.dumps({"entries": [whole(12), whole(13)], "total_size": 2}),
        "\ufeff" + lines(whole(12), whole(13)),
    ],
    ids=["lines", "blank lines", "Windows lines", "a list", "a collection", "with a mark"],
)
def test_launchpads_json_is_read_however_it_is_put_together(store: Store, file: File, text: str) -> None:
    assert recorded.launchpad(file(text), store) == "2 bugs, 2 tasks"
    assert titles(store) == {12: "It sinks", 13: "It sinks"}


def test_a_title_may_hold_what_looks_like_the_end_of_a_line(store: Store, file: File) -> None:
    title = "one\u2028two\x85three\x0cfour"
    assert recorded.launchpad(file(lines(whole(12, title))), store) == "1 bug, 1 task"
    assert titles(store) == {12: title}


def test_of_a_private_bug_nothing_is_loaded(store: Store, file: File) -> None:
    text = lines(whole(12, information_type="Private"), whole(13))
    assert recorded.launchpad(file(text), store) == "1 bug, 1 task"
    assert titles(store) == {13: "It sinks"}


def test_an_empty_file_has_nothing(store: Store, file: File) -> None:
    assert recorded.launchpad(file("\n"), store) == "no bugs, no tasks"


def test_questions_and_blueprints_are_loaded_too(store: Store, file: File) -> None:
    devel = "\n".join(json.dumps(thing) for thing in (question(1), question(2), blueprint("pier")))
    assert recorded.launchpad(file(devel), store) == "no bugs, no tasks, 2 questions, 1 blueprint"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (lines(whole(12)) + '{"bug": ', ", line 2: this is not JSON: Expecting value"),
        ('{\n "bug": {\n  x', ", line 3: this is not JSON: Expecting property name enclosed in double quotes"),
        (
            lines(whole(12), {"boat": 1}),
            ', line 2: a recording is {"bug": …, "bug_tasks": …}, a bug (with "id" and "title"), a bug task (with'
            ' "bug_link"), or a list of these',
        ),
        (
            lines(whole(12), whole(2**70)),
            ", line 2: the id of a bug should be a whole number",
        ),
        (
            lines(whole(12)) + json.dumps(whole(13, "half \ud83d")),
            ", line 2: The store cannot keep this bug: 'utf-8' codec can't encode character '\\ud83d' in position 5:"
            " surrogates not allowed",
        ),
        (
            json.dumps(whole(12, tags=[None])),
            ', the document: "tags" of a bug (12) should be a list of texts',
        ),
        (
            lines(whole(12)) + '{"bug": ' * 99_999,
            ", line 2: this is not JSON: maximum recursion depth exceeded while decoding a JSON object from a unicode"
            " string",
        ),
        (
            lines(whole(12)) + f'{{"bug": {"9" * 5000}}}',
            ", line 2: this is not JSON: Exceeds the limit (4300 digits) for integer string conversion: value has 5000"
            " digits",
        ),
        (json.dumps(whole(12, owner_link=3)), ", the document: 3 should be a link"),
    ],
)
def test_a_fault_names_its_place_and_nothing_of_the_file_is_loaded(
    store: Store, file: File, text: str, fault: str
) -> None:
    path = file(text)
    with pytest.raises(SourceError) as refused:
        recorded.launchpad(path, store)
    assert str(refused.value) == f"{path}{fault}; nothing of the file was loaded."
    assert titles(store) == {}


@pytest.mark.parametrize(
    "text",
    [
        lines(change(50), change(51)),
        ")]}'\n" + json.dumps([change(50), change(51)]),
        json.dumps([change(50), change(51)], indent=1),
        lines(change(50), change(51), change(52, is_private=True)),
        "\ufeff" + lines(change(50), change(51)),
    ],
    ids=["lines", "guarded", "a list", "one of them private", "with a mark"],
)
def test_gerrits_json_is_read_however_it_is_put_together(store: Store, file: File, text: str) -> None:
    assert recorded.gerrit(file(text), store, SETTINGS) == "2 changes"
    assert store.rows("select count(*) n from changes") == [{"n": 2}]


def test_a_change_that_cannot_be_kept_is_named_and_nothing_is_loaded(store: Store, file: File) -> None:
    path = file(lines(change(50), change(2**70)))
    with pytest.raises(SourceError) as refused:
        recorded.gerrit(path, store, SETTINGS)
    assert str(refused.value) == (
        f"{path}: change {2**70} cannot be read: the number of a change should be a whole number;"
        " nothing of the file was loaded."
    )
    assert store.rows("select number from changes") == []


def test_changes_nested_too_deep_are_refused(store: Store, file: File) -> None:
    path = file("[" * 99_999)
    with pytest.raises(SourceError, match=f"^{path}: maximum recursion depth exceeded"):
        recorded.gerrit(path, store, SETTINGS)


def test_a_file_that_cannot_be_read_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        recorded.launchpad(tmp_path / "nothing", store)
    assert str(refused.value) == f"There is no file {tmp_path}/nothing."
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(SourceError, match=f"^{tmp_path}/bytes cannot be read: "):
        recorded.gerrit(tmp_path / "bytes", store, SETTINGS)
