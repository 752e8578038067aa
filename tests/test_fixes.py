"""Tests of plugins/fixes.py; what is free and what is not, tests/test_starter.py asks."""

from collections.abc import Callable
from typing import Any

import pytest

from mentorbot.store import Store
from tests.builders import bug
from tests.test_starter import numbers

Ask = Callable[..., list[str]]
LHF = ("low-hanging-fruit",)


def test_only_bugs_with_a_starter_tag_are_first_fixes(ask: Ask, store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), *bug(13, tags=("ui",), status="Triaged")])
    assert numbers(ask("!starter fixes")) == ["LP#12"]


@pytest.mark.parametrize("status", ["In Progress", "Fix Committed", "Won't Fix", "Expired"])
def test_a_bug_that_is_being_fixed_or_closed_is_not_offered(ask: Ask, store: Store, status: str) -> None:
    store.save(bug(12, tags=LHF, status=status))
    assert numbers(ask("!starter fixes")) == []


ASKED = ("bob", "Which version is it?", 5)


@pytest.mark.parametrize(
    ("comments", "offered"),
    [
        ((), []),
        ((ASKED,), []),
        ((("rita", "It is version 3.", 4),), []),
        ((ASKED, ("harbour-janitor", "Expired soon", 4)), []),
        ((ASKED, ("rita", "It is version 3.", 4), ("bob", "And on which system?", 3)), []),
        ((ASKED, ("rita", "It is version 3.", 4)), ["LP#12"]),
        ((ASKED, ("rita", "It is version 3.", 4), ("harbour-janitor", "Expired soon", 3)), ["LP#12"]),
    ],
)
def test_an_incomplete_bug_is_offered_only_when_its_reporter_has_answered(
    ask: Ask, store: Store, comments: Any, offered: list[str]
) -> None:
    store.save(bug(12, tags=LHF, status="Incomplete", comments=comments))
    assert numbers(ask("!starter fixes harbour")) == offered
