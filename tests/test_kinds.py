"""Tests of mentorbot/kinds.py: how people name items."""

import pytest

from mentorbot.kinds import KINDS, leads_to, named, names, pages, ref_of
from mentorbot.models import Item
from tests.builders import NOW

ADDRESSES = {
    "bug": "https://bugs.launchpad.net/harbour/+bug/12",
    "change": "https://review.harbour.example/c/harbour/harbour/+/12",
    "question": "https://answers.launchpad.net/harbour/+question/12",
    "blueprint": "https://blueprints.launchpad.net/harbour/+spec/quay-map2.1",
}
REFS = {"bug": "LP#12", "change": "change 12", "question": "question 12", "blueprint": "blueprint quay-map2.1"}


def test_an_item_is_called_by_its_number_and_a_blueprint_by_its_name() -> None:
    assert {kind: ref_of(kind, 12, ADDRESSES[kind]) for kind in KINDS} == REFS


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_bot_writes_people_can_type(kind: str) -> None:
    assert named(REFS[kind]) == named(REFS[kind].upper()) == (REFS[kind], "")
    assert (
        list(pages(f"1. It sinks: {ADDRESSES[kind]}. Or ({ADDRESSES[kind]})?"))
        == [(kind, "harbour/quay-map2.1" if kind == "blueprint" else "12")] * 2
    )
    called = "quay-map2.1" if kind == "blueprint" else "12"
    assert names(f"Thanks for {REFS[kind]}!", kind, called) and names(ADDRESSES[kind], kind, called)
    assert named(f"{ADDRESSES[kind]} is it") == (REFS[kind], "is it")
    for more in ("", "/", "/comments/3", "?a=b", "#c3", "."):
        assert leads_to(ADDRESSES[kind] + more, kind, called)
    assert not leads_to(ADDRESSES[kind] + "3", kind, called)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("bug 12 too hard", ("LP#12", "too hard")),
        ("lp 12", ("LP#12", "")),
        ("question #712345", ("question 712345", "")),
        ("bp quay-map. It bores me", ("blueprint quay-map", ". It bores me")),
        ("blueprint", ("", "blueprint")),
        ("blueprints are nice", ("", "blueprints are nice")),
        ("12", ("", "12")),
        ("bug 1234567890", ("", "bug 1234567890")),
        ("", ("", "")),
    ],
)
def test_the_item_that_a_text_begins_with_is_known(text: str, meant: tuple[str, str]) -> None:
    assert named(text) == meant


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("LP#12 It sinks", True),
        ("https://bugs.launchpad.net/bugs/12", True),
        ("https://review.example.org/c/a/b/+/12/3", True),
        ("12", True),
        ("LP#123", False),
        ("112 bugs", False),
        ("", False),
    ],
)
def test_a_text_names_an_item_by_its_number(text: str, named: bool) -> None:
    assert names(text, "bug", "12") is named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("blueprint api", True),
        ("see bp/api.", True),
        ("the blueprint “api” is gone", True),
        ("Blueprint: API", True),
        ("https://blueprints.launchpad.net/harbour/+spec/api", True),
        ("the api is slow", False),
        ("blueprint api-v2", False),
        ("blueprint api.v2", False),
        ("blueprint fast-api", False),
    ],
)
def test_a_text_names_a_blueprint_where_it_says_that_it_is_one(text: str, named: bool) -> None:
    assert names(text, "blueprint", "api") is named


def test_a_name_of_several_words_needs_nothing_before_it() -> None:
    told = ["`quay-map`", "harbour/quay-map.", "quay-map-2", "the quay map", "a-quay-map"]
    assert [names(text, "blueprint", "quay-map") for text in told] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "text", ["LP#12", "change 12", "12 people", "in 2012", "https://bugs.launchpad.net/harbour/+bug/12"]
)
def test_a_blueprint_that_is_called_like_a_number_is_no_number(text: str) -> None:
    assert not names(text, "blueprint", "12") and names("blueprint 12", "blueprint", "12")


def test_nobody_makes_an_item_of_no_known_kind() -> None:
    with pytest.raises(KeyError, match="boat"):
        Item("boat", 12, "harbour", "It sinks", ADDRESSES["bug"], NOW)


def test_in_a_text_without_addresses_there_are_none() -> None:
    assert list(pages("LP#12, change 12, /+bug/x, +spec/y, /+bug/1234567890")) == []
