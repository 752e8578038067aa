"""What the store has of a Gerrit server after runs of the mirror: all of it, and nothing that is not there any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from mentorbot import config
from mentorbot.errors import PartlyRead, SourceError
from mentorbot.models import Gone
from mentorbot.sources import gerrit
from mentorbot.store import Store
from tests import mirrored
from tests.builders import NOW
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import BEGAN, account, change_info, comment, message

WEEK = timedelta(days=7)


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    """120 changes of two projects, with all that a change may have."""
    infos = []
    for number in range(1, 121):
        people = {"REVIEWER": [account("bob"), account("zuul")], "CC": [account("carol")]}
        words = [message("Patch Set 1: Code-Review+1\n\nGood.", "bob", BEGAN + timedelta(hours=number))]
        infos.append(
            change_info(
                number,
                f"demo/{'one' if number % 3 else 'two'}",
                minutes=number // 4,
                subject=f"Mend the step {number}",
                votes=[("Code-Review", "bob", 1), ("Verified", "zuul", (-1) ** number)],
                messages=words,
                reviewers=people,
                footers=f"Closes-Bug: #{number}\nImplements: blueprint steps\n",
                hashtags=["steps"],
            )
        )
    with GerritTwin(infos) as twin:
        yield twin


def sync(twin: GerritTwin, store: Store, now: datetime = NOW, *projects: str) -> None:
    """One run of the mirror into the store, whose cursor it keeps."""
    settings = config.Gerrit(url=twin.url, projects=projects or ("demo/one", "demo/two"))
    server = gerrit.Server(settings, lambda: now)
    for page in gerrit.changed_since(server, store.cursors.get("gerrit"), store.changes):
        store.save(page.things, cursor=("gerrit", page.cursor))


def asked(twin: GerritTwin, since: int = 0) -> list[str]:
    return [urlsplit(path).path for path in twin.requests[since:]]


def equal(twin: GerritTwin, store: Store) -> bool:
    """Whether the store has every field of every public change, and no other."""
    assert mirrored.kept(store) == mirrored.said(twin.changes.values())
    return True


def test_every_field_of_every_change_is_stored(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    assert equal(twin, store)
    assert store.rows("select * from change_blueprints where change = 7") == [
        {"change": 7, "project": "one", "blueprint": "steps", "how": "implements"}
    ]


def test_what_a_change_no_longer_has_is_not_kept(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    bare = change_info(5, "demo/one", subject="Mend it", minutes=5000)
    twin.changes[5] = bare
    sync(twin, store)
    assert equal(twin, store)
    assert store.rows("select * from change_bugs where change = 5") == []
    assert store.rows("select * from change_blueprints where change = 5") == []


def test_inline_comments_are_read_when_their_count_moved_and_only_then(twin: GerritTwin, store: Store) -> None:
    doubt = comment("Only one?", "bob", BEGAN, line=3, unresolved=True)
    said = {"doc/start.rst": [doubt]}
    twin.touch(7, comments=said, total_comment_count=1, unresolved_comment_count=1)
    sync(twin, store)
    assert asked(twin).count("/changes/7/comments") == 1
    assert mirrored.comments_kept(store, 7) == mirrored.discussed(said)
    for runs in (1, 2):
        twin.touch(7, topic=f"moved {runs}")
        sync(twin, store)
    assert asked(twin).count("/changes/7/comments") == 1
    assert mirrored.comments_kept(store, 7) == mirrored.discussed(said)
    said = said | {"/PATCHSET_LEVEL": [comment("Two.", "alice", BEGAN, in_reply_to=doubt["id"])]}
    twin.touch(7, comments=said, total_comment_count=2, unresolved_comment_count=0)
    sync(twin, store)
    assert asked(twin).count("/changes/7/comments") == 2
    assert mirrored.comments_kept(store, 7) == mirrored.discussed(said)
    assert equal(twin, store)


def test_a_run_reads_the_comments_of_50_changes_the_open_ones_first(twin: GerritTwin, store: Store) -> None:
    for number in range(1, 71):
        said = {"doc/start.rst": [comment(f"Why {number}?", "bob", BEGAN)]}
        status = "NEW" if number > 60 else "MERGED"
        twin.changes[number] |= {"comments": said, "total_comment_count": 1, "status": status}
    sync(twin, store)
    first = [int(path.split("/")[2]) for path in asked(twin) if path.endswith("comments")]
    assert (len(first), set(first[:10])) == (50, set(range(61, 71)))
    sync(twin, store)
    sync(twin, store)
    read = {row["change"] for row in store.rows("select distinct change from inline_comments")}
    assert read == set(range(1, 71))
    assert sum(path.endswith("comments") for path in asked(twin)) == 70


def test_comments_that_nobody_can_read_are_named_once_and_hold_up_no_others(twin: GerritTwin, store: Store) -> None:
    twin.changes[7] |= {"comments": {"a": [{"message": "no id"}]}, "total_comment_count": 1}
    twin.changes[8] |= {"comments": {"a": [comment("Why?", "bob", BEGAN)]}, "total_comment_count": 1}
    with pytest.raises(SourceError, match="sent something odd: the comments of change 7 cannot be read: it has no"):
        sync(twin, store)
    sync(twin, store)
    assert [len(mirrored.comments_kept(store, number)) for number in (7, 8)] == [0, 1]


def test_a_change_whose_comments_are_all_gone_is_kept(twin: GerritTwin, store: Store) -> None:
    twin.changes[7] |= {"comments": {}, "total_comment_count": 1}
    sync(twin, store)
    assert equal(twin, store)


def test_some_changes_that_gerrit_fails_to_give_hold_up_no_others_and_are_asked_for_once_a_run(
    twin: GerritTwin, store: Store
) -> None:
    for number in (7, 8, 9):
        said = {"doc/start.rst": [comment(f"Why {number}?", "bob", BEGAN)]}
        twin.changes[number] |= {"comments": said, "total_comment_count": 1}
    twin.ill = {"9"}
    reason = r"^change 9: 127\.0\.0\.1 answered 500 Internal Server Error: Internal server error$"
    with pytest.raises(PartlyRead, match=reason):
        sync(twin, store)
    assert [len(mirrored.comments_kept(store, number)) for number in (7, 8, 9)] == [1, 1, 0]
    twin.unindexed.add(9)
    delete(twin, 3)
    before = len(twin.requests)
    with pytest.raises(SourceError, match=reason):
        sync(twin, store, NOW + WEEK)
    assert (3 in mirrored.kept(store), 9 in mirrored.kept(store)) == (False, True)
    assert asked(twin, before).count("/changes/9/comments") == asked(twin, before).count("/changes/9/") == 4
    twin.ill, twin.unindexed = set(), set()
    sync(twin, store, NOW + WEEK)
    assert equal(twin, store)
    assert len(mirrored.comments_kept(store, 9)) == 1


def test_a_server_that_gives_none_of_many_is_left_alone(twin: GerritTwin, store: Store) -> None:
    for number in range(1, 31):
        twin.changes[number] |= {"comments": {"a": [comment("Why?", "bob", BEGAN)]}, "total_comment_count": 1}
    twin.ill = {str(number) for number in range(1, 31)}
    with pytest.raises(SourceError, match="answered 500"):
        sync(twin, store)
    assert sum(path.endswith("/comments") for path in asked(twin)) == 4 * (gerrit.FEW + 1)


def hide(twin: GerritTwin, number: int) -> None:
    twin.changes[number]["is_private"] = True  # by its owner: that does not move `updated`


def delete(twin: GerritTwin, number: int) -> None:
    del twin.changes[number]


@pytest.mark.parametrize("leave", [hide, delete])
def test_what_left_is_forgotten_within_a_week(
    twin: GerritTwin, store: Store, leave: Callable[[GerritTwin, int], None]
) -> None:
    for number in (1, 50, 120):
        twin.changes[number]["status"] = "ABANDONED"  # open ones are looked for every few hours
    sync(twin, store)
    for number in (1, 50, 120):
        leave(twin, number)
    sync(twin, store, NOW + WEEK - timedelta(hours=1))
    assert len(mirrored.kept(store)) == 120
    sync(twin, store, NOW + WEEK)
    assert equal(twin, store)
    assert len(mirrored.kept(store)) == 117
    before = len(twin.requests)
    sync(twin, store, NOW + WEEK + timedelta(hours=1))
    assert len(twin.requests) - before == 1


def test_a_comparison_costs_a_page_for_500_changes_and_a_request_for_each_that_left(
    twin: GerritTwin, store: Store
) -> None:
    sync(twin, store)
    delete(twin, 50)
    before = len(twin.requests)
    sync(twin, store, NOW + WEEK)
    assert asked(twin, before) == [
        "/changes/",  # news
        "/projects/demo%2Fone",
        "/projects/demo%2Ftwo",
        "/changes/",  # all, without their texts
        "/changes/",  # change:50, which the search does not find,
        "/changes/50/",  # and which is not there
    ]


@pytest.mark.parametrize("size", [30, 7])
def test_a_comparison_mends_whatever_differs_page_by_page(twin: GerritTwin, store: Store, size: int) -> None:
    sync(twin, store)
    twin.query_limit = size
    delete(twin, 3)
    hide(twin, 77)
    with store.writing() as db:
        db.execute("delete from changes where number in (10, 60, 119)")
        db.execute("update changes set subject = 'Wrong', updated = '2025-01-01T00:00:00.000000' where number = 61")
    sync(twin, store, NOW + WEEK)
    assert equal(twin, store)


def test_a_comparison_that_is_cut_off_goes_on_where_it_was(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    twin.query_limit = 20
    for number in (1, 60, 119):
        delete(twin, number)
    before = len(twin.requests)
    # News, two projects, three pages with the one that vanished on the first of them; the next page fails for good.
    twin.fail(*[""] * 8, *["500"] * 4)
    with pytest.raises(SourceError):
        sync(twin, store, NOW + WEEK)
    assert 119 not in mirrored.kept(store) and 1 in mirrored.kept(store)
    cut = len(twin.requests)
    sync(twin, store, NOW + WEEK)
    assert equal(twin, store)
    assert not [path for path in asked(twin, cut) if path.startswith("/projects/")]
    assert cut - before == 12


def test_a_change_that_only_the_index_lost_is_kept(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    twin.unindexed.add(50)
    sync(twin, store, NOW + WEEK)
    assert equal(twin, store)


@pytest.mark.parametrize("answer", ["html 404", "500"])
def test_only_gerrits_own_word_makes_a_change_forgotten(twin: GerritTwin, store: Store, answer: str) -> None:
    sync(twin, store)
    twin.unindexed.add(50)
    twin.fail(*[""] * 5, *[answer] * 4)
    with pytest.raises(SourceError):
        sync(twin, store, NOW + WEEK)
    assert equal(twin, store)


def test_a_project_that_is_hidden_now_is_forgotten_and_named_in_every_run(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    public = dict(twin.changes)
    twin.projects.remove("demo/two")
    for number in [n for n, change in twin.changes.items() if change["project"] == "demo/two"]:
        delete(twin, number)
    for days in (7, 8):
        with pytest.raises(SourceError, match="shows no project demo/two: mend"):
            sync(twin, store, NOW + timedelta(days=days))
        assert equal(twin, store)
    assert {facts["project"] for facts in mirrored.kept(store).values()} == {"demo/one"}
    twin.projects.add("demo/two")
    twin.changes = public
    sync(twin, store, NOW + timedelta(days=9))
    assert equal(twin, store)


def test_a_row_that_says_it_is_private_is_forgotten_not_stored(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    twin.shows_private = True
    hide(twin, 7)
    twin.touch(7, subject="Keep this quiet")
    sync(twin, store)
    assert equal(twin, store)
    assert 7 not in mirrored.kept(store)


def test_many_long_names_are_as_many_queries_as_their_addresses_need(store: Store) -> None:
    names = tuple(f"{'very-long-' * 8}/{n:03}" for n in range(150))
    with GerritTwin(change_info(n, names[n - 1]) for n in range(1, 151)) as twin:
        sync(twin, store, NOW, *names)
        assert equal(twin, store)
        assert max(map(len, twin.requests)) < 7000
        assert len(twin.requests) == 4


def test_some_changes_are_read_again_in_one_request_and_one_more_for_each_that_is_gone(twin: GerritTwin) -> None:
    server = gerrit.Server(config.Gerrit(url=twin.url, projects=("demo/one",)), lambda: NOW)
    delete(twin, 9)
    hide(twin, 8)
    twin.touch(7, subject="Touched")
    found = list(gerrit.reread(server, [7, 8, 9], []))
    assert [thing for thing in found if isinstance(thing, Gone)] == [Gone("change", 8), Gone("change", 9)]
    store = Store()
    store.save(found)
    assert mirrored.kept(store) == {7: mirrored.said([twin.changes[7]])[7]}
    assert asked(twin) == ["/changes/", "/changes/8/", "/changes/9/"]
    store.close()


def test_a_cursor_is_json_without_a_word_of_a_change(twin: GerritTwin, store: Store) -> None:
    sync(twin, store)
    assert json.loads(store.cursors.get("gerrit") or "") == {
        "url": twin.url,
        "since": dict.fromkeys(("demo/one", "demo/two"), "2026-01-01 00:30:00.000000000"),
        "walk": None,
        "compared": NOW.isoformat(),
        "comparison": None,
        "done": [],
        "looked": NOW.isoformat(),
    }
