"""Tests of mentorbot/rereading.py, with a source that is two plain functions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentorbot import rereading, sync
from mentorbot.errors import SourceError, WriteError
from mentorbot.models import Gone, Page, Thing
from mentorbot.rereading import Rereading
from mentorbot.store import Store
from mentorbot.store.cursors import Failure
from mentorbot.sync import Source
from tests.builders import NOW, blueprint, bug, change, question

DEADLINE = 20


class Server:
    """A source whose changes are what `shown` says; `between` is called when a page was read but not given yet."""

    def __init__(self, *numbers: int) -> None:
        self.shown: dict[int, Thing] = {number: change(number) for number in numbers}
        self.read: list[list[int]] = []
        self.between: Callable[[], None] = lambda: None
        self.source = Source("gerrit", self.changed_since, rereads={"change": self.reread})

    def changed_since(self, cursor: str | None) -> Iterator[Page]:
        for number in sorted(self.shown):
            page = Page((self.shown[number],), str(number))
            self.between()
            yield page

    def reread(self, numbers: list[int]) -> list[Thing]:
        self.read.append(numbers)
        return [self.shown[number] for number in numbers]


def statuses(store: Store) -> dict[int, str]:
    return {row["number"]: row["status"] for row in store.rows("select number, status from changes")}


def test_what_is_due_is_read_and_stored_once(store: Store) -> None:
    server = Server(5, 6)
    one = Rereading(server.source, store, lambda: NOW)
    store.rereads.named([("change", 5), ("change", 6), ("change", 5), ("bug", 7)], NOW)
    one.look()
    one.look()
    assert (server.read, statuses(store)) == ([[5, 6]], {5: "NEW", 6: "NEW"})
    assert list(store.rereads.due("bug").values()) == [7]


def test_what_cannot_be_read_anew_now_is_not_asked_for_again_and_again(store: Store) -> None:
    server = Server()

    def reread(numbers: list[int]) -> list[Thing]:
        server.read.append(numbers)
        raise SourceError("the line was cut")

    one = Rereading(Source("gerrit", server.changed_since, rereads={"change": reread}), store, lambda: NOW)
    store.rereads.named([("change", 21)], NOW)
    for _ in range(3):
        one.look()
    assert server.read == [[21]]
    assert store.cursors.failure("gerrit") == Failure(NOW, "the line was cut")


def test_a_source_that_asked_to_be_left_alone_is(store: Store) -> None:
    server = Server(5)
    store.cursors.failed("gerrit", "Not so fast.", NOW)
    store.cursors.rest("gerrit", 60, NOW)
    store.rereads.named([("change", 5)], NOW)
    Rereading(server.source, store, lambda: NOW).look()
    assert (server.read, store.rereads.due("change")) == ([], {})


def test_nothing_is_asked_for_where_nothing_can_be_written_down(store: Store) -> None:
    server = Server(5)
    one = Rereading(server.source, store, lambda: NOW)
    store.rereads.named([("change", 5)], NOW)
    store.db.execute("pragma query_only = on")
    for _ in range(2):
        with pytest.raises(WriteError):
            one.look()
    store.db.execute("pragma query_only = off")
    one.look()
    assert server.read == [[5]]


def test_an_item_is_read_within_seconds_while_a_walk_lasts(tmp_path: Path) -> None:
    """The walk is held up until the item is stored; in a file, since each thread has a connection of its own."""
    store, server, seen = Store(tmp_path / "harbour.db"), Server(5), list[dict[int, str]]()

    def walk() -> None:
        server.shown[9] = change(9, status="MERGED")
        store.rereads.named([("change", 9)], NOW)
        deadline, never = time.monotonic() + DEADLINE, threading.Event()
        while 9 not in statuses(store) and time.monotonic() < deadline:
            never.wait(0.01)
        seen.append(statuses(store))

    server.between = walk
    with rereading.beside([server.source], store, lambda: NOW) as heed:
        assert sync.once([server.source], store, lambda: NOW, heed) == []
    assert seen == [{9: "MERGED"}]
    store.close()


def test_what_was_found_private_while_a_page_was_made_is_not_back_with_that_page(store: Store) -> None:
    server = Server(5)
    one = Rereading(server.source, store, lambda: NOW)

    def meanwhile() -> None:
        server.shown[5] = Gone("change", 5)
        store.rereads.named([("change", 5)], NOW)
        one.look()

    server.between = meanwhile
    sync.once([server.source], store, lambda: NOW, lambda _, page: one.heed(page))
    assert statuses(store) == {5: "NEW"}
    one.look()
    assert (statuses(store), server.read, store.rows("select * from rereads")) == ({}, [[5], [5]], [])


def test_what_is_just_being_read_when_a_page_is_stored_is_read_once_more(store: Store) -> None:
    """The page is newer than what was read, but is stored first."""
    server = Server(5)
    merged, read = change(5, status="MERGED"), list[int]()

    def reread(numbers: list[int]) -> list[Thing]:
        found, server.shown[5] = server.shown[5], merged
        if not read:
            store.save([merged])
            one.heed(Page((merged,), "5"))
        read.extend(numbers)
        return [found]

    one = Rereading(Source("gerrit", server.changed_since, rereads={"change": reread}), store, lambda: NOW)
    store.rereads.named([("change", 5)], NOW)
    one.look()
    assert statuses(store) == {5: "NEW"}
    one.look()
    assert (statuses(store), read) == ({5: "MERGED"}, [5, 5])


def test_a_page_of_what_nobody_read_anew_costs_nothing(store: Store) -> None:
    server = Server(5)
    one = Rereading(server.source, store, lambda: NOW)
    store.rereads.named([("change", 5)], NOW)
    one.look()
    one.heed(Page((change(6), *bug(7)), "6"))
    one.heed(Page((change(5),), "5"))
    one.look()
    assert server.read == [[5]]


@pytest.mark.parametrize(
    ("there", "gone"),
    [
        (question(5), Gone("question", 5)),
        (blueprint("pier"), Gone("blueprint", key="harbour/pier")),
    ],
)
def test_so_it_is_with_a_question_and_with_a_blueprint(store: Store, there: Thing, gone: Gone) -> None:
    """Found gone while the page was made that still has it."""

    def number() -> int:
        return 5 if gone.kind == "question" else store.blueprints.number(gone.key)

    def reread(numbers: list[int]) -> list[Thing]:
        return [gone] if numbers == [number()] else []

    one = Rereading(Source("launchpad", lambda _: iter(()), rereads={gone.kind: reread}), store, lambda: NOW)
    store.save([there])
    for _ in range(2):
        store.rereads.named([(gone.kind, number())], NOW)
        one.look()
        assert store.rows(f"select * from {gone.kind}s") == []
        store.save([there])
        one.heed(Page((there,), "1"))
        one.look()
        assert (store.rows(f"select * from {gone.kind}s"), store.rereads.due(gone.kind)) == ([], {})
        store.save([there])
