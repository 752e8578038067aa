"""Fifty bugs that are private, or become it before, during and after a sync, leave no byte anywhere; nor do a question
that is taken away and a blueprint that becomes private."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot import clock
from mentorbot.models import Credit
from mentorbot.store import Store
from tests import real_bot
from tests.people import Server
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_devel import blueprint, question
from tests.twins.launchpad_records import record

BEFORE, DURING, AFTER = range(1001, 1018), range(1018, 1035), range(1035, 1051)
OPEN = range(1051, 1071)
WORD = "zebra"
"""Stands in every text, name and tag of a bug that is or becomes private, and nowhere else."""
TOLD = (
    *("starter fixes", "why 1", "starter triage", "triage", "triage next", "another", "backlog", "more"),
    *("starter support", "starter specs"),
)
PRINTED = (*(f"ask {words}" for words in TOLD), *(f"shoutout --format {form}" for form in ("irc", "markdown", "json")))


def secret(number: int) -> dict[str, object]:
    bug = record(
        number,
        title=f"The {WORD} of {number} escaped",
        status="Confirmed" if number % 3 else "New",
        reporter=f"{WORD}-{number}",
        assignee=f"{WORD}-keeper" if number % 5 == 0 else None,
        tags=["low-hanging-fruit", f"{WORD}-{number}"],
        comments=[("bob", f"A {WORD} has stripes."), (f"{WORD}-friend", "Fix proposed to branch: master")]
        * (number % 2),
        information_type="Proprietary" if number in BEFORE else "Public",
    )
    bug["bug"]["description"] = f"Behind the {WORD} house."
    return bug


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    bugs = [
        *map(secret, [*BEFORE, *DURING, *AFTER]),
        *(record(n, tags=["low-hanging-fruit"], comments=[("bob", "Me too.")]) for n in OPEN),
    ]
    with LaunchpadTwin(bugs) as twin:
        twin.questions = {5001: question(5001, title=f"How is a {WORD} fed?")}
        twin.blueprints = [blueprint(f"{WORD}-crossing", definition="Review")]
        yield twin


def hide(twin: LaunchpadTwin, number: int) -> None:
    twin.edit(number, private=True, information_type="Private Security", quietly=bool(number % 2))


def run(folder: Path, name: str, *words: str) -> str:
    """Run a verb as a process of its own, with its log in a file; gives what it printed."""
    command = [sys.executable, "-m", "mentorbot", "--config", str(folder / "mentorbot.toml"), "--debug", *words]
    with (folder / f"{name}.log").open("w") as log:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True, check=True, timeout=120).stdout


def told_in(folder: Path) -> set[str]:
    """The files with the word."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if WORD.encode() in path.read_bytes().lower()}


def said(folder: Path, server: Server, sections: str) -> str:
    """All that the running bot says to people in its channel, who ask for all there is."""
    pace: dict[str, Any] = {"flood_rate": 500.0, "flood_burst": 500, "ask_rate": 500.0, "ask_burst": 500}
    with (
        real_bot.run(folder, server.port, sections=sections, **pace),
        server.welcome("#mentors", "castor", "account-tag") as peer,
    ):
        for words in TOLD:
            peer.send(f":you!you@you.example PRIVMSG #mentors :!{words}")
            peer.until("^PRIVMSG #mentors :you: ")
        return peer.raw.decode()


def test_no_byte_of_a_private_bug_is_in_the_store_the_logs_or_the_replies(
    twin: LaunchpadTwin, tmp_path: Path, server: Server
) -> None:
    launchpad = f'[launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]'
    (tmp_path / "mentorbot.toml").write_text(launchpad)
    # While the list, the tags, the news and the texts are read, one after the other.
    for request, number in enumerate(DURING, 2):
        twin.at(request * 4, lambda number=number: hide(twin, number))  # type: ignore[misc]
    run(tmp_path, "first", "sync", "--once")
    assert twin.count() > 4 * (len(DURING) + 2)
    with closing(Store(tmp_path / "mentorbot.db")) as bot:
        bot.people.choose("account:bob", "in", clock.system())
        bot.credits.add([Credit("account:bob", "bob", "thanks", f"the {WORD} in LP#1040", "", clock.system())])
        public = [run(tmp_path, f"public-{n}", *words.split()) for n, words in enumerate(PRINTED)]
        silent = {words for words, said in zip(PRINTED, public, strict=True) if WORD not in said}
        assert silent == {"ask why 1"}
        bot.outbox.put(
            "#mentors", [f"• bob: “The {WORD} of 1041 escaped”. https://x.example/+bug/1041"], clock.system()
        )
        bot.outbox.put("#mentors", [f"• bob: blueprint {WORD}-crossing"], clock.system())
        for number in AFTER:
            hide(twin, number)
        twin.questions.clear()
        twin.blueprints[0]["information_type"] = "Proprietary"
        twin.now += timedelta(days=1)
        run(tmp_path, "second", "--log-json", "sync", "--once")
        private = [run(tmp_path, f"private-{n}", "--log-json", *words.split()) for n, words in enumerate(PRINTED)]
        private.append(said(tmp_path, server, launchpad))
        assert {"mentorbot.db", "mentorbot.db-wal", "second.log", "log"} <= {path.name for path in tmp_path.iterdir()}
        assert (told_in(tmp_path), WORD in "".join(private).lower()) == (set(), False)
        assert {row["id"] for row in bot.rows("select id from bugs")} == set(OPEN)
    assert told_in(tmp_path) == set()
