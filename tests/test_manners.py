"""Tests of mentorbot/manners.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mentorbot.config import Irc
from mentorbot.manners import ANSWERED, ASKERS, LATELY, Manners, calls_many
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
    def refused(words: str, who: Who = ALICE) -> bool:
        return manners.goes_round(who, f"do {words}", [words], refused=True)

    assert [refused("No.") for _ in range(4)] == [False, False, True, True]
    assert refused("No.", Who("bob", host=ALICE.host)) is False
    assert [refused("Not that."), refused("No."), refused("Not that."), refused("Not that.")] == [
        False,
        True,
        False,
        True,
    ]
    time.now = LATELY
    assert [refused("No.") for _ in range(3)] == [False, False, True]


def test_the_same_question_is_answered_in_the_same_words_eight_times_in_a_minute_and_no_more(
    manners: Manners, time: Time
) -> None:
    def told(words: str) -> bool:
        return manners.goes_round(ALICE, f"say {words}", ["Tick or tock."], refused=False)

    assert [told(words) for _ in range(ANSWERED + 1) for words in ("Tick.", "Tock.")] == [False] * 16 + [True] * 2
    time.now = LATELY
    assert told("Tick.") is False


@pytest.mark.parametrize(
    ("answer", "many"),
    [
        ("Nobody knows alice bob carol.", True),
        ("LP#1 Ping Bob, and carol: no (harbour, New)", True),
        ("LP#1 `bob` and [carol] crash", True),
        ("Noted for bob.", False),
        ("alice: noted for bob.", False),
        ("Bob waits for eve.", False),
        ("bobby and carolina, bob-2 and carol_", False),
        ("It is about d[m] and carol.", True),
        ("It is about [dave] and `carol`'s mast.", True),
    ],
)
def test_nobody_has_it_call_many_by_name(answer: str, many: bool) -> None:
    assert calls_many([answer], "alice", {"alice", "bob", "carol", "dave", "d[m]"}) is many


def test_a_name_in_each_line_is_many_as_well() -> None:
    assert calls_many(["1. bob's mast", "2. carol's keel"], "alice", {"alice", "bob", "carol"})
