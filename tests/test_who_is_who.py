"""Tests of mentorbot/store/people.py: one person, many names, joined and parted again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.models import Credit
from mentorbot.store import Store
from tests.builders import NOW, days_ago


def who(store: Store) -> list[set[str]]:
    """Who is one person."""
    rows = store.rows("select person, kind || ':' || name key from identities order by person, key")
    people: dict[int, set[str]] = {}
    for row in rows:
        people.setdefault(row["person"], set()).add(row["key"])
    return sorted(people.values(), key=sorted)


def test_a_proved_name_is_the_accounts(store: Store) -> None:
    assert store.people.join("account:ada", "launchpad", "Ada-L", NOW)
    assert store.people.join("account:ada", "gerrit", "ada", NOW)
    assert store.people.same("account:ada") == ["account:ada", "gerrit:ada", "launchpad:ada-l"]
    assert store.people.account_of("launchpad", "ADA-L") == "account:ada"


def test_a_name_of_another_account_stays_with_it(store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert store.people.join("account:eve", "launchpad", "ada-l", NOW) is False
    assert store.people.join("account:ada", "launchpad", "ada-l", NOW) is True
    assert who(store) == [{"account:ada", "launchpad:ada-l"}]


def test_two_people_become_one_and_two_again(store: Store) -> None:
    store.people.join("account:ada", "gerrit", "ada", days_ago(3))
    store.people.link("Ada", launchpad="ada-l", gerrit="ada-old")
    apart = who(store)
    assert store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert who(store) == [{"account:ada", "gerrit:ada", "gerrit:ada-old", "launchpad:ada-l"}]
    assert store.people.part("account:ada", "launchpad", "ada-l", NOW)
    assert who(store) == apart


def test_a_name_that_came_along_can_be_ended_alone_and_finds_back(store: Store) -> None:
    store.people.link("Ada", launchpad="ada-l", gerrit="ada-old")
    store.people.join("account:ada", "launchpad", "ada-l", days_ago(1))
    assert store.people.part("account:ada", "gerrit", "ada-old", NOW)
    assert who(store) == [{"account:ada", "launchpad:ada-l"}, {"gerrit:ada-old"}]
    assert store.people.part("account:ada", "launchpad", "ada-l", NOW)
    assert who(store) == [{"account:ada"}, {"gerrit:ada-old", "launchpad:ada-l"}]


def test_a_name_that_was_nobodys_is_nobodys_again(store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert store.people.part("account:ada", "launchpad", "ADA-L", NOW)
    assert who(store) == [{"account:ada"}]
    assert store.people.join("account:eve", "launchpad", "ada-l", NOW)


def test_what_an_operator_linked_can_be_ended_too(store: Store) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l")
    assert store.people.part("account:ada", "launchpad", "ada-l", NOW)
    assert who(store) == [{"account:ada"}]


def test_there_is_nothing_to_end_where_there_was_no_link(store: Store) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l")
    assert store.people.part("account:ada", "gerrit", "ada", NOW) is False
    assert store.people.part("account:eve", "launchpad", "ada-l", NOW) is False
    assert who(store) == [{"account:ada", "launchpad:ada-l"}]


def test_joining_and_parting_leave_credits_and_choices_under_their_names(store: Store) -> None:
    store.credits.add([Credit("launchpad:ada-l", "ada-l", "triage", "found out", "", days_ago(1), evidence="e")])
    store.people.choose("launchpad:ada-l", "out", days_ago(1))
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert store.people.choice("account:ada") == "out"
    store.people.part("account:ada", "launchpad", "ada-l", NOW)
    assert (store.people.choice("account:ada"), store.people.choice("launchpad:ada-l")) == (None, "out")
    assert [credit.person for credit in store.credits.between(days_ago(2), NOW)] == ["launchpad:ada-l"]


def test_every_step_is_remembered(store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", days_ago(1))
    store.people.part("account:ada", "launchpad", "ada-l", NOW)
    assert store.rows("select kind, name, was, became, how from links order by id") == [
        {"kind": "account", "name": "ada", "was": None, "became": 1, "how": "joined"},
        {"kind": "launchpad", "name": "ada-l", "was": None, "became": 1, "how": "proved"},
        {"kind": "launchpad", "name": "ada-l", "was": 1, "became": None, "how": "ended"},
    ]


NAMES = [("launchpad", "a"), ("launchpad", "b"), ("gerrit", "a"), ("gerrit", "b"), ("gerrit", "c")]


@given(st.lists(st.tuples(st.sampled_from(["account:x", "account:y"]), st.sampled_from(NAMES)), max_size=6))
def test_links_that_are_ended_in_turn_leave_no_trace_in_who_is_who(steps: list[tuple[str, tuple[str, str]]]) -> None:
    store = Store()
    store.people.link("B", launchpad="b", gerrit="b")
    for account in ("account:x", "account:y"):
        store.people.join(account, "launchpad", account[-1], NOW)
    before = who(store)
    done = [
        (account, kind, name)
        for account, (kind, name) in steps
        if f"{kind}:{name}" not in store.people.same(account) and store.people.join(account, kind, name, NOW)
    ]
    for account, kind, name in reversed(done):
        assert store.people.part(account, kind, name, NOW)
    assert who(store) == before
    store.close()


@pytest.mark.parametrize("account", ["account:x", "account:y"])
def test_a_person_has_never_two_accounts(store: Store, account: str) -> None:
    store.people.join("account:x", "launchpad", "a", NOW)
    store.people.join(account, "launchpad", "a", NOW)
    assert who(store) == [{"account:x", "launchpad:a"}]
