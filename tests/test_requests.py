"""What a mirror of Launchpad costs its server, measured on the twin; README's table shows the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from launchpadlib.credentials import AnonymousAccessToken, Credentials
from launchpadlib.launchpad import Launchpad

from tests.mirrors import TAGS, Mirror, same, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

README = Path(__file__).parents[1] / "README.md"
SIZES = (322, 1619)
PAGE, LAUNCHPADLIBS_PAGE = 300, 75


@contextmanager
def project(size: int) -> Iterator[LaunchpadTwin]:
    """A project of so many open tasks: two thirds have a tag of interest, one third comments."""
    bugs = [
        record(
            number,
            tags=[TAGS[number % 9]] if number % 9 < 6 else [],
            comments=[("bob", "Me too.")] if number % 3 == 0 else [],
        )
        for number in range(1, size + 1)
    ]
    with LaunchpadTwin(bugs) as twin:
        yield twin


def shown(what: str, *counts: int) -> None:
    """README's table has this row."""
    row = f"| {what} | {' | '.join(f'{count:,}' for count in counts)} |"
    assert row in README.read_text(encoding="utf-8"), row


def test_a_mirror_costs_what_readme_says() -> None:
    first, texts, idle, changed = [], [], [], []
    for size in SIZES:
        with project(size) as twin:
            mirror = Mirror(settings(twin, tags=TAGS))
            for page in mirror.pages():
                mirror.store.save(page.things, cursor=("launchpad", page.cursor))
                if page.step == "tags of harbour" and page.done == len(TAGS):
                    first.append(len(twin.requests))
            assert first[-1] == math.ceil(size / PAGE) + len(TAGS)
            rest = len(twin.requests) - first[-1]
            same(mirror, twin)
            # The news, the questions and the blueprints are one request each.
            texts.append(rest - 3)
            assert texts[-1] == size + size // 3
            idle.append(requests_of(mirror, twin))
            twin.edit_task(7, "harbour", status="Triaged")
            changed.append(requests_of(mirror, twin))
    shown("the open bugs and which have a tag of interest: pages and tags", *first)
    shown("their texts, once, after that: a bug, and its comments where it has any", *texts)
    shown("each poll in which nothing has changed", *idle)
    shown("each poll in which one bug has changed: itself and its log", *changed)


def requests_of(mirror: Mirror, twin: LaunchpadTwin) -> int:
    twin.requests.clear()
    mirror.run()
    return len(twin.requests)


def test_the_loop_that_everybody_writes_costs_what_readme_says() -> None:
    counts = []
    for size in SIZES:
        with project(size) as twin:
            credentials = Credentials("tests", access_token=AnonymousAccessToken())
            launchpad = Launchpad(credentials, None, None, service_root=twin.service_root, cache={}, timeout=30)
            with closing(launchpad._browser._connection):
                harbour = launchpad.projects["harbour"]
                twin.requests.clear()
                assert sum(1 for task in harbour.searchTasks() if task.bug.tags) == round(size * 2 / 3)
            counts.append(len(twin.requests))
            assert counts[-1] == math.ceil(size / LAUNCHPADLIBS_PAGE) + size
    shown("`for task in project.searchTasks(): task.bug.tags`, each time", *counts)


def test_percevals_formula_gives_what_readme_says() -> None:
    # Each bug, its activity, its messages and its attachments, and each person once.
    shown(
        "perceval's ⌈N/75⌉ + 4 N and one for each person, here for one person, each time",
        *(math.ceil(size / LAUNCHPADLIBS_PAGE) + 4 * size + 1 for size in SIZES),
    )
