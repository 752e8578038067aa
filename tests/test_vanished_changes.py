"""Open changes that turn private, move or vanish between two weekly comparisons are forgotten within hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mentorbot import config, sync
from mentorbot.models import Change, Gone
from mentorbot.sources import gerrit
from mentorbot.store import Store
from mentorbot.sync import Source
from tests.builders import NOW
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import BEGAN, change_info, comment

HOURS = timedelta(hours=4)


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    infos = [change_info(n, status="MERGED" if n > 40 else "NEW") for n in range(1, 61)]
    with GerritTwin([*infos, *(change_info(n, "demo/two") for n in (91, 92))]) as twin:
        yield twin


def run(twin: GerritTwin, store: Store, later: timedelta, *projects: str) -> list[str]:
    settings = config.Gerrit(url=twin.url, projects=projects or ("demo/one", "demo/two"))
    server = gerrit.Server(settings, lambda: NOW + later)
    source = Source("gerrit", lambda cursor: gerrit.changed_since(server, cursor, store.changes))
    return sync.once([source], store, lambda: NOW + later)


def kept(store: Store) -> set[int]:
    return set(store.changes.updated(["demo/one", "demo/two", "demo/three"]))


def private(twin: GerritTwin) -> None:
    twin.changes[7]["is_private"] = True


def deleted(twin: GerritTwin) -> None:
    del twin.changes[7]


def moved_away(twin: GerritTwin) -> None:
    twin.changes[7]["project"] = "demo/three"


@pytest.mark.parametrize("vanish", [private, deleted, moved_away])
def test_an_open_change_that_is_not_shown_any_more_is_forgotten_within_four_hours(
    twin: GerritTwin, store: Store, vanish: Callable[[GerritTwin], None]
) -> None:
    assert run(twin, store, timedelta()) == []
    everything = kept(store)
    vanish(twin)
    twin.requests.clear()
    assert run(twin, store, HOURS - timedelta(minutes=1)) == []
    assert (kept(store), len(twin.requests)) == (everything, 1)
    twin.requests.clear()
    assert run(twin, store, HOURS) == []
    # The poll, all open ones, what is not among them by its number in a search and by itself.
    assert (kept(store), len(twin.requests)) == (everything - {7}, 3 if vanish is moved_away else 4)
    twin.requests.clear()
    assert run(twin, store, HOURS + timedelta(minutes=5)) == []
    assert len(twin.requests) == 1


def test_a_change_that_the_index_lost_or_that_was_merged_meanwhile_stays(twin: GerritTwin, store: Store) -> None:
    assert run(twin, store, timedelta()) == []
    everything = kept(store)
    twin.unindexed = {3, 4}
    twin.changes[5]["status"] = "MERGED"
    assert run(twin, store, HOURS) == []
    assert kept(store) == everything
    assert store.rows("select status from changes where number = 5") == [{"status": "MERGED"}]


def test_a_project_that_is_hidden_now_is_forgotten_within_four_hours_and_named(twin: GerritTwin, store: Store) -> None:
    assert run(twin, store, timedelta()) == []
    for number in (91, 92):
        del twin.changes[number]
    twin.projects.discard("demo/two")
    said = f"gerrit: {twin.url} shows no project demo/two: mend [gerrit] projects, or it is not public."
    assert run(twin, store, HOURS) == [said]
    assert kept(store) == set(range(1, 61))


def test_a_change_that_nobody_may_ask_for_stops_no_other(twin: GerritTwin, store: Store) -> None:
    """A server that refuses one change says no more than that it refuses it: the others are compared all the same."""
    assert run(twin, store, timedelta()) == []
    everything = kept(store)
    twin.refused = {7}
    private(twin)
    twin.changes[8]["is_private"] = True
    said = ["gerrit: change 7: 127.0.0.1 answered 403 Forbidden: not permitted"]
    assert run(twin, store, HOURS) == said
    assert kept(store) == everything - {8}


def test_comments_that_nobody_may_ask_for_hold_up_no_others(twin: GerritTwin, store: Store) -> None:
    for number in (7, 8):
        twin.changes[number] |= {"comments": {"a": [comment("Why?", "bob", BEGAN)]}, "total_comment_count": 1}
    twin.refused = {8}
    assert run(twin, store, timedelta()) == ["gerrit: change 8: 127.0.0.1 answered 403 Forbidden: not permitted"]
    assert [row["change"] for row in store.rows("select change from inline_comments")] == [7]
    assert run(twin, store, timedelta(minutes=5)) == []


def test_an_odd_change_keeps_no_other_from_being_read_anew(twin: GerritTwin, store: Store) -> None:
    assert run(twin, store, timedelta()) == []
    settings = config.Config(gerrit=config.Gerrit(url=twin.url, projects=("demo/one",)))
    [source] = sync.sources(settings, store, lambda: NOW, lambda _: None)
    twin.changes[6]["subject"] = ["odd"]
    private(twin)
    twin.changes[9]["subject"] = "Another"
    things = list(source.rereads["change"]([6, 7, 9]))
    assert Gone("change", 7) in things
    assert [thing.subject for thing in things if isinstance(thing, Change)] == ["Another"]
