"""What Launchpad refuses to show: a bug that is not for everybody is forgotten, an outage of the way to it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from mentorbot.sources import launchpad
from tests.mirrors import Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(n) for n in range(1, 5)], projects=["quay"]) as twin:
        yield twin


@pytest.mark.parametrize("kind", ["401", "403"])
@pytest.mark.parametrize("path", ["bugs/2$", "bugs/2/messages"])
def test_a_bug_that_is_refused_among_others_is_forgotten_and_the_news_go_on(
    twin: LaunchpadTwin, kind: str, path: str
) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in (1, 2, 3):
        twin.comment(number, "bob", "News.")
    twin.fault(kind, path, times=99)
    mirror.run()
    assert set(mirror.kept()) == {1, 3, 4}
    twin.now += timedelta(hours=1)
    mirror.run()
    twin.requests.clear()
    mirror.run()
    assert twin.count() == 1


def test_a_bug_that_is_refused_alone_is_forgotten_where_others_could_be_seen(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.fault("401", "bugs/2$", times=99)
    mirror.store.save(launchpad.reread(mirror.service, mirror.store, [2]))
    assert set(mirror.kept()) == {1, 3, 4}


@pytest.mark.parametrize("kind", ["401", "403", "html 404"])
def test_where_everything_is_refused_nothing_is_forgotten(twin: LaunchpadTwin, kind: str) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.now += timedelta(days=1)
    for number in (1, 2, 3):
        twin.comment(number, "bob", "News.")
    twin.fault(kind, "", times=99)
    said = str(mirror.fails())
    assert said.startswith(f"Launchpad answered {kind[-3:]} for harbour")
    twin.faults.clear()
    twin.fault(kind, "(bugs/|harbour$)", times=99)
    said = str(mirror.fails())
    assert said.startswith(f"Launchpad answered {kind[-3:]} for bugs/")
    twin.faults.clear()
    mirror.run()
    same(mirror, twin)
    assert set(mirror.kept()) == {1, 2, 3, 4}


def test_a_bug_that_was_not_shown_for_a_moment_is_back_within_a_day(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.comment(2, "bob", "News.")
    twin.fault("404", "bugs/2$", times=1)
    mirror.run()
    assert set(mirror.kept()) == {1, 3, 4}
    twin.now += timedelta(days=1)
    mirror.run()
    mirror.run()
    same(mirror, twin)
    assert set(mirror.kept()) == {1, 2, 3, 4}
    twin.requests.clear()
    mirror.run()
    assert twin.count() == 1


@pytest.mark.parametrize("hidden", [[1], [4], [1, 2, 3, 4]])
def test_what_was_not_shown_as_it_was_renewed_is_back_within_another_day(
    twin: LaunchpadTwin, hidden: list[int]
) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in hidden:
        twin.fault("404", f"bugs/{number}$", times=1)
    twin.now += timedelta(days=1)
    mirror.run()
    assert set(mirror.kept()) == {1, 2, 3, 4} - {*hidden}
    twin.now += timedelta(days=1)
    mirror.run()
    mirror.run()
    same(mirror, twin)
    assert set(mirror.kept()) == {1, 2, 3, 4}
