"""Tests of mentorbot/store/talks.py; whole talks are in tests/test_niche.py."""

from datetime import timedelta

from mentorbot.models import Item, Who
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


def test_of_letters_that_ask_for_a_yes_or_a_no_the_last_that_was_said_listens_first(store: Store) -> None:
    minute, alice = timedelta(minutes=1), ALICE.key
    store.mentors.offer(alice, "alice", [("", "")], 1, NOW)
    pair = store.mentors.pair(["nick:ann"], "ann", ("", ""), NOW, today=NOW.date(), until=NOW, since=NOW)
    assert pair
    [item] = store.offers.make(alice, "", [Item("bug", 12, "harbour", "", "", NOW)], 1, NOW)
    lease = store.leases.begin(item, alice, "alice", NOW, timedelta(days=14))
    store.leases.remind(lease, NOW, NOW, store.outbox.put(alice, ["Do you go on?"], NOW))
    assert store.talks.listening(ALICE.keys, yes_or_no=True) is None  # nothing of it was said yet
    store.outbox.take(NOW + minute, [alice])
    store.mentors.told(pair, store.outbox.put(alice, ["Will you?"], NOW))
    store.outbox.take(NOW + 2 * minute, [alice])
    assert store.talks.listening(ALICE.keys, yes_or_no=True) == "mentoring"
    assert (store.talks.listening(ALICE.keys), store.talks.listening(Who("alice").keys, yes_or_no=True)) == (None, None)
    store.mentors.close(pair, "declined", NOW)
    assert store.talks.listening(ALICE.keys, yes_or_no=True) == "claims"
    store.talks.keep(ALICE, "niche", {}, NOW + 3 * minute)
    assert store.talks.listening(ALICE.keys, yes_or_no=True) == "niche"
    store.talks.end(alice)
    store.leases.keep(lease, NOW, NOW)
    assert store.talks.listening(ALICE.keys, yes_or_no=True) is None
