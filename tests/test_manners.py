"""Tests of mentorbot/manners.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mentorbot.config import Irc
from mentorbot.manners import ASKERS, LATELY, Manners, calls_many
from mentorbot.models import Who
from mentorbot.store import Store
from tests.builders import NOW

ALICE = Who("alice", host="alice.example.org")


class Time:
    """Seconds that the test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def manners(store: Store, time: Time) -> Manners:
    return Manners(Irc(admins=("Boss",)), store, time)


def asked(manners: Manners, who: Who, times: int) -> list[list[str] | None]:
    return [manners.hold_back(who) for _ in range(times)]


def test_who_asks_too_fast_is_told_once_and_then_nothing_until_there_is_room(manners: Manners, time: Time) -> None:
    told = ["slow down a little: I answer you again in 2 seconds."]
    assert asked(manners, ALICE, 12) == [None] * 8 + [told, [], [], []]
    time.now = 2
    assert asked(manners, ALICE, 3) == [None, [], []]
    time.now = LATELY
    assert asked(manners, ALICE, 10) == [None] * 8 + [told, []]


def test_no_newcomer_is_punished_for_being_fast(manners: Manners, time: Time) -> None:
    """However much they asked before, 16 seconds later all eight are theirs again."""
    asked(manners, ALICE, 500)
    time.now = 16
    assert asked(manners, ALICE, 8) == [None] * 8


def test_a_steady_pace_is_never_held_back(manners: Manners, time: Time) -> None:
    for n in range(500):
        time.now = 2 * n
        assert manners.hold_back(ALICE) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Who("alice", "acc", "h1.example.org"), Who("alice_", "Acc", "h2.example.org"), True),
        (Who("alice", None, "h1.example.org"), Who("mallory", None, "H1.example.org"), True),
        (Who("alice", "acc", "h1.example.org"), Who("bob", None, "h1.example.org"), False),
        (Who("alice", "acc", "h1.example.org"), Who("bob", "other", "h1.example.org"), False),
        (Who("alice", None, "h1.example.org"), Who("alice", None, "h2.example.org"), False),
        (Who("alice"), Who("Alice"), True),
        (Who("alice", None, "127.0.0.1"), Who("bob", None, "127.0.0.1"), False),
        (Who("alice", None, "0::1"), Who("bob", None, "0::1"), False),
        (Who("alice", None, "localhost"), Who("bob", None, "localhost"), False),
        (Who("alice", None, "2001:db8::7"), Who("bob", None, "2001:db8::7"), True),
    ],
)
def test_pace_is_measured_by_account_else_host_else_nick(manners: Manners, one: Who, other: Who, same: bool) -> None:
    asked(manners, one, 8)
    assert (manners.hold_back(other) is not None) is same


def test_of_many_askers_the_latest_are_remembered(manners: Manners) -> None:
    asked(manners, ALICE, 9)
    for n in range(ASKERS - 1):
        manners.hold_back(Who(f"user{n}"))
    assert manners.hold_back(ALICE) == []
    for n in range(ASKERS):
        manners.hold_back(Who(f"user{n}"))
    assert manners.hold_back(ALICE) is None


def test_robots_and_ignored_people_are_not_heard(manners: Manners, store: Store) -> None:
    for name in ("Mallory", "evil", "bad.example.org"):
        store.courtesy.ignore(name, NOW + timedelta(days=1), "boss", NOW)
    deaf = [Who("mallory"), Who("x", "EVIL"), Who("x", None, "bad.example.org"), Who("gerrit-bot", robot=True)]
    assert [manners.hears(who, NOW) for who in deaf] == [False] * 4
    assert [manners.hears(who, NOW + timedelta(days=1)) for who in deaf] == [True, True, True, False]
    assert manners.hears(Who("x", "y", "good.example.org"), NOW)


def test_an_admin_is_always_heard(manners: Manners, store: Store) -> None:
    store.courtesy.ignore("h.example.org", NOW + timedelta(days=1), "boss", NOW)
    assert manners.hears(Who("x", "boss", "h.example.org"), NOW)
    assert not manners.hears(Who("boss", None, "h.example.org"), NOW)


def test_the_same_refusal_is_said_twice_in_a_minute_and_no_more(manners: Manners, time: Time) -> None:
    assert [manners.has_said(ALICE, ["No."]) for _ in range(4)] == [False, False, True, True]
    assert manners.has_said(Who("bob"), ["No."]) is False
    assert [manners.has_said(ALICE, ["Not that."]) for _ in range(3)] == [False, False, True]
    time.now = LATELY
    assert [manners.has_said(ALICE, ["Not that."]) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("answer", "asked", "many"),
    [
        ("Nobody knows alice bob carol.", "!find alice bob carol", True),
        ("Nobody knows Bob, and carol: no.", "!find BOB carol", True),
        ("Noted for bob.", "!thanks bob for help", False),
        ("alice: noted for bob.", "!thanks bob for helping alice", False),
        ("Bob and carol wait for this.", "!starter", False),
        ("bobby and carolina", "!find bobby carolina", False),
        ("It is about bob[m] and carol-x.", "!find bob[m] carol-x", False),
    ],
)
def test_nobody_has_it_call_many_by_name(answer: str, asked: str, many: bool) -> None:
    assert calls_many([answer], asked, "alice", {"alice", "bob", "carol", "dave"}) is many
