"""Tests of plugins/reviews.py; what counts as looked at, tests/test_starter.py asks."""

from collections.abc import Callable

from mentorbot.models import Vote
from mentorbot.store import Store
from tests.builders import change
from tests.test_starter import numbers

Ask = Callable[..., list[str]]


def test_only_small_changes_are_offered(ask: Ask, store: Store) -> None:
    store.save([change(50, lines=100), change(51, lines=60, deletions=41)])
    assert numbers(ask("!starter reviews")) == ["change 50"]


def test_only_changes_of_our_projects_are_offered(ask: Ask, store: Store) -> None:
    store.save([change(50, project="elsewhere/ferry"), change(51, project="elsewhere/harbour"), change(52)])
    assert numbers(ask("!starter reviews")) == ["change 52", "change 51"]


def test_nobody_reviews_their_own_change_however_their_name_is_written(ask: Ask, store: Store) -> None:
    store.save([change(50, owner="Alice")])
    assert numbers(ask("!starter reviews", nick="ALICE")) == []
    assert numbers(ask("!starter reviews", nick="x", account="aLice")) == []
    assert numbers(ask("!starter reviews", nick="alice", account="x")) == []
    assert numbers(ask("!starter reviews", nick="bob")) == ["change 50"]


def test_ones_own_vote_and_ci_leave_a_change_unreviewed_but_a_persons_does_not(ask: Ask, store: Store) -> None:
    store.save(
        [
            change(50, votes=(Vote("Code-Review", "nora", 1), Vote("Workflow", "harbour-ci", 1, robot=True))),
            change(51, votes=(Vote("Code-Review", "bob", 2),)),
            change(52, votes=(Vote("Workflow", "nora", -1),)),
        ]
    )
    assert numbers(ask("!starter reviews")) == ["change 50"]


def test_the_best_reviews_have_a_newcomer_few_lines_and_a_week_of_waiting(ask: Ask, store: Store) -> None:
    store.save([change(1, owner="vera", days=99, status="MERGED"), change(2, owner="vera", days=98, status="MERGED")])
    store.save([change(3, owner="vera", days=97, status="MERGED"), change(50, owner="vera", lines=60, days=2)])
    store.save([change(51, owner="nora", lines=3, days=8), change(52, owner="noel", lines=60, days=2)])
    assert numbers(ask("!starter reviews")) == ["change 51", "change 52", "change 50"]


def test_a_newcomers_change_comes_first_whatever_speaks_for_the_others(ask: Ask, store: Store) -> None:
    store.save(change(n, owner="vera", days=100 + n, status="MERGED") for n in (1, 2, 3))
    store.save([change(50, owner="vera", lines=3, days=8), change(51, owner="nora", lines=99, days=95, patch_set=4)])
    assert numbers(ask("!starter reviews")) == ["change 51", "change 50"]
