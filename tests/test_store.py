"""Tests of mentorbot/store/: the file, its transactions, and what is asked of bugs and changes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from mentorbot.errors import ConfigError, StoreError, WriteError
from mentorbot.models import Bug, Credit, Gone, Item, Tagged, Task, Thing
from mentorbot.store import Store
from mentorbot.store import file as room
from mentorbot.store.backlog import Query
from mentorbot.store.later_migrations import migrations
from mentorbot.store.moments import read, written
from tests.builders import NOW, activity, bug, change, days_ago

PROJECTS = ["harbour", "harbour-client"]
ROBOTS = ["harbour-janitor"]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "mentorbot.db")
    yield store
    store.close()


def free(store: Store, *tags: str) -> list[int]:
    found = store.bugs.free(PROJECTS, robots=ROBOTS, claimed_since=days_ago(90), tags=tags or ["first"])
    return [bug.number for bug in found]


def untriaged(store: Store) -> list[int]:
    return [bug.number for bug in store.bugs.untriaged(PROJECTS, robots=ROBOTS, claimed_since=days_ago(90))]


# The file.


def test_what_was_saved_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "mentorbot.db")
    first.save(bug(12, tags=("first",)), cursor=("launchpad", "page 1"))
    first.close()
    second = Store(tmp_path / "mentorbot.db")
    assert (free(second), second.cursors.get("launchpad")) == ([12], "page 1")
    second.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, whatever its name says" * 100)
    with pytest.raises(StoreError) as refused:
        Store(tmp_path / "text.db")
    assert str(refused.value) == f"The store {tmp_path}/text.db cannot be opened: file is not a database."
    with pytest.raises(StoreError, match=f"^The store {tmp_path}/no/where.db cannot be opened: "):
        Store(tmp_path / "no" / "where.db")
    with pytest.raises(StoreError, match=f"^The store {tmp_path} cannot be opened: "):
        Store(tmp_path)


LONG_AGO = written(days_ago(400))
OLD_BUG: dict[str, Any] = {"title": "Fog", "reporter": "rita", "created": LONG_AGO, "updated": LONG_AGO, "heat": 0}
OLD_BUG |= {"message_count": 1, "etag": "", "read_at": LONG_AGO, "description": ""}
OLD_TASK: dict[str, Any] = {"project": "harbour", "status": "New", "importance": "Low", "created": LONG_AGO}
OLD_TASK |= {"url": "", "etag": "", "is_open": 1}
OPEN_AND_WRITE = """
import sys
from mentorbot.store import Store

path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
store = Store(path)
for n in range(20):
    store.cursors.set(f"{name} {n}", "x")
"""


def test_a_file_of_a_newer_version_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.db"
    store = Store(file)
    store.db["_sqlite_migrations"].insert(  # type: ignore[union-attr]
        {"migration_set": "mentorbot", "name": "tides", "applied_at": "2031-01-01 00:00:00.000000+00:00"}
    )
    store.close()
    before = file.read_bytes()
    with pytest.raises(ConfigError) as refused:
        Store(file)
    assert str(refused.value) == (
        f"The store {file} was written by a newer mentorbot (this one does not know: tides)."
        " Install the newer one again, or name another file under [store] path."
    )
    assert file.read_bytes() == before


def test_a_file_of_an_older_version_learns_which_tasks_are_of_duplicates(tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.db"
    with closing(Database(file)) as older:
        migrations.apply(older, stop_before="indexes_that_hold_all_that_is_asked")
        for number, duplicate_of in ((1, None), (2, 1)):
            older["bugs"].insert(OLD_BUG | {"id": number, "duplicate_of": duplicate_of})  # type: ignore[union-attr]
            older["tasks"].insert(OLD_TASK | {"bug": number})  # type: ignore[union-attr]
    store = Store(file)
    found = store.backlog.search(Query(("harbour",)), 10, robots=[], now=NOW)
    assert ([one.number for one in found.first], found.counts) == ([1], {"New": 1})
    store.close()


def test_processes_that_make_the_same_file_at_once_do_not_trip_over_each_other(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_WRITE, str(tmp_path / "a.db"), str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        print(file=process.stdin, flush=True)
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 4
    store = Store(tmp_path / "a.db")
    assert len(store.rows("select * from cursors")) == 80
    store.close()


def test_a_store_can_be_opened_and_read_while_another_process_writes(tmp_path: Path) -> None:
    writer = Store(tmp_path / "a.db")
    with writer.writing():
        writer.cursors.set("launchpad", "half")
        reader = Store(tmp_path / "a.db")
        assert reader.cursors.get("launchpad") is None
    assert reader.cursors.get("launchpad") == "half"
    reader.close()
    writer.close()


def test_who_reads_does_not_hold_up_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WAIT", 0.01)
    reader, writer = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    writer.save([*bug(1), *bug(2)])
    half_read = reader.db.execute("select id from bugs order by id")
    assert half_read.fetchone() == (1,)
    writer.save(bug(3))
    assert half_read.fetchall() == [(2,)]
    assert reader.rows("select count(*) n from bugs") == [{"n": 3}]
    reader.close()
    writer.close()


def test_who_waits_too_long_to_write_hears_which_store_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WAIT", 0.01)
    first, second = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    with first.writing():
        with pytest.raises(StoreError) as refused:
            second.cursors.set("launchpad", "x")
        assert str(refused.value) == f"The store {tmp_path}/a.db cannot be written: database is locked."
    second.cursors.set("launchpad", "x")
    assert first.cursors.get("launchpad") == "x"
    first.close()
    second.close()


def test_a_call_that_holds_the_store_for_ever_makes_no_other_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WAIT", 0.05)
    store, held, gate = Store(tmp_path / "a.db"), threading.Event(), threading.Event()

    def hang() -> None:
        with store.writing():
            held.set()
            gate.wait(10)

    thread = threading.Thread(target=hang)
    thread.start()
    assert held.wait(10)
    with pytest.raises(StoreError) as refused:
        store.cursors.set("launchpad", "x")
    assert str(refused.value) == f"The store {tmp_path}/a.db cannot be written: a call that hangs holds it."
    assert store.cursors.get("launchpad") is None
    gate.set()
    thread.join(10)
    store.cursors.set("launchpad", "x")
    assert store.cursors.get("launchpad") == "x"
    store.close()


def test_a_file_that_may_only_be_read_is_named_when_it_is_written(file: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "mentorbot.db")
    other.db.execute("pragma query_only = on")
    with pytest.raises(StoreError) as refused:
        other.cursors.set("launchpad", "x")
    assert str(refused.value) == (
        f"The store {tmp_path}/mentorbot.db cannot be written: attempt to write a readonly database."
    )
    other.close()


# Transactions.


def failing(things: list[Thing]) -> Iterator[Thing]:
    yield from things
    raise RuntimeError("cut off")


def test_a_full_store_says_so_and_goes_on_when_there_is_room_again(store: Store) -> None:
    store.db.execute("pragma max_page_count = 1")  # which SQLite takes for the size it has
    with pytest.raises(StoreError, match=r"^The store in memory cannot be written: database or disk is full\.$"):
        store.unsaid.keep("nick:alice", ["x" * 100_000], NOW)
    with pytest.raises(WriteError, match=r"^The store in memory cannot be written: database or disk is full\.$"):
        store.save(bug(1, "x" * 100_000))
    store.db.execute("pragma max_page_count = 100000")
    store.unsaid.keep("nick:alice", ["x" * 100_000], NOW)
    assert store.unsaid.of("nick:alice") == ["x" * 100_000]


@pytest.mark.parametrize("make", [lambda path: Store(), lambda path: Store(path / "a.db")], ids=["memory", "file"])
def test_a_page_and_its_cursor_are_saved_together_or_not_at_all(make: Callable[[Path], Store], tmp_path: Path) -> None:
    store = make(tmp_path)
    store.save(bug(1, tags=("first",)), cursor=("launchpad", "1"))
    with pytest.raises(RuntimeError, match="cut off"):
        store.save(failing(bug(2, tags=("first",))), cursor=("launchpad", "2"))
    assert (free(store), store.cursors.get("launchpad")) == ([1], "1")
    with pytest.raises(OverflowError):
        store.save(bug(2, tags=("first",)), cursor=("launchpad", 2**64))  # type: ignore[arg-type]
    assert (free(store), store.cursors.get("launchpad")) == ([1], "1")
    with pytest.raises(RuntimeError), store.writing():
        store.save(bug(3, tags=("first",)), cursor=("launchpad", "3"))
        raise RuntimeError
    assert (free(store), store.cursors.get("launchpad")) == ([1], "1")
    store.save(bug(4, tags=("first",)), cursor=("launchpad", "4"))
    assert (free(store), store.cursors.get("launchpad")) == ([4, 1], "4")
    store.close()


@pytest.mark.parametrize("make", [lambda path: Store(), lambda path: Store(path / "a.db")], ids=["memory", "file"])
def test_threads_write_one_after_the_other(make: Callable[[Path], Store], tmp_path: Path) -> None:
    store = make(tmp_path)
    store.cursors.set("count", "0")

    def add() -> None:
        for _ in range(10):
            with store.writing():
                store.cursors.set("count", str(int(store.cursors.get("count") or "") + 1))

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(add) for _ in range(8)]:
            done.result()
    assert store.cursors.get("count") == "80"
    store.close()


def test_a_thread_that_reads_a_file_sees_nothing_half_written(file: Store) -> None:
    written_half, seen = threading.Event(), threading.Event()
    found: list[str | None] = []

    def look() -> None:
        assert written_half.wait(30)
        found.append(file.cursors.get("launchpad"))
        seen.set()

    reader = threading.Thread(target=look)
    reader.start()
    with file.writing():
        file.cursors.set("launchpad", "half")
        written_half.set()
        assert seen.wait(30)
    reader.join()
    assert found == [None]


# Moments.


def test_moments_are_written_in_utc_and_sort_as_text() -> None:
    paris = timezone(timedelta(hours=1))
    moments = [datetime(2026, 2, 13, 15, tzinfo=UTC), datetime(2026, 2, 13, 15, 59, 0, 1, tzinfo=paris)]
    assert [written(moment) for moment in moments] == ["2026-02-13T15:00:00.000000", "2026-02-13T14:59:00.000001"]
    assert sorted(moments) == [read(text) for text in sorted(written(moment) for moment in moments)]
    assert (written(None), read(None)) == (None, None)


# Bugs.


def test_a_bug_is_told_with_all_that_is_known(store: Store) -> None:
    said = (("bob", "Which version?", 5.0), ("harbour-janitor", "Expired soon", 4.0), ("rita", "Version 3.", 3.0))
    store.save(bug(12, "It sinks", tags=("a", "b"), status="Incomplete", comments=said))
    [found] = store.bugs.ask("", PROJECTS, ROBOTS)
    assert vars(found) == {
        "number": 12,
        "project": "harbour",
        "title": "It sinks",
        "url": "https://bugs.harbour.example/harbour/+bug/12",
        "status": "Incomplete",
        "importance": "Low",
        "assignee": None,
        "reporter": "rita",
        "created": days_ago(10),
        "updated": days_ago(3),
        "tags": frozenset({"a", "b"}),
        "comments": 2,
        "answered": True,
    }


def test_a_bug_saved_again_is_as_it_is_now(store: Store) -> None:
    store.save(bug(12, "Old", tags=("first", "old")))
    store.save(bug(12, "New", tags=("new",), status="Triaged"))
    [found] = store.bugs.ask("", PROJECTS, ROBOTS)
    assert (found.title, found.tags, found.status) == ("New", frozenset({"new"}), "Triaged")


def test_a_bug_known_from_a_list_only_has_the_tasks_title_and_waits_to_be_read(store: Store) -> None:
    store.save(
        [
            *bug(12, "Seen", read=False, days=3),
            *bug(13, read=False, days=1),
            *bug(14),
            *bug(15, read=False, status="Invalid"),
        ]
    )
    assert store.bugs.unread(9) == [13, 12]
    assert store.bugs.unread(1) == [13]
    assert free(store) == []
    store.save([Tagged("harbour", "first", frozenset({12}))])
    assert store.bugs.unread(9, ["first"]) == [12]
    [seen] = [found for found in store.bugs.ask("", PROJECTS, []) if found.number == 12]
    assert (seen.title, seen.reporter) == ("Seen", "rita")


def test_a_search_by_tag_takes_the_tag_from_those_it_did_not_find_in_that_project_only(store: Store) -> None:
    store.save(
        [*bug(1, tags=("first", "ui")), *bug(2, tags=("first",)), *bug(3, tags=("first",), project="harbour-client")]
    )
    store.save([Tagged("harbour", "first", frozenset({2, 4}))])
    assert free(store) == [3, 2]
    assert free(store, "ui") == [1]


def test_of_a_private_bug_not_a_word_is_kept(store: Store) -> None:
    store.save(
        [
            *bug(12, "Secret", tags=("first",), comments=(("bob", "Secret"),)),
            activity(12, "bob", "status", "New", "Confirmed"),
        ]
    )
    store.save(bug(12, "Secret", private=True)[1:2])
    for table in ("bugs", "tasks", "bug_tags", "comments", "activity", "proposals", "offers"):
        assert store.rows(f"select * from {table}") == []


def test_what_is_gone_is_forgotten(store: Store) -> None:
    store.save([*bug(12, tags=("first",)), *bug(13, tags=("first",)), change(12), change(13)])
    store.save([Gone("bug", 12), Gone("change", 13), Gone("bug", 99), Gone("change", 99)])
    assert free(store) == [13]
    assert [found.number for found in store.changes.unreviewed(PROJECTS)] == [12]


def test_what_is_forgotten_leaves_no_byte_in_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "mentorbot.db")
    store.save([*bug(12, "A secret harbour"), *bug(13, "A public one")])
    store.save([Gone("bug", 12)])
    store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert (b"secret" in kept, b"A public one" in kept) == (False, True)


def test_a_reader_keeps_what_is_forgotten_no_longer_than_until_the_file_is_rewritten_after_it(
    file: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads for long, a backup or a page of the web, keeps SQLite's log as it was."""
    monkeypatch.setattr(room, "WAIT", 0.1)
    store = Store(tmp_path / "mentorbot.db")
    store.save([thing for number in range(1, 99) for thing in bug(number, "A secret harbour")])

    def told() -> bool:
        return any(b"secret" in path.read_bytes() for path in tmp_path.iterdir())

    with closing(sqlite3.connect(tmp_path / "mentorbot.db", isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select * from bugs").fetchall()
        store.save([Gone("bug", number) for number in range(1, 99)])
        with pytest.raises(StoreError, match="cannot be rewritten: somebody reads it for long"):
            store.scrub()
        assert told()
    store.scrub()
    assert not told()
    store.close()


@pytest.mark.parametrize(
    ("kind", "things", "named"),
    [
        ("bug", bug(4012, "A secret harbour"), "LP#4012 A secret harbour https://bugs.example/+bug/4012"),
        ("change", [change(4012, "A secret harbour")], "change 4012 A secret harbour https://review.example/+/4012"),
    ],
)
def test_nothing_that_was_made_of_what_is_forgotten_is_said_or_left_in_the_file(
    tmp_path: Path, kind: str, things: list[Thing], named: str
) -> None:
    store = Store(tmp_path / "mentorbot.db")
    store.save([*things, *bug(40123, "A public one")])
    items = [Item(kind, 4012, "harbour", "A secret harbour", "", NOW), Item("bug", 9, "harbour", "Nine", "", NOW)]
    store.offers.make("nick:ann", "", items, 2, NOW)
    store.offers.pass_on("nick:ann", "the secret harbour is too hard", NOW)
    store.unsaid.keep("nick:ann", [named, "LP#40123 A public one"], NOW)
    store.unsaid.keep("nick:bob", [named], NOW)
    for lines in (["Thanks!", f"ann mended {named}.", "Who helped you?"], [named]):
        store.outbox.put("#mentors", lines, NOW)
    store.outbox.put("#mentors", ["Good morning."], NOW)
    store.credits.add([Credit("nick:bob", "bob", "thanks", f"a secret about {kind} 4012", "", NOW, "account:ann")])
    said = store.outbox.take(NOW)
    store.outbox.said(said[0], NOW)
    store.outbox.put("#mentors", [named, "All of you."], NOW)
    store.save([Gone(kind, 4012)])
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert (b"secret" in kept, b"A public one".lower() in kept, b"good morning" in kept) == (False, True, True)
    assert (store.unsaid.of("nick:ann"), store.unsaid.of("nick:bob")) == (["LP#40123 A public one"], [])
    assert [letter.lines for letter in store.outbox.take(NOW)] == [["All of you."]]
    assert store.offers.last("nick:ann") == {"2": items[1]}
    store.close()


def test_a_bug_that_comes_back_is_still_held_by_the_change_that_names_it(store: Store) -> None:
    store.save([*bug(12, tags=("first",)), change(50, message="Closes-Bug: #12")])
    store.save([Gone("bug", 12)])
    store.save(bug(12, tags=("first",)))
    assert free(store) == []


@pytest.mark.parametrize(
    ("facts", "waits"),
    [
        ({}, True),
        ({"comments": (("rita", "And it still does."),)}, True),
        ({"comments": (("harbour-janitor", "Expired soon"),)}, True),
        ({"comments": (("bob", "Me too."),)}, False),
        ({"status": "Confirmed"}, False),
        ({"reporter": "harbour-janitor"}, False),
        ({"assignee": "bob"}, False),
        ({"duplicate_of": 3}, False),
        ({"read": False}, False),
        ({"comments": (("rita", "I will fix it"),)}, False),
        ({"status": "Incomplete"}, False),
        ({"status": "Incomplete", "comments": (("bob", "Which?"),)}, False),
        ({"status": "Incomplete", "comments": (("bob", "Which?"), ("rita", "This."))}, True),
        ({"status": "Incomplete", "comments": (("bob", "Which?"), ("rita", "This."), ("bob", "Hm."))}, False),
    ],
    ids=str,
)
def test_what_nobody_looked_at_and_whose_reporter_answered_waits_for_triage(
    store: Store, facts: dict[str, Any], waits: bool
) -> None:
    store.save(bug(12, **facts))
    assert untriaged(store) == [12] * waits


def test_a_bug_is_taken_in_one_project_and_free_in_the_other(store: Store) -> None:
    store.save([*bug(12, tags=("first",), assignee="bob"), *bug(12, tags=("first",), project="harbour-client")])
    found = store.bugs.free(PROJECTS, robots=ROBOTS, claimed_since=days_ago(90), tags=["first"])
    assert [(bug.number, bug.project) for bug in found] == [(12, "harbour-client")]


def test_a_merged_fix_that_left_the_bug_open_does_not_hold_it(store: Store) -> None:
    proposed = ("harbour-gerrit", "Fix proposed to branch: master\nReview: https://review.harbour.example/50", 9.0)
    store.save(bug(12, tags=("first",), comments=(proposed,)))
    assert free(store) == []
    store.save([change(50, status="MERGED")])
    assert free(store) == [12]


def test_numbers_and_texts_of_any_size_can_be_kept(store: Store) -> None:
    number, title = 2**63 - 1, "naïve 日本語 🐟\x00" + "x" * 100_000
    store.save(bug(number, title, tags=("first",)))
    [found] = store.bugs.ask("", PROJECTS, ROBOTS)
    assert (found.number, found.title) == (number, title)


def test_without_projects_nothing_is_found(store: Store) -> None:
    store.save(bug(12, tags=("first",)))
    assert store.bugs.free([], robots=[], claimed_since=NOW, tags=["first"]) == []


def test_a_task_without_an_address_gets_launchpads(store: Store) -> None:
    store.save(
        [
            Task(7, "harbour", "New", "Low", None, NOW, title="x", reporter="rita"),
            Bug(7, "x", "rita", NOW, NOW, tags=frozenset({"first"})),
        ]
    )
    [found] = store.bugs.free(PROJECTS, robots=[], claimed_since=NOW, tags=["first"])
    assert found.url == "https://bugs.launchpad.net/bugs/7"


# Changes.


def test_a_change_is_told_with_all_that_is_known_under_its_short_project(store: Store) -> None:
    store.save([change(40, owner="nora", days=9, status="MERGED"), change(50, "Do not sink", lines=3, deletions=4)])
    [found] = store.changes.unreviewed(["harbour"])
    assert vars(found) == {
        "number": 50,
        "project": "harbour",
        "subject": "Do not sink",
        "url": "https://review.harbour.example/c/harbour/harbour/+/50",
        "owner": "nora",
        "created": days_ago(3),
        "uploaded": days_ago(3),
        "size": 7,
        "patch_set": 1,
        "earlier": 1,
        "files": ("harbour/log.py",),
        "branch": "master",
    }


def test_of_the_earlier_changes_of_an_owner_no_more_are_counted_than_matter(store: Store) -> None:
    store.save([change(number, owner="nora", days=20 - number, status="MERGED") for number in range(1, 9)])
    store.save([change(50, owner="nora")])
    assert [found.earlier for found in store.changes.unreviewed(PROJECTS)] == [3]


def test_a_change_saved_again_is_as_it_is_now(store: Store) -> None:
    store.save([*bug(12, tags=("first",)), change(50, message="Closes-Bug: #12", files=("a", "b"))])
    assert free(store) == []
    store.save([change(50, message="No bug", files=("c",))])
    assert free(store) == [12]
    assert [found.files for found in store.changes.unreviewed(PROJECTS)] == [("c",)]


def test_of_a_private_change_not_a_word_is_kept(store: Store) -> None:
    store.save([change(50, message="Closes-Bug: #12", messages=(("bob", "Secret"),))])
    store.save([change(50, private=True)])
    for table in ("changes", "votes", "change_messages", "change_files", "change_bugs"):
        assert store.rows(f"select * from {table}") == []


# Cursors, people, and the rest of a long answer.


def test_a_cursor_outlives_the_end_of_its_source(store: Store) -> None:
    assert (store.cursors.get("gerrit"), store.cursors.read_at("gerrit")) == (None, None)
    store.cursors.set("gerrit", "page 3")
    assert (store.cursors.get("gerrit"), store.cursors.read_at("gerrit")) == ("page 3", None)
    store.cursors.finished("gerrit", NOW)
    assert (store.cursors.get("gerrit"), store.cursors.read_at("gerrit")) == ("page 3", NOW)


def test_what_is_unsaid_is_replaced_and_ends(store: Store) -> None:
    store.unsaid.keep("nick:alice", ["a", "b"], NOW)
    store.unsaid.keep("nick:alice", ["ç"], NOW)
    assert (store.unsaid.of("nick:alice"), store.unsaid.of("nick:bob")) == (["ç"], [])
    store.unsaid.keep("nick:alice", [], NOW)
    assert store.unsaid.of("nick:alice") == []


def test_a_store_with_a_log_line_in_it_is_sound(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "harbour.db")) as store:
        store.save([*bug(12), activity(12, "bob", "harbour: status", "New", "Triaged")])
        store.check()
        assert store.rows("pragma integrity_check") == [{"integrity_check": "ok"}]


def test_a_store_in_memory_serves_threads_in_turn(store: Store) -> None:
    together = threading.Barrier(8)

    def use(n: int) -> None:
        together.wait(60)
        for _ in range(200):
            if n % 2:
                store.save(bug(n))
            else:
                store.bugs.titles(["harbour"])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert [number for number, _, _ in store.bugs.titles(["harbour"])] == [1, 3, 5, 7]


def test_a_store_in_memory_is_closed_between_what_threads_read() -> None:
    for _ in range(20):
        store, begun = Store(), threading.Event()
        store.save([*bug(1), *bug(2)])

        def read(store: Store = store, begun: threading.Event = begun) -> None:
            with suppress(sqlite3.ProgrammingError):  # it is closed
                while True:
                    store.bugs.titles(["harbour"])
                    begun.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert begun.wait(60)
        store.close()
        reader.join(60)
        assert not reader.is_alive()


def test_a_damaged_file_is_named_with_what_to_do_by_who_reads_and_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "mentorbot.db"
    with closing(Store(path)) as store:
        store.save(bug(1, "The crane"))
        [root] = [row["rootpage"] for row in store.rows("select rootpage from sqlite_master where name = 'tasks'")]
        [size] = store.rows("pragma page_size")
    with path.open("r+b") as file:
        file.seek((root - 1) * size["page_size"])
        file.write(b"\xa5" * size["page_size"])
    said = f"The store {path} is damaged (database disk image is malformed): "
    said += "stop the bot and put a copy from before in its place."
    with closing(Store(path)) as store:
        for damaged in (lambda: store.rows("select * from tasks"), lambda: store.save(bug(2, "The quay"))):
            with pytest.raises(StoreError) as error:
                damaged()
            assert str(error.value) == said
