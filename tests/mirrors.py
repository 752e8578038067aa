"""A mirror of Launchpad's twin with a store of its own, and whether the two agree, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mentorbot import clock, config
from mentorbot.errors import SourceError
from mentorbot.models import Activity, Bug, Comment, Page, Task, Thing
from mentorbot.sources import launchpad, launchpad_bugs, launchpad_rounds, launchpad_wire
from mentorbot.sources import launchpad_shapes as shapes
from mentorbot.sources.launchpad_wire import Timeouts
from mentorbot.store import Store
from tests.twins.launchpad import LaunchpadTwin

PATIENT, HASTY = Timeouts(20, 20), Timeouts(0.3, 0.6)
TAGS = ["low-hanging-fruit", "easy", "doc", "docs", "documentation", "api-ref"]


def settings(twin: LaunchpadTwin, *projects: str, tags: Iterable[str] = ("easy",)) -> config.Launchpad:
    return config.Launchpad(
        service_root=twin.service_root, projects=projects or ("harbour",), starter_tags=tuple(tags), docs_tags=()
    )


class Mirror:
    """A store and what keeps it up with a twin."""

    def __init__(self, settings: config.Launchpad, timeouts: Timeouts = PATIENT) -> None:
        self.store = Store()
        self.waited: list[float] = []
        self.service = launchpad.Service(settings, clock.system, self.waited.append, timeouts)

    def pages(self) -> Iterator[Page]:
        return launchpad.changed_since(self.service, self.store.cursors.get("launchpad"), self.store)

    def run(self, most: int | None = None) -> list[Page]:
        """Mirror to the end, or as if killed after so many pages."""
        taken = []
        for page in self.pages() if most != 0 else ():
            self.store.save(page.things, cursor=("launchpad", page.cursor))
            taken.append(page)
            if len(taken) == most:
                break
        return taken

    def fails(self) -> SourceError:
        with pytest.raises(SourceError) as error:
            self.run()
        return error.value

    def kept(self) -> dict[int, list[Thing]]:
        """Every bug in the store with its tasks and comments, and its log where that was read."""
        return {row["id"]: self.store.copies.of(row["id"]) for row in self.store.rows("select id from bugs")}


def served(twin: LaunchpadTwin, number: int, logged: bool, projects: Iterable[str]) -> list[Thing]:
    """What the store should have of a bug: all that the twin shows of it."""
    bug, *others = shapes.recorded(twin.shown(number))
    assert isinstance(bug, Bug)
    tasks = [replace(one, title="", reporter="") for one in others if isinstance(one, Task) and one.project in projects]
    log = {_key(one): one for one in others if isinstance(one, Activity)} if logged else {}
    return [
        replace(bug, whole=True),
        *sorted(tasks, key=lambda task: task.project),
        *(one for one in others if isinstance(one, Comment)),
        *(log[key] for key in sorted(log)),
    ]


def _key(line: Activity) -> Any:
    return line.date, line.person, line.what, line.new


def same(mirror: Mirror, twin: LaunchpadTwin) -> None:
    """The store has every open bug of the twin, and all it has is as the twin has it."""
    kept, projects = mirror.kept(), mirror.service.settings.projects
    logged = {number for number, things in kept.items() if any(isinstance(one, Activity) for one in things)}
    assert kept == {number: served(twin, number, number in logged, projects) for number in kept}
    wanted = {
        number
        for number, whole in twin.bugs.items()
        if not whole["bug"]["private"]
        and not whole["bug"]["duplicate_of_link"]
        and any(
            task["status"] in ("New", "Incomplete", "Confirmed", "Triaged", "In Progress")
            and task["target_link"].removeprefix(twin.root) in projects
            for task in whole["bug_tasks"]
        )
    }
    assert wanted - kept.keys() == set()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launchpad_wire, "LARGEST_PAGE", 4)
    monkeypatch.setattr(launchpad_wire, "SMALLEST_PAGE", 1)
    monkeypatch.setattr(launchpad_bugs, "BATCH", 3)
    monkeypatch.setattr(launchpad_rounds, "BATCH", 3)
