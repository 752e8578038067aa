"""From Launchpad to somebody in the channel: real bugs, the real mirror, the real bot on a real server."""

from __future__ import annotations

import importlib.util
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.store import Store
from tests import ircds
from tests.nova import nova
from tests.people import Person
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin

NOW = datetime(2017, 10, 12, tzinfo=UTC)
OPEN = {"New", "Incomplete", "Confirmed", "Triaged", "In Progress", "Fix Committed"}
ROBOTS = {"hudson-openstack", "openstack-gerrit", "janitor", "bug-watch-updater"}


def write_config(folder: Path, irc: int, launchpad: str, gerrit: str = "") -> Path:
    path = folder / "mentorbot.toml"
    path.write_text(f"""
[community]
name = "Nova"
[irc]
server = "127.0.0.1"
port = {irc}
tls = false
channels = ["#mentors"]
flood_rate = 500
flood_burst = 500
ask_rate = 500
ask_burst = 500
[launchpad]
service_root = "{launchpad}"
projects = ["nova"]
docs_tags = ["doc", "documentation", "docs", "api-ref"]
[gerrit]
url = "{gerrit}"
projects = ["openstack/nova"]
""")
    return path


def mentorbot(config: Path, *verb: str, now: str = NOW.isoformat()) -> list[str]:
    time = ["--now", now] if now else []
    return [sys.executable, "-m", "mentorbot", "--config", str(config), *time, *verb]


@contextmanager
def running(config: Path, now: str = NOW.isoformat()) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(mentorbot(config, "run", now=now), stdin=subprocess.DEVNULL)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def claimed(shared: Path) -> Callable[[str], object]:
    """A judge of claims that is not ours."""
    spec = importlib.util.spec_from_file_location("judge", shared / "tools" / "judge_ranking" / "claim.py")
    assert spec and spec.loader
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    judged: Callable[[str], object] = judge.claim
    return judged


def why_not(bug: dict[str, Any], claimed: Callable[[str], object]) -> list[str]:
    """What in the source itself speaks against offering this bug to a newcomer."""
    task = bug["bug_tasks"][0]
    faults = []
    if task["status"] not in OPEN:
        faults.append("closed")
    if task["status"] == "In Progress":
        faults.append("in progress")
    if task["assignee_link"]:
        faults.append("assigned")
    for message in bug["messages"][1:]:
        author = message["owner_link"].rsplit("~")[-1]
        recent = datetime.fromisoformat(message["date_created"]) > NOW - timedelta(days=90)
        if author not in ROBOTS and recent and claimed(message["content"]):
            faults.append(f"claimed by {author}")
    return faults


def test_every_bug_a_newcomer_is_named_is_open_and_nobodys(
    shared: Path, tmp_path: Path, claimed: Callable[[str], object]
) -> None:
    bugs = {record["bug"]["id"]: record for record in nova()}
    with LaunchpadTwin(list(bugs.values())) as twin, ircds.inspircd(tmp_path) as ircd:
        config = write_config(tmp_path, ircd.port, twin.service_root)
        config.write_text(config.read_text().partition("[gerrit]")[0])
        subprocess.run(mentorbot(config, "sync", "--once"), check=True, timeout=120)
        replies = {}
        with Person(ircd.port, "newcomer") as person, running(config):
            person.until("JOIN .*#mentors")
            for question in ("!starter", "!starter docs", "!starter review", "!starter nova"):
                person.send(f"PRIVMSG #mentors :{question}")
                head = person.words()
                # The reply ends with its third item, unless it says that there are fewer.
                replies[question] = [head, *(person.words() for _ in range(3))]
    named = {
        q: [int(n) for line in lines for n in re.findall(r"^\d\. LP#(\d+) ", line)] for q, lines in replies.items()
    }
    assert {question: len(numbers) for question, numbers in named.items()} == dict.fromkeys(named, 3)
    offered = {number for numbers in named.values() for number in numbers}
    assert {number: faults for number in offered if (faults := why_not(bugs[number], claimed))} == {}
    assert replies["!starter review"][0].startswith(
        "newcomer: There is nothing free in code review just now, so here is the next best:"
    )
    assert twin.writes_refused == 0


def test_the_running_bot_mirrors_by_itself(tmp_path: Path) -> None:
    """What Gerrit shows is offered soon after `run` began; the mirrors run beside the chat."""
    waiting = change_info(7, project="openstack/nova", votes=[("Verified", "zuul", 1)])
    with (
        LaunchpadTwin([], projects=["nova"]) as launchpad,
        GerritTwin([waiting]) as gerrit,
        ircds.ngircd(tmp_path) as ircd,
        Person(ircd.port, "newcomer") as person,
        running(write_config(tmp_path, ircd.port, launchpad.service_root, gerrit.url)),
    ):
        person.until("JOIN .*#mentors")
        deadline, never, store = time.monotonic() + 20, threading.Event(), Store(tmp_path / "mentorbot.db")
        while not store.cursors.get("gerrit") and time.monotonic() < deadline:
            never.wait(0.02)
        store.close()
        person.send("PRIVMSG #mentors :!starter review")
        answer = person.words()
        assert answer.startswith("newcomer: There is only 1 free in code review just now. ")
        assert person.words().startswith("1. change 7 Mend a typo (nova, proposed ")
