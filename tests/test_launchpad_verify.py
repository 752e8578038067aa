"""`sync --verify` tells whatever of the store is not as Launchpad shows it, and nothing where all is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mentorbot.cli import main
from mentorbot.errors import SourceError
from mentorbot.models import Task, Thing
from mentorbot.sources.launchpad_verify import verify
from mentorbot.sync import MENDING
from tests.mirrors import Mirror, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import record


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    bugs = [
        record(1, tags=["easy"], comments=[("bob", "Me too.")]),
        *(record(number) for number in range(2, 12)),
        record(12, duplicate_of=1),
    ]
    with LaunchpadTwin(bugs) as twin:
        twin.questions = {number: question(number) for number in (1, 2)}
        twin.blueprints = [blueprint("quay-map")]
        yield twin


def drift(mirror: Mirror) -> list[str]:
    return sorted(verify(mirror.service, mirror.store))


def test_a_store_that_is_as_launchpad_is_gives_nothing_to_tell(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    assert drift(mirror) == []
    twin.comment(1, "carol", "And me.")
    twin.edit(2, duplicate_of_link=f"{twin.root}bugs/1")
    mirror.run()
    assert drift(mirror) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda twin: twin.edit(3, tags=["api"], title="Renamed", quietly=True),
            ["LP#3 differs in its title, its tags and its etag."],
        ),
        (lambda twin: twin.edit(3, heat=7, quietly=True), ["LP#3 differs in its heat and its etag."]),
        (
            lambda twin: twin.edit_task(3, "harbour", status="Triaged"),
            [
                "LP#3 differs in its updated, its etag, its task's status and its task's etag.",
                "With another task there: 1 of the 11 youngest bugs of harbour, such as LP#3.",
            ],
        ),
        (
            lambda twin: twin.edit(4, private=True, information_type="Private"),
            ["LP#4 is not shown any more.", "harbour has 10 open bugs there and 11 in the store."],
        ),
        (
            lambda twin: twin.add(record(99)),
            [
                "Not in the store: 1 of the 12 youngest bugs of harbour, such as LP#99.",
                "harbour has 12 open bugs there and 11 in the store.",
            ],
        ),
        (lambda twin: twin.bugs[1]["messages"].pop(), ["LP#1 differs in the number of its tasks or comments."]),
        (lambda twin: twin.questions.clear(), ["questions of harbour: 2 differ."]),
        (lambda twin: twin.blueprints.append(blueprint("lamp")), ["blueprints of harbour: 1 differ."]),
    ],
)
def test_what_differs_is_told(twin: LaunchpadTwin, change: Callable[[LaunchpadTwin], object], told: list[str]) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    change(twin)
    assert drift(mirror) == told
    twin.now += timedelta(days=1)
    mirror.run()
    assert drift(mirror) == []


def test_a_project_that_is_none_keeps_no_other_from_being_compared(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.questions.clear()
    mirror.service.settings = settings(twin, "nowhere", "harbour")
    told = []
    with pytest.raises(SourceError, match=r"^Launchpad knows no project nowhere\.$"):
        for differing in verify(mirror.service, mirror.store):
            told.append(differing)
    assert told == ["questions of harbour: 2 differ."]


def test_the_verb_ends_with_1_where_something_differs_and_changes_nothing(twin: LaunchpadTwin, tmp_path: Path) -> None:
    file = tmp_path / "mentorbot.toml"
    file.write_text(f'[launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]')

    def sync(how: str) -> tuple[int, str]:
        ended = CliRunner().invoke(main, ["--config", str(file), "sync", how])
        return ended.exit_code, ended.stdout

    assert sync("--once")[0] == 0
    assert sync("--verify") == (0, "The store is as the sources are, as far as was looked.\n")
    twin.edit_task(11, "harbour", status="Invalid")
    said = (
        "launchpad: harbour has 10 open bugs there and 11 in the store.\n"
        "launchpad: LP#11 differs in its updated, its etag, its task's status and its task's etag.\n"
        f"{MENDING}\n"
    )
    assert sync("--verify") == sync("--verify") == (1, said)
    assert sync("--once")[0] == 0
    assert sync("--verify")[0] == 0
    twin.fault("500", times=99)
    assert sync("--verify") == (1, "launchpad: Launchpad answered 500 for harbour: Something is wrong here.\n")


def test_a_task_that_the_store_has_otherwise_is_told_though_its_bug_is_not_in_the_sample(
    twin: LaunchpadTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentorbot.sources.launchpad_verify.SAMPLE", 0)
    mirror = Mirror(settings(twin))
    mirror.run()
    things: list[Thing] = [thing for thing in mirror.kept()[5] if isinstance(thing, Task)]
    mirror.store.save(Task(**(vars(thing) | {"etag": "old"})) for thing in things)
    assert drift(mirror) == ["With another task there: 1 of the 11 youngest bugs of harbour, such as LP#5."]
