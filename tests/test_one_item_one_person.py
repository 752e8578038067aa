"""Whatever people do, in whatever order and through whatever connection: an item is never two people's at once."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.models import Item
from mentorbot.store import Store
from mentorbot.store.moments import written
from mentorbot.store.offers import item_of
from tests.builders import NOW

PEOPLE = ("ann", "ben", "cat")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "pass", "pass as taken", "claim", "give back", "finish", "lapse"]),
        st.sampled_from(PEOPLE),
        st.integers(0, 1),  # the connection
        st.integers(0, 60),  # hours that pass before
    ),
    max_size=30,
)


def key(item: Item) -> tuple[str, int]:
    return item.kind, item.number


def items() -> list[Item]:
    """Of all kinds; a bug and a question may have the same number."""
    kinds = ("bug", "question", "blueprint", "change", "question")
    return [
        Item(kind, number // 2 + 1, "harbour", f"Item {number}", f"/+spec/b{number}", NOW, "fixes")
        for number, kind in enumerate(kinds)
    ]


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_an_item_is_never_two_peoples(steps: list[tuple[str, str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = [Store(Path(folder) / "a.db") for _ in range(2)]
        try:
            play(stores, steps)
        finally:
            for store in stores:
                store.close()


def play(stores: list[Store], steps: list[tuple[str, str, int, int]]) -> None:
    now = NOW
    for what, name, connection, hours in steps:
        store, person = stores[connection], f"account:{name}"
        now += timedelta(hours=hours)
        mine = store.leases.of(person, now)
        match what:
            case "ask":
                got = store.offers.make(person, "", items(), 2, now)
                passed = store.rows("select * from offers where passed is not null and person = :me", me=person)
                assert not {key(item_of(row)) for row in passed} & {key(item) for item in got}
                assert not {key(lease.item) for lease in mine} & {key(item) for item in got}
            case "pass":
                store.offers.pass_on(person, "", now)
                assert store.leases.of(person, now) == mine
            case "pass as taken":
                store.offers.pass_on(person, "taken", now, held_for=timedelta(days=14))
                assert store.leases.of(person, now) == mine
            case "claim":
                for item in list(store.offers.last(person).values())[:1]:
                    with store.writing():
                        if not store.leases.is_held(item, person, name, now) and not mine:
                            store.leases.begin(item, person, name, now, timedelta(days=14))
            case "give back" | "finish" if mine:
                store.leases.end(mine[0], "done" if what == "finish" else "given up", now)
            case "lapse":
                for lease in store.leases.all():
                    if lease.expires <= now:
                        store.leases.end(replace(lease), "lapsed", now)
        held = stores[1 - connection].rows(
            "select distinct kind, number, person from offers where expires > :now", now=written(now)
        )
        assert [one for one, times in Counter((row["kind"], row["number"]) for row in held).items() if times > 1] == []
