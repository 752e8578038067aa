"""Tests of mentorbot/sources/launchpad_milestones.py and mentorbot/store/milestones.py, on the twin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mentorbot import clock, config, sync
from mentorbot.sources import launchpad
from mentorbot.sources.launchpad_milestones import milestones
from mentorbot.store import Store
from tests.builders import NOW
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

TIDES = {"tide-1": False, "tide-2": True}


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(1), record(2), record(3)], projects=["harbour", "quay"]) as twin:
        twin.milestones["harbour"] = dict(TIDES)
        for number, tide in ((1, "tide-1"), (2, "tide-2")):
            twin.edit_task(number, "harbour", milestone_link=f"{twin.root}harbour/+milestone/{tide}")
        yield twin


def settings(twin: LaunchpadTwin, *projects: str) -> config.Config:
    return config.Config(launchpad=config.Launchpad(service_root=twin.service_root, projects=projects))


def test_all_pages_of_a_project_are_read(twin: LaunchpadTwin) -> None:
    service = launchpad.Service(settings(twin, "harbour").launchpad, clock.system)
    assert milestones(service, "harbour", []) == TIDES
    assert (milestones(service, "quay", []), milestones(service, "nowhere", [])) == ({}, {})
    twin.milestones["harbour"] = many = {f"tide-{n}": n > 600 for n in range(700)}
    assert milestones(service, "harbour", []) == many


def test_a_bug_whose_milestone_is_over_is_not_free(twin: LaunchpadTwin, store: Store) -> None:
    sources = sync.sources(settings(twin, "harbour", "quay"), store, lambda: NOW, lambda _: None)

    def free() -> list[int]:
        return sorted(bug.number for bug in store.bugs.free(["harbour"], robots=[], claimed_since=NOW))

    assert (sync.once(sources, store, lambda: NOW), free()) == ([], [2, 3])
    # They are read once a day.
    twin.milestones["harbour"] = {"tide-1": True, "tide-2": False}
    assert (sync.once(sources, store, lambda: NOW), free()) == ([], [2, 3])
    tomorrow = NOW + timedelta(days=1)
    assert (sync.once(sources, store, lambda: tomorrow), free()) == ([], [1, 3])
    assert twin.count("all_milestones") == 4


def test_a_server_that_fails_is_told_and_asked_again(twin: LaunchpadTwin, store: Store) -> None:
    sources = sync.sources(settings(twin, "harbour"), store, lambda: NOW, lambda _: None)
    twin.fault("500", "all_milestones", times=9)
    assert len(sync.once(sources, store, lambda: NOW)) == 1
    twin.faults.clear()
    assert sync.once(sources, store, lambda: NOW) == []
    assert store.rows("select name from milestones where not active") == [{"name": "tide-1"}]


def test_one_project_that_fails_has_no_other_asked_again(twin: LaunchpadTwin, store: Store) -> None:
    sources = sync.sources(settings(twin, "harbour", "quay"), store, lambda: NOW, lambda _: None)
    twin.fault("500", "harbour/all_milestones", times=99)
    for _ in range(3):
        assert len(sync.once(sources, store, lambda: NOW)) == 1
    assert (twin.count("harbour/all_milestones") > 3, twin.count("quay/all_milestones")) == (True, 1)


def test_a_milestone_that_cannot_be_read_is_told_and_the_others_are_kept(twin: LaunchpadTwin, store: Store) -> None:
    def spoilt(path: str, found: dict[str, Any]) -> Any:
        if "all_milestones" in path:
            del found["entries"][1]["is_active"]
            found["entries"] += ["nothing", {}]
        return found

    twin.spoil = spoilt
    sources = sync.sources(settings(twin, "harbour"), store, lambda: NOW, lambda _: None)
    [said] = sync.once(sources, store, lambda: NOW)
    assert said.startswith(
        'launchpad: Launchpad\'s milestone tide-2 cannot be understood: a milestone has no "is_active".'
    )
    assert store.rows("select name, active from milestones") == [{"name": "tide-1", "active": 0}]
    assert sync.once(sources, store, lambda: NOW) == []
