"""Tests of mentorbot/store/courtesy.py."""

from datetime import timedelta

from mentorbot.store import Store
from mentorbot.store.courtesy import Ignored
from tests.builders import NOW

DAY = timedelta(days=1)


def test_who_is_ignored_is_heard_again_at_the_end(store: Store) -> None:
    store.courtesy.ignore("Mallory", NOW + 2 * DAY, "boss", NOW)
    store.courtesy.ignore("bad.example.org", NOW + DAY, "boss", NOW)
    assert store.courtesy.ignored(NOW) == [
        Ignored("bad.example.org", NOW + DAY, "boss"),
        Ignored("mallory", NOW + 2 * DAY, "boss"),
    ]
    assert store.courtesy.is_ignored(["x", "MALLORY"], NOW)
    assert not store.courtesy.is_ignored(["x", "y"], NOW)
    assert [one.name for one in store.courtesy.ignored(NOW + DAY)] == ["mallory"]
    assert not store.courtesy.is_ignored(["mallory"], NOW + 2 * DAY)


def test_the_last_word_on_somebody_counts(store: Store) -> None:
    store.courtesy.ignore("mallory", NOW + DAY, "boss", NOW)
    store.courtesy.ignore("Mallory", NOW + 9 * DAY, "chief", NOW)
    assert store.courtesy.ignored(NOW) == [Ignored("mallory", NOW + 9 * DAY, "chief")]
    assert [store.courtesy.unignore("MALLORY"), store.courtesy.unignore("mallory")] == [True, False]
    assert store.courtesy.ignored(NOW) == []


def test_one_is_met_once_in_each_channel_by_whatever_key(store: Store) -> None:
    assert store.courtesy.meet(["nick:alice"], "#mentors", NOW)
    assert not store.courtesy.meet(["nick:alice"], "#Mentors", NOW)
    assert not store.courtesy.meet(["account:al", "nick:alice"], "#mentors", NOW)
    assert not store.courtesy.meet(["account:al", "nick:other"], "#mentors", NOW)
    assert store.courtesy.meet(["account:al", "nick:alice"], "#docs", NOW)


def test_quiet_is_kept_under_every_key(store: Store) -> None:
    store.courtesy.leave_alone(["account:al", "nick:alice"], NOW)
    store.courtesy.leave_alone(["account:al", "nick:alice"], NOW)
    wants = [store.courtesy.wants_quiet(keys) for keys in (["account:al"], ["account:x", "nick:alice"], ["nick:bob"])]
    assert wants == [True, True, False]
