"""Tests of mentorbot/recognition/consent.py: who may be named."""

import pytest

from mentorbot import config as settings
from mentorbot.recognition.consent import known, may_be_named
from mentorbot.store import Store
from tests.builders import NOW

ASK = settings.parse("")
OPT_OUT = settings.parse('[shoutout]\nconsent = "opt-out"')


@pytest.mark.parametrize(
    ("said", "asked", "not_refused"), [(None, False, True), ("in", True, True), ("out", False, False)]
)
def test_a_persons_word_decides_and_without_one_the_setting(
    store: Store, said: str | None, asked: bool, not_refused: bool
) -> None:
    if said:
        store.people.choose("launchpad:bob", said, NOW)
    assert may_be_named("launchpad:bob", store, ASK) == asked
    assert may_be_named("launchpad:bob", store, OPT_OUT) == not_refused


def test_a_word_holds_for_all_linked_names_and_the_latest_counts(store: Store) -> None:
    store.people.link("Bob", account="Bob", launchpad="bob-l", gerrit="bobby")
    names = ["account:bob", "launchpad:bob-l", "gerrit:bobby", "nick:bob"]
    store.people.choose("account:bob", "in", NOW)
    assert [may_be_named(name, store, ASK) for name in names] == [True] * 4
    store.people.choose("gerrit:bobby", "out", NOW)
    assert [may_be_named(name, store, ASK) for name in names] == [False] * 4
    store.people.choose("account:bob", "in", NOW)
    assert [may_be_named(name, store, ASK) for name in names] == [True] * 4


def test_a_refusal_under_any_name_counts_when_names_are_linked_afterwards(store: Store) -> None:
    store.people.choose("account:bob", "in", NOW)
    store.people.choose("launchpad:bob-l", "out", NOW)
    store.people.link("Bob", account="bob", launchpad="bob-l")
    assert may_be_named("account:bob", store, ASK) is False


def test_agreeing_here_agrees_for_no_unproved_name_elsewhere_but_refusing_does(store: Store) -> None:
    store.people.choose("account:bob", "in", NOW)
    store.people.choose("account:eve", "out", NOW)
    assert may_be_named("launchpad:bob", store, ASK) is False
    assert may_be_named("launchpad:eve", store, OPT_OUT) is False


def test_a_nick_is_the_account_of_that_name_once_the_store_knows_it(store: Store) -> None:
    assert known("nick:bob", store) == "nick:bob"
    store.people.choose("account:bob", "in", NOW)
    assert known("nick:bob", store) == "account:bob"
    assert may_be_named("nick:bob", store, ASK) is True


def test_a_nick_nobody_stands_behind_is_never_named(store: Store) -> None:
    assert may_be_named("nick:bob", store, OPT_OUT) is False
