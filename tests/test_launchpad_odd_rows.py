"""A row of a list that cannot be read costs its neighbours nothing, and is told at the end, by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from mentorbot import sync
from mentorbot.errors import PartlyRead, SourceError
from mentorbot.models import Task
from mentorbot.sources import launchpad, launchpad_reading
from mentorbot.sources.launchpad_verify import verify
from mentorbot.store import Store
from tests.mirrors import Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import record

Spoil = Callable[[dict[str, Any]], Any]

BUGS = [*range(1, 19)]
DAY = timedelta(days=1)
ODD: dict[str, tuple[Spoil, str]] = {
    "date": (lambda row: row | {"date_created": "soon"}, "is no date: soon"),
    "no date": (lambda row: row | {"date_created": None}, "is no date: None"),
    "title": (lambda row: row | {"status": ["New"]}, "the status of a task should be a text"),
    "target": (lambda row: row | {"target_link": 7}, '"target_link" names no project: 7'),
    "number": (lambda row: row | {"bug_link": "nowhere"}, "names no bug: nowhere"),
    "no row": (lambda row: row["self_link"], "a bug task should be a JSON object"),
}
"""What makes a row unreadable, and how the sentence about it ends."""

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin([record(number, tags=["easy"]) for number in BUGS]) as twin:
        yield twin


def spoil(twin: LaunchpadTwin, *bugs: int, how: str = "date") -> None:
    """Have the tasks of these bugs unreadable wherever a search gives them."""
    links = {f"{twin.root}bugs/{number}" for number in bugs}

    def spoilt(path: str, found: dict[str, Any]) -> Any:
        if "searchTasks" in path:
            found["entries"] = [ODD[how][0](row) if row["bug_link"] in links else row for row in found["entries"]]
        return found

    twin.spoil = spoilt


def heal(twin: LaunchpadTwin) -> None:
    twin.spoil = lambda _, found: found


def read(mirror: Mirror) -> list[int]:
    """The bugs that the store has with their tasks, their tags and their texts."""
    rows = mirror.store.rows(
        """select id from bugs b where read_at is not null and exists (select 1 from tasks where bug = b.id)
        and exists (select 1 from bug_tags where bug = b.id and tag = 'easy') order by id"""
    )
    return [row["id"] for row in rows]


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("odd", [18, 15, 9, 2, 1])
def test_a_row_that_cannot_be_read_is_told_and_all_others_are_kept(twin: LaunchpadTwin, how: str, odd: int) -> None:
    spoil(twin, odd, how=how)
    mirror = Mirror(settings(twin))
    said = str(mirror.fails())
    which = "(it does not say which)" if how in ("number", "no row") else odd
    assert said.startswith(f"Launchpad's task of bug {which} cannot be understood: ")
    assert said.endswith(f"{ODD[how][1]}.")
    assert said.count("cannot be understood") == 1
    assert read(mirror) == [number for number in BUGS if number != odd]
    of_the_youngest = [said] * (odd > 14)
    counts = "harbour has 18 open bugs there and 17 in the store."
    assert list(verify(mirror.service, mirror.store)) == [counts, *of_the_youngest]
    heal(twin)
    twin.now += DAY + timedelta(hours=1)
    mirror.run()
    mirror.run()
    assert read(mirror) == BUGS


@pytest.mark.parametrize("how", ["date", "no row"])
@pytest.mark.parametrize(
    "odd", [[*range(15, 19)], [*range(9, 15)], [1, 2, 3, 4], BUGS], ids=["first", "middle", "last", "all"]
)
def test_pages_on_which_nothing_can_be_read_are_passed(twin: LaunchpadTwin, how: str, odd: list[int]) -> None:
    spoil(twin, *odd, how=how)
    mirror = Mirror(settings(twin))
    assert "cannot be understood" in str(mirror.fails())
    assert read(mirror) == [number for number in BUGS if number not in odd]
    assert len(twin.requests) < 60
    heal(twin)
    twin.now += DAY + timedelta(hours=1)
    mirror.run()
    mirror.run()
    assert read(mirror) == BUGS


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("changed", [[3, 9, 12], [3, 4, 7, 9, 12, 16]], ids=["a page", "pages"])
def test_news_that_cannot_be_read_stay_news_for_an_hour_and_hold_up_no_others(
    twin: LaunchpadTwin, how: str, changed: list[int]
) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in changed:
        twin.edit_task(number, "harbour", status="Triaged")
    spoil(twin, 9, how=how)
    assert "cannot be understood" in str(mirror.fails())
    triaged = "select bug from tasks where status = 'Triaged' order by bug"
    assert [row["bug"] for row in mirror.store.rows(triaged)] == [number for number in changed if number != 9]
    heal(twin)
    mirror.run()
    assert [row["bug"] for row in mirror.store.rows(triaged)] == changed
    same(mirror, twin)
    spoil(twin, 9, how=how)
    twin.edit_task(9, "harbour", status="In Progress")
    twin.edit_task(2, "harbour", status="In Progress")
    for _ in range(2):
        twin.now += timedelta(minutes=50)
        mirror.fails()
    twin.requests.clear()
    mirror.run()
    assert twin.count("searchTasks") == len(twin.requests) == 1


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("odd", [[18], [11, 12, 13, 14, 15, 16], [1], BUGS], ids=str)
def test_a_comparison_forgets_nothing_that_it_cannot_read(twin: LaunchpadTwin, how: str, odd: list[int]) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.edit(2, private=True, information_type="Private", quietly=True)
    twin.edit(17, private=True, information_type="Private", quietly=True)
    spoil(twin, *odd, how=how)
    twin.now += DAY
    assert "cannot be understood" in str(mirror.fails())
    assert read(mirror) == [number for number in BUGS if number not in (2, 17)]
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1
    heal(twin)
    same(mirror, twin)


@pytest.mark.parametrize(("field", "odd"), [("date_created", "soon"), ("title", ["New"]), ("owner_link", 7)])
def test_a_question_or_blueprint_that_cannot_be_read_is_told_and_all_others_are_kept(
    twin: LaunchpadTwin, field: str, odd: object
) -> None:
    twin.questions = {number: question(number) for number in range(1, 11)}
    twin.blueprints = [blueprint(f"plan-{number}") for number in range(1, 11)]
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.questions |= {5: question(5) | {field: odd}, 7: question(7, title="Why?"), 11: question(11)}
    del twin.questions[9]
    twin.blueprints[4] |= {field: odd}
    twin.blueprints[2] |= {"title": "New"}
    del twin.blueprints[8]
    twin.now += timedelta(hours=1)
    said = str(mirror.fails())
    assert said.count("cannot be understood") == 2
    assert "question 5 cannot" in said
    assert "blueprint plan-5 cannot" in said
    assert [one.number for one in mirror.store.questions.of("harbour")] == [11, 10, 8, 7, 6, 5, 4, 3, 2, 1]
    assert {one.title for one in mirror.store.questions.of("harbour") if one.number == 7} == {"Why?"}
    named = {one.name: one.title for one in mirror.store.blueprints.of("harbour")}
    assert (sorted(named), named["plan-3"]) == (sorted(f"plan-{n}" for n in range(1, 11) if n != 9), "New")
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1
    counted = [line for line in verify(mirror.service, mirror.store) if "cannot be understood" in line]
    assert len(counted) == 2


def test_a_task_that_cannot_be_read_does_not_make_its_bug_gone(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.bugs[4]["bug_tasks"][0]["status"] = None
    with pytest.raises(SourceError, match="task of bug 4 cannot be understood"):
        launchpad.reread(mirror.service, mirror.store, [4])
    things = launchpad.reread(mirror.service, mirror.store, [4, 5])
    assert [thing.bug for thing in things if isinstance(thing, Task)] == [5]


@pytest.mark.parametrize("what", ["a task", "a message", "the bug", "a question", "its server"])
def test_one_thing_that_cannot_be_read_makes_the_others_no_older(twin: LaunchpadTwin, what: str) -> None:
    twin.questions = {1: question(1) | ({"title": 7} if what == "a question" else {})}
    match what:
        case "a task":
            spoil(twin, 6)
        case "a message":
            twin.comment(6, "bob", "Me too.")
            twin.bugs[6]["messages"][1]["date_created"] = "soon"
        case "the bug":
            twin.bugs[6]["bug"]["heat"] = "much"
        case "its server":
            twin.fault("500", r"bugs/6(/|$)", times=999)
    mirror = Mirror(settings(twin))
    for _ in range(2):
        with pytest.raises(PartlyRead):
            mirror.run()
        twin.now += DAY + timedelta(hours=1)
    assert len(mirror.kept()) == len(BUGS) - (what == "a task")


@pytest.mark.parametrize("path", ["harbour", "bugs/"])
def test_a_server_that_gives_nothing_leaves_the_mirror_as_old_as_it_is(
    twin: LaunchpadTwin, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchpad_reading, "FEW", 2)
    twin.fault("500", path, times=9999)
    error = Mirror(settings(twin)).fails()
    assert not isinstance(error, PartlyRead)


def test_a_failure_that_names_a_bug_is_forgotten_with_it(twin: LaunchpadTwin, store: Store) -> None:
    service = launchpad.Service(settings(twin), lambda: twin.now)
    source = sync.Source("launchpad", lambda cursor: launchpad.changed_since(service, cursor, store))
    twin.comment(6, "bob", "Me too.")
    twin.bugs[6]["messages"][1]["date_created"] = "when the zebra escaped"
    assert "zebra" in sync.once([source], store, lambda: twin.now)[0]
    assert store.cursors.failure("launchpad") is not None
    twin.edit(6, private=True, information_type="Private", quietly=True)
    assert sync.once([source], store, lambda: twin.now) == []
    assert store.cursors.failure("launchpad") is None
