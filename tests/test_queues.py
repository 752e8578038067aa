"""Tests of mentorbot/queues.py and of what niches.toml asks of the mirrors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mentorbot import Request, Store, demo, suggest
from mentorbot import config as settings
from mentorbot.config import Config
from mentorbot.loader import Loaded
from mentorbot.models import Thing, Vote, Who
from mentorbot.niches import BlueprintQueue, BugQueue, ChangeQueue, Niche, QuestionQueue
from mentorbot.queues import blueprints, changes, free_bugs, questions, still_waits
from tests.builders import NOW, activity, blueprint, bug, change, question
from tests.readme import ROOT

LHF = ("low-hanging-fruit",)
Free = Callable[..., list[str]]


@pytest.fixture
def asking(config: Config, loaded: Loaded) -> Callable[..., Request]:
    def request(nick: str = "alice", account: str | None = None) -> Request:
        return Request(Who(nick, account), "#mentors", "", NOW, config, loaded)

    return request


@pytest.fixture
def free(asking: Callable[..., Request], store: Store) -> Free:
    """The items of a niche, the best first: ["LP#12", "change 50"]."""

    def of(name: str, things: Iterable[Thing] = (), **who: str) -> list[str]:
        store.save(things)
        request = asking(**who)
        niche = request.config.niches.called(name)
        assert niche is not None
        return [item.ref for item in suggest.queue(niche, request.config.projects, request, store)]

    return of


@pytest.mark.parametrize(
    "path", ["doc/a.py", "docs/x/index.html", "api-ref/a.inc", "releasenotes/n.yaml", "README.rst", "a/b.md"]
)
def test_what_people_read_is_documentation(free: Free, path: str) -> None:
    assert free("docs", [change(50, files=(path,))]) == ["change 50"]


@pytest.mark.parametrize("path", ["harbour/docs.py", "harbour/doc/a.py", "rst", "a.rst.py", ""])
def test_what_is_run_is_no_documentation(free: Free, path: str) -> None:
    assert free("docs", [change(50, files=(path,))]) == []


def test_free_bugs_with_a_docs_tag_and_small_changes_of_documentation_are_offered(free: Free) -> None:
    things = [
        *bug(12, tags=("docs",), status="Triaged"),
        *bug(13, tags=("documentation",), status="Triaged", assignee="bob"),
        *bug(14, tags=("rust",), status="Triaged"),
        change(50, files=("doc/a.rst", "README.md"), lines=100),
        change(51, files=("doc/a.rst",), lines=101),
        change(52, files=("doc/a.rst", "harbour/log.py")),
        change(53, files=()),
    ]
    assert free("docs", things) == ["change 50", "LP#12"]


def test_only_bugs_with_a_starter_tag_are_first_fixes(free: Free) -> None:
    assert free("fixes", [*bug(12, tags=LHF, status="Triaged"), *bug(13, tags=("ui",), status="Triaged")]) == ["LP#12"]


@pytest.mark.parametrize("status", ["In Progress", "Fix Committed", "Won't Fix", "Expired"])
def test_a_bug_that_is_being_fixed_or_closed_is_not_offered(free: Free, status: str) -> None:
    assert free("fixes", bug(12, tags=LHF, status=status)) == []


ASKED = ("bob", "Which version is it?", 5)


@pytest.mark.parametrize(
    ("comments", "offered"),
    [
        ((), []),
        ((ASKED,), []),
        ((("rita", "It is version 3.", 4),), []),
        ((ASKED, ("harbour-janitor", "Expired soon", 4)), []),
        ((ASKED, ("rita", "It is version 3.", 4), ("bob", "And on which system?", 3)), []),
        ((ASKED, ("rita", "It is version 3.", 4)), ["LP#12"]),
        ((ASKED, ("rita", "It is version 3.", 4), ("harbour-janitor", "Expired soon", 3)), ["LP#12"]),
    ],
)
def test_an_incomplete_bug_is_offered_only_when_its_reporter_has_answered(
    free: Free, comments: Any, offered: list[str]
) -> None:
    assert free("fixes", bug(12, tags=LHF, status="Incomplete", comments=comments)) == offered
    assert free("revisit") == offered


def test_what_came_a_moment_ago_by_a_clock_that_is_ahead_of_ours_is_there(free: Free) -> None:
    assert free("reviews", [change(50, days=-0.01)]) == ["change 50"]
    assert free("fixes", bug(12, tags=LHF, status="Triaged", days=-0.01)) == ["LP#12"]


def test_only_small_changes_of_our_projects_wait_for_a_review(free: Free) -> None:
    things = [
        change(50, lines=100),
        change(51, lines=60, deletions=41),
        change(52, project="elsewhere/ferry"),
        change(53, project="elsewhere/harbour", lines=3),
    ]
    assert free("reviews", things) == ["change 53", "change 50"]


def test_nobody_is_offered_their_own_change_under_any_name(free: Free, store: Store) -> None:
    store.people.link("Alice", account="alice", gerrit="al", launchpad="alice-lp")
    store.save(change(n, owner=owner) for n, owner in enumerate(("Alice", "ally", "al", "alice-lp", "bob"), 50))
    assert free("reviews", nick="ally", account="ALICE") == ["change 54", "change 53"]
    assert free("reviews", nick="ALLY") == ["change 54", "change 53", "change 52", "change 50"]


def test_ones_own_vote_and_ci_leave_a_change_unreviewed_but_a_persons_does_not(free: Free) -> None:
    things = [
        change(50, votes=(Vote("Code-Review", "nora", 1), Vote("Workflow", "harbour-ci", 1, robot=True))),
        change(51, votes=(Vote("Code-Review", "bob", 2),)),
        change(52, votes=(Vote("Workflow", "nora", -1),)),
    ]
    assert free("reviews", things) == ["change 50"]


def test_the_best_reviews_have_a_newcomer_few_lines_and_a_week_of_waiting(free: Free) -> None:
    things = [
        *(change(n, owner="vera", days=100 - n, status="MERGED") for n in (1, 2, 3)),
        change(50, owner="vera", lines=60, days=2),
        change(51, owner="nora", lines=3, days=8),
        change(52, owner="noel", lines=60, days=2),
        change(53, owner="vera", lines=3, days=8),
    ]
    assert free("reviews", things) == ["change 51", "change 52", "change 53", "change 50"]


RED = (Vote("Verified", "harbour-ci", -1, robot=True),)


@pytest.mark.parametrize(
    ("niche", "things", "others"),
    [
        ("reproduce", bug(1, "Crash. Steps to reproduce: sail"), bug(2)),
        ("support", bug(1, "How do I moor?"), bug(2, "Mooring fails")),
        ("support", [question(1, responded=2, queried=1)], [question(2, responded=2)]),
        ("specs", [blueprint("1")], [blueprint("2", definition="Approved")]),
        (
            "porting",
            [blueprint("1", "Remove it", definition="Approved")],
            [blueprint("2", "Add it", definition="Approved"), blueprint("3", "Remove it")],
        ),
        ("tests", bug(1, tags=("unit-tests",)), bug(2, tags=("latest",))),
        ("tests", [change(1, files=("harbour/tests/test_a.py",))], [change(2, files=("tests/a.py", "a.py"))]),
        ("ci", bug(1, tags=("gate-failure",)), bug(2)),
        (
            "ci",
            [change(1, messages=(("nora", "Patch Set 1:\n\nrecheck"), ("nora", "recheck")))],
            [change(2, messages=(("nora", "recheck bug 5"), ("nora", "recheck")))],
        ),
        (
            "revive",
            [*bug(10), change(1, status="ABANDONED", message="Closes-Bug: #10")],
            [
                change(2, status="ABANDONED"),
                *bug(11, status="Fix Released"),
                change(3, status="ABANDONED", message="Closes-Bug: #11"),
                *bug(12, assignee="bob"),
                change(4, status="ABANDONED", message="Closes-Bug: #12"),
                *bug(13),
                change(5, status="ABANDONED", message="Closes-Bug: #13"),
                change(6, message="Closes-Bug: #13"),
            ],
        ),
        ("mentoring", [change(1, verified=0, votes=RED, days=1)], [change(2, days=1)]),
        ("mentoring", [change(1, days=2)], [change(2, days=2, votes=(Vote("Code-Review", "bob", 1),))]),
        ("ux", bug(1, tags=("a11y",)), bug(2)),
        ("translation", [change(1, files=("harbour/locale/pt/a.po",))], [change(2)]),
        ("releases", [change(1, files=("releasenotes/notes/a.yaml", "a.py"))], [change(2)]),
        ("backports", [change(1, branch="stable/2.3")], [change(2)]),
        (
            "backports",
            [*bug(1, tags=("train-backport-potential",)), change(3, status="MERGED", message="Closes-Bug: #1")],
            bug(2, tags=("train-backport-potential",)),
        ),
        ("packaging", [change(1, files=("test-requirements.txt",))], [change(2)]),
        ("deployment", bug(1, tags=("ansible",)), bug(2)),
        ("operators", bug(1, "Leaks memory", tags=("scale",)), bug(2)),
        ("clients", bug(1, project="harbour-client", status="Triaged"), bug(2, status="Triaged")),
        ("porting", [change(1, "Drop support for Python 3.6")], [change(2)]),
        ("specs", [change(1, files=("specs/2.4/tides.rst",))], [change(2)]),
        ("security", bug(1, tags=("security",)), bug(2, tags=("security",), importance="Critical")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_niche_finds_its_own_and_no_others(free: Free, niche: str, things: list[Thing], others: list[Thing]) -> None:
    [own] = set(free(niche, things))
    assert own in ("LP#1", "change 1", "question 1", "blueprint 1")
    assert set(free(niche, others)) == {own}


def test_in_a_whole_community_at_least_twelve_niches_have_something_free_now(
    asking: Callable[..., Request], store: Store
) -> None:
    folder = ROOT / "data" / "demo"
    config = settings.load(folder / "mentorbot.toml")
    demo.fill(store, config, folder, demo.OPENS)
    request = replace(asking(), config=config, now=demo.OPENS)
    free = {niche.name for niche in config.niches if any(suggest.queue(niche, config.projects, request, store))}
    assert free >= {
        *("triage", "reviews", "docs", "fixes", "reproduce", "revisit", "tests", "revive", "mentoring", "ux"),
        *("translation", "packaging", "deployment", "operators", "clients", "porting", "duplicates"),
        *("support", "specs"),
    }


@pytest.mark.parametrize(
    ("queue", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"status": ["New"]}, [4, 3, 2, 1]),
        ({"importance": ["High", "Medium"]}, [2]),
        ({"tags": ["a*", "b"]}, [4, 3]),
        ({"tags": ["a*", "b"], "without": ["ab"]}, [4]),
        ({"tags_of": "docs_tags"}, []),
        ({"words": ["ANCHOR", "mast"]}, [5, 1]),
        ({"talk": "none"}, [4, 3, 2, 1]),
        ({"talk": "answered"}, [5]),
        ({"older_days": 20}, [2, 1]),
        ({"younger_days": 20}, [5, 4, 3]),
        ({"projects": ["*-client"]}, [4]),
        ({"projects": ["ferry"]}, []),
    ],
    ids=str,
)
def test_every_condition_of_a_bug_queue_narrows_it(
    asking: Callable[..., Request], store: Store, queue: dict[str, Any], found: list[int]
) -> None:
    store.save(
        [
            *bug(1, "The anchor drags", days=40),
            *bug(2, importance="High", days=30),
            *bug(3, tags=("ab", "c"), days=12),
            *bug(4, tags=("b",), project="harbour-client", days=11),
            *bug(5, "A mast", status="Confirmed", days=10, comments=(("bob", "why?"), ("rita", "so"))),
        ]
    )
    bugs = free_bugs(BugQueue.model_validate(queue), ["harbour", "harbour-client"], asking(), store)
    assert [bug.number for bug in bugs] == found


@pytest.mark.parametrize(
    ("queue", "found"),
    [
        ({}, [1, 2, 3]),
        ({"most_lines": 50}, [2, 3]),
        ({"files": ["a/*"]}, [1]),
        ({"touches": ["a/*"]}, [1, 2]),
        ({"branches": ["stable/*"]}, [3]),
        ({"projects": ["*-client"]}, [2]),
        ({"words": ["SAIL"]}, [1]),
        ({"newcomer": True}, [1, 2]),
        ({"older_days": 8}, [1]),
        ({"state": "failing"}, [4]),
    ],
    ids=str,
)
def test_every_condition_of_a_change_queue_narrows_it(
    asking: Callable[..., Request], store: Store, queue: dict[str, Any], found: list[int]
) -> None:
    store.save(change(n, owner="vera", status="MERGED", days=n) for n in (90, 91, 92))
    store.save(
        [
            change(1, "A sail", files=("a/b", "a/c"), lines=51, days=9),
            change(2, files=("a/b", "c"), project="harbour/harbour-client", days=7),
            change(3, branch="stable/1", owner="vera", days=6),
            change(4, verified=-1, days=5),
        ]
    )
    given = changes(ChangeQueue.model_validate(queue), ["harbour", "harbour-client"], asking(), store)
    assert [change.number for change in given] == found


def test_a_log_line_or_a_robots_word_makes_nothing_taken(free: Free) -> None:
    things = [*bug(12, tags=LHF, comments=(("harbour-janitor", "I am working on this"),))]
    assert free("fixes", [*things, activity(12, "bob", "status", "New", "Triaged")]) == ["LP#12"]


def test_a_niche_without_any_list_has_nothing(asking: Callable[..., Request], store: Store) -> None:
    whole = asking().config.niches.called("docs")
    assert whole is not None
    poetry = Niche.model_validate(whole.model_dump() | {"bugs": (), "changes": ()})
    assert (poetry.has_items, list(suggest.queue(poetry, ["harbour"], asking(), store))) == (False, [])


@pytest.mark.parametrize(
    ("queue", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"state": "replied"}, [6, 5]),
        ({"languages": ["pt"]}, [9, 8]),
        ({"languages": ["pt_BR"]}, [9]),
        ({"words": ["ANCHOR", "mast"]}, [3, 1]),
        ({"older_days": 20}, [2, 1]),
        ({"younger_days": 20}, [4, 3]),
        ({"projects": ["*-client"]}, [4]),
        ({"projects": ["ferry"]}, []),
    ],
    ids=str,
)
def test_every_condition_of_a_question_queue_narrows_it(
    asking: Callable[..., Request], store: Store, queue: dict[str, Any], found: list[int]
) -> None:
    taken: list[Thing] = [
        question(10, days=4, owner="Alice"),
        question(11, days=4, assignee="bob"),
        question(12, days=4, responded=2),
        question(13, days=4, status="Needs information", responded=2),
        question(14, days=4, status="Answered", responded=2, queried=1),
        question(15, days=4, status="Solved"),
        question(16, days=4, project="elsewhere"),
    ]
    store.save(
        [
            *taken,
            question(1, "Which anchor?", days=40),
            question(2, days=30),
            question(3, days=12, description="My mast is bent.", language="en_GB"),
            question(4, days=11, project="harbour-client", language=""),
            question(5, days=9, responded=5, queried=4),
            question(6, days=8, responded=5, queried=4, status="Needs information"),
            question(8, days=6, language="pt"),
            question(9, days=5, language="pt_BR"),
        ]
    )
    given = questions(QuestionQueue.model_validate(queue), ["harbour", "harbour-client"], asking(), store)
    assert [one.number for one in given] == found


@pytest.mark.parametrize(
    ("queue", "found"),
    [
        ({}, ["d", "c", "b", "a"]),
        ({"state": "approved"}, ["own", "e"]),
        ({"words": ["ANCHOR", "mast"]}, ["c", "a"]),
        ({"older_days": 20}, ["b", "a"]),
        ({"younger_days": 20}, ["d", "c"]),
        ({"projects": ["*-client"]}, ["d"]),
        ({"projects": ["ferry"]}, []),
    ],
    ids=str,
)
def test_every_condition_of_a_blueprint_queue_narrows_it(
    asking: Callable[..., Request], store: Store, queue: dict[str, Any], found: list[str]
) -> None:
    approved: dict[str, Any] = {"definition": "Approved", "days": 5}
    store.save(
        [
            blueprint("a", "An anchor", days=40, definition="New"),
            blueprint("b", days=30, definition="Review", assignee="bob", started=True, implementation="Started"),
            blueprint("c", days=12, definition="Drafting", summary="A mast is missing."),
            blueprint("d", days=11, definition="Pending Approval", project="harbour-client"),
            blueprint("e", **approved),
            blueprint("own", **approved | {"days": 4, "owner": "alice"}),
            blueprint("mine", owner="Alice"),
            blueprint("drafted", drafter="alice"),
            blueprint("elsewhere", project="elsewhere"),
            blueprint("over", complete=True),
            blueprint("old", definition="Obsolete"),
            blueprint("assigned", **approved, assignee="bob"),
            blueprint("begun", **approved, implementation="Started"),
            blueprint("later", **approved, implementation="Deferred"),
            blueprint("proposed", **approved),
            change(60, message="Implements: blueprint proposed"),
        ]
    )
    given = blueprints(BlueprintQueue.model_validate(queue), ["harbour", "harbour-client"], asking(), store)
    assert [one.name for one in given] == found


def test_who_asked_is_offered_their_own_question_under_no_name(free: Free, store: Store) -> None:
    store.people.link("Alice", account="alice", launchpad="al")
    store.save(question(n, days=n, owner=owner) for n, owner in enumerate(("Alice", "ally", "AL", "bob"), 1))
    assert free("support", nick="ally", account="ALICE") == ["question 4"]


OWN = """
[docs]
bugs = []
changes = []
questions = [{state = "replied"}]
blueprints = [{state = "approved"}]
"""


def test_a_communitys_own_niche_has_questions_and_blueprints_without_code(
    store: Store, loaded: Loaded, tmp_path: Path
) -> None:
    (tmp_path / "niches.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "mentorbot.toml").write_text('[launchpad]\nprojects = ["harbour"]', encoding="utf-8")
    request = Request(Who("alice"), "#mentors", "", NOW, settings.load(tmp_path / "mentorbot.toml"), loaded)
    own = request.config.niches.called("docs")
    assert own is not None and own.has_items
    store.save(
        [question(1), question(2, responded=2, queried=1), blueprint("a"), blueprint("b", definition="Approved")]
    )
    items = list(suggest.queue(own, ["harbour"], request, store))
    assert [item.ref for item in items] == ["question 2", "blueprint b"]
    assert [still_waits(item, request, store) for item in items] == [True, True]
    store.save([question(2, days=1), blueprint("b", definition="Review")])
    assert [still_waits(item, request, store) for item in items] == [False, False]
