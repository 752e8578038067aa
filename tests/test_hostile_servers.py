"""Servers that lie, flood, and lead elsewhere: a run over them ends soon, in a sentence, and costs little memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from mentorbot import config
from mentorbot.errors import SourceError
from mentorbot.models import Page
from mentorbot.sources import bounds, gerrit
from mentorbot.sources.gerrit_wire import Timeouts
from mentorbot.store import Store
from tests.builders import NOW
from tests.mirrors import HASTY as LAUNCHPADS_HASTY
from tests.mirrors import PATIENT, Mirror, settings
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_faults import bomb
from tests.twins.launchpad_records import record

HASTY = Timeouts(connect=5, read=0.5, whole=0.6)


@pytest.fixture
def launchpad() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(1, comments=[("bob", "I say so.")]), record(2)]) as twin:
        yield twin


@pytest.fixture
def twin() -> Iterator[GerritTwin]:
    with GerritTwin([change_info(1), change_info(2)]) as twin:
        yield twin


def read(twin: GerritTwin, store: Store, timeouts: Timeouts = HASTY) -> list[Page]:
    """Mirror a Gerrit to the end."""
    server = gerrit.Server(config.Gerrit(url=twin.url, projects=("demo/one",)), lambda: NOW, timeouts=timeouts)
    taken = []
    for page in gerrit.changed_since(server, store.cursors.get("gerrit"), store.changes):
        store.save(page.things, cursor=("gerrit", page.cursor))
        taken.append(page)
    return taken


def fails(twin: GerritTwin, store: Store, timeouts: Timeouts = HASTY) -> str:
    with pytest.raises(SourceError) as error:
        read(twin, store, timeouts)
    return str(error.value)


TOO_LARGE = "127.0.0.1 sent more than anybody can read at once."
TOO_LATE = "127.0.0.1 did not answer in time."


@pytest.mark.parametrize(("fault", "words"), [("flood", TOO_LARGE), ("bomb", TOO_LARGE), ("drip head", TOO_LATE)])
def test_what_gerrit_sends_without_an_end_ends(twin: GerritTwin, store: Store, fault: str, words: str) -> None:
    bomb()  # what the twin keeps counts for nothing
    twin.fail(*[fault] * 4)
    began = time.monotonic()
    tracemalloc.start()
    timeouts = HASTY if fault == "drip head" else Timeouts(5, 20, 20)
    assert fails(twin, store, timeouts) == words
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(twin.requests), most < 3 * bounds.LARGEST, time.monotonic() - began < 60) == (4, True, True)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("flood", "Launchpad's answer for bugs/1 is too large."),
        ("bomb", "Launchpad's answer for bugs/1 is too large."),
        ("drip head", "Launchpad did not give bugs/1: it took too long."),
    ],
)
def test_what_launchpad_sends_without_an_end_ends(launchpad: LaunchpadTwin, fault: str, words: str) -> None:
    bomb()  # what the twin keeps counts for nothing
    launchpad.fault(fault, "bugs/1$", times=4)
    began = time.monotonic()
    tracemalloc.start()
    mirror = Mirror(settings(launchpad), LAUNCHPADS_HASTY if fault == "drip head" else PATIENT)
    assert str(mirror.fails()) == words
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (most < 4 * bounds.LARGEST, time.monotonic() - began < 60) == (True, True)
    assert set(mirror.kept()) == {1, 2}


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/", "file:///etc/passwd", "http://169.254.169.254/1.0/bugs/1"])
def test_nobody_follows_a_server_to_another(
    launchpad: LaunchpadTwin, twin: GerritTwin, store: Store, where: str
) -> None:
    launchpad.fault("away", "bugs/1$", times=9, location=where)
    said = "Launchpad says that bugs/1 is on another server; nobody looks there."
    assert str(Mirror(settings(launchpad)).fails()) == said
    assert launchpad.count("bugs/1$") == 1
    twin.elsewhere = where
    twin.fail("away")
    said = f"127.0.0.1 sends us on to {where}; if that is the same Gerrit, write its address as url."
    assert fails(twin, store) == said
    assert len(twin.requests) == 1


def test_what_is_said_not_to_have_changed_was_never_asked_for_so(launchpad: LaunchpadTwin) -> None:
    launchpad.fault("304", "bugs/1$", times=9)
    assert str(Mirror(settings(launchpad)).fails()).startswith("Launchpad answered 304 for bugs/1")
    assert launchpad.count("bugs/1$") == 1


def test_a_circle_of_redirects_is_left(launchpad: LaunchpadTwin) -> None:
    launchpad.fault("away", "bugs/1$", times=99, location=f"{launchpad.root}bugs/1")
    assert str(Mirror(settings(launchpad)).fails()) == "Launchpad sends in a circle whoever asks for bugs/1."
    assert launchpad.count("bugs/1$") == 6


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/1.0/harbour?ws.start=1", "file:///etc/passwd", 7, ["x"]])
def test_a_next_page_on_another_server_is_not_read(launchpad: LaunchpadTwin, where: Any) -> None:
    launchpad.spoil = lambda path, found: found | ({"next_collection_link": where} if "bugs/1/messages" in path else {})
    mirror = Mirror(settings(launchpad))
    assert str(mirror.fails()) in (
        f"Launchpad says that {where} is on another server; nobody looks there.".replace("?ws.start=1", ""),
        "Launchpad's list does not say where it goes on.",
    )
    assert mirror.store.bugs.unread(9) == [1]


@pytest.mark.parametrize("pages", [1, 2, 10**9])
@pytest.mark.parametrize("path", ["harbour", "bugs/1/messages", "bugs/1/activity"])
def test_a_list_without_an_end_is_left(launchpad: LaunchpadTwin, path: str, pages: int) -> None:
    """The next page is this one, or the one before, or another like it, for ever."""
    mirror = Mirror(settings(launchpad))
    mirror.run()
    launchpad.comment(1, "carol", "It changed.")
    launchpad.requests.clear()

    def spoil(address: str, found: dict[str, Any]) -> dict[str, Any]:
        if not address.startswith(f"/1.0/{path}?"):
            return found
        asked = address.removeprefix("/1.0/").partition("&page=")[0]
        return found | {"next_collection_link": f"{launchpad.root}{asked}&page={launchpad.count(path) % pages}"}

    launchpad.spoil = spoil
    assert str(mirror.fails()) == "Launchpad's list does not end."
    assert launchpad.count(path) < 10


def test_changes_without_an_end_are_left(twin: GerritTwin, store: Store) -> None:
    """A server that always has more shows the same page whatever it is asked for."""
    page = twin.answer("/changes/", {})
    twin.spoil = lambda path, found: [page[1], page[0] | {"_more_changes": True}]  # type: ignore[index]
    assert fails(twin, store) == "The same changes come again and again, whatever is asked for."
    assert len(twin.requests) < 15


@pytest.mark.parametrize("kept", [1, 2])
def test_a_crowded_second_without_an_end_is_left(store: Store, kept: int) -> None:
    with GerritTwin([change_info(n, minutes=1) for n in range(1, 5)]) as twin:
        page = twin.answer("/changes/", {})
        twin.spoil = lambda path, found: [*page[:kept], page[kept] | {"_more_changes": True}]  # type: ignore[index]
        assert fails(twin, store) == "The same changes come again and again, whatever is asked for."
        assert len(twin.requests) < 15


ODD_ROWS: list[tuple[Any, object]] = [
    ({"_number": "7"}, 7),
    ({"_number": None}, "without a number"),
    ({"_number": 2**70}, 2**70),
    ({"_number": -1}, -1),
    ({"updated": None}, 2),
    ({"updated": "soon"}, 2),
    ({"updated": "0001-01-01 00:00:00.000000000"}, 2),
    ({"updated": "9999-12-31 23:59:59.999999999"}, 2),
    ({"project": ["demo/one"]}, 2),
]


@pytest.mark.parametrize(("spoilt", "which"), ODD_ROWS)
def test_a_row_that_is_no_change_is_a_sentence_and_the_others_are_kept(
    twin: GerritTwin, store: Store, spoilt: dict[str, Any], which: object
) -> None:
    twin.spoil = lambda path, found: [found[0] | spoilt, *found[1:]] if isinstance(found, list) else found
    words = f"sent something odd: change {which} lacks a number, a project or a date."
    assert fails(twin, store) == f"{twin.url} {words}"
    assert set(store.changes.updated(["demo/one", "demo/two"])) == {1}


def test_a_row_that_nobody_asked_for_is_a_sentence(twin: GerritTwin, store: Store) -> None:
    twin.spoil = lambda path, found: [found[0] | {"project": "demo/two"}, *found[1:]]
    assert fails(twin, store) == f"{twin.url} answered with a change of demo/two, which nobody asked for."
    assert store.changes.updated(["demo/one", "demo/two"]) == {}


DEEP = "[" * 200_000 + "]" * 200_000


@pytest.mark.parametrize(
    "body", ["", "null", "7", '"x"', "[]", '{"entries": NaN}', f'{{"entries": {DEEP}}}', "9" * 9999]
)
def test_what_is_no_answer_is_a_sentence(launchpad: LaunchpadTwin, body: str) -> None:
    launchpad.spoil = lambda path, found: body
    assert str(Mirror(settings(launchpad)).fails()) in (
        "Launchpad's answer for harbour was cut off, or is not its own.",
        "Launchpad's answer for harbour is not what its description says.",
    )
