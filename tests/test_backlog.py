"""Tests of plugins/backlog.py: what a meeting asks of the open bugs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot import backlog
from mentorbot.dispatch import Answer
from mentorbot.store import Store
from mentorbot.store.backlog import Query
from tests.builders import BUGS, NOW, bug

Ask = Callable[..., list[str]]
LAUNCHPAD = "https://bugs.launchpad.net"


def numbers(lines: list[str]) -> list[int]:
    """The bugs named in a reply."""
    return [int(line.split()[0].removeprefix("LP#")) for line in lines if line.startswith("LP#")]


def test_the_gravest_come_first_then_the_oldest_after_the_counts_and_launchpads_page(ask: Ask, store: Store) -> None:
    store.save(bug(1, "Typo in the greeting", days=400))
    store.save(bug(2, "The anchor is lost", days=3, importance="Critical", status="Triaged"))
    store.save(bug(3, "Crash on an empty log", days=70, importance="Medium", status="In Progress", assignee="bob"))
    store.save(bug(4, "Closed", status="Fix Released"))
    store.save(bug(5, "The same again", duplicate_of=1))
    store.save(bug(6, "Elsewhere", project="harbour-client"))
    assert ask("!backlog harbour") == [
        f"3 open bugs for harbour: 1 New, 1 Triaged, 1 In Progress. {LAUNCHPAD}/harbour/+bugs",
        f"LP#2 The anchor is lost (harbour, Triaged, Critical, 3 days old) {BUGS}/harbour/+bug/2",
        f"LP#1 Typo in the greeting (harbour, New, Low, 13 months old) {BUGS}/harbour/+bug/1",
        f"LP#3 Crash on an empty log (harbour, In Progress, Medium, 70 days old) {BUGS}/harbour/+bug/3",
    ]


def test_without_a_project_all_are_asked_and_named(ask: Ask, store: Store) -> None:
    store.save([*bug(1), *bug(2, project="harbour-client", days=70)])
    assert ask("!backlog age:>30d") == [
        "1 open bug for harbour harbour-client age:>30d: 1 New.",
        f"LP#2 Bug number 2 (harbour-client, New, Low, 70 days old) {BUGS}/harbour-client/+bug/2",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status:New", [2, 1]),
        ("-status:New", [3, 4, 5]),
        ("importance:High,Critical", [3]),
        ("tag:docs", [4, 2]),
        ("tag:docs,api", [3, 4, 2]),
        ("tag:docs -tag:api", [2]),
        ("untagged", [5, 1]),
        ("age:>30d", [4, 5]),
        ("age:>30d age:<50d", [4]),
        ("unassigned", [4, 2, 1]),
        ("assigned:Bob", [3]),
        ("assigned:~ann", [5]),
        ("untouched", [4, 2, 1]),
        ("ANCHOR", [5, 1]),
        ("anchor lost", [1]),
        ("status:New tag:docs untouched unassigned", [2]),
    ],
)
def test_each_condition_finds_its_bugs(
    answer: Callable[..., Answer | None], store: Store, asked: str, found: list[int]
) -> None:
    store.save(bug(1, "The anchor is lost", days=5, comments=(("rita", "Really."), ("harbour-janitor", "Expired."))))
    store.save(bug(2, tags=("docs",), days=20))
    store.save(bug(3, importance="High", status="Triaged", assignee="bob", tags=("api",), comments=(("vera", "Yes."),)))
    store.save(bug(4, status="Confirmed", tags=("docs", "api"), days=45))
    store.save(bug(5, "An Anchor", status="In Progress", assignee="ann", days=90, read=False))
    said = [answer(f"backlog harbour {asked}", where=None), answer("more", where=None)]
    assert sorted(numbers([line for a in said if a for line in a.lines])) == sorted(found)


def test_a_bug_whose_comments_were_not_read_is_not_called_untouched(ask: Ask, store: Store) -> None:
    store.save(bug(1, read=False))
    assert ask("!backlog harbour untouched") == ["No open bug matches harbour untouched."]


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("status:incomplete,new", "status:list=NEW&field.status:list=INCOMPLETE_WITH_RESPONSE"
         "&field.status:list=INCOMPLETE_WITHOUT_RESPONSE"),
        ("status:new importance:low tag:docs,api", "status:list=NEW&field.importance:list=LOW&field.tag=api+docs"
         "&field.tags_combinator=ANY"),
        ("tag:docs -tag:c++", "tag=docs+-c%2B%2B&field.tags_combinator=ALL"),
        ("tag:docs unassigned", "tag=docs&field.tags_combinator=ANY&assignee_option=none"),
    ],
)  # fmt: skip
def test_the_link_asks_launchpad_the_same(ask: Ask, store: Store, asked: str, page: str) -> None:
    store.save([*bug(1, tags=("docs",)), *bug(2, status="Incomplete", tags=("docs",))])
    assert (
        ask(f"!backlog harbour {asked}")[0].partition(" https:")[2]
        == f"//bugs.launchpad.net/harbour/+bugs?field.{page}"
    )


@pytest.mark.parametrize("asked", ["age:>1d", "untouched", "number", "tag:docs,api -tag:c"])
def test_what_launchpad_cannot_ask_has_no_link(ask: Ask, store: Store, asked: str) -> None:
    store.save(bug(1, tags=("docs",)))
    assert ask(f"!backlog harbour {asked}")[0].endswith(": 1 New.")


def test_nothing_found_says_what_was_understood_and_how_old_the_mirror_is(ask: Ask, store: Store) -> None:
    store.cursors.finished("launchpad", NOW - timedelta(hours=3))
    store.cursors.finished("gerrit", NOW - timedelta(hours=3))
    assert ask("!backlog status:in-progress,NEW harbour tag:Doc age:>2w") == [
        "No open bug matches harbour status:New,In-Progress tag:doc age:>14d. (Launchpad as of 3 hours ago)"
    ]


def test_more_goes_on_up_to_fifty(answer: Callable[..., Answer | None], store: Store) -> None:
    store.save([thing for n in range(1, 61) for thing in bug(n, days=100 - n)])
    said = answer("!backlog harbour")
    assert said is not None
    assert said.lines[0] == f"60 open bugs for harbour: 60 New. {LAUNCHPAD}/harbour/+bugs"
    assert said.lines[3].endswith("/+bug/3 (48 more: say !more)")
    found = numbers(said.lines)
    last = ""
    while said and said.lines != ["That was all."]:
        last = said.lines[-1]
        said = answer("!more")
        found += numbers(said.lines) if said else []
    assert found == list(range(1, 51))
    assert last == "These were the first 50 of 60; status:, importance:, tag: and age: narrow it down."


def test_a_question_that_is_not_understood_says_what_is_possible(ask: Ask, store: Store) -> None:
    assert ask("!backlog harbour status:fresh") == [
        'I know no open status "fresh". There are New, Incomplete, Confirmed, Triaged, In Progress, Deferred,'
        " Fix Committed."
    ]


def test_private_bugs_are_neither_shown_nor_counted(ask: Ask, store: Store) -> None:
    store.save([*bug(1, "Secret", private=True), *bug(2)])
    assert ask("!backlog harbour") == [
        f"1 open bug for harbour: 1 New. {LAUNCHPAD}/harbour/+bugs",
        f"LP#2 Bug number 2 (harbour, New, Low, 10 days old) {BUGS}/harbour/+bug/2",
    ]


def test_launchpads_page_is_known_for_the_real_launchpad_only() -> None:
    query = Query(projects=("harbour",))
    assert backlog.page(query, "production") == "https://bugs.launchpad.net/harbour/+bugs"
    assert backlog.page(query, "https://api.harbour.example/") == ""
