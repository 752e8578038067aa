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
from tests.builders import NOW

PEOPLE, ITEMS = ("ann", "ben", "cat"), 5
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "pass", "pass as taken", "claim", "give back", "finish", "lapse"]),
        st.sampled_from(PEOPLE),
        st.integers(0, 1),  # the connection
        st.integers(0, 60),  # hours that pass before
    ),
    max_size=30,
)


def items() -> list[Item]:
    return [Item("bug", number, "harbour", f"Bug {number}", "", NOW, "fixes") for number in range(1, ITEMS + 1)]


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
                gone = {row["number"] for row in store.rows("select number from offers where passed is not null"
                                                            " and person = :me", me=person)}  # fmt: skip
                assert not gone & {item.number for item in got}
                assert not {lease.item.number for lease in mine} & {item.number for item in got}
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
            "select distinct number, person from offers where expires > :now", now=f"{now:%Y-%m-%dT%H:%M:%S.%f}"
        )
        assert [number for number, times in Counter(row["number"] for row in held).items() if times > 1] == []
