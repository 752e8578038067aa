"""Tests of mentorbot/mentors.py and store/mentors.py: who is asked, never too much, and what comes when."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot import jobs, mentors
from mentorbot.config import Config, parse
from mentorbot.loader import Loaded
from mentorbot.store import Mentor, Pair, Store
from tests.builders import NOW
from tests.conftest import CONFIG

ANY = (("", ""),)
DAY = timedelta(days=1)
OPEN = ("asked", "agreed")
HARBOUR = parse(CONFIG)


def offer(store: Store, name: str, capacity: int = 1, offers: tuple[tuple[str, str], ...] = ANY) -> None:
    store.mentors.offer(f"account:{name}", name, offers, capacity, NOW)


def ask(store: Store, name: str, wished: tuple[str, str] = ("docs", "harbour"), now: datetime = NOW) -> str | None:
    """Whom this newcomer is put together with."""
    pair = mentors.find(store, HARBOUR, ((f"nick:{name}",), name), wished, now)
    return pair.mentor_nick if pair else None


def letters(store: Store, now: datetime = NOW) -> list[tuple[str, str]]:
    """What is said to whom, now that the bot sees everybody."""
    return [(letter.target, " ".join(letter.lines)) for letter in store.outbox.take(now, store.outbox.awaited())]


def pairs(store: Store) -> list[tuple[str, str, str]]:
    rows = store.rows("select mentor_nick, nick, state from pairs order by id")
    return [(row["mentor_nick"], row["nick"], row["state"]) for row in rows]


# Who is asked


def test_days_and_moments_are_those_of_the_community(store: Store) -> None:
    there = parse(CONFIG.replace("[community]", '[community]\ntimezone = "Pacific/Auckland"'))
    assert mentors.today(there, NOW) == date(2026, 2, 14)
    offer(store, "bob")
    store.mentors.away("account:bob", (date(2026, 2, 13), date(2026, 2, 13)))
    assert ask(store, "ann") is None
    assert mentors.find(store, there, (("nick:ann",), "ann"), ("docs", "harbour"), NOW)
    [(_, said)] = letters(store)
    assert "If I hear nothing until Tuesday, 03:30 NZDT I ask somebody else" in said


def test_the_one_who_was_asked_longest_ago_is_asked_next(store: Store) -> None:
    for name in ("bob", "carol", "dora"):
        offer(store, name, capacity=9)
    asked = [ask(store, f"n{n}", now=NOW + n * DAY) for n in range(7)]
    assert asked == ["bob", "carol", "dora"] * 2 + ["bob"]


def test_nobody_is_asked_for_more_than_they_offered(store: Store) -> None:
    offer(store, "bob", capacity=2)
    assert [ask(store, f"n{n}") for n in range(3)] == ["bob", "bob", None]
    pair = store.mentors.helping(["nick:n0"])
    assert pair
    mentors.end(store, HARBOUR, pair, NOW)
    assert ask(store, "n2") == "bob"


@pytest.mark.parametrize(
    ("offers", "wished", "found"),
    [
        (("docs", "harbour"), ("docs", "harbour"), True),
        (("docs", ""), ("docs", "harbour"), True),
        (("", "harbour"), ("docs", "harbour"), True),
        (("", ""), ("docs", "harbour"), True),
        (("docs", "harbour"), ("", ""), True),
        (("docs", "harbour"), ("", "harbour"), True),
        (("docs", "harbour"), ("docs", ""), True),
        (("docs", "harbour"), ("tests", "harbour"), False),
        (("docs", "harbour"), ("docs", "harbour-client"), False),
        (("docs", ""), ("tests", ""), False),
    ],
)
def test_only_for_what_they_offered(
    store: Store, offers: tuple[str, str], wished: tuple[str, str], found: bool
) -> None:
    offer(store, "bob", offers=(offers,))
    assert ask(store, "ann", wished) == ("bob" if found else None)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(-1, 1, False), (0, 0, False), (1, 2, True), (-2, -1, True)],
    ids=["away", "away today", "not yet", "back"],
)
def test_nobody_is_asked_while_they_are_away(store: Store, first: int, last: int, found: bool) -> None:
    offer(store, "bob")
    store.mentors.away("account:bob", (NOW.date() + first * DAY, NOW.date() + last * DAY))
    assert ask(store, "ann") == ("bob" if found else None)


def test_nobody_is_their_own_mentor_by_account_or_by_nick(store: Store) -> None:
    offer(store, "bob")
    assert mentors.find(store, HARBOUR, (("account:bob", "nick:b"), "b"), ("", ""), NOW) is None
    assert ask(store, "BOB") is None


def test_who_asks_twice_has_asked_once(store: Store) -> None:
    offer(store, "bob")
    offer(store, "carol")
    assert [ask(store, "ann"), ask(store, "ann")] == ["bob", "bob"]
    assert len(letters(store)) == 1


def test_whom_they_had_is_not_asked_for_them_again_for_30_days(store: Store) -> None:
    offer(store, "bob")
    ask(store, "ann")
    pair = store.mentors.helping(["nick:ann"])
    assert pair
    mentors.end(store, HARBOUR, pair, NOW)
    assert ask(store, "ann", now=NOW + 30 * DAY - timedelta(seconds=1)) is None
    assert ask(store, "ann", now=NOW + 30 * DAY + timedelta(seconds=1)) == "bob"


def test_what_somebody_offers_takes_the_place_of_what_they_offered(store: Store) -> None:
    store.mentors.offer("account:bob", "bob", [("docs", "")], None, NOW)
    store.mentors.away("account:bob", (date(2026, 3, 1), date(2026, 3, 8)))
    assert store.mentors.of("account:bob") == Mentor(
        "account:bob", "bob", 1, (("docs", ""),), (date(2026, 3, 1), date(2026, 3, 8))
    )
    store.mentors.offer("account:bob", "bobby", [("tests", ""), ("ci", "harbour")], 3, NOW)
    store.mentors.offer("account:bob", "bobby", [("tests", ""), ("ci", "harbour")], None, NOW)
    store.mentors.away("account:bob", None)
    offers = (("ci", "harbour"), ("tests", ""))
    assert store.mentors.of("account:bob") == Mentor("account:bob", "bobby", 3, offers)
    store.mentors.leave("account:bob")
    assert store.mentors.of("account:bob") is None
    assert store.rows("select * from mentor_offers") == []


# Many at once


@pytest.mark.parametrize("stores", [1, 4])
def test_of_forty_who_ask_at_once_no_mentor_gets_too_many_and_no_place_stays_empty(tmp_path: Path, stores: int) -> None:
    opened = [Store(tmp_path / "a.db") for _ in range(stores)]
    places = {f"mentor{n}": n % 3 + 1 for n in range(9)}
    for name, capacity in places.items():
        offer(opened[0], name, capacity)

    def one(n: int) -> str | None:
        return ask(opened[n % stores], f"n{n // 2}")  # everybody asks twice

    with ThreadPoolExecutor(20) as people:
        told = list(people.map(one, range(80)))
    found = dict(zip((n // 2 for n in range(80)), told, strict=True))
    assert Counter(mentor for mentor in found.values() if mentor) == places
    assert len(letters(opened[0])) == sum(places.values())
    for store in opened:
        store.close()


@contextmanager
def two_stores() -> Iterator[list[Store]]:
    """Two connections to one file."""
    with tempfile.TemporaryDirectory() as folder:
        stores = [Store(Path(folder) / "a.db") for _ in range(2)]
        try:
            yield stores
        finally:
            for store in stores:
                store.close()


STEPS = st.tuples(
    st.sampled_from(["ask", "ask", "yes", "no", "end", "leave", "later", "away", "back"]),
    st.integers(0, 5),
    st.integers(0, 1),
)


@settings(max_examples=40, deadline=None)
@given(capacities=st.lists(st.integers(1, 2), min_size=1, max_size=3), steps=st.lists(STEPS, max_size=25))
def test_whatever_people_do_the_fairest_is_asked_and_nobody_has_too_many(
    capacities: list[int], steps: list[tuple[str, int, int]]
) -> None:
    """Against a model in which each mentor remembers when they were asked, whether they are here and whom they had."""
    now, asked, here = NOW, dict.fromkeys(range(len(capacities)), -1), dict.fromkeys(range(len(capacities)), True)
    had: dict[tuple[int, int], datetime] = {}
    with two_stores() as stores:
        for n, capacity in enumerate(capacities):
            offer(stores[0], f"m{n}", capacity)
        for moment, (what, n, which) in enumerate(steps):
            store, mentor = stores[which], n % len(capacities)
            pair = store.mentors.helping([f"nick:n{n}"])
            of_mentor = store.mentors.helped_by(f"account:m{mentor}")
            now += timedelta(minutes=1)
            match what:
                case "ask" if pair is None:
                    load = Counter(
                        p["mentor"] for p in stores[0].rows(f"select mentor from pairs where state in {OPEN}")
                    )
                    able = [
                        m for m in asked
                        if here[m] and load[f"account:m{m}"] < capacities[m]
                        and now - had.get((m, n), NOW - 99 * DAY) > mentors.AGAIN
                    ]  # fmt: skip
                    best = min(able, key=lambda m: (asked[m], m), default=None)
                    assert ask(store, f"n{n}", now=now) == (None if best is None else f"m{best}")
                    if best is not None:
                        asked[best], had[best, n] = moment, now
                case "yes" if of_mentor and of_mentor[0].state == "asked":
                    assert mentors.agree(store, HARBOUR, of_mentor[0], now)
                    had[mentor, int(of_mentor[0].nick[1:])] = now
                case "no" if of_mentor and of_mentor[0].state == "asked":
                    other = mentors.pass_on(store, HARBOUR, of_mentor[0], "declined", now)
                    newcomer = int(of_mentor[0].nick[1:])
                    had[mentor, newcomer] = now
                    if other:
                        asked[int(other.mentor_nick[1:])] = moment
                        had[int(other.mentor_nick[1:]), newcomer] = now
                case "end" if pair:
                    mentors.end(store, HARBOUR, pair, now)
                    had[int(pair.mentor_nick[1:]), n] = now
                case "away" | "back":
                    here[mentor] = what == "back"
                    days = None if here[mentor] else (now.date(), now.date() + 400 * DAY)
                    store.mentors.away(f"account:m{mentor}", days)
            load = Counter(p["mentor"] for p in stores[0].rows(f"select mentor from pairs where state in {OPEN}"))
            assert [m for m, capacity in enumerate(capacities) if load[f"account:m{m}"] > capacity] == []
            newcomers = Counter(p["nick"] for p in stores[0].rows(f"select nick from pairs where state in {OPEN}"))
            assert set(newcomers.values()) <= {1}


# What is told, and when


Later = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def after(store: Store, config: Config, loaded: Loaded) -> Later:
    """What is said to whom when the jobs run so long after NOW."""

    def run(*, days: int, seconds: int = 0) -> list[tuple[str, str]]:
        now = NOW + timedelta(days=days, seconds=seconds)
        jobs.due(store, config, loaded.hooks, now)
        return letters(store, now)

    return run


def test_both_are_told_in_private(store: Store) -> None:
    offer(store, "bob")
    ask(store, "ann")
    assert letters(store) == [
        (
            "account:bob",
            "ann would like somebody to turn to for documentation in harbour, and you offered that. Please say yes or"
            " no (or !mentoring yes ann, !mentoring no ann). If I hear nothing until Monday, 14:30 UTC I ask somebody"
            " else; no harm done.",
        )
    ]
    [pair] = store.mentors.helped_by("account:bob")
    assert mentors.agree(store, HARBOUR, pair, NOW)
    assert letters(store) == [
        (
            "ann",
            "bob is glad to help you with documentation in harbour: say hello, in private or in #mentors, and ask early"
            " and small. !mentor end ends it whenever you like, no reason needed.",
        )
    ]


def test_who_has_not_answered_in_three_days_is_let_off_and_another_asked_once(store: Store, after: Later) -> None:
    for name in ("bob", "carol"):
        offer(store, name)
    ask(store, "ann")
    letters(store)
    assert after(days=3, seconds=-1) == []
    told = after(days=3)
    assert [(to, words[:52]) for to, words in told] == [
        ("account:carol", "ann would like somebody to turn to for documentation"),
        ("account:bob", "ann has waited for your answer: I have asked somebod"),
        ("ann", "Whom I asked to help you has not answered, so I have"),
    ]
    assert after(days=3, seconds=1) == []
    assert pairs(store) == [("bob", "ann", "lapsed"), ("carol", "ann", "asked")]
    assert after(days=6) == [
        (
            "account:carol",
            "ann has waited for your answer: I have told them where all can answer, so you need not answer any more; no"
            " harm done. If you have no time now, !mentoring away next week, or other days, keeps me from asking you"
            " then.",
        ),
        (
            "ann",
            "Whom I asked to help you has not answered, and nobody else is free. Ask in #mentors, where all can answer,"
            " and stay a while: answers may take hours.",
        ),
    ]
    assert after(days=7) == []


def test_a_mentor_who_was_never_seen_meanwhile_does_not_hear_of_it_any_more(store: Store, after: Later) -> None:
    offer(store, "bob")
    ask(store, "ann")
    assert [to for to, _ in after(days=3)] == ["ann"]


def test_who_said_yes_in_time_is_not_let_off(store: Store, after: Later) -> None:
    offer(store, "bob")
    ask(store, "ann")
    [pair] = store.mentors.helped_by("account:bob")
    mentors.agree(store, HARBOUR, pair, NOW)
    letters(store)
    assert after(days=59) == []
    told = after(days=60)
    assert told == [
        (
            "ann",
            "60 days are over, so I no longer count bob as your mentor. You two may of course go on. !mentor docs asks"
            " anew.",
        ),
        (
            "account:bob",
            "60 days are over, so I no longer count ann as yours to help. You two may of course go on. Thank you!",
        ),
    ]
    assert after(days=61) == []


def test_an_answer_that_comes_too_late_changes_nothing(store: Store, after: Later) -> None:
    offer(store, "bob")
    ask(store, "ann")
    [pair] = store.mentors.helped_by("account:bob")
    after(days=3)
    assert mentors.agree(store, HARBOUR, pair, NOW + 3 * DAY) is False
    assert mentors.pass_on(store, HARBOUR, pair, "declined", NOW + 3 * DAY) is None
    mentors.end(store, HARBOUR, pair, NOW + 3 * DAY)
    assert (letters(store), pairs(store)) == ([], [("bob", "ann", "lapsed")])


def test_several_processes_let_a_mentor_off_once(tmp_path: Path, config: Config, loaded: Loaded) -> None:
    stores = [Store(tmp_path / "a.db") for _ in range(4)]
    for name in ("bob", "carol"):
        offer(stores[0], name)
    ask(stores[0], "ann")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: mentors.due(stores[n % 4], config, NOW + 3 * DAY), range(16)))
    assert [to for to, _ in letters(stores[0])] == ["account:carol", "ann"]
    for store in stores:
        store.close()


def test_what_is_over_is_forgotten_after_30_days(store: Store, after: Later) -> None:
    offer(store, "bob")
    ask(store, "ann")
    after(days=3)
    after(days=33)
    assert len(pairs(store)) == 1
    after(days=33, seconds=1)
    assert pairs(store) == []


def test_where_the_channel_was_observed_its_hours_are_told(store: Store, after: Later) -> None:
    for days in range(1, 6):
        store.hours.add("#mentors", (NOW - days * DAY).replace(hour=9, minute=0))
    assert mentors.where_to_ask(store, HARBOUR, NOW) == (
        "Ask in #mentors, where all can answer; people talk there mostly from 09:00 to 10:00 UTC;"
        " it is Friday, 14:30 UTC now."
    )


def test_a_pair_tells_all_that_is_known_of_it(store: Store) -> None:
    offer(store, "bob")
    ask(store, "ann", ("docs", ""))
    [pair] = store.mentors.helped_by("account:bob")
    assert pair == Pair(
        1, "account:bob", "bob", "nick:ann", "ann", "docs", "", "asked", NOW + 3 * DAY, letter=pair.letter
    )
    assert pair.letter
