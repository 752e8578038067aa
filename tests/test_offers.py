"""Tests of mentorbot/store/offers.py."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot.models import Gone, Item, Signal
from mentorbot.store import Store
from mentorbot.store.offers import HELD
from tests.builders import NOW, days_ago


def item(number: int, kind: str = "bug", niche: str = "fixes") -> Item:
    signals = (Signal("starter_tag", 5, "tagged first"),)
    return Item(kind, number, "harbour", f"Item {number}", f"https://x.example/{number}", days_ago(3), niche, signals)


ITEMS = [item(n) for n in range(1, 9)]


def test_the_first_free_ones_are_offered_and_remembered_by_number(store: Store) -> None:
    assert store.offers.make("nick:alice", "docs", ITEMS, 3, NOW) == ITEMS[:3]
    assert store.offers.last("nick:alice") == {"1": ITEMS[0], "2": ITEMS[1], "3": ITEMS[2]}
    assert store.offers.asked("nick:alice") == "docs"
    assert (store.offers.last("nick:bob"), store.offers.asked("nick:bob")) == ({}, "")


def test_who_asks_again_gets_the_same_and_another_gets_the_next(store: Store) -> None:
    assert store.offers.make("nick:alice", "", ITEMS, 3, NOW) == ITEMS[:3]
    assert store.offers.make("nick:alice", "", ITEMS, 3, NOW) == ITEMS[:3]
    assert store.offers.make("nick:bob", "", ITEMS, 3, NOW) == ITEMS[3:6]


def test_what_was_offered_more_than_once_is_as_it_was_the_last_time(store: Store) -> None:
    later = replace(ITEMS[0], title="Another title", signals=())
    store.offers.make("nick:alice", "", ITEMS[:1], 1, NOW)
    store.offers.make("nick:alice", "", [later], 1, NOW + timedelta(hours=1))
    assert store.offers.offered("nick:alice", "LP#1") == (later, NOW + timedelta(hours=1))
    assert store.offers.offered("nick:alice", "change 1") is None
    assert store.offers.offered("nick:bob", "LP#1") is None
    store.people.link("Alice", account="alice", launchpad="al")
    store.offers.make("account:alice", "", ITEMS[1:2], 1, NOW)
    assert store.offers.offered("launchpad:al", "LP#2") == (ITEMS[1], NOW)


def test_an_item_is_held_for_48_hours_to_the_moment(store: Store) -> None:
    store.offers.make("nick:alice", "", ITEMS[:1], 1, NOW)
    assert store.offers.make("nick:bob", "", ITEMS[:1], 1, NOW + HELD - timedelta(microseconds=1)) == []
    assert store.offers.make("nick:bob", "", ITEMS[:1], 1, NOW + HELD) == ITEMS[:1]


def test_a_bug_and_a_change_of_one_number_are_two_items(store: Store) -> None:
    store.offers.make("nick:alice", "", [item(7)], 3, NOW)
    assert store.offers.make("nick:bob", "", [item(7), item(7, "change")], 3, NOW) == [item(7, "change")]


def test_the_same_item_twice_is_offered_once(store: Store) -> None:
    assert store.offers.make("nick:alice", "", [item(7), item(7, niche="docs"), item(8)], 3, NOW) == [item(7), item(8)]


def test_no_more_is_looked_at_than_is_needed(store: Store) -> None:
    def endless() -> Iterator[Item]:
        yield from ITEMS[:3]
        raise AssertionError("asked for a fourth")

    assert store.offers.make("nick:alice", "", endless(), 3, NOW) == ITEMS[:3]


def test_who_was_not_quick_enough_gets_what_is_free_by_then(store: Store) -> None:
    class Slow:
        """Somebody else is served while one looks for the first time."""

        looks = 0

        def __iter__(self) -> Iterator[Item]:
            self.looks += 1
            if self.looks == 1:
                store.offers.make("nick:bob", "", ITEMS, 3, NOW)
                yield from ITEMS[:3]
            else:
                yield from ITEMS

    assert store.offers.make("nick:alice", "", Slow(), 3, NOW) == ITEMS[3:6]


def test_what_was_passed_on_never_comes_back_to_the_same_person_under_any_name(store: Store) -> None:
    store.people.link("Alice", account="alice", launchpad="alice-lp")
    store.offers.make("account:alice", "", ITEMS, 2, NOW)
    assert store.offers.pass_on("account:alice", "too hard", NOW) == 2
    assert store.offers.pass_on("account:alice", "again", NOW) == 0
    later = NOW + timedelta(days=99)
    assert store.offers.make("account:alice", "", ITEMS, 2, later) == ITEMS[2:4]
    assert store.offers.make("launchpad:alice-lp", "", ITEMS, 1, later + HELD) == ITEMS[2:3]
    assert store.offers.make("nick:bob", "", ITEMS, 2, later) == ITEMS[:2]
    assert {row["reason"] for row in store.rows("select reason from offers where passed is not null")} == {"too hard"}


def test_a_suggestion_keeps_its_number_when_another_is_forgotten(store: Store) -> None:
    store.offers.make("nick:alice", "", ITEMS, 3, NOW)
    store.save([Gone("bug", 1)])
    assert store.offers.last("nick:alice") == {"2": ITEMS[1], "3": ITEMS[2]}


def test_people_are_counted_once_a_niche_and_oneself_not_at_all(store: Store) -> None:
    for person, number, niche in (("ann", 1, "fixes"), ("ann", 2, "fixes"), ("ben", 3, "fixes"), ("cat", 4, "docs")):
        store.offers.make(person, "", [item(number, niche=niche)], 1, NOW)
    assert store.offers.lately(NOW, but="cat") == {"fixes": 2}
    assert store.offers.lately(NOW, but="ann") == {"fixes": 1, "docs": 1}
    assert store.offers.lately(NOW + HELD, but="") == {}


@pytest.mark.parametrize("stores", [1, 4])
def test_twenty_people_who_ask_at_once_never_hear_of_the_same_item(tmp_path: Path, stores: int) -> None:
    opened = [Store(tmp_path / "a.db") for _ in range(stores)]
    items = [item(n, kind) for n in range(1, 34) for kind in ("bug", "question", "blueprint")]

    def ask(n: int) -> list[Item]:
        return opened[n % stores].offers.make(f"nick:{n}", "", items, 3, NOW)

    with ThreadPoolExecutor(20) as people:
        heard = [offered for offers in people.map(ask, range(20)) for offered in offers]
    assert Counter(heard) == Counter(items[:60])
    for store in opened:
        store.close()
