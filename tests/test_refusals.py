"""Tests of mentorbot/refusals.py, and of `another` with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.niches import shipped
from mentorbot.refusals import Heeded, heed, is_taken, refused
from mentorbot.store import Store
from mentorbot.suggest import without
from tests.builders import NOW, bug, change
from tests.test_starter import numbers

Ask = Callable[..., list[str]]
LHF = ("low-hanging-fruit",)


@pytest.mark.parametrize(
    ("reason", "heeded"),
    [
        ("", Heeded()),
        ("something else", Heeded()),
        ("not docs", Heeded(never=frozenset({"docs"}))),
        ("no code, and no reviews please", Heeded(never=frozenset({"fixes", "reviews"}))),
        ("anything but writing", Heeded(never=frozenset({"docs"}))),
        ("I have no time", Heeded(minutes=480)),
        ("Boring!", Heeded(last=frozenset({"fixes"}))),
        ("too HARD for me", Heeded(easier=True, minutes=480)),
        ("I don't understand any of it", Heeded(easier=True, minutes=480)),
        ("it needs hardware", Heeded()),
        ("not hard enough", Heeded()),
        ("I want something a bit harder", Heeded()),
        ("something bigger", Heeded()),
        ("something is too hard", Heeded(easier=True, minutes=480)),
        ("harder than I thought", Heeded(easier=True, minutes=480)),
        ("no more docs", Heeded(never=frozenset({"docs"}))),
        ("not too long, but not mine", Heeded()),
        ("it isn't boring", Heeded()),
        ("I don't want docs", Heeded(never=frozenset({"docs"}))),
        ("don’t like to do documentation", Heeded(never=frozenset({"docs"}))),
        ("I can't reproduce it", Heeded()),
        ("not interested in reviews", Heeded(never=frozenset({"reviews"}))),
        ("not code review", Heeded(never=frozenset({"reviews"}))),
        ("no helping users and no first fixes", Heeded(never=frozenset({"support", "fixes"}))),
        ("not interesting", Heeded(last=frozenset({"fixes"}))),
    ],
)
def test_a_reason_is_understood(reason: str, heeded: Heeded) -> None:
    assert heed([("fixes", reason)], shipped()) == heeded


def test_all_reasons_count_together_and_the_shortest_time_holds() -> None:
    said = [
        ("fixes", "too hard"),
        ("docs", "too long"),
        ("reviews", "dull"),
        ("gone", "too long"),
        ("docs", "not bugs"),
    ]
    assert heed(said, shipped()) == Heeded(frozenset({"triage"}), frozenset({"reviews"}), True, 120)


def test_what_one_asks_for_by_name_comes_first_whatever_was_said_before() -> None:
    some = [niche for name in ("triage", "docs", "fixes") if (niche := shipped().called(name))]
    triage, docs, fixes = some
    assert Heeded(never=frozenset({"docs"})).order(some) == [triage, fixes]
    assert Heeded(never=frozenset({"docs"})).order(some, (docs,)) == some
    assert Heeded(last=frozenset({"triage"})).order(some) == [docs, fixes, triage]
    assert Heeded(minutes=60).order(some) == [triage, docs, fixes]
    assert Heeded(minutes=120).order([fixes, docs, triage]) == [triage, fixes, docs]
    assert Heeded(minutes=60, last=frozenset({"triage"})).order([fixes, docs], (fixes,)) == [fixes, docs]


@pytest.mark.parametrize(
    ("reason", "taken"),
    [
        ("taken", True),
        ("bob is assigned", True),
        ("has an owner", True),
        ("already has a patch", True),
        ("fixed already", True),
        ("it is a duplicate", True),
        ("old", False),
        ("not taken, but old", False),
    ],
)
def test_taken_is_understood(reason: str, taken: bool) -> None:
    assert is_taken(reason) is taken


def test_a_no_means_the_niche_that_follows_it() -> None:
    assert refused("docs are fine, not triage.", shipped()) == {"triage"}


# In a talk with the bot.


def test_not_docs_leads_elsewhere_and_is_remembered_for_90_days(ask: Ask, store: Store) -> None:
    for number in range(1, 9):
        store.save(bug(number, tags=("docs",), status="Triaged"))
    assert numbers(ask("!starter docs")) == ["LP#8", "LP#7", "LP#6"]
    store.save([change(50)])
    assert numbers(ask("!another not docs")) == ["change 50"]
    later = NOW + timedelta(days=89)
    assert numbers(ask("!starter", now=later)) == ["change 50"]
    assert numbers(ask("!starter docs", now=later)) == ["LP#5", "LP#4", "LP#3"]
    assert numbers(ask("!starter", now=NOW + timedelta(days=91))) == ["change 50", "LP#5", "LP#4"]


def test_a_project_that_was_refused_is_left_out_where_none_is_asked_for(ask: Ask, store: Store) -> None:
    for number, project in ((12, "harbour"), (13, "harbour-client"), (14, "harbour-client")):
        store.save(bug(number, project=project, tags=LHF, status="Triaged"))
    assert numbers(ask("!starter fixes harbour-client")) == ["LP#14", "LP#13"]
    assert numbers(ask("!another 1 not harbour-client please")) == ["LP#12"]
    assert numbers(ask("!starter fixes")) == ["LP#12"]
    ask("niche code, python, a day", where=None)
    assert numbers(ask("any", where=None)) == ["LP#12"]
    assert numbers(ask("!starter fixes harbour-client")) == ["LP#13"]
    ask("!another 1 no harbour and no harbour-client")
    store.save(bug(15, project="harbour-client", tags=LHF, status="Triaged"))
    assert numbers(ask("!starter fixes")) == ["LP#15", "LP#12"]


def test_what_was_asked_for_by_its_title_can_be_refused_by_it() -> None:
    assert without("harbour code review 2h", "not code review", shipped()) == "harbour 2h"
    assert without("harbour code review 2h", "too old", shipped()) == "harbour reviews 2h"


def test_too_hard_brings_what_is_easier_within_what_was_asked(ask: Ask, store: Store) -> None:
    for number in (11, 12, 13):
        store.save(bug(number, tags=LHF, status="Triaged", days=2))
    store.save([*bug(14, tags=LHF, status="Triaged", days=3, importance="High")])
    store.save([*bug(15, "A typo", tags=LHF, status="Triaged", days=400)])
    assert numbers(ask("!starter fixes")) == ["LP#13", "LP#12", "LP#11"]
    assert numbers(ask("!another too hard")) == ["LP#15", "LP#14"]


def test_too_long_leads_to_what_takes_less_time(ask: Ask, store: Store) -> None:
    for number in range(20, 24):
        store.save(bug(number, tags=("docs",), status="Triaged"))
    store.save(bug(12, tags=LHF, status="Triaged"))
    assert numbers(ask("!starter docs")) == ["LP#23", "LP#22", "LP#21"]
    store.save([*bug(13, tags=LHF, status="Triaged"), change(50)])
    assert numbers(ask("!another not docs, and too long")) == ["change 50", "LP#13", "LP#12"]


def test_who_says_no_to_all_that_is_for_anybody_is_led_to_what_is_left(ask: Ask, store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), *bug(13, tags=("usability",), status="Confirmed")])
    assert numbers(ask("!starter")) == ["LP#12"]
    assert numbers(ask("!another no triage, no reviews, no docs, no fixes")) == ["LP#13"]


def test_what_is_taken_is_offered_to_nobody_for_two_weeks(ask: Ask, store: Store) -> None:
    for number in (11, 12, 13):
        store.save(bug(number, tags=LHF, status="Triaged"))
    assert numbers(ask("!starter fixes")) == ["LP#13", "LP#12", "LP#11"]
    assert numbers(ask("!another 2 taken by somebody")) == ["LP#13", "LP#11"]
    ask("!another too old")
    assert numbers(ask("!starter fixes", nick="bob")) == ["LP#13", "LP#11"]
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(days=13))) == ["LP#13", "LP#11"]
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(days=14))) == ["LP#13", "LP#12", "LP#11"]


def test_of_several_that_may_be_taken_none_is_free_for_two_days(ask: Ask, store: Store) -> None:
    for number in (11, 12):
        store.save(bug(number, tags=LHF, status="Triaged"))
    ask("!starter fixes")
    ask("!another they are taken")
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(hours=47))) == []
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(hours=48))) == ["LP#12", "LP#11"]


def test_what_is_refused_is_free_for_others_at_once(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    ask("!starter fixes")
    assert numbers(ask("!starter fixes", nick="bob")) == []
    ask("!another too hard")
    assert numbers(ask("!starter fixes", nick="bob")) == ["LP#12"]
