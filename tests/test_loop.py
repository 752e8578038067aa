"""The loop: what is due, what other threads ask, and faults that stay where they are."""

import threading
import time

import pytest

from tests.people import Linked


def test_a_fault_in_one_listener_does_not_keep_the_others_from_hearing(
    linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    linked.reactor.add_global_handler("pubmsg", faulty, -100)
    assert linked.hear(b":a!b@c PRIVMSG #c :one\r\n:a!b@c PRIVMSG #c :two\r\n") == [
        ("pubmsg", ["one"]),
        ("pubmsg", ["two"]),
    ]
    assert caplog.text.count("RuntimeError: a fault of ours") == 2


def test_what_is_due_comes_in_order_and_once(linked: Linked) -> None:
    done: list[str] = []

    def first() -> None:
        done.append("first")
        linked.reactor.forget("taken away", "unknown")

    linked.reactor.at("last", 0.04, lambda: done.append("last"))
    linked.reactor.at("first", 0, lambda: done.append("put off"))
    linked.reactor.at("taken away", 0.02, lambda: done.append("taken away"))
    linked.reactor.at("first", 0.01, first)
    while done[-1:] != ["last"]:
        linked.reactor.process_once(1)
    assert done == ["first", "last"]


def test_what_is_put_off_by_something_due_with_it_comes_later_and_once(linked: Linked) -> None:
    done: list[str] = []
    linked.reactor.at("first", 0, lambda: linked.reactor.at("next", 0.02, lambda: done.append("next, later")))
    linked.reactor.at("next", 0, lambda: done.append("next, at once"))
    while not done:
        linked.reactor.process_once(1)
    linked.reactor.process_once(0)
    assert done == ["next, later"]


def test_a_job_that_fails_is_not_tried_again(linked: Linked, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def faulty() -> None:
        raise ZeroDivisionError

    linked.reactor.at("faulty", 0, faulty)
    linked.reactor.at("next", 0, lambda: done.append("next"))
    linked.reactor.process_once(0)
    linked.reactor.process_once(0)
    assert (done, caplog.messages) == (["next"], ["A fault in the chat's loop:"])


def test_another_thread_wakes_the_loop_at_once(linked: Linked) -> None:
    woken: list[float] = []
    began = time.monotonic()
    thread = threading.Thread(target=lambda: linked.reactor.call(lambda: woken.append(time.monotonic())))
    thread.start()
    while not woken:
        linked.reactor.process_once(10)
    thread.join()
    assert woken[0] - began < 1
