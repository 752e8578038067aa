"""Invents the demo's community: `python data/demo/make.py [FOLDER]` writes its bugs, plans, changes and people.

They are the same every time and with every Python, so that the demo's conversation is too.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from lives import BUGS, CHANGES, Bug, Change
from plans import blueprints, questions
from shapes import gerrit, launchpad
from stories import BUG_STORIES, PROJECTS, newcomers, welcome
from words import AUTHORS, CI, GERRIT, JANITOR, NOW, PEOPLE, REPORTERS, WORDS, WRITERS, days, fill, pick, roll, until

FIRST_BUG, FIRST_CHANGE = 1201, 7001

# What has become of a change without a bug, how many, how many days ago the last and the first were sent, and its kind.
LONE_CHANGES: list[tuple[str, int, float, float, str]] = [
    ("merged", 18, 16, 720, "chore"),
    ("merged", 16, 16, 700, "chore_docs"),
    ("abandoned", 14, 50, 700, "chore"),
    ("unreviewed", 9, 1, 20, "chore"),
    ("unreviewed", 9, 1, 20, "chore_docs"),
    ("unreviewed", 2, 2, 30, "large"),
    ("failing", 4, 3, 40, "chore"),
    ("draft", 5, 3, 60, "chore"),
    ("conflict", 2, 20, 60, "chore"),
    ("disputed", 4, 5, 110, "chore"),
    ("liked", 6, 4, 30, "chore"),
    ("half approved", 3, 4, 20, "chore"),
    ("in the gate", 2, 2, 4, "chore"),
    ("private", 1, 5, 9, "chore"),
    ("newcomer waits", 2, 0.5, 6, "chore"),
    ("newcomer waits", 2, 0.5, 6, "chore_docs"),
    ("newcomer welcomed", 3, 3.5, 7, "chore"),
]


def tell_bugs() -> None:
    """Let the stories happen in the order in which they begin, so that numbers grow with time."""
    planned = [
        (NOW - days(youngest, oldest), PROJECTS[i % len(PROJECTS)], kind, story)
        for story, count, youngest, oldest, kind in BUG_STORIES
        for i in range(count)
    ]
    for number, (created, project, kind, story) in enumerate(sorted(planned, key=lambda p: p[0]), FIRST_BUG):
        bug = Bug(number, project, kind, pick(REPORTERS), created)
        story(bug)
        BUGS.append(bug)


def tell_changes() -> None:
    for state, count, youngest, oldest, kind in LONE_CHANGES:
        for i in range(count):
            project, start = PROJECTS[i % len(PROJECTS)], NOW - days(youngest, oldest)
            docs = kind == "chore_docs"
            owner = pick(WRITERS) if docs and roll() < 0.6 else pick(AUTHORS)
            if state.startswith("newcomer"):
                owner = next(newcomers)
            subject = fill(pick(WORDS[project]["chore_docs" if docs else "chore"]), project, {})
            change = Change(project, kind, owner, start, subject, None, "")
            change.private = state == "private"
            if state == "newcomer welcomed":
                welcome(change)
            else:
                change.live(state, until(start, 1, 14))
    CHANGES.sort(key=lambda change: change.created)
    for number, change in enumerate(CHANGES, FIRST_CHANGE):
        change.number = number


def main(folder: Path) -> None:
    tell_bugs()
    tell_changes()
    lines = {
        "launchpad.jsonl": map(launchpad, BUGS),
        "launchpad-devel.jsonl": [*questions(), *blueprints()],
        "gerrit.jsonl": map(gerrit, CHANGES),
    }
    for name, things in lines.items():
        text = "".join(json.dumps(thing, separators=(",", ":")) + "\n" for thing in things)
        (folder / name).write_bytes(text.encode())
    people = [{k: v for k, v in asdict(p).items() if k != "number"} for p in [*PEOPLE, CI, JANITOR, GERRIT]]
    (folder / "people.json").write_bytes((json.dumps(people, indent=1) + "\n").encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
