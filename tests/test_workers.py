"""Tests of mentorbot/workers.py: what one plugin's calls may cost the others. What hangs waits for a gate."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait

import pytest

from mentorbot.workers import FEW, WAITING, Crowded, Overran, Workers

SOON = 10.0
LONG = 60.0


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_call_gives_its_result_or_what_it_raises(workers: Workers) -> None:
    assert workers.submit("tide", lambda: 7, LONG).result(SOON) == 7
    for raised in (KeyError("x"), SystemExit(3)):

        def fail(raised: BaseException = raised) -> None:
            raise raised

        assert workers.submit("tide", fail, LONG).exception(SOON) is raised


def test_twelve_plugins_full_of_sleepers_hold_up_nobody(workers: Workers, gate: threading.Event) -> None:
    sleepers = [workers.submit(f"plugin {n}", lambda: gate.wait(SOON), LONG) for n in range(12) for _ in range(FEW + 2)]
    took = []
    for _ in range(500):
        began = time.perf_counter()
        workers.submit("tide", lambda: None, LONG).result(SOON)
        took.append(time.perf_counter() - began)
    assert sorted(took)[495] < 0.05
    assert [sleeper.done() for sleeper in sleepers] == [False] * 12 * (FEW + 2)
    gate.set()
    assert [sleeper.result(SOON) for sleeper in sleepers] == [True] * 12 * (FEW + 2)


def test_of_one_plugin_a_few_run_at_a_time(workers: Workers, gate: threading.Event) -> None:
    begun = threading.Semaphore(0)

    def hold() -> None:
        begun.release()
        gate.wait(SOON)

    calls = [workers.submit("tide", hold, LONG) for _ in range(FEW + 1)]
    for _ in range(FEW):
        assert begun.acquire(timeout=SOON)
    assert not begun.acquire(timeout=0.05)
    gate.set()
    assert begun.acquire(timeout=SOON)
    assert len(wait(calls, SOON).done) == FEW + 1


def test_many_calls_at_once_need_few_threads(workers: Workers) -> None:
    before = threading.active_count()
    calls = [workers.submit("tide", lambda n=n: n, LONG) for n in range(WAITING)]  # type: ignore[misc]
    assert [call.result(SOON) for call in calls] == list(range(WAITING))
    assert threading.active_count() - before <= FEW + 1


def test_more_than_may_wait_are_turned_away(workers: Workers, gate: threading.Event) -> None:
    calls = [workers.submit("tide", lambda: gate.wait(SOON), LONG) for _ in range(FEW)]
    # They are begun when the first of them that comes too late is turned away, or earlier.
    calls += [workers.submit("tide", lambda: gate.wait(SOON), LONG) for _ in range(WAITING)]
    extra = [workers.submit("tide", lambda: True, LONG) for _ in range(FEW + 1)]
    assert isinstance(extra[-1].exception(SOON), Crowded)
    assert workers.submit("ebb", lambda: 1, LONG).result(SOON) == 1
    gate.set()
    assert len(wait(calls, SOON).not_done) == 0


def test_what_overruns_is_given_up_and_the_next_begins_in_its_place(
    workers: Workers, gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    came_back = threading.Event()
    late = [workers.submit("tide", lambda: gate.wait(SOON), 0.05) for _ in range(FEW)]
    after = workers.submit("tide", lambda: "my turn", LONG)
    assert [str(call.exception(SOON)) for call in late] == ["it took more than 0.05 seconds"] * FEW
    assert {type(call.exception()) for call in late} == {Overran}
    assert after.result(SOON) == "my turn"
    assert (workers.hung("tide"), workers.hung("ebb")) == (FEW, 0)
    with caplog.at_level(logging.WARNING):
        gate.set()
        while workers.hung("tide"):
            came_back.wait(0.01)
        # Each comes back as a thread for others.
        assert workers.submit("tide", lambda: 1, LONG).result(SOON) == 1
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == FEW
    assert all(line.startswith("A call of tide came back 0.") and line.endswith("is dropped.") for line in said)


def test_limits_are_each_calls_own(workers: Workers, gate: threading.Event) -> None:
    slow = workers.submit("tide", lambda: gate.wait(SOON), LONG)
    quick = workers.submit("tide", lambda: gate.wait(SOON), 0.05)
    assert isinstance(quick.exception(SOON), Overran)
    assert not slow.done()


def test_at_the_end_nothing_new_begins_and_what_was_begun_has_a_while(workers: Workers, gate: threading.Event) -> None:
    begun = threading.Event()

    def hold() -> str:
        begun.set()
        gate.wait(SOON)
        return "whole"

    running = [workers.submit("tide", hold, LONG) for _ in range(FEW)]
    waiting = workers.submit("tide", lambda: 1, LONG)
    assert begun.wait(SOON)
    threading.Timer(0.05, gate.set).start()
    workers.close(SOON)
    assert waiting.cancelled()
    assert "whole" in [call.result(SOON) for call in running if not call.cancelled()]
    with pytest.raises(CancelledError):
        workers.submit("tide", lambda: 1, LONG).result(SOON)


HANGS = """
import threading
from mentorbot.workers import Workers
workers, begun = Workers(), threading.Event()
workers.submit("tide", lambda: (begun.set(), threading.Event().wait()), 60)
begun.wait()
workers.close()
print("ended")
"""


def test_what_never_comes_back_does_not_keep_the_process() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=SOON)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")


def test_a_machine_that_has_no_thread_to_give_for_a_while_does_not_stop_the_work_for_good() -> None:
    """No stack of so many bytes can be had, so that no thread begins."""
    workers, usual = Workers(), threading.stack_size(2**46)
    try:
        waiting = workers.submit("tide", lambda: 1, LONG)
        assert not waiting.done()
    finally:
        threading.stack_size(usual)
    assert workers.submit("tide", lambda: 2, LONG).result(SOON) == 2
    assert waiting.result(SOON) == 1
    workers.close()
