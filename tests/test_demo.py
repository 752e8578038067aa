"""The demo, as a person starts it."""

import re
import signal
import subprocess
import sys
from itertools import pairwise

import pytest

from mentorbot import demo


def played(*arguments: str, typed: str = "") -> list[str]:
    """What `mentorbot demo` prints; it must exit 0."""
    done = subprocess.run(
        [sys.executable, "-m", "mentorbot", "demo", *arguments], input=typed, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def story() -> list[str]:
    return played("--script")


def test_the_script_offers_work_in_three_niches(story: list[str]) -> None:
    niches = {found[1] for line in story if (found := re.match(r"mentorbot: robin: Try ([^:]+):", line))}
    assert len(niches) >= 3


def test_the_script_shows_all_three_jobs(story: list[str]) -> None:
    answered = {line.split(": ", 1)[1] for line in story if line.startswith(("robin: !", "marlow: !"))}
    assert {"!starter", "!triage harbour", "!backlog harbour status:new age:>30d"} <= answered
    assert any(line.startswith("mentorbot: Thanks from Harbour") for line in story)
    unanswered = [said for said, then in pairwise(story) if ": !" in said and not then.startswith("mentorbot")]
    assert unanswered == []


def test_the_script_is_the_same_each_time(story: list[str]) -> None:
    assert played("--script") == story


def test_what_is_typed_is_answered_before_the_end_of_the_input() -> None:
    shown = played(typed="hello\n!starter docs\n/msg mentorbot niches\n/dance\n\n")
    assert [line[:40] for line in shown if line.startswith("mentorbot: you: Try")] == [
        "mentorbot: you: Try documentation: words"
    ]
    assert "Say something, or: /msg mentorbot WORDS, /quit." in shown
    private = [line for line in shown if line.startswith("mentorbot (in private): ")]
    assert private[0].startswith("mentorbot (in private): Welcome to #mentors! ")
    assert private[1].startswith("mentorbot (in private): If you like to write: ")


def test_quit_ends_it_and_nothing_after_it_is_said() -> None:
    assert [line for line in played(typed="/quit\n!starter\n") if line.startswith("mentorbot")] == []


def test_the_demo_uses_the_port_it_is_given_or_says_why_not() -> None:
    with demo.community() as here:
        taken = here.address[1]
        failed = subprocess.run(
            [sys.executable, "-m", "mentorbot", "demo", "--port", str(taken)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (failed.returncode, failed.stderr) == (
        1,
        f"The demo's chat cannot use port {taken} (Address already in use); name another.\n",
    )


def test_ctrl_c_ends_it_as_well() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mentorbot", "demo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("!niches\n")
        process.stdin.flush()
        while not process.stdout.readline().startswith("mentorbot (in private): If you like to write"):
            pass
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.stderr.read() if process.stderr else "") == (0, "")
