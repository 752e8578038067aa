"""Mirrors a project of very many open bugs: `python -m tests.bench.launchpad_volume --tasks 1000000 --texts 50000`.

Each bug is made up when it is asked for, since the twin keeps all of its own in memory; `mentorbot sync --once` reads
them as it reads Launchpad. Of --texts bugs it reads the text and the comments, too; those of the others are then put
into the store as `mentorbot import` would. Prints what this takes, an idle poll after it, a comparison of all that is
there, the rewriting of the file after something was forgotten, and how long people wait for an answer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mentorbot.sources import launchpad_shapes
from mentorbot.store import Store
from tests.bench.volume import Source, answered, measured
from tests.twins.launchpad_records import BEGIN, ROOT, record

STEP = timedelta(seconds=20)
"""The time from one bug to the next."""
TAGGED = 50
"""One in so many bugs has the tag of interest."""
STATUSES = ("Confirmed", "Triaged", "Triaged", "In Progress", "Incomplete", "Confirmed", "New")
TALK = [("bob", "I can see this on my machine, too: " + "the crane does not move at all. " * 12)] * 2
COMMANDS = (
    *("starter fixes", "starter triage", "starter duplicates", "triage", "triage next"),
    *("backlog", "backlog status:new age:>30d", "backlog crane tag:crane"),
)


class Endless:
    """A project of `tasks` bugs, of which the one `gone` is private; `texts` were read so far."""

    def __init__(self, tasks: int) -> None:
        self.tasks, self.gone, self.texts = tasks, 0, 0
        self.source = Source(self.found, BEGIN + STEP * tasks + timedelta(days=1), self.written)

    def written(self, found: Any) -> str:
        return json.dumps(found).replace(ROOT, f"{self.source.url}1.0/")

    def bug(self, number: int) -> dict[str, Any]:
        made = record(
            number,
            tags=["low-hanging-fruit"] if number % TAGGED == 0 else ["crane"],
            status=STATUSES[number % len(STATUSES)],
            created=BEGIN + STEP * number,
            updated=BEGIN + STEP * number,
            comments=TALK[: number % 3],
        )
        for entry in (made["bug"], *made["bug_tasks"]):
            entry["http_etag"] = f'"{number}"'
        return made

    def found(self, path: str, asked: Mapping[str, list[str]]) -> Any:
        version, kind, *rest = path.strip("/").split("/")
        if version == "devel":
            return {"start": 0, "entries": []}
        if kind == "bugs":
            return self._part(int(rest[0]), rest[1] if rest[1:] else "bug")
        if "modified_since" in asked or rest:
            return {"start": 0, "total_size": 0, "entries": []}
        before = datetime.fromisoformat(asked["created_before"][0]) if "created_before" in asked else self.source.now
        highest = min(self.tasks, -((before - BEGIN) // -STEP) - 1)
        tag = json.loads(asked["tags"][0])[0] if "tags" in asked else None
        step = {None: 1, "low-hanging-fruit": TAGGED}.get(tag)
        numbers = range(highest - highest % step, 0, -step) if step else range(0)
        page = [number for number in numbers[: int(asked["ws.size"][0])] if number != self.gone]
        entries = [task for number in page for task in self.bug(number)["bug_tasks"]]
        found = {"start": 0, "total_size": len(numbers), "entries": entries}
        return found | ({"next_collection_link": f"{ROOT}more"} if len(numbers) > len(page) else {})

    def _part(self, number: int, part: str) -> Any:
        whole = self.bug(number)
        if number == self.gone:
            return None
        if part == "bug":
            self.texts += 1
            return whole["bug"]
        return {"start": 0, "entries": whole[part]}

    def fill(self, path: Path) -> None:
        """Put into the store what is still to be read."""
        began = time.monotonic()
        with closing(Store(path)) as store:
            while unread := store.bugs.unread(2000):
                store.save(thing for number in unread for thing in launchpad_shapes.recorded(self.bug(number)))
        print(f"The other texts, without the web service: {time.monotonic() - began:,.1f} s", flush=True)


def main() -> None:
    told = argparse.ArgumentParser(prog="python -m tests.bench.launchpad_volume")
    told.add_argument("--tasks", type=int, default=100_000)
    told.add_argument("--texts", type=int)
    asked = told.parse_args()
    launchpad = Endless(asked.tasks)
    with tempfile.TemporaryDirectory() as folder, launchpad.source.serving():
        file = Path(folder) / "mentorbot.toml"
        file.write_text(f'[launchpad]\nservice_root = "{launchpad.source.url}"\nprojects = ["harbour"]')
        if asked.texts is None:
            measured(launchpad.source, file, f"All of {asked.tasks:,} tasks")
        else:
            measured(launchpad.source, file, f"The list of {asked.tasks:,} tasks", lambda: launchpad.texts > 0)
            enough = launchpad.texts + asked.texts
            measured(launchpad.source, file, f"The texts of {asked.texts:,}", lambda: launchpad.texts >= enough)
            launchpad.fill(Path(folder) / "mentorbot.db")
            measured(launchpad.source, file, "The rest")
        measured(launchpad.source, file, "Idle poll")
        answered(file, launchpad.source.now, COMMANDS)
        launchpad.source.now += timedelta(days=1)
        measured(launchpad.source, file, "Comparison of all")
        launchpad.source.now += timedelta(days=1)
        launchpad.gone = asked.tasks // 2
        measured(launchpad.source, file, "Comparison of all, and one is private now: the file is rewritten")


if __name__ == "__main__":
    main()
