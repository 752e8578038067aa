"""Tests of plugins/funnel.py and mentorbot/funnel.py: how far people come, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from mentorbot.config import Config
from mentorbot.models import Item
from mentorbot.store import Store
from tests.builders import NOW, days_ago

Ask = Callable[..., list[str]]
DAY = timedelta(days=1)


def offer(store: Store, person: str, days: float, numbers: Sequence[int] = (1,), niche: str = "fixes") -> list[Item]:
    items = [Item("bug", number, "harbour", "A title", "", NOW, niche) for number in numbers]
    return store.offers.make(person, "", items, 3, days_ago(days))


@pytest.fixture
def told(ask: Ask) -> Callable[..., list[str]]:
    return lambda text="!funnel": ask(text, nick="boss", account="boss")


def test_each_step_counts_people_once_and_small_niches_only_in_the_sum(
    store: Store, told: Callable[..., list[str]]
) -> None:
    for n in range(6):
        person = f"account:p{n}"
        item = offer(store, person, 50, [n + 1])[0]
        if n < 4:
            lease = store.leases.begin(item, person, f"p{n}", days_ago(49), 14 * DAY)
            if n < 3:
                store.leases.extend(lease, days_ago(45), days_ago(31))
            if n == 0:
                store.leases.end(lease, "merged", days_ago(40))
            if n == 1:
                store.leases.end(lease, "closed", days_ago(40))
            if n == 3:
                store.leases.end(lease, "closed", days_ago(40))
    offer(store, "account:p0", 20, [50, 51], "docs")
    offer(store, "nick:q", 5, [], "docs")
    assert told() == [
        "In the last 90 days 7 people asked for work; 1 came back on a later day within 90 days.",
        "All niches: 6 offered, 4 claimed, 3 seen at work, 2 finished",
        "fixes: 6 offered, 4 claimed, 3 seen at work, 2 finished",
        "1 niche with fewer than 5 people is only in the sum, so that nobody is recognised.",
    ]
    assert told("!funnel 10 days")[0] == (
        "In the last 10 days 1 person asked for work; 0 came back on a later day within 90 days."
    )
    assert told("!funnel 1") == ["In the last 1 day nobody asked for work."]


def test_who_comes_back_the_same_day_or_after_90_days_has_not_come_back(
    store: Store, told: Callable[..., list[str]]
) -> None:
    for person, first, second in (("a", 80, 79.5), ("b", 80, 79), ("c", 99, 8), ("d", 99, 9)):
        offer(store, f"account:{person}", first)
        offer(store, f"account:{person}", second)
    assert told("!funnel 100")[0] == (
        "In the last 100 days 4 people asked for work; 2 came back on a later day within 90 days."
    )


def test_of_fewer_than_five_people_it_is_not_told_how_far_they_came(
    store: Store, told: Callable[..., list[str]]
) -> None:
    for n in range(4):
        offer(store, f"account:p{n}", 9, [n + 1])
    asked = "In the last 90 days 4 people asked for work; 0 came back on a later day within 90 days."
    assert told() == [asked, "Of fewer than 5 people I do not tell how far they came, so that nobody is recognised."]
    offer(store, "account:p4", 9, [9])
    assert told()[1] == "All niches: 5 offered, 0 claimed, 0 seen at work, 0 finished"


def test_one_person_under_two_names_is_one(store: Store, told: Callable[..., list[str]]) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l")
    offer(store, "account:ada", 9)
    offer(store, "launchpad:ada-l", 5)
    assert told()[0] == "In the last 90 days 1 person asked for work; 1 came back on a later day within 90 days."


def test_it_is_for_organisers_and_names_nobody(ask: Ask, store: Store, config: Config) -> None:
    for n in range(9):
        offer(store, f"account:secret{n}", 9, [n])
    assert "secret" not in " ".join(ask("!funnel", nick="boss", account="boss"))
    assert ask("!funnel", account="alice") == ["funnel is for this bot's organisers."]
    assert ask("!funnel lots", nick="boss", account="boss") == ["Say a number of days, such as funnel 90."]
