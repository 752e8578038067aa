"""Tests of mentorbot/dispatch.py: from a line to an answer."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from queue import Queue
from typing import Any

import pytest

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot.commands import Command
from mentorbot.config import Config
from mentorbot.dispatch import A_MINUTE, IN_CHANNEL, PAGE, WAITING, WORKERS, Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from tests.builders import NOW

Say = Callable[..., Answer | None]


@command("echo [words]")
def echo(request: Request, store: Store) -> list[str]:
    """Say it again."""
    return [f"echo: {request.text}"]


@command("lines [number]")
def lines(request: Request, store: Store) -> list[str]:
    """Say so many lines."""
    return [f"line {n}" for n in range(1, int(request.text) + 1)]


@command("secret")
def secret(request: Request, store: Store) -> Reply:
    """Answer in private, with more to come."""
    return Reply(["psst"], rest=["one", "two"], private=True)


@command("silent")
def silent(request: Request, store: Store) -> Reply:
    """Say nothing at all."""
    return Reply([], private=True)


@command("refuse")
def refuse(request: Request, store: Store) -> list[str]:
    """Tell what is wrong."""
    raise UserError("Not today.\nNor tomorrow.")


@command("break")
def break_(request: Request, store: Store) -> list[str]:
    """Have a fault."""
    raise KeyError("the password is 1234")


@command("leave")
def leave(request: Request, store: Store) -> list[str]:
    """Want to end the whole bot."""
    raise SystemExit(3)


@command("odd")
def odd(request: Request, store: Store) -> Any:
    """Answer with what is no line."""
    return ["one", 2]


@command("two-in-one")
def two_in_one(request: Request, store: Store) -> list[str]:
    """Put a line end and a colour into a line."""
    return ["one\r\nQUIT :\x034two\ud800"]


@command("mine", access="account")
def mine(request: Request, store: Store) -> list[str]:
    """Need an account."""
    return ["yours"]


@command("rule", access="admin")
def rule(request: Request, store: Store) -> list[str]:
    """Need to be an admin."""
    return ["ruled"]


def commands_of(*functions: Any) -> dict[str, Command]:
    return {function.command.name: function.command for function in functions}


@pytest.fixture
def dispatch(config: Config, store: Store, loaded: Loaded) -> Iterator[Dispatch]:
    ours = commands_of(echo, lines, secret, silent, refuse, break_, leave, odd, two_in_one, mine, rule)
    dispatch = Dispatch(config, Loaded((), {**ours, "more": loaded.commands["more"]}, loaded.hooks), store, lambda: NOW)
    yield dispatch
    dispatch.close()


@pytest.fixture
def say(dispatch: Dispatch) -> Say:
    def said(
        text: str, where: str | None = "#mentors", account: str | None = None, nick: str = "alice"
    ) -> Answer | None:
        return dispatch.answer(Heard(Who(nick, account), where, text), "mentorbot")

    return said


@pytest.mark.parametrize(
    "text",
    [
        "!echo a b",
        "!  echo a b",
        "!ECHO a b",
        "!echo\ta  b ",
        "  !echo a b",
        "\x02!echo\x02 a b",
        "mentorbot: echo a b",
        "mentorbot, echo a b",
        "MentorBot:echo a b",
        "mentorbot : echo a b",
        "@mentorbot: echo a b",
        "mentorbot: !echo a b",
        "mentorbot: echo, a b",
        "!echo: a b",
    ],
)
def test_in_a_channel_the_prefix_or_the_bots_name_starts_a_command(say: Say, text: str) -> None:
    assert say(text) == Answer("#mentors", ["echo: a b"], "#mentors")


@pytest.mark.parametrize("text", ["echo a b", "!echo a b", "mentorbot: echo a b", "Echo a b"])
def test_in_private_nothing_is_needed_before_a_command(say: Say, text: str) -> None:
    assert say(text, where=None) == Answer("alice", ["echo: a b"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "!!",
        "!foo",
        "echo",
        "hello !echo",
        "mentorbot2: echo",
        "mentorbot echo",
        ".echo",
        "\x00",
        "! ",
        "!échо",
    ],
)
def test_a_line_in_a_channel_that_is_not_for_the_bot_gets_no_answer(say: Say, text: str) -> None:
    assert say(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mentorbot: eco", 'I am only a program and do not understand "eco". Did you mean echo?'),
        ("mentorbot: hello!", 'I am only a program and do not understand "hello".'),
        ("mentorbot: helq", 'I am only a program and do not understand "helq".'),
        ("mentorbot: \x02zz\x02", 'I am only a program and do not understand "zz".'),
        ("mentorbot:", "Yes?"),
        ("mentorbot: " + "z" * 400, f'I am only a program and do not understand "{"z" * 30}".'),
    ],
)
def test_who_calls_the_bot_by_name_hears_what_it_does_not_know(say: Say, text: str, said: str) -> None:
    said += " Say help to see what I can do."
    assert say(text) == Answer("#mentors", [said], "#mentors")
    assert say(text, where=None) == Answer("alice", [said])


def test_the_bots_name_is_the_nick_it_has_now(dispatch: Dispatch) -> None:
    heard = Heard(Who("alice"), "#mentors", "pilot[m]: echo hi")
    assert dispatch.answer(heard, "mentorbot") is None
    assert dispatch.answer(heard, "pilot[m]") == Answer("#mentors", ["echo: hi"], "#mentors")


@pytest.mark.parametrize(
    ("text", "where", "asked"),
    [
        ("!echo a", "#mentors", True),
        ("mentorbot: echo a", "#mentors", True),
        ("echo a", "#mentors", False),
        ("!eggo a", "#mentors", False),
        ("mentorbot: good morning", "#mentors", False),
        ("echo a", None, True),
        ("good morning", None, False),
    ],
)
def test_it_tells_whether_a_line_calls_a_command(dispatch: Dispatch, text: str, where: str | None, asked: bool) -> None:
    assert dispatch.is_asked(Heard(Who("alice"), where, text), "mentorbot") is asked


def test_up_to_four_lines_stay_in_the_channel(say: Say) -> None:
    assert say(f"!lines {IN_CHANNEL}") == Answer("#mentors", ["line 1", "line 2", "line 3", "line 4"], "#mentors")


def test_a_longer_answer_goes_to_private_and_the_channel_is_told(say: Say) -> None:
    assert say(f"!lines {IN_CHANNEL + 1}") == Answer(
        "alice", ["line 1", "line 2", "line 3", "line 4", "line 5"], "#mentors", "I answered you in private."
    )


def test_more_goes_on_page_by_page_until_all_is_said(say: Say) -> None:
    said = [f"line {n}" for n in range(1, 2 * PAGE + 2)]
    assert say(f"lines {2 * PAGE + 1}", where=None) == Answer(
        "alice", [*said[: PAGE - 1], f"line {PAGE} ({PAGE + 1} more: say !more)"]
    )
    assert say("!more") == Answer(
        "alice",
        [*said[PAGE : 2 * PAGE - 1], f"line {2 * PAGE} (1 more: say !more)"],
        "#mentors",
        "I answered you in private.",
    )
    assert say("more", where=None) == Answer("alice", [f"line {2 * PAGE + 1}"])
    assert say("more", where=None) == Answer("alice", ["That was all."])


def test_what_was_left_is_each_persons_own_and_the_next_answer_replaces_it(say: Say) -> None:
    say("secret")
    say("!secret", nick="bob")
    say("!echo", nick="bob")
    assert say("!more", nick="bob") == Answer("#mentors", ["That was all."], "#mentors")
    assert say("!secret") == Answer("alice", ["psst (2 more: say !more)"], "#mentors", "I answered you in private.")
    assert say("!more") == Answer("alice", ["one", "two"], "#mentors", "I answered you in private.")


def test_a_private_answer_without_lines_is_not_announced(say: Say) -> None:
    assert say("!silent") == Answer("alice", [], "#mentors")


def test_a_user_error_is_said_word_for_word(say: Say) -> None:
    assert say("!refuse") == Answer("#mentors", ["Not today.", "Nor tomorrow."], "#mentors")
    assert say("refuse", where=None) == Answer("alice", ["Not today.", "Nor tomorrow."])


def test_a_fault_is_told_by_its_number_alone_and_logged_in_full(say: Say, caplog: pytest.LogCaptureFixture) -> None:
    said = say("!break")
    assert said is not None
    number = re.fullmatch(
        r"Something went wrong on my side. The operators find it in the log as error ([0-9a-f]{6})\.", said.lines[0]
    )
    assert number
    assert (said.target, len(said.lines)) == ("#mentors", 1)
    assert f"error {number[1]} in break" in caplog.text
    assert "the password is 1234" in caplog.text


@pytest.mark.parametrize("text", ["!leave", "!odd"])
def test_a_plugin_that_exits_or_gives_no_lines_has_a_fault_like_any_other(say: Say, text: str) -> None:
    answer = say(text)
    assert answer and re.fullmatch(
        r"Something went wrong on my side\. The operators find it in the log as error \w{6}\.", answer.lines[0]
    )


def test_what_a_plugin_gives_is_made_safe_lines(say: Say) -> None:
    assert say("!two-in-one") == Answer("#mentors", ["one QUIT :two"], "#mentors")


def test_a_full_store_costs_only_what_more_would_have_said(
    say: Say, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.db.execute("pragma max_page_count = 1")  # which SQLite takes for the size it has
    assert say("!lines 9999", where=None) == Answer("alice", [f"line {n}" for n in range(1, PAGE + 1)])
    assert caplog.messages == [
        "the rest of an answer for alice is lost: The store in memory cannot be written: database or disk is full."
    ]


def test_what_changes_ones_own_needs_an_account(say: Say) -> None:
    assert say("!mine", account="alice") == Answer("#mentors", ["yours"], "#mentors")
    assert say("!mine") == Answer(
        "#mentors",
        [
            "mine changes what I remember of you, so I must be sure who you are: please log in to the network's"
            " services (/msg NickServ HELP) and ask again."
        ],
        "#mentors",
    )


def test_admin_commands_are_for_the_accounts_that_the_configuration_names(say: Say) -> None:
    assert say("!rule", account="Boss") == Answer("#mentors", ["ruled"], "#mentors")
    assert say("!rule", account="alice") == Answer("#mentors", ["rule is for this bot's admins."], "#mentors")
    assert say("!rule", nick="boss") == Answer(
        "#mentors",
        ["rule is for this bot's admins. If you are one, please log in to the network's services and ask again."],
        "#mentors",
    )


# In workers.


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture
def busy(
    config: Config, store: Store, loaded: Loaded, gate: threading.Event
) -> Iterator[tuple[Dispatch, Queue[Answer]]]:
    """A dispatch with `wait`, which answers when the gate opens, and a queue of its answers."""

    @command("wait")
    def wait(request: Request, store: Store) -> list[str]:
        """Wait for the gate."""
        assert gate.wait(30)
        return ["waited"]

    dispatch = Dispatch(config, Loaded((), commands_of(wait, echo), loaded.hooks), store, lambda: NOW)
    yield dispatch, Queue()
    gate.set()
    dispatch.close()


def heard(text: str, nick: str = "alice") -> Heard:
    return Heard(Who(nick), "#mentors", text)


def test_a_slow_command_does_not_hold_the_others_up(
    busy: tuple[Dispatch, Queue[Answer]], gate: threading.Event
) -> None:
    dispatch, answers = busy
    assert dispatch.start(heard("!wait"), "mentorbot", answers.put)
    assert dispatch.start(heard("!echo hi"), "mentorbot", answers.put)
    assert answers.get(timeout=30) == Answer("#mentors", ["echo: hi"], "#mentors")
    gate.set()
    assert answers.get(timeout=30) == Answer("#mentors", ["waited"], "#mentors")


def test_a_line_that_is_not_for_the_bot_takes_no_worker(busy: tuple[Dispatch, Queue[Answer]]) -> None:
    dispatch, answers = busy
    assert not dispatch.start(heard("hello"), "mentorbot", answers.put)
    assert answers.empty()


def test_when_too_many_wait_the_next_is_asked_to_come_back(
    busy: tuple[Dispatch, Queue[Answer]], gate: threading.Event
) -> None:
    dispatch, answers = busy
    for number in range(WORKERS + WAITING):
        dispatch.start(heard("!wait", f"person{number}"), "mentorbot", answers.put)
    assert answers.empty()
    assert dispatch.start(heard("!echo hi", "bob"), "mentorbot", answers.put)
    sorry = ["I have more questions than I can answer now; ask me again in a minute."]
    assert answers.get_nowait() == Answer("#mentors", sorry, "#mentors")
    gate.set()
    waited = [answers.get(timeout=30) for _ in range(WORKERS + WAITING)]
    assert waited == [Answer("#mentors", ["waited"], "#mentors")] * (WORKERS + WAITING)
    dispatch.start(heard("!echo hi"), "mentorbot", answers.put)
    assert answers.get(timeout=30) == Answer("#mentors", ["echo: hi"], "#mentors")


def test_an_answer_that_cannot_be_handed_over_is_logged_and_the_worker_goes_on(
    busy: tuple[Dispatch, Queue[Answer]], caplog: pytest.LogCaptureFixture
) -> None:
    dispatch, answers = busy

    def fail(answer: Answer) -> None:
        raise ConnectionError("gone")

    with caplog.at_level(logging.ERROR):
        for _ in range(WORKERS + 1):
            dispatch.start(heard("!echo"), "mentorbot", fail)
        dispatch.start(heard("!echo hi"), "mentorbot", answers.put)
        assert answers.get(timeout=30) == Answer("#mentors", ["echo: hi"], "#mentors")
        dispatch.close()
    assert caplog.messages == ["an answer for alice was lost"] * (WORKERS + 1)


def test_a_flood_is_answered_in_part_and_told_so_once(config: Config, store: Store, loaded: Loaded) -> None:
    now, answers = NOW, Queue[Answer]()
    dispatch = Dispatch(config, Loaded((), commands_of(echo), loaded.hooks), store, lambda: now)
    started = [dispatch.start(heard("!echo"), "mentorbot", answers.put) for _ in range(100)]
    assert started == [True] * (A_MINUTE + 1) + [False] * (99 - A_MINUTE)
    assert dispatch.start(heard("!echo hi", "bob"), "mentorbot", answers.put)
    now += timedelta(minutes=1)
    assert dispatch.start(heard("!echo again"), "mentorbot", answers.put)
    said = [answers.get(timeout=30).lines[0] for _ in range(A_MINUTE + 3)]
    dispatch.close()
    sorry = "That was 20 commands in a minute, as many as I answer; ask me again in a minute."
    assert sorted(said) == sorted([*["echo:"] * A_MINUTE, sorry, "echo: hi", "echo: again"])
    assert answers.empty()


def test_two_bots_that_answer_each_other_fall_silent(config: Config, store: Store, loaded: Loaded) -> None:
    answers = Queue[Answer]()
    bots = [(name, Dispatch(config, loaded, store, lambda: NOW)) for name in ("ourbot", "theirbot")]
    line, said = "hello", 0
    for (name, bot), (other, _) in zip(cycle(bots), cycle(bots[::-1]), strict=False):
        if said == 1000 or not bot.start(Heard(Who(other), "#mentors", f"{name}: {line}"), name, answers.put):
            break
        line, said = answers.get(timeout=30).lines[0], said + 1
    for _, bot in bots:
        bot.close()
    assert said == 2 * A_MINUTE + 2
