"""Tests of mentorbot/store/discussions.py: nothing that came later counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mentorbot.models import Task
from mentorbot.store import Said, Store
from tests.builders import NOW, bug, change, days_ago

ROBOTS = ["harbour-janitor"]
REVIEW = "Review: https://review.harbour.example/77"


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        ((), Said()),
        ((("vera", "Which version?"),), Said(unanswered=True)),
        ((("vera", "Which version?"), ("rita", "2.0.")), Said()),
        ((("vera", "Which version?"), ("rita", "2.0, why?")), Said()),
        ((("vera", "Which version?"), ("harbour-janitor", "Tagged.")), Said(unanswered=True)),
        ((("vera", "I see it too."),), Said()),
        ((("bob", "I will work on this."), ("vera", "Thanks.")), Said(given_up=True)),
        ((("harbour-janitor", "I will work on this."),), Said()),
        ((("harbour-janitor", f"Reviewed:  {REVIEW.split()[1]}\nCommitted: x"),), Said(merged=True)),
        ((("harbour-janitor", f"Change abandoned by bob\n{REVIEW}"),), Said()),
    ],
    ids=str,
)
def test_what_was_said_on_a_bug(store: Store, comments: Any, said: Said) -> None:
    store.save(bug(12, days=9, comments=tuple((*one, 8 - n) for n, one in enumerate(comments))))
    people = [days_ago(8 - n) for n, one in enumerate(comments) if one[0] not in ROBOTS]
    assert store.discussions.on([12], ROBOTS, NOW) == {12: replace(said, spoken=max(people, default=None))}
    assert store.discussions.on([12], ROBOTS, days_ago(8.5)) == {12: Said()}


def test_a_merged_change_that_names_the_bug_counts_from_when_it_was_merged(store: Store) -> None:
    merged = change(50, status="MERGED", submitted=days_ago(3), message="Closes-Bug: #12")
    store.save([*bug(12), *bug(13), merged, change(51, message="Closes-Bug: #13")])
    assert store.discussions.on([12, 13], ROBOTS, NOW) == {12: Said(merged=True), 13: Said()}
    assert store.discussions.on([12], ROBOTS, days_ago(4)) == {12: Said()}


def test_what_was_open_at_a_time_is_told_as_it_was(store: Store) -> None:
    task, *rest = bug(12, days=50, status="Fix Released", comments=(("vera", "Why?", 30), ("rita", "So.", 20)))
    assert isinstance(task, Task)
    store.save([replace(task, closed=days_ago(5)), *rest])
    store.save([*bug(13, days=10, assignee="bob", tags=("a", "b")), *bug(14, days=1)])
    moments = [60, 40, 25, 10, 4, 0.5]
    found = [
        [(b.number, b.comments, b.answered, b.tags) for b in store.discussions.open_bugs(ROBOTS, days_ago(m))]
        for m in moments
    ]
    tags = frozenset({"a", "b"})
    assert found == [
        [],
        [(12, 0, False, frozenset())],
        [(12, 1, False, frozenset())],
        [(12, 2, True, frozenset()), (13, 0, False, tags)],
        [(13, 0, False, tags)],
        [(13, 0, False, tags), (14, 0, False, frozenset())],
    ]
