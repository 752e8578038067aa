"""Tests of mentorbot/waits.py and mentorbot/store/waits.py: how long newcomers wait for a person's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mentorbot import waits
from mentorbot.models import ChangeMessage, Vote
from mentorbot.store import FirstChange, Store, Wait
from tests.builders import NOW, bug, change, days_ago


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("said", "median"),
    [
        ([], None),
        ([(1, True)], 1),
        ([(1, True), (2, True), (3, True)], 2),
        ([(1, True), (2, True), (3, True), (4, True)], 2),
        # Freireich's leukaemia patients (21 on a drug, 12 of them censored): textbooks give 23 weeks.
        (
            [
                *[(6, True)] * 3, (7, True), (10, True), (13, True), (16, True), (22, True), (23, True),
                *((n, False) for n in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
            ],
            23,
        ),
        ([(1, True), (9, False), (9, False)], None),
        ([(5, False), (5, True)], 5),
        ([(5, False), (5, True), (5, False)], None),
        ([(1, False), (2, False)], None),
    ],
)  # fmt: skip
def test_the_median_counts_those_that_still_wait(said: list[tuple[float, bool]], median: float | None) -> None:
    found = waits.median((hours(waited), answered) for waited, answered in said)
    assert found == (None if median is None else hours(median))


def test_without_those_that_still_wait_a_project_would_look_quick() -> None:
    answered = [(hours(1), True)] * 4
    waiting = [(hours(100), False)] * 6
    assert (waits.median(answered), waits.median(answered + waiting)) == (hours(1), None)


def test_groups_are_projects_and_components_with_enough_changes() -> None:
    sails = [FirstChange("harbour", frozenset({"sails"}), hours(n), True) for n in range(1, 11)]
    others = [FirstChange("harbour", frozenset({"ropes"}), hours(20), False)] * 9
    client = [FirstChange("client", frozenset(), hours(1), True)] * 9
    assert waits.usual([*sails, *others, *client]) == [
        Wait("harbour", "", hours(10), 19),
        Wait("harbour", "sails", hours(5), 10),
    ]


ROBOTS = ["harbour-ci", "harbour-proposals"]


def first(store: Store, days: float = 0) -> list[tuple[float, bool]]:
    found = store.waits.first_changes(days_ago(365), days_ago(days), timedelta(days=180), ROBOTS)
    return [(change.waited / timedelta(days=1), change.answered) for change in found]


OLD = change(1, owner="vera", days=300)
ROBOT = ChangeMessage("m1", "watcher", days_ago(9), "Seen.", robot=True)
REVIEW = (Vote("Code-Review", "vera", 1, days_ago(4)),)


@pytest.mark.parametrize(
    ("first_change", "waited"),
    [
        (change(50, days=10), (10, False)),
        (change(50, days=10, messages=(("vera", "Good.", 7), ("olga", "Yes.", 9))), (1, True)),
        (change(50, days=10, messages=(("nora", "Anybody?", 9), ("harbour-ci", "Failed.", 9))), (10, False)),
        (change(50, days=10, votes=REVIEW), (6, True)),
        (change(50, days=10, votes=(Vote("Code-Review", "nora", 1, days_ago(4)),)), (10, False)),
        (replace(change(50, days=10), messages=(ROBOT,)), (10, False)),
        (change(50, days=10, status="ABANDONED", updated=days_ago(2)), (8, False)),
        (change(50, days=10, status="MERGED", updated=days_ago(1), submitted=days_ago(3)), (7, False)),
        (change(50, days=10, messages=(("vera", "Good.", 11),)), (0, True)),
    ],
    ids=[
        "waits still",
        "answered",
        "by robots and itself",
        "a vote",
        "its own",
        "an unlisted robot",
        "abandoned",
        "merged",
        "an odd clock",
    ],
)
def test_a_first_change_waits_for_a_person_or_until_it_is_closed(
    store: Store, first_change: object, waited: tuple[float, bool]
) -> None:
    store.save([OLD, first_change])  # type: ignore[list-item]
    assert first(store) == [pytest.approx(waited)]


def test_only_first_changes_of_people_count_where_the_mirror_reaches_back(store: Store) -> None:
    store.save([OLD, change(50, days=10), change(51, days=9), change(52, owner="harbour-proposals")])
    store.save([change(60, owner="olga", project="new/project", days=20)])
    assert [waited for waited, _ in first(store)] == pytest.approx([10])


def test_an_answer_that_came_later_does_not_count_yet(store: Store) -> None:
    store.save([OLD, change(50, days=10, messages=(("vera", "Good.", 7),))])
    assert first(store, days=8) == [pytest.approx((2, False))]


def test_the_components_are_the_tags_of_the_bugs_it_names(store: Store) -> None:
    store.save([OLD, *bug(12, tags=("sails", "ropes")), change(50, days=10, message="Closes-Bug: #12")])
    found = store.waits.first_changes(days_ago(365), NOW, timedelta(days=180), ROBOTS)
    assert [change.components for change in found] == [frozenset({"sails", "ropes"})]


def test_the_usual_waits_are_kept_and_computed_again_when_they_are_old(store: Store) -> None:
    assert (store.waits.usual(), store.waits.computed()) == ({}, None)
    store.save(
        [OLD, *(change(50 + n, owner=f"new{n}", days=20, messages=(("vera", "Good.", 20 - n),)) for n in range(10))]
    )
    waits.refresh(store, ROBOTS, NOW)
    usual = {("harbour", ""): Wait("harbour", "", timedelta(days=4), 10)}
    assert (store.waits.usual(), store.waits.computed()) == (usual, NOW)
    store.save([change(70, owner="another", days=3)])
    waits.refresh(store, ROBOTS, NOW + hours(11))
    assert store.waits.usual() == usual
    waits.refresh(store, ROBOTS, NOW + hours(12))
    assert store.waits.usual()["harbour", ""].changes == 11
