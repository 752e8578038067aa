"""Whatever stands in whatever field: it is read as what it should be, or told in a sentence; the store can hold it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mentorbot.models import Thing
from mentorbot.sources import bounds, gerrit_shapes, launchpad_questions, launchpad_shapes
from mentorbot.store import Store
from tests.twins.gerrit_infos import BEGAN, account, change_info, comment, message
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import record

LONG = "x" * 2**16
ODD: list[Any] = [
    *(None, True, 0, -1, 2**63, 2**70, 1.5, 1e308, "", "x", LONG, "\0", "A\x1b[31m\r\nB", [], [None], ["x"], [[]], {}),
    *({"x": None}, [{}], "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999", "2026-01-01", "tag:x", "~", "/"),
]


def spoilt(json: Any) -> Iterator[Any]:
    """The JSON with each of its fields in turn, at any depth, missing or odd."""
    here: Any
    keys: Iterable[Any] = json if isinstance(json, dict) else range(len(json)) if isinstance(json, list) else ()
    for key in keys:
        for odd in ODD:
            here = copy.copy(json)
            here[key] = odd
            yield here
        here = copy.copy(json)
        del here[key]
        yield here
        for below in spoilt(json[key]):
            here = copy.copy(json)
            here[key] = below
            yield here


def kept_or_told(store: Store, shape: Callable[[Any], Iterable[Thing | None]], json: Any) -> int:
    """How many spoilt answers were kept; of the others it was told what is wrong with them."""
    kept = 0
    for one in spoilt(json):
        try:
            things = [thing for thing in shape(one) if thing]
        except ValueError as error:
            assert len(str(error)) < 400
            continue
        store.save(things)
        kept += 1
    return kept


@pytest.fixture(scope="module")
def shown() -> Iterator[dict[str, Any]]:
    with LaunchpadTwin([record(1, tags=["easy"], assignee="bob", comments=[("bob", "I say so.")])]) as twin:
        twin.edit(1, title="Another")
        yield twin.shown(1)


def test_odd_bugs_are_kept_or_told(store: Store, shown: dict[str, Any]) -> None:
    assert kept_or_told(store, lambda json: [launchpad_shapes.bug(json)], shown["bug"]) > 100
    assert kept_or_told(store, lambda json: [launchpad_shapes.task(json)], shown["bug_tasks"][0]) > 100
    assert kept_or_told(store, lambda json: launchpad_shapes.comments(1, json), shown["messages"]) > 50
    assert kept_or_told(store, lambda json: launchpad_shapes.activity(1, json), shown["activity"]) > 50


def test_odd_questions_blueprints_and_people_are_kept_or_told(store: Store) -> None:
    assert kept_or_told(store, lambda json: [launchpad_questions.question(json)], question(1)) > 100
    assert kept_or_told(store, lambda json: [launchpad_questions.blueprint(json)], blueprint("plan")) > 100
    person = {"name": "ann", "display_name": "Ann", "is_team": False, "description": "I", "visibility": "Public"}
    person |= {"is_valid": True, "private": False, "date_created": "2026-01-01", "web_link": "http://127.0.0.1/"}
    assert kept_or_told(store, lambda json: [launchpad_questions.profile(json)], person) > 50


def test_odd_changes_and_comments_are_kept_or_told(store: Store) -> None:
    info = change_info(
        7, votes=[("Code-Review", "bob", 1)], messages=[message("Why?", "bob", BEGAN)], topic="bug/7", hashtags=["a"]
    )
    info |= {"reviewers": {"REVIEWER": [account("bob")], "CC": []}, "accounts_in_message": [account("bob")]}
    entry = {
        "account": account("bob"),
        "last_update": info["updated"],
        "reason": "so",
        "reason_account": account("bob"),
    }
    info |= {"attention_set": {"1000002": entry}, "submitted": info["updated"], "work_in_progress": True}

    def kept(row: Any) -> Iterable[Thing]:
        return [] if gerrit_shapes.is_hidden(row) else [gerrit_shapes.change(row, "http://127.0.0.1")]

    assert kept_or_told(store, kept, info) > 500
    said = {"a.py": [comment("Why?", "bob", BEGAN, line=3, unresolved=True, in_reply_to="x")]}
    assert kept_or_told(store, lambda json: [gerrit_shapes.discussion(json, 7, 1)], said) > 50


def test_json_that_only_python_takes_is_none() -> None:
    for text in ("NaN", "[Infinity]", '{"a": -Infinity}', "[" * 10**5 + "]" * 10**5, "1" * 5000, "", "{"):
        with pytest.raises(ValueError, match=r"."):
            bounds.parsed(text)


def test_halves_of_characters_are_replaced_and_whole_ones_stay() -> None:
    assert bounds.parsed('["\\ud800", "\\udc00x", "\\ud83d\\ude00", "\\\\ud800"]') == ["�", "�x", "😀", "\\ud800"]
    assert json.dumps(bounds.parsed('{"\\udfff": 1}')) == '{"\\ufffd": 1}'
