"""`sync --verify` tells whatever of the store is not as Gerrit shows it; what differs is mended in a week at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from mentorbot import config, sync
from mentorbot.sources import gerrit, gerrit_verify
from mentorbot.store import Store
from tests import mirrored
from tests.builders import NOW
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info

WEEK = timedelta(days=7)


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    with GerritTwin([change_info(number, minutes=number) for number in range(1, 61)]) as twin:
        yield twin


def server(twin: GerritTwin, now: datetime) -> gerrit.Server:
    return gerrit.Server(config.Gerrit(url=twin.url, projects=("demo/one",)), lambda: now)


def run(twin: GerritTwin, store: Store, now: datetime = NOW) -> list[str]:
    one = server(twin, now)
    source = sync.Source("gerrit", lambda cursor: gerrit.changed_since(one, cursor, store.changes))
    return sync.once([source], store, lambda: now)


def drift(twin: GerritTwin, store: Store) -> list[str]:
    return list(gerrit_verify.verify(server(twin, NOW), store.changes))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda twin: twin.touch(7, subject="Renamed"), "1 change moved there since they were read."),
        (lambda twin: twin.changes.pop(7), "1 change in the store, such as 7, not shown there any more."),
        (
            lambda twin: twin.changes[9].update(is_private=True),
            "1 change in the store, such as 9, not shown there any more.",
        ),
        (
            lambda twin: twin.changes.update({99: change_info(99, minutes=5)}),
            "1 change of 61 there, such as 99, not in the store.",
        ),
    ],
    ids=["moved", "deleted", "private", "unseen"],
)
def test_what_differs_is_told_and_mended_by_the_next_comparison(
    twin: GerritTwin, store: Store, change: Callable[[GerritTwin], object], told: str
) -> None:
    assert run(twin, store) == []
    assert drift(twin, store) == []
    change(twin)
    assert drift(twin, store) == [told]
    assert run(twin, store, NOW + WEEK) == []
    assert drift(twin, store) == []
    public = [info for info in twin.changes.values() if not info.get("is_private")]
    assert mirrored.kept(store) == mirrored.said(public)


def test_a_field_that_differs_is_told_by_its_name(
    twin: GerritTwin, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gerrit_verify, "SAMPLE", 60)
    run(twin, store)
    twin.changes[7] |= {"topic": "quay", "hashtags": ["harbour"]}
    assert drift(twin, store) == ["change 7 differs in its topic and hashtags."]


ODD: dict[str, dict[str, object]] = {
    "date": {"updated": "soon"},
    "number": {"_number": "x"},
    "project": {"project": None},
    "owner": {"owner": 7},
}


def spoilt(odd: int, how: str) -> Callable[[str, Any], Any]:
    """Has a change unreadable wherever it is shown."""

    def row(found: Any) -> Any:
        return found | ODD[how] if isinstance(found, dict) and found.get("_number") == odd else found

    return lambda _, found: [*map(row, found)] if isinstance(found, list) else row(found)


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("odd", [60, 35, 11, 1], ids=["first", "amid", "last of a page", "last"])
def test_a_row_that_cannot_be_read_is_told_and_all_others_are_kept(
    twin: GerritTwin, store: Store, how: str, odd: int
) -> None:
    twin.spoil = spoilt(odd, how)
    [said] = run(twin, store)
    assert said.startswith(f"gerrit: {twin.url} sent something odd: change {'x' if how == 'number' else odd} ")
    others = {number for number in range(1, 61) if number != odd}
    assert set(mirrored.kept(store)) == others
    assert store.cursors.read_at("gerrit") == NOW
    assert len(run(twin, store, NOW + WEEK)) == 1
    assert set(mirrored.kept(store)) == others
    assert any("odd" in one or "not in the store" in one for one in drift(twin, store))
    twin.spoil = lambda _, found: found
    assert run(twin, store, NOW + 2 * WEEK) == []
    assert mirrored.kept(store) == mirrored.said(twin.changes.values())


@pytest.mark.parametrize("how", ODD)
def test_a_change_that_cannot_be_read_any_more_is_not_forgotten(twin: GerritTwin, store: Store, how: str) -> None:
    run(twin, store)
    twin.changes[7] |= {"subject": "Spoilt"}
    twin.spoil = spoilt(7, how)
    twin.changes.pop(8)
    said = run(twin, store, NOW + WEEK)
    assert len(said) == (how != "owner")
    assert set(mirrored.kept(store)) == {n for n in range(1, 61) if n != 8}
