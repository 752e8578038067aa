"""Whatever goes wrong at whichever page: after one further run at most the store is what the source says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from mentorbot import config, sync
from mentorbot.sources import gerrit
from mentorbot.sources.gerrit_wire import Timeouts
from mentorbot.store import Store
from mentorbot.sync import Source
from tests import mirrored
from tests.builders import NOW
from tests.twins.gerrit import FAULTS, GerritTwin, moment
from tests.twins.gerrit_infos import BEGAN, change_info, comment, message

HASTY = Timeouts(connect=5, read=0.4, whole=0.5)
PLACES = {"first page": 0, "middle page": 1, "last page": 2, "comments": 3}
"""The requests of a run that goes well."""


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    """140 changes, which are three pages; one has comments."""
    said = [message("Patch Set 1:\n\nWhy not so?", "bob", BEGAN)]
    infos = [change_info(n, minutes=n // 2, messages=said, votes=[("Verified", "zuul", 1)]) for n in range(1, 141)]
    infos[20] |= {"comments": {"doc/start.rst": [comment("Why?", "bob", BEGAN)]}, "total_comment_count": 1}
    with GerritTwin(infos) as twin:
        yield twin


def source(twin: GerritTwin, store: Store) -> Source:
    settings = config.Gerrit(url=twin.url, projects=("demo/one",))
    server = gerrit.Server(settings, lambda: NOW, timeouts=HASTY)
    return Source("gerrit", lambda cursor: gerrit.changed_since(server, cursor, store.changes))


def assert_equal(twin: GerritTwin, store: Store) -> None:
    assert mirrored.kept(store) == mirrored.said(twin.changes.values())
    for number, change in twin.changes.items():
        assert mirrored.comments_kept(store, number) == mirrored.discussed(change.get("comments", {}))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_that_stays_ends_the_run_and_the_next_one_mends_all(
    twin: GerritTwin, store: Store, fault: str, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    twin.fail(*[""] * PLACES[place], *[fault] * 4)
    failures = sync.once([source(twin, store)], store, lambda: NOW)
    assert [failure for failure in failures if "unforeseen" in failure] == []
    twin.forgive()
    later = NOW + timedelta(minutes=1)  # one that asked to be left alone is
    assert sync.once([source(twin, store)], store, lambda: later) == []
    assert_equal(twin, store)
    assert caplog.messages == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", sorted(FAULTS - {"html", "html 404", "empty", "plain", "no list"}))
def test_a_fault_that_passes_is_mended_within_the_run(twin: GerritTwin, store: Store, fault: str, place: str) -> None:
    twin.fail(*[""] * PLACES[place], fault)
    assert sync.once([source(twin, store)], store, lambda: NOW) == []
    assert_equal(twin, store)


@pytest.mark.parametrize("fault", ["", "500", "truncated"])
def test_no_change_is_lost_while_many_move_at_every_page(twin: GerritTwin, store: Store, fault: str) -> None:
    """Old ones jump to the top, some merge, one is uploaded, while the pages turn and now and then fail."""

    def move(round_: int) -> None:
        for number in range(1 + round_, 141, 11):
            twin.touch(number, status="MERGED" if number % 2 else "NEW", subject=f"Moved in round {round_}")
        newest = max(change["updated"] for change in twin.changes.values())
        twin.changes[1000 + round_] = change_info(1000 + round_, subject="New", minutes=3) | {
            "created": newest,
            "updated": newest,
        }

    twin.fail("", fault, "", fault)
    for request in range(1, 9):
        twin.after(request, lambda request=request: move(request))  # type: ignore[misc]
    while len(twin.requests) < 8:
        sync.once([source(twin, store)], store, lambda: NOW)
    assert sync.once([source(twin, store)], store, lambda: NOW) == []
    assert_equal(twin, store)


def test_a_crowded_second_in_which_changes_move_loses_none(store: Store) -> None:
    with GerritTwin(change_info(n, minutes=0) for n in range(1, 301)) as twin:
        for request in range(1, 9):
            twin.after(request, lambda request=request: twin.touch(301 - 9 * request, topic="moved"))  # type: ignore[misc]
        for _ in range(2):
            sync.once([source(twin, store)], store, lambda: NOW)
        assert_equal(twin, store)


def test_rows_that_the_server_could_not_read_overwrite_none(twin: GerritTwin, store: Store) -> None:
    sync.once([source(twin, store)], store, lambda: NOW)
    whole = mirrored.kept(store)[7]
    broken = {key: twin.changes[7][key] for key in ("_number", "project", "branch", "change_id", "owner")}
    later = moment(BEGAN.replace(year=2027))
    twin.changes[7] = broken | {"subject": "***ERROR***", "updated": later, "created": later, "status": "NEW"}
    assert sync.once([source(twin, store)], store, lambda: NOW) == []
    assert mirrored.kept(store)[7] == whole
