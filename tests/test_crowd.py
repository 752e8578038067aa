"""Five hundred people who ask for work, from four processes, while Launchpad changes under them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from mentorbot import clock, sync
from mentorbot import config as settings
from mentorbot.sources import recorded
from mentorbot.store import Store
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

PEOPLE, PROCESSES = 500, 4
SHARED = 3
BUGS = 2200
"""Bugs with the tag for beginners; a tenth of them has somebody, is closed, a duplicate or private from the start."""
CONFIG = """
[launchpad]
service_root = "{root}"
projects = ["harbour"]
starter_tags = ["low-hanging-fruit"]
[store]
path = "{folder}/mentorbot.db"
"""


@dataclass
class Crowd:
    """What people were told, as tests/crowd.py writes it; when each bug was taken in the source, and when each reading
    of it began and ended; and the offers in the store at the end."""

    told: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[int, datetime] = field(default_factory=dict)
    readings: list[tuple[datetime, datetime]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)

    def by_process(self) -> list[list[dict[str, Any]]]:
        each = PEOPLE // PROCESSES
        who = [{f"account:p{n * each + m}" for m in range(each)} for n in range(PROCESSES)]
        return [[told for told in self.told if told["person"] in names] for names in who]


def harbour() -> Iterator[dict[str, Any]]:
    ways: list[dict[str, Any]] = [
        {"assignee": "bob"},
        {"status": "Fix Released"},
        {"status": "In Progress"},
        {"duplicate_of": 1},
        {"information_type": "Private"},
        {"comments": [("carol", "I would like to work on this.")]},
    ]
    now = clock.system()
    for number in range(1, BUGS + 1):
        facts = {"status": "Triaged"} | (ways[number // 10 % len(ways)] if number % 10 == 0 else {})
        created = now - timedelta(days=number % 60, minutes=number)
        yield record(number, tags=["low-hanging-fruit"], importance="Low", created=created, **facts)


def is_free(bug: dict[str, Any]) -> bool:
    """Whether nobody has a bug of the twin, by the source's own words."""
    [task] = bug["bug_tasks"]
    return (
        task["status"] == "Triaged"
        and task["assignee_link"] is None
        and bug["bug"]["duplicate_of_link"] is None
        and not bug["bug"]["private"]
        and all("work on this" not in message["content"] for message in bug["messages"])
    )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    folder = tmp_path_factory.mktemp("crowd")
    found, ended = Crowd(), threading.Event()
    with LaunchpadTwin(harbour(), projects=["harbour"]) as twin:
        file = folder / "mentorbot.toml"
        file.write_text(CONFIG.format(root=twin.service_root, folder=folder), encoding="utf-8")
        (folder / "bugs.jsonl").write_text("".join(json.dumps(bug) + "\n" for bug in twin.bugs.values()))
        twin.now = clock.system()
        config = settings.load(file)
        store = Store(config.store.path)
        recorded.launchpad(folder / "bugs.jsonl", store)
        sources = sync.sources(config, store, clock.system, lambda _: None)
        found.taken = {number: twin.now for number, bug in twin.bugs.items() if not is_free(bug)}

        def read() -> None:
            began = clock.system()
            assert sync.once(sources, store, clock.system) == []
            found.readings.append((began, clock.system()))

        def mirror() -> None:
            while not ended.wait(0.5):
                read()

        def take() -> None:
            dice = random.Random(7)
            free = [number for number, bug in twin.bugs.items() if is_free(bug)]
            while not ended.wait(0.1):
                number = free.pop(dice.randrange(len(free)))
                way = dice.randrange(4)
                if way == 0:
                    twin.edit_task(number, "harbour", assignee_link=twin.link("bob"))
                elif way == 1:
                    twin.edit_task(number, "harbour", status="Fix Released", date_closed=twin.now.isoformat())
                elif way == 2:
                    twin.comment(number, "carol", "I would like to work on this.")
                else:
                    twin.edit(number, duplicate_of_link=f"{twin.root}bugs/1")
                found.taken[number] = clock.system()

        read()
        threads = [threading.Thread(target=work) for work in (mirror, take)]
        for thread in threads:
            thread.start()
        each = PEOPLE // PROCESSES
        asking = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.crowd", str(file), str(n * each), str(each)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for n in range(PROCESSES)
        ]
        try:
            said = [process.communicate(timeout=300) for process in asking]
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        assert [(process.returncode, errors) for process, (_, errors) in zip(asking, said, strict=True)] == [
            (0, "")
        ] * PROCESSES
        found.told = [json.loads(line) for text, _ in said for line in text.splitlines()]
        found.offers = store.rows("select person, number, offered, expires from offers order by offered, id")
        store.close()
    return found


def test_everybody_gets_three_items(crowd: Crowd) -> None:
    assert Counter(len(told["items"]) for told in crowd.told) == Counter({3: PEOPLE})
    claims = [told["claimed"] for told in crowd.told if "claimed" in told]
    mine = sum("is yours for 14 days" in said for said in claims)
    assert mine >= 0.9 * len(claims)  # some are taken in the source between the offer and the claim
    assert len(crowd.taken) > BUGS / 10 + 20
    assert len(crowd.readings) > 5


def test_nobody_holds_what_somebody_else_holds(crowd: Crowd) -> None:
    until: dict[int, tuple[str, str]] = {}
    for offer in crowd.offers:
        person, expires = until.get(offer["number"], ("", ""))
        assert person == offer["person"] or expires <= offer["offered"], offer
        until[offer["number"]] = offer["person"], offer["expires"]
    kept = [n for told in crowd.told if "next" not in told for n in told["items"]]
    assert [number for number, times in Counter(kept).items() if times > 1] == []


def test_nobody_is_offered_what_the_source_had_shown_as_taken(crowd: Crowd) -> None:
    wrong, late = [], 0
    for told in crowd.told:
        at = datetime.fromisoformat(told["at"])
        read = max(began for began, ended in crowd.readings if ended <= at)
        for number in told["items"]:
            taken = crowd.taken.get(number)
            wrong += [number] if taken and taken < read else []
            late += bool(taken and read <= taken < at)
    print(f"{late} of {3 * PEOPLE} were taken in the source after the last reading and before they were offered")
    assert wrong == []


def test_an_answer_takes_some_milliseconds_of_work(crowd: Crowd) -> None:
    def percentile(name: str, hundredths: int, told: list[dict[str, Any]]) -> float:
        return 1000 * float(sorted(one[name] for one in told)[len(told) * hundredths // 100 - 1])

    for name in ("work", "took"):
        median, most = percentile(name, 50, crowd.told), percentile(name, 99, crowd.told)
        print(f"{name}: median {median:.1f} ms, 99 of 100 within {most:.1f} ms")
    # The best of the processes, and with room for a machine that has other things to do, too.
    assert min(percentile("work", 99, told) for told in crowd.by_process()) < 20 * SHARED


def test_nobody_fares_better_for_coming_from_another_process(crowd: Crowd) -> None:
    """Fair: the best items go to who comes first, and waiting times are alike in all processes."""
    medians = []
    for one in crowd.by_process():
        times = sorted(told["took"] for told in one)
        medians.append(times[len(times) // 2])
    assert max(medians) < 3 * min(medians)
    told = sorted(crowd.told, key=lambda one: str(one["at"]))
    ages = [number % 60 for one in told for number in one["items"]]
    early, late = ages[: len(ages) // 4], ages[-len(ages) // 4 :]
    assert sum(early) / len(early) < sum(late) / len(late)
