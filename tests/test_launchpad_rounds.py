"""What Launchpad tells of no change of: found once a day, or once an hour, on its twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mentorbot.models import Bug, Comment, Credit, Task
from mentorbot.questions import Blueprint, Profile, Question
from mentorbot.sources import launchpad_rounds
from mentorbot.store import Store
from tests.builders import NOW
from tests.mirrors import Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import BEGIN, record, task

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    bugs = [
        record(1, tags=["easy"], status="Confirmed", comments=[("bob", "Me too."), ("carol", "And me.")]),
        *(record(number, comments=[("dave", f"My bicycle {number} is blue.")]) for number in range(2, 13)),
    ]
    with LaunchpadTwin(bugs, projects=["lighthouse"]) as twin:
        yield twin


@pytest.fixture
def mirror(twin: LaunchpadTwin) -> Mirror:
    mirror = Mirror(settings(twin))
    mirror.run()
    return mirror


def a_day_later(mirror: Mirror, twin: LaunchpadTwin) -> None:
    """The run that compares, a day after the last comparison."""
    twin.now += DAY
    mirror.run()


def words_of(store: Store, number: int) -> int:
    """How many rows of the store know anything of a bug."""
    tables = {"bugs": "id", "tasks": "bug", "bug_tags": "bug", "comments": "bug", "activity": "bug", "proposals": "bug"}
    return sum(
        store.rows(f"select count(*) n from {table} where {key} = :n", n=number)[0]["n"]
        for table, key in tables.items()
    )


def private(twin: LaunchpadTwin) -> None:
    twin.edit(5, private=True, information_type="Private", quietly=True)


def deleted(twin: LaunchpadTwin) -> None:
    del twin.bugs[5]


def task_removed(twin: LaunchpadTwin) -> None:
    twin.bugs[5]["bug_tasks"] = []


def moved(twin: LaunchpadTwin) -> None:
    twin.edit_task(5, "harbour", target_link=f"{twin.root}lighthouse")


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("vanish", [private, deleted, task_removed, moved])
@pytest.mark.parametrize("status", ["New", "Fix Released"])
def test_a_bug_that_vanished_is_forgotten_within_a_day(
    twin: LaunchpadTwin, mirror: Mirror, vanish: Callable[[LaunchpadTwin], None], status: str
) -> None:
    twin.edit_task(5, "harbour", status=status)
    mirror.run()
    vanish(twin)
    mirror.run()
    assert words_of(mirror.store, 5) > 0
    a_day_later(mirror, twin)
    assert words_of(mirror.store, 5) == 0
    assert mirror.kept().keys() == {1, 2, 3, 4, *range(6, 13)}


@pytest.mark.usefixtures("small_pages")
def test_a_bug_that_moved_to_another_mirrored_project_is_known_there_alone(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin, "harbour", "lighthouse"))
    mirror.run()
    moved(twin)
    a_day_later(mirror, twin)
    assert [thing.project for thing in mirror.kept()[5] if isinstance(thing, Task)] == ["lighthouse"]
    same(mirror, twin)


@pytest.mark.usefixtures("small_pages")
def test_one_of_two_tasks_that_was_removed_leaves_the_other() -> None:
    both = record(1)
    both["bug_tasks"].append(task(1, "lighthouse"))
    with LaunchpadTwin([both, *(record(n) for n in range(2, 8))]) as twin:
        mirror = Mirror(settings(twin, "harbour", "lighthouse"))
        mirror.run()
        twin.bugs[1]["bug_tasks"].pop()
        a_day_later(mirror, twin)
        assert [thing.project for thing in mirror.kept()[1] if isinstance(thing, Task)] == ["harbour"]


def test_a_project_that_is_as_it_was_costs_its_pages_and_the_bugs_that_are_renewed(
    twin: LaunchpadTwin, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchpad_rounds, "RENEWED", 5)
    for bugs in ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12], [1, 2, 3, 4, 5]):
        twin.requests.clear()
        a_day_later(mirror, twin)
        read = {f"/1.0/bugs/{number}{part}": 1 for number in bugs for part in ("", "/bug_tasks", "/messages")}
        assert twin.by_path == {"/1.0/harbour": 2, "/devel/harbour": 1, "/devel/harbour/all_specifications": 1, **read}
        twin.requests.clear()
        mirror.run()
        assert len(twin.requests) == 1


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("most", range(1, 12))
def test_a_comparison_that_is_cut_off_goes_on_there(twin: LaunchpadTwin, mirror: Mirror, most: int) -> None:
    for number in (2, 7, 12):
        twin.edit(number, private=True, information_type="Private", quietly=True)
    twin.now += DAY
    mirror.run(most)
    mirror.run()
    assert mirror.kept().keys() == {1, 3, 4, 5, 6, 8, 9, 10, 11}


@pytest.mark.usefixtures("small_pages")
def test_a_project_that_is_private_now_is_forgotten_and_read_anew_should_it_come_back() -> None:
    both = record(7)
    both["bug_tasks"].append(task(7, "lighthouse"))
    bugs = [both, *(record(number, tags=["easy"]) for number in range(1, 7)), record(8, "lighthouse")]
    with LaunchpadTwin(bugs, projects=["harbour", "lighthouse"]) as twin:
        twin.questions = {1: question(1), 2: question(2, "lighthouse")}
        twin.blueprints = [blueprint("quay-map"), blueprint("lamp", "lighthouse")]
        mirror = Mirror(settings(twin, "harbour", "lighthouse"))
        mirror.run()
        everything = mirror.kept()
        whole = {number: twin.bugs.pop(number) for number in range(1, 7)}
        ours = twin.bugs[7]["bug_tasks"].pop(0)
        twin.projects.remove("harbour")
        for _ in range(2):
            assert str(mirror.fails()) == "Launchpad knows no project harbour."
        assert mirror.kept().keys() == {7, 8}
        assert [thing.project for thing in mirror.kept()[7] if isinstance(thing, Task)] == ["lighthouse"]
        store = mirror.store
        assert (store.questions.of("harbour"), store.blueprints.of("harbour")) == ([], [])
        assert (len(store.questions.of("lighthouse")), len(store.blueprints.of("lighthouse"))) == (1, 1)
        twin.projects.add("harbour")
        twin.bugs |= whole
        twin.bugs[7]["bug_tasks"].insert(0, ours)
        mirror.run()
        assert mirror.kept() == everything


def test_an_open_bug_that_the_store_lost_is_back_within_a_day(twin: LaunchpadTwin, mirror: Mirror) -> None:
    twin.edit_task(6, "harbour", status="Fix Released")
    for _ in range(2):  # the first still asks for what is 15 minutes old
        twin.now += HOUR
        mirror.run()
    for number in (5, 6):
        mirror.store.bugs.forget(number)
    mirror.run()
    assert mirror.kept().keys() == {1, 2, 3, 4, *range(7, 13)}
    a_day_later(mirror, twin)
    mirror.run()
    assert mirror.kept().keys() == {1, 2, 3, 4, 5, *range(7, 13)}
    same(mirror, twin)


@pytest.mark.usefixtures("small_pages")
def test_bugs_of_one_moment_and_short_pages_are_not_taken_for_missing() -> None:
    with LaunchpadTwin([record(number, created=BEGIN) for number in range(1, 12)]) as twin:
        mirror = Mirror(settings(twin))
        mirror.run()
        twin.withheld = {3}
        twin.requests.clear()
        a_day_later(mirror, twin)
        assert mirror.kept().keys() == set(range(1, 12))
        assert twin.count("bugs/1?[0-9]$") <= 12


def test_the_heat_is_renewed_and_so_is_a_person_who_was_renamed(twin: LaunchpadTwin, mirror: Mirror) -> None:
    twin.edit(2, heat=250, quietly=True)
    twin.bugs[1]["messages"][1]["owner_link"] = twin.link("robert")
    twin.edit(1, owner_link=twin.link("alicia"), quietly=True)
    twin.bugs[3]["bug_tasks"][0]["assignee_link"] = twin.link("alicia")
    mirror.run()
    assert [thing.heat for thing in mirror.kept()[2] if isinstance(thing, Bug)] == [6]
    a_day_later(mirror, twin)
    same(mirror, twin)
    authors = [thing.author for thing in mirror.kept()[1] if isinstance(thing, Comment)]
    assert authors == ["robert", "carol"]


def test_a_comment_that_was_hidden_is_forgotten_when_its_bug_is_read_again(twin: LaunchpadTwin, mirror: Mirror) -> None:
    twin.bugs[1]["messages"][2]["content"] = ""
    twin.comment(1, "bob", "What was that?")
    mirror.run()
    assert [thing.text for thing in mirror.kept()[1] if isinstance(thing, Comment)] == ["Me too.", "", "What was that?"]


def test_a_bug_that_cannot_be_compared_keeps_no_other_from_it(twin: LaunchpadTwin, mirror: Mirror) -> None:
    for number in (5, 6):
        del twin.bugs[number]
    twin.fault("500", "bugs/5$", times=99)
    twin.now += DAY
    assert str(mirror.fails()) == "Launchpad answered 500 for bugs/5: Something is wrong here."
    assert mirror.kept().keys() == {1, 2, 3, 4, 5, *range(7, 13)}


@pytest.mark.usefixtures("small_pages")
def test_nor_does_one_that_is_all_there_is_to_look_at_on_a_page(twin: LaunchpadTwin, mirror: Mirror) -> None:
    for number in (2, 11):
        del twin.bugs[number]
    twin.fault("500", "bugs/11$", times=99)
    twin.now += DAY
    assert str(mirror.fails()) == "Launchpad answered 500 for bugs/11: Something is wrong here."
    assert mirror.kept().keys() == {1, *range(3, 13)}
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1


QUESTION = Question(
    number=3,
    project="harbour",
    title="How do I lift 3 boxes?",
    description="The crane has three levers.",
    status="Solved",
    language="en",
    owner="alice",
    created=BEGIN + 3 * HOUR,
    answerer="bob",
    answer=1,
    queried=BEGIN + 3 * HOUR,
    responded=BEGIN + 4 * HOUR,
    solved=BEGIN + 4 * HOUR,
    url="https://answers.launchpad.net/harbour/+question/3",
)
BLUEPRINT = Blueprint(
    project="harbour",
    name="quay-map",
    title="Quay map",
    summary="Ships that know their berth before they arrive.",
    definition="Approved",
    implementation="Not started",
    priority="Medium",
    owner="alice",
    created=BEGIN,
    drafter="alice",
    approved=True,
    specification="https://specs.harbour.example/quay-map",
    whiteboard="Gerrit topic: bp/quay-map",
    work_items="Draw the map: TODO",
    url="https://blueprints.launchpad.net/harbour/+spec/quay-map",
)


def without_etag(things: list[Question] | list[Blueprint]) -> list[Question | Blueprint]:
    return [type(thing)(**(vars(thing) | {"etag": ""})) for thing in things]


def test_questions_are_mirrored_until_they_are_solved_or_gone(twin: LaunchpadTwin) -> None:
    twin.questions = {n: question(n) for n in (1, 2, 3)} | {
        9: question(9, "lighthouse"),
        8: question(8, status="Invalid"),
    }
    mirror = Mirror(settings(twin))
    mirror.run()
    questions = mirror.store.questions
    assert [(q.number, q.status) for q in questions.of("harbour")] == [(3, "Open"), (2, "Open"), (1, "Open")]
    twin.questions[3] = question(3, status="Solved", answerer="bob")
    del twin.questions[1]
    mirror.run()
    assert questions.live("harbour").keys() == {1, 2, 3}
    twin.now += HOUR
    mirror.run()
    assert questions.live("harbour").keys() == {2}
    assert without_etag(questions.of("harbour"))[0] == QUESTION
    assert [q.number for q in questions.of("harbour")] == [3, 2]


def test_blueprints_are_mirrored_until_they_are_private_or_gone(twin: LaunchpadTwin) -> None:
    twin.blueprints = [
        blueprint("quay-map"),
        blueprint("tide-table", assignee="bob"),
        blueprint("night-watch", definition="Drafting"),
        blueprint("secret-dock", information_type="Proprietary"),
        blueprint("lamp", "lighthouse"),
    ]
    mirror = Mirror(settings(twin))
    mirror.run()
    blueprints = mirror.store.blueprints
    assert {b.name for b in blueprints.of("harbour")} == {"quay-map", "tide-table", "night-watch"}
    assert without_etag(blueprints.waiting("approved", ["harbour"])) == [BLUEPRINT]
    twin.blueprints[0]["information_type"] = "Embargoed"
    twin.blueprints[2]["definition_status"] = "Approved"
    del twin.blueprints[1]
    twin.now += HOUR
    mirror.run()
    assert [b.name for b in blueprints.of("harbour")] == ["night-watch"]
    assert blueprints.waiting("approved", ["harbour"]) == blueprints.of("harbour")


@pytest.mark.usefixtures("small_pages")
def test_many_questions_and_blueprints_take_their_pages_and_are_written_once(twin: LaunchpadTwin) -> None:
    twin.questions = {number: question(number) for number in range(1, 11)}
    twin.blueprints = [blueprint(f"plan-{number}") for number in range(1, 11)]
    mirror = Mirror(settings(twin))
    mirror.run()
    assert len(mirror.store.questions.of("harbour")) == len(mirror.store.blueprints.of("harbour")) == 10
    assert (twin.count("searchQuestions"), twin.count("all_specifications")) == (3, 3)
    twin.now += HOUR
    assert [thing for page in mirror.run() for thing in page.things] == []


def test_a_question_that_makes_no_sense_is_a_sentence_and_the_bugs_are_read_all_the_same(twin: LaunchpadTwin) -> None:
    twin.questions = {1: question(1) | {"date_created": "soon"}}
    mirror = Mirror(settings(twin))
    words = 'Launchpad\'s question 1 cannot be understood: "date_created" of a question (1) is no date: soon.'
    assert str(mirror.fails()) == words
    same(mirror, twin)


def test_profiles_are_kept_of_those_whom_the_bot_may_name_and_of_nobody_else(
    twin: LaunchpadTwin, mirror: Mirror
) -> None:
    twin.people = {
        "bob": {"display_name": "Bob the Builder", "description": "I like cranes.", "is_valid": True},
        "gone": {"is_valid": False},
        "crew": {"is_team": True, "private": True, "visibility": "Private"},
        "old-name": {"name": "new-name"},
    }
    twin.suspended = {"mallory"}
    store = mirror.store
    store.people.link("Bob", account="bob", launchpad="bob")
    names = ("gone", "crew", "old-name", "mallory")
    store.credits.add(Credit(f"launchpad:{name}", name, "thanks", "", "", NOW) for name in names)
    a_day_later(mirror, twin)
    kept = {name: store.profiles.get(name) for name in ("bob", "carol", *names)}
    url = "https://bugs.launchpad.net/~bob"
    bob = Profile("bob", "Bob the Builder", is_team=False, description="I like cranes.", created=None, url=url)
    assert kept == dict.fromkeys(kept) | {"bob": bob}
    twin.suspended.add("bob")
    a_day_later(mirror, twin)
    assert store.profiles.get("bob") is None


def test_a_profile_that_cannot_be_read_keeps_no_other_from_it_and_is_not_asked_for_at_every_poll(
    twin: LaunchpadTwin, mirror: Mirror
) -> None:
    twin.people = {name: {"display_name": name.title()} for name in ("ann", "bob", "carol")}
    for name in twin.people:
        mirror.store.people.link(name, account=name, launchpad=name)
    twin.fault("500", "~bob", times=99)
    twin.now += DAY
    assert str(mirror.fails()) == "Launchpad answered 500 for ~bob: Something is wrong here."
    assert [name for name in twin.people if mirror.store.profiles.get(name)] == ["ann", "carol"]
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1
