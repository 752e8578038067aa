"""The walk over a Gerrit server's changes, on its twin."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mentorbot import config, models
from mentorbot.errors import SourceError
from mentorbot.sources import gerrit
from mentorbot.sources.gerrit_wire import Timeouts
from mentorbot.store import Store
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info

NOW = datetime(2026, 2, 13, 15, 0, tzinfo=UTC)
HASTY = Timeouts(connect=5, read=1, whole=1.5)


@pytest.fixture
def many() -> Iterator[GerritTwin]:
    """499 changes, three of them in every minute's first second."""
    with GerritTwin(change_info(n, minutes=n // 3) for n in range(1, 500)) as twin:
        yield twin


def settings(twin: GerritTwin, *projects: str) -> config.Gerrit:
    return config.Gerrit(url=twin.url, projects=projects or ("demo/one",))


def walk(
    twin: GerritTwin, cursor: str | None = None, *projects: str, store: Store | None = None, **how: Any
) -> list[models.Page]:
    """The pages of a run; they are stored, too."""
    return list(pages(twin, cursor, *projects, store=store, **how))


def pages(
    twin: GerritTwin, cursor: str | None = None, *projects: str, store: Store | None = None, **how: Any
) -> Iterator[models.Page]:
    stored = store or Store()
    server = gerrit.Server(settings(twin, *projects), how.pop("clock", lambda: NOW), **how)
    for page in gerrit.changed_since(server, cursor, stored.changes):
        stored.save(page.things)
        yield page


def numbers(pages: list[models.Page]) -> list[int]:
    return [thing.number for page in pages for thing in page.things if isinstance(thing, models.Change)]


def asked(twin: GerritTwin, what: str) -> list[str]:
    return [parse_qs(urlsplit(path).query).get(what, [""])[0] for path in twin.requests]


def test_a_first_run_reads_499_changes_in_11_requests_and_an_idle_one_is_1(many: GerritTwin) -> None:
    pages = walk(many)
    assert sorted(set(numbers(pages))) == list(range(1, 500))
    assert len(many.requests) == 11
    assert [len(page.things) for page in pages[:2]] == [50, 50]
    again = walk(many, pages[-1].cursor)
    assert len(many.requests) == 12
    assert json.loads(again[-1].cursor) == json.loads(pages[-1].cursor)


def test_what_is_asked_has_no_status_and_reaches_back_two_minutes_before_the_last_run(many: GerritTwin) -> None:
    walk(many, walk(many)[-1].cursor)
    assert [asked(many, "q")[i] for i in (0, 1, 11)] == [
        '(project:"demo/one")',
        '(project:"demo/one") before:"2026-01-01 02:30:00"',
        '(project:"demo/one") after:"2026-01-01 02:44:00"',
    ]
    assert set(asked(many, "n")) == {"50"}


def test_a_change_touched_while_the_pages_turn_is_read_by_the_next_run(many: GerritTwin) -> None:
    many.after(2, lambda: many.touch(3, subject="Touched"))
    first = walk(many)
    assert set(numbers(first)) == set(range(1, 500)) - {3}
    later = walk(many, first[-1].cursor)
    assert {c.number: c.subject for p in later for c in p.things if isinstance(c, models.Change)}[3] == "Touched"


def test_a_change_merged_while_the_pages_turn_pushes_none_out(many: GerritTwin) -> None:
    many.after(1, lambda: many.touch(499, status="MERGED"))
    assert set(numbers(walk(many))) == set(range(1, 500))


def test_a_page_full_of_one_second_is_stepped_through() -> None:
    with GerritTwin(change_info(n, minutes=0) for n in range(1, 140)) as twin:
        assert sorted(set(numbers(walk(twin)))) == list(range(1, 140))
        assert asked(twin, "S") == ["", "49", "98"]


@pytest.mark.parametrize("ghosts", [{120}, {90}, {91, 89, 40}, set(range(92, 139, 2)), {1}, {139}])
def test_rows_that_only_the_index_has_stop_nobody_in_a_crowded_second(ghosts: set[int]) -> None:
    with GerritTwin(change_info(n, minutes=0) for n in range(1, 140)) as twin:
        twin.ghosts = ghosts
        assert sorted(set(numbers(walk(twin)))) == sorted(set(range(1, 140)) - ghosts)
        assert len(twin.requests) <= 6


def test_a_change_that_leaves_a_crowded_second_hides_none() -> None:
    with GerritTwin(change_info(n, minutes=0) for n in range(1, 140)) as twin:
        twin.after(1, lambda: twin.touch(139))
        assert sorted(set(numbers(walk(twin)))) == list(range(1, 140))
        assert asked(twin, "S") == ["", "49", "", "49", "98"]


def test_a_crowded_second_that_never_rests_ends_the_run_in_words() -> None:
    with GerritTwin(change_info(n, minutes=0) for n in range(1, 140)) as twin:
        for request in range(1, 40):
            twin.after(request, lambda request=request: twin.touch(140 - request))  # type: ignore[misc]
        with pytest.raises(SourceError, match=r"^Too many changes moved while they were read"):
            walk(twin)


def test_a_first_run_goes_on_wherever_it_was_ended(many: GerritTwin) -> None:
    pages = walk(many)
    for ended in range(1, len(pages)):
        before = len(many.requests)
        rest = walk(many, pages[ended - 1].cursor)
        assert set(numbers(pages[:ended] + rest)) == set(range(1, 500))
        assert len(many.requests) - before == len(pages) - ended
        assert rest[-1].cursor == pages[-1].cursor


def test_a_run_that_ended_early_keeps_the_moment_of_the_one_before(many: GerritTwin) -> None:
    known = walk(many)[-1].cursor
    for number in range(1, 120):
        many.touch(number)
    half = next(pages(many, known))
    assert json.loads(half.cursor)["since"] == json.loads(known)["since"]
    assert set(range(1, 120)) <= set(numbers([half, *walk(many, half.cursor)]))


def test_a_new_project_is_read_from_its_beginning_and_then_polled_with_the_others() -> None:
    infos = [change_info(n, "demo/one", minutes=n + 1000) for n in range(1, 4)] + [
        change_info(9, "demo/two", minutes=0)
    ]
    with GerritTwin(infos) as twin:
        known = walk(twin)[-1].cursor
        both = walk(twin, known, "demo/one", "demo/two")
        assert numbers(both) == [9, 3, 2, 1]
        assert asked(twin, "q")[1:] == ['(project:"demo/two")', '(project:"demo/one") after:"2026-01-01 16:41:00"']
        walk(twin, both[-1].cursor, "demo/one", "demo/two")
        assert asked(twin, "q")[3:] == ['(project:"demo/one" OR project:"demo/two") after:"2026-01-01 16:41:00"']


def test_a_project_left_out_and_taken_in_again_is_read_from_its_beginning() -> None:
    with GerritTwin([change_info(1, minutes=90), change_info(2, "demo/two"), change_info(3, "demo/two")]) as twin:
        both = walk(twin, None, "demo/one", "demo/two")[-1].cursor
        one = walk(twin, both, "demo/one")[-1].cursor
        assert numbers(walk(twin, one, "demo/one", "demo/two")) == [3, 2, 1]


def test_a_hidden_project_is_named_when_the_others_are_done() -> None:
    with GerritTwin([change_info(1), change_info(2, "demo/secret", is_private=True)]) as twin:
        twin.projects.remove("demo/secret")
        seen = []
        with pytest.raises(SourceError) as failure:
            for page in pages(twin, None, "demo/secret", "demo/one"):
                seen.append(page)
        reason = f"{twin.url} shows no project demo/secret: mend [gerrit] projects, or it is not public."
        assert (str(failure.value), numbers(seen)) == (reason, [1])
        assert list(json.loads(seen[-1].cursor)["since"]) == ["demo/one"]


def test_a_project_without_changes_is_no_fault_and_costs_one_question() -> None:
    with GerritTwin([change_info(1)]) as twin:
        twin.projects.add("demo/empty")
        pages = walk(twin, None, "demo/one", "demo/empty")
        walk(twin, pages[-1].cursor, "demo/one", "demo/empty")
        assert dict(twin.by_path) == {"/changes/": 2, "/projects/demo%2Fempty": 1}


def test_a_hundred_projects_are_one_query() -> None:
    names = tuple(f"demo/p{n}" for n in range(150))
    with GerritTwin(change_info(n, names[n - 1]) for n in range(1, 151)) as twin:
        assert sorted(set(numbers(walk(twin, None, *names)))) == list(range(1, 151))
        queries = asked(twin, "q")
        assert [query.count("project:") for query in queries] == [100, 100, 100, 50]


def test_private_changes_and_another_servers_cursor_are_not_used(many: GerritTwin) -> None:
    with GerritTwin([change_info(1), change_info(2, is_private=True)]) as other:
        assert numbers(walk(other, walk(many)[-1].cursor)) == [1]


def test_a_projects_name_may_have_any_characters_of_an_address() -> None:
    with GerritTwin([change_info(1, "demo/c++ & #1")]) as twin:
        assert numbers(walk(twin, None, "demo/c++ & #1")) == [1]


def test_robots_are_those_of_the_settings() -> None:
    with GerritTwin([change_info(1, votes=[("Verified", "carol", 1)])]) as twin:
        chosen = config.Gerrit(url=twin.url, projects=("demo/one",), robots=("carol",))
        [page] = gerrit.changed_since(gerrit.Server(chosen, lambda: NOW), None, Store().changes)
        [change] = page.things
        assert isinstance(change, models.Change)
        assert [(vote.person, vote.robot) for vote in change.votes] == [("carol", True)]


def test_without_projects_nothing_is_asked() -> None:
    server = gerrit.Server(config.Gerrit(url="http://127.0.0.1:9"), lambda: NOW)
    assert list(gerrit.changed_since(server, None, Store().changes)) == []


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "hang", "drip"])
def test_what_was_too_much_is_asked_again_in_halves(fault: str) -> None:
    with GerritTwin(change_info(n) for n in range(1, 24)) as twin:
        twin.fail(fault, fault)
        assert sorted(set(numbers(walk(twin, timeouts=HASTY)))) == list(range(1, 24))
        assert asked(twin, "n") == ["50", "25", "12", "12"]


@pytest.mark.parametrize("fault", ["429", "reset", "truncated", "cut"])
def test_what_broke_is_asked_again_as_it_was(many: GerritTwin, fault: str) -> None:
    many.fail("", fault, fault, "")
    assert set(numbers(walk(many))) == set(range(1, 500))
    assert len(many.requests) == 13


def test_requests_are_spaced_wide_in_a_first_run_and_close_later() -> None:
    with GerritTwin(change_info(n) for n in range(1, 103)) as twin:
        waits: list[float] = []
        # A quarter of a second goes by between an answer and the next question.
        how: dict[str, Any] = {"wait": waits.append, "elapsed": itertools.count(step=0.25).__next__}
        known = walk(twin, **how)[-1].cursor
        for number in range(1, 60):
            twin.touch(number)
        walk(twin, known, **how)
        assert waits == [2.75, 2.75, 0.75]


def test_a_server_that_names_a_short_rest_gets_it_within_the_run(many: GerritTwin) -> None:
    waits: list[float] = []
    many.retry_after = "90"
    many.fail("429", "reset")
    walk(many, wait=waits.append, elapsed=lambda: 0.0)
    assert (waits[0], 2 <= waits[1] <= 3, waits[2]) == (90.0, True, 3)


def test_a_server_that_names_a_long_rest_ends_the_run_and_says_how_long(many: GerritTwin) -> None:
    many.retry_after = "3600"
    many.fail("429")
    with pytest.raises(SourceError) as failure:
        walk(many)
    assert (str(failure.value), failure.value.retry_after, len(many.requests)) == (
        "127.0.0.1 answered 429 Too Many Requests: Quota exceeded",
        3600.0,
        1,
    )


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("500", "127.0.0.1 answered 500 Internal Server Error: Internal server error", 4),
        ("html", "127.0.0.1 answered, but not as Gerrit does: <!DOCTYPE html><title>Please log in</title>", 1),
        ("empty", "127.0.0.1 answered, but not as Gerrit does: nothing at all", 1),
    ],
)
def test_a_server_that_stays_broken_ends_the_run_in_words(
    many: GerritTwin, fault: str, reason: str, requests: int
) -> None:
    many.fail(*[fault] * 4)
    with pytest.raises(SourceError) as failure:
        walk(many)
    assert (str(failure.value), len(many.requests)) == (reason, requests)


def test_a_change_that_nobody_can_read_is_named_when_all_the_others_are_stored(many: GerritTwin, store: Store) -> None:
    del many.changes[250]["branch"]
    with pytest.raises(SourceError) as failure:
        walk(many, store=store)
    reason = 'sent something odd: change 250 cannot be read: it has no "branch".'
    assert str(failure.value) == f"{many.url} {reason}"
    assert set(store.changes.updated(["demo/one"])) == set(range(1, 500)) - {250}
