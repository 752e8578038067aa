"""Tests of what the store does about very many bugs and changes: which indexes lead to them, and where it stops."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from mentorbot.config import Config
from mentorbot.dispatch import Answer
from mentorbot.loader import Loaded
from mentorbot.models import OPEN_STATUSES
from mentorbot.store import Store, backlog, openbugs, openchanges
from mentorbot.store.backlog import Query
from tests.builders import NOW, bug, change

Ask = Callable[..., list[str]]
Plans = Callable[[Callable[[], object]], list[tuple[str, list[str]]]]
QUESTIONS = (
    *("triage", "triage next", "waiting", "backlog", "backlog status:new age:>30d", "backlog anchor tag:first"),
    *("backlog untouched -tag:first", "backlog unassigned importance:low untagged"),
    *("starter", "starter triage", "starter fixes", "starter duplicates", "starter revisit", "starter reproduce"),
    *("starter reviews", "starter mentoring", "starter ci", "starter tests", "starter revive"),
    *("starter support", "starter specs", "starter backports"),
)
STOP_EARLY = {
    f"SCAN c USING {covering}INDEX {index}"
    for covering in ("", "COVERING ")
    for index in ("changes_open", "changes_abandoned")
}
"""Walks along an index that end at a limit."""
SMALL = {"waits"}


@pytest.fixture
def plans(store: Store) -> Plans:
    """The questions that something asks the store, each with the steps by which SQLite answers it."""

    def found(asking: Callable[[], object]) -> list[tuple[str, list[str]]]:
        asked: list[str] = []
        store.db.conn.set_trace_callback(asked.append)
        asking()
        store.db.conn.set_trace_callback(None)
        questions = [sql for sql in asked if sql.lstrip().lower().startswith(("select", "with"))]
        return [(sql, [row[3] for row in store.db.execute(f"explain query plan {sql}")]) for sql in questions]

    return found


def scanned(steps: list[str]) -> Iterator[str]:
    """The steps that read a table from its beginning."""
    made = {step.split()[-1] for step in steps if step.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    for step in steps:
        name = step.split()[1] if step.startswith("SCAN") else "("
        if not (name.startswith("(") or "VIRTUAL TABLE" in step or name in made | SMALL | {"CONSTANT"}):
            yield step


def few_of_each(store: Store) -> None:
    store.save([*bug(1, tags=("first",)), *bug(2, status="Confirmed"), change(6)])
    store.save([change(5, message="Closes-Bug: #2", status="ABANDONED")])


@pytest.mark.parametrize("line", QUESTIONS)
def test_no_question_walks_through_a_whole_table(ask: Ask, store: Store, plans: Plans, line: str) -> None:
    few_of_each(store)
    found = plans(lambda: ask(f"!{line}"))
    assert {step for _, steps in found for step in scanned(steps)} <= STOP_EARLY
    counted = [step for sql, steps in found if "count(*) n from tasks" in sql for step in steps]
    assert [step for step in counted if " USING INDEX tasks_" in step] == []  # that would read the table, too
    youngest = [steps for _, steps in found if any("(project=? AND created>?)" in step for step in steps)]
    assert [steps for steps in youngest if "USE TEMP B-TREE FOR ORDER BY" in steps] == []  # it would read all of them


def test_nor_does_the_search_for_what_deserves_thanks(
    config: Config, loaded: Loaded, store: Store, plans: Plans
) -> None:
    few_of_each(store)
    week = NOW - timedelta(days=7)
    found = plans(lambda: [*map(list, loaded.hooks.evidence(since=week, until=NOW, config=config, store=store))])
    assert [step for _, steps in found for step in scanned(steps)] == []


def test_past_what_is_looked_at_it_says_at_least(
    answer: Callable[..., Answer | None], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "HEARD", 4)
    for module in (backlog, openbugs, openchanges):
        monkeypatch.setattr(module, "LOOKED", 4)
    store.save([thing for n in range(1, 8) for thing in bug(n, "Anchor" if n < 6 else "Sail", days=n, tags=("api",))])
    store.save([change(n, days=n) for n in range(11, 18)])

    def first(line: str) -> str:
        said = answer(line)
        assert said is not None
        return said.lines[0]

    looked = "(I looked at the gravest and oldest, 4 of each project)"
    page = "https://bugs.launchpad.net/harbour/+bugs"
    assert first("!backlog harbour") == f"7 open bugs for harbour: 7 New. {page}"
    assert first("!backlog harbour sail") == f"At least 2 open bugs for harbour title:sail: 2 New. {looked}"
    assert first("!backlog harbour boat") == f"No open bug matches harbour title:boat. {looked}"
    assert first("!triage harbour") == (
        "harbour: 7 New (at least 0 of them unanswered for over 30 days), 0 of Undecided importance,"
        " at least 0 Incomplete whose reporter has answered. At least 5 are free to take; !triage next gives you one."
    )
    assert first("!waiting harbour") == (
        "At least 5 changes in harbour without a first review, the longest wait first."
    )


def test_a_search_finds_what_reading_every_bug_finds(store: Store) -> None:
    dice = random.Random(3)
    titles, tags, people = ("Anchor lost", "Sail and anchor", "Fog"), ("api", "doc", "first"), (None, "bob", "Ann")
    known = []
    for number in range(1, 200):
        one: dict[str, Any] = {
            "title": dice.choice(titles),
            "days": dice.randrange(1, 90) + 0.5,
            "tags": tuple(dice.sample(tags, dice.randrange(3))),
            "status": dice.choice((*OPEN_STATUSES, "Fix Released")),
            "importance": dice.choice(("Critical", "High", "Low", "Undecided")),
            "assignee": dice.choice(people),
            "duplicate_of": dice.choice((None, None, None, 1)),
            "comments": dice.choice(((), (("rita", "Well."),), (("vera", "Yes."),))),
        }
        known.append((number, one))
        store.save(bug(number, **one))
    for number, one in known[::7]:  # what was a duplicate is none any more, and the other way round
        one["duplicate_of"] = None if one["duplicate_of"] else 2
        store.save(bug(number, **one))
    for _ in range(150):
        query = Query(
            projects=("harbour",),
            statuses=frozenset(dice.sample(OPEN_STATUSES, dice.choice((0, 0, 2)))),
            importances=frozenset(dice.sample(("Critical", "Low", "High"), dice.choice((0, 0, 2)))),
            tags=frozenset(dice.sample(tags, dice.choice((0, 0, 1, 2)))),
            without=frozenset(dice.sample(tags, dice.choice((0, 0, 1)))),
            older=dice.choice((None, None, timedelta(days=30))),
            younger=dice.choice((None, None, timedelta(days=60))),
            assignee=dice.choice((None, None, "", "ann")),
            untagged=dice.random() < 0.1,
            untouched=dice.random() < 0.3,
            title=frozenset(dice.sample(("anchor", "sail"), dice.choice((0, 0, 1, 2)))),
        )
        meant = [
            (("Critical", "High").index(one["importance"]) if one["importance"] in ("Critical", "High") else 2,
             -one["days"], number, one["status"])
            for number, one in known if _is_meant(one, query)
        ]  # fmt: skip
        found = store.backlog.search(query, 20, robots=[], now=NOW)
        assert found.counts == Counter(status for *_, status in meant), query
        assert [one.number for one in found.first] == [number for _, _, number, _ in sorted(meant)[:20]], query


def _is_meant(one: dict[str, Any], query: Query) -> bool:
    """What tests of one fact after the other say of a bug."""
    days, tags, title = one["days"], set(one["tags"]), str(one["title"]).lower()
    return bool(
        one["status"] in (query.statuses or OPEN_STATUSES)
        and one["duplicate_of"] is None
        and (not query.importances or one["importance"] in query.importances)
        and (not query.tags or query.tags & tags)
        and not query.without & tags
        and not (query.untagged and tags)
        and (query.older is None or days > query.older.days)
        and (query.younger is None or days < query.younger.days)
        and (query.assignee is None or str(one["assignee"] or "").lower() == query.assignee)
        and all(word in title for word in query.title)
        and not (query.untouched and any(who != "rita" for who, _ in one["comments"]))
    )
