"""Tests of mentorbot/store/tastes.py: what a person did, and what is like it."""

from __future__ import annotations

from datetime import timedelta

from mentorbot.models import Item
from mentorbot.store import Alike, Store, alike
from tests.builders import NOW, activity, blueprint, bug, change, days_ago, question

ANCHOR = "Anchor is lost when the chain breaks"


def test_works_are_what_proved_names_did_the_latest_first(store: Store) -> None:
    store.people.link("Ada", account="ada", launchpad="ada-l", gerrit="ada-g")
    store.save(bug(1, "Commented", days=90, comments=(("ada-l", "I see it too.", 20),)))
    store.save([*bug(2, "Changed"), activity(2, "ada-l", "status", "New", "Confirmed", days=30)])
    store.save(bug(3, "Assigned", assignee="ada-l", days=40))
    store.save([change(50, "Proposed", owner="ada-g", days=10), change(51, "Of another", owner="ada")])
    store.save([*bug(4, "Only reported", reporter="ada-l"), *bug(5, "Another's", comments=(("ada", "Hello"),))])
    store.save([question(7, "Solved", answerer="ada-l", solved=days_ago(11)), question(8, "Asked", owner="ada-l")])
    store.save([blueprint("a", "Drafted", drafter="ada-l", days=12), blueprint("b", "Wished", owner="ada-l")])
    works = store.tastes.of("account:ada", NOW)
    assert list(works.items()) == [
        ("change 50", "Proposed"),
        ("question 7", "Solved"),
        ("blueprint a", "Drafted"),
        ("LP#1", "Commented"),
        ("LP#2", "Changed"),
        ("LP#3", "Assigned"),
    ]
    assert list(store.tastes.of("account:ada", days_ago(25))) == ["LP#2", "LP#3"]
    assert store.tastes.of("nick:ada-l", NOW) == {}


def test_what_was_offered_and_then_finished_or_found_right_counts_without_any_proof(store: Store) -> None:
    items = [
        Item("bug", 12, "harbour", "Finished", "", NOW),
        Item("blueprint", 1, "harbour", "Found right", "https://bp.example/harbour/+spec/quay", NOW),
        Item("change", 50, "harbour", "Given back", "", NOW),
        Item("bug", 13, "harbour", "Still at it", "", NOW),
    ]
    store.offers.make("account:ada", "", items, 4, days_ago(9))
    leases = [store.leases.begin(item, "account:ada", "ada", days_ago(8), timedelta(days=14)) for item in items]
    for lease, outcome, days in zip(leases, ("done", "given up", "given up"), (5, 4, 3), strict=False):
        store.leases.end(lease, outcome, days_ago(days))
    store.leases.tell(leases[1], "right")
    assert store.tastes.of("account:ada", NOW) == {"blueprint quay": "Found right", "LP#12": "Finished"}
    assert store.tastes.of("account:ada", days_ago(6)) == {}


def test_no_more_than_the_latest_ten_works_count(store: Store) -> None:
    store.people.link("Ada", account="ada", gerrit="ada")
    store.save(change(number, owner="ada", days=number) for number in range(1, 15))
    assert list(store.tastes.of("account:ada", NOW)) == [f"change {number}" for number in range(1, 11)]


def test_titles_with_two_rare_words_in_common_are_alike_whatever_their_endings() -> None:
    titles = {"LP#1": "Chains and anchors are lost", "LP#2": "The anchor rusts", "LP#3": "No wind", "LP#9": ANCHOR}
    works = {"LP#9": ANCHOR, "change 5": "Mend the wind vane"}
    assert alike(titles, works) == {"LP#1": Alike("LP#9", ("chains", "anchors", "lost"))}


def test_the_nearest_work_is_named() -> None:
    works = {"LP#8": "Breaks the anchor", "LP#9": ANCHOR}
    near = {"LP#1": Alike("LP#9", ("anchor", "chain", "breaks"))}
    assert alike({"LP#1": "Anchor chain breaks"}, works) == near
    assert alike({"LP#1": "Anchor chain breaks"}, dict(reversed(works.items()))) == near


def test_words_that_most_titles_have_tell_nothing() -> None:
    titles = {f"LP#{number}": f"Harbour log fails in case {number}" for number in range(100, 130)}
    assert alike(titles, {"LP#9": "Harbour log fails at noon"}) == {}
    assert alike({"LP#1": "What should the and for"}, {"LP#9": "the and for What should"}) == {}


def test_odd_titles_do_no_harm() -> None:
    odd = ['"quoted" AND (broken', "", "🐟 NEAR fish*", "a OR b", "x" * 5000, "title: NOT -this ^that"]
    titles = {f"LP#{number}": title for number, title in enumerate(odd)}
    assert alike(titles, {f"change {number}": title for number, title in enumerate(odd)}) == {
        "LP#0": Alike("change 0", ("quoted", "broken")),
        "LP#2": Alike("change 2", ("near", "fish")),
    }
