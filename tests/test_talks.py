"""Tests of mentorbot/store/talks.py; whole talks are in tests/test_niche.py."""

from datetime import timedelta

from mentorbot.models import Who
from mentorbot.store import Store
from tests.builders import NOW

ALICE = Who("Alice", "alice")


def test_what_was_said_is_kept_for_the_person_and_the_command(store: Store) -> None:
    store.talks.keep(ALICE, "niche", {"likes": ["writing"], "minutes": None}, NOW)
    assert store.talks.of("account:alice", "niche") == {"likes": ["writing"], "minutes": None}
    assert (store.talks.of("nick:alice", "niche"), store.talks.of("account:alice", "other")) == (None, None)
    store.talks.end("account:alice")
    assert store.talks.of("account:alice", "niche") is None


def test_a_nick_is_enough_to_know_that_somebody_may_answer(store: Store) -> None:
    store.talks.keep(ALICE, "niche", {}, NOW)
    assert store.talks.listening(Who("x", "alice").keys) == "niche"
    assert store.talks.listening(Who("ALICE").keys) == "niche"
    assert store.talks.listening(Who("bob").keys) is None


def test_the_last_talk_is_the_one_that_listens_until_it_is_left(store: Store) -> None:
    store.talks.keep(ALICE, "other", {}, NOW)
    store.talks.keep(ALICE, "niche", {}, NOW + timedelta(seconds=1))
    assert store.talks.listening(ALICE.keys) == "niche"
    store.talks.leave("account:alice")
    assert store.talks.listening(ALICE.keys) is None
    assert store.talks.of("account:alice", "niche") == {}
