"""Whatever Launchpad does on whatever page, the mirror has all of it after one further run, field by field."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from mentorbot.errors import SourceError
from mentorbot.sources.launchpad_wire import Timeouts
from tests.mirrors import PATIENT, Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_faults import KINDS
from tests.twins.launchpad_records import record

BRISK = Timeouts(0.25, 0.5)
NEVER_ENDING = ("stall", "drip")
LISTS = {
    "open bugs": ("searchTasks(?!.*(tags|modified_since))", 5),
    "tags": ("searchTasks.*tags=", 3),
    "comments": ("bugs/1/messages", 3),
    "questions": ("searchQuestions", 3),
    "blueprints": ("all_specifications", 3),
}
"""Which requests read a list, and how many pages it has here."""
PAGES = ("first", "middle", "last")
CASES = [(name, kind, page) for name in LISTS for kind in KINDS for page in PAGES]
# All three pages of the longest list for every fault, of the others one each in turn: waiting for deadlines takes long.
CASES = [case for n, case in enumerate(CASES) if case[0] == "open bugs" or (n % 4 == 0 and case[1] not in NEVER_ENDING)]

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    talk = [("bob" if number % 2 else "carol", f"I say {number}.") for number in range(8)]
    bugs = [
        record(1, tags=["easy"], status="Confirmed", comments=talk),
        record(2, status="In Progress", assignee="bob"),
        record(3, status="Fix Released"),
        record(5, information_type="Private"),
        *(record(number, tags=["easy"] if number % 3 else []) for number in range(6, 19)),
    ]
    with LaunchpadTwin(bugs) as twin:
        twin.questions = {number: question(number) for number in range(1, 11)}
        twin.blueprints = [blueprint(f"plan-{number}") for number in range(1, 11)]
        yield twin


def all_of_it(mirror: Mirror, twin: LaunchpadTwin) -> None:
    same(mirror, twin)
    assert len(mirror.store.questions.of("harbour")) == len(twin.questions)
    assert len(mirror.store.blueprints.of("harbour")) == len(twin.blueprints)


def fail(twin: LaunchpadTwin, kind: str, path: str, after: int) -> None:
    """Have a request fail as often as it is tried in a run: once where it is only slow, or nothing that passes."""
    twin.fault(kind, path, times=1 if kind in ("slow", "html 404") else 4, after=after, seconds=0.01)


def run_twice(mirror: Mirror) -> None:
    with suppress(SourceError):
        mirror.run()
    mirror.run()


def test_the_lists_have_the_pages_that_are_to_fail(twin: LaunchpadTwin) -> None:
    Mirror(settings(twin)).run()
    assert {name: twin.count(path) for name, (path, _) in LISTS.items()} == {
        name: pages for name, (_, pages) in LISTS.items()
    }


@pytest.mark.parametrize(("name", "kind", "page"), CASES)
def test_a_page_that_fails_to_the_end_of_all_tries_is_read_in_the_next_run(
    twin: LaunchpadTwin, name: str, kind: str, page: str
) -> None:
    path, pages = LISTS[name]
    fail(twin, kind, path, {"first": 0, "middle": pages // 2, "last": pages - 1}[page])
    mirror = Mirror(settings(twin), BRISK if kind in NEVER_ENDING else PATIENT)
    run_twice(mirror)
    all_of_it(mirror, twin)
    assert twin.faults[0].times == 0


@pytest.mark.parametrize(
    ("kind", "page"), [(kind, page) for kind in KINDS for page in PAGES if page == "last" or kind not in NEVER_ENDING]
)
def test_news_over_many_pages_that_fail_are_read_in_the_next_run(twin: LaunchpadTwin, kind: str, page: str) -> None:
    mirror = Mirror(settings(twin), BRISK if kind in NEVER_ENDING else PATIENT)
    mirror.run()
    for number in (1, 2, 3, *range(6, 19)):
        twin.comment(number, "bob", "Look again.")
    fail(twin, kind, "modified_since", {"first": 0, "middle": 2, "last": 5}[page])
    run_twice(mirror)
    all_of_it(mirror, twin)
    assert twin.faults[0].times == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_bugs_that_change_while_pages_fail_are_all_there_after_one_further_run(
    twin: LaunchpadTwin, kind: str, seed: int
) -> None:
    dice = random.Random(seed)
    changes: list[Callable[[int], object]] = [
        lambda number: twin.comment(number, "dave", f"Seen {len(twin.requests)}."),
        lambda number: twin.edit_task(number, "harbour", status=dice.choice(["Triaged", "Invalid", "New"])),
        lambda number: twin.edit(number, tags=["easy", "api"]),
        lambda _: twin.add(record(100 + len(twin.requests), created=twin.now)),
    ]
    for request in range(1, 50):
        if dice.random() < 0.4:
            change, number = dice.choice(changes), dice.choice([1, 2, 3, *range(6, 19)])
            twin.at(request, lambda change=change, number=number: change(number))  # type: ignore[misc]
    twin.fault(kind, "harbour", times=2, after=dice.randrange(10), seconds=0.01)
    twin.fault(kind, "bugs/", times=1, after=dice.randrange(10), seconds=0.01)
    mirror = Mirror(settings(twin), BRISK if kind in NEVER_ENDING else PATIENT)
    with suppress(SourceError):
        mirror.run()
    twin.settle()
    mirror.run()
    same(mirror, twin)
