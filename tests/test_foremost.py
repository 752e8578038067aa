"""Tests of mentorbot/store/foremost.py: enough of a long queue to choose from."""

from __future__ import annotations

import time
from datetime import timedelta

from mentorbot.config import Config
from mentorbot.dispatch import Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Item, OpenBug, Who
from mentorbot.store import Foremost, Store
from mentorbot.store.foremost import MOST
from tests.builders import NOW, bug

PROJECTS = ["harbour", "harbour-client"]
HELD_FOR = timedelta(days=90)
AMONG = 5000


def numbers(bugs: list[OpenBug]) -> list[int]:
    return [bug.number for bug in bugs]


def foremost(store: Store, held: tuple[int, ...]) -> Foremost:
    """Where somebody asks while others hold these."""
    for number in held:
        store.offers.make("nick:other", "", [Item("bug", number, "harbour", "", "", NOW)], 1, NOW)
    return Foremost(store, "nick:me", NOW)


def free(store: Store, *held: int, tags: tuple[str, ...] = ("first",)) -> list[OpenBug]:
    return foremost(store, held).free(PROJECTS, robots=[], claimed_since=NOW - HELD_FOR, tags=tags)


def untriaged(store: Store, *held: int) -> list[OpenBug]:
    return foremost(store, held).untriaged(PROJECTS, robots=[], claimed_since=NOW - HELD_FOR)


def test_a_short_queue_is_given_whole_as_the_store_gives_it_but_for_what_is_held(store: Store) -> None:
    for number in range(1, 6):
        store.save(bug(number, tags=("first",), days=number))
    store.save([*bug(6, tags=("first",), assignee="bob"), *bug(7, tags=("other",)), *bug(8, project="elsewhere")])
    store.save([*bug(9, tags=("first",), project="harbour-client"), *bug(9, tags=("first",), assignee="bob")])
    whole = store.bugs.free(PROJECTS, robots=[], claimed_since=NOW - HELD_FOR, tags=["first"])
    assert free(store) == whole
    assert numbers(free(store, 2, 4, 77)) == [1, 3, 5, 9]
    assert free(store, tags=("none",)) == []
    assert numbers(untriaged(store, 1, 9)) == [3, 5, 7]


def test_of_a_long_one_the_youngest_of_each_project_and_the_youngest_that_are_judged_are_given(store: Store) -> None:
    for number in range(1, 201):
        judged = "Low" if number > 130 else "Undecided"
        store.save(bug(number, tags=("first",), days=number, importance=judged))
    store.save(bug(500, tags=("first",), days=999, project="harbour-client"))
    best = [*range(1, MOST + 1), *range(131, 131 + MOST), 500]
    assert (numbers(free(store)), numbers(untriaged(store))) == (best, best)


def test_among_thousands_of_open_bugs_an_answer_comes_at_once(config: Config, loaded: Loaded, store: Store) -> None:
    with store.writing():
        for number in range(1, AMONG + 1):
            said = (("vera", "I see it too."),) if number % 3 == 0 else ()
            tags = ("low-hanging-fruit",) if number % 40 == 0 else ()
            importance = "Low" if number % 7 == 0 else "Undecided"
            store.save(bug(number, days=number, tags=tags, importance=importance, comments=said))
    dispatch = Dispatch(config, loaded, store, lambda: NOW)

    def slowest(people: int) -> float:
        """The 99th percentile of the seconds of work that one question costs this process."""
        costs = []
        for person in range(people):
            begun = time.process_time()
            dispatch.answer(Heard(Who(f"p{person}"), "#mentors", "!starter"))
            costs.append(time.process_time() - begun)
        return sorted(costs)[people * 99 // 100 - 1]

    # The best of some rounds: others work on the machine, too.
    assert min(slowest(100) for _ in range(3)) < 0.02
    dispatch.close()
