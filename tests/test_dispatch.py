"""Tests of mentorbot/dispatch.py: from a line to an answer."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.metadata import EntryPoint
from queue import Queue

import pytest

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot.config import Config
from mentorbot.dispatch import IN_CHANNEL, KEPT, LONGEST, PAGE, Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from mentorbot.modules import GROUP, Source
from mentorbot.workers import FEW, WAITING
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
def odd(request: Request, store: Store) -> list[str]:
    """Answer with what is no line."""
    return ["one", 2]  # type: ignore[list-item]


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


@command("gather", access="organiser")
def gather(request: Request, store: Store) -> list[str]:
    """Need to be an organiser."""
    return ["gathered"]


def ours(name: str = "ours", module: str = __name__) -> Source:
    """A test's module as a plugin."""
    return Source(name, "tests", EntryPoint(name, module, GROUP))


@pytest.fixture
def plugins() -> Iterator[Loaded]:
    helpful = Source("help", "mentorbot", EntryPoint("help", "mentorbot_plugins.help", GROUP))
    loaded = Loaded(lambda: [helpful, ours()])
    yield loaded
    loaded.close()


@pytest.fixture
def dispatch(config: Config, store: Store, plugins: Loaded) -> Iterator[Dispatch]:
    dispatch = Dispatch(config, plugins, store, lambda: NOW)
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
        ("mentorbot: howdy!", 'I am only a program and do not understand "howdy".'),
        ("mentorbot: helq", 'I am only a program and do not understand "helq".'),
        ("mentorbot: \x02zz\x02", 'I am only a program and do not understand "zz".'),
        ("mentorbot:", "Yes?"),
        ("mentorbot: " + "z" * 400, f'I am only a program and do not understand "{"z" * 30}".'),
    ],
)
def test_who_calls_the_bot_by_name_hears_what_it_does_not_know(say: Say, text: str, said: str) -> None:
    said += " Say starter for something to do, help for the rest."
    assert say(text) == Answer("#mentors", [said], "#mentors")
    assert say(text, where=None) == Answer("alice", [said])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello!", "Hello! I am only a program: say starter and I name three things to do, or help to see the rest."),
        ("thank you so much", "You are welcome."),
    ],
)
def test_who_is_polite_gets_a_kind_word(say: Say, text: str, said: str) -> None:
    assert say(f"mentorbot: {text}") == Answer("#mentors", [said], "#mentors")
    assert say(text, where=None) == Answer("alice", [said])
    assert say(text) is None


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


def test_of_a_fault_in_private_the_log_has_all_but_the_words(say: Say, caplog: pytest.LogCaptureFixture) -> None:
    said = say("lines my secret", where=None)
    assert said and said.lines[0].startswith("Something went wrong on my side.")
    assert "int(request.text)" in caplog.text
    assert "ValueError, whose words may be private" in caplog.text
    assert "my secret" not in caplog.text


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
    store.db.execute("vacuum")
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


def test_what_is_for_organisers_is_for_admins_too_and_not_the_other_way_round(
    config: Config, plugins: Loaded, store: Store
) -> None:
    irc = config.irc.model_copy(update={"organisers": ("Olga",)})
    dispatch = Dispatch(config.model_copy(update={"irc": irc}), plugins, store, lambda: NOW)
    people = ("olga", "boss", "alice", None)
    said = [[dispatch.answer(Heard(Who("ann", who), None, text)) for who in people] for text in ("gather", "rule")]
    dispatch.close()
    log_in = " If you are one, please log in to the network's services and ask again."
    denied = [f"{name}s.{more}" for name in ("organiser", "admin") for more in ("", log_in)]
    assert [[answer.lines[0] for answer in answers if answer] for answers in said] == [
        ["gathered", "gathered", *(f"gather is for this bot's {rest}" for rest in denied[:2])],
        ["rule is for this bot's admins.", "ruled", *(f"rule is for this bot's {rest}" for rest in denied[2:])],
    ]


# In workers.

GATES: dict[str, threading.Event] = {}
BEGUN: Queue[str] = Queue()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opens for `wait` and, at the end, for all that still waits."""
    GATES["wait"] = threading.Event()
    yield GATES["wait"]
    GATES["wait"].set()


@command("wait")
def wait(request: Request, store: Store) -> list[str]:
    """Wait for the gate."""
    BEGUN.put(request.who.nick)
    assert GATES["wait"].wait(30)
    return ["waited"]


@pytest.fixture
def busy(dispatch: Dispatch, gate: threading.Event, plugins: Loaded) -> Iterator[tuple[Dispatch, Queue[Answer]]]:
    """A dispatch with `wait`, which answers when the gate opens, and a queue of its answers."""
    yield dispatch, Queue()
    gate.set()
    while plugins.workers.hung("ours"):
        threading.Event().wait(0.01)


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
    for n in range(FEW + WAITING):
        dispatch.start(heard("!wait", f"user{n}"), "mentorbot", answers.put)
    assert answers.empty()
    assert dispatch.start(heard("!echo hi", "bob"), "mentorbot", answers.put)
    sorry = ["I have more questions than I can answer now; ask me again in a minute."]
    assert answers.get_nowait() == Answer("#mentors", sorry, "#mentors")
    gate.set()
    waited = [answers.get(timeout=30) for _ in range(FEW + WAITING)]
    assert waited == [Answer("#mentors", ["waited"], "#mentors")] * (FEW + WAITING)
    dispatch.start(heard("!echo hi"), "mentorbot", answers.put)
    assert answers.get(timeout=30) == Answer("#mentors", ["echo: hi"], "#mentors")


def test_an_answer_that_cannot_be_handed_over_is_logged_and_the_worker_goes_on(
    busy: tuple[Dispatch, Queue[Answer]], caplog: pytest.LogCaptureFixture
) -> None:
    dispatch, answers = busy

    def fail(answer: Answer) -> None:
        raise ConnectionError("gone")

    with caplog.at_level(logging.ERROR):
        for _ in range(FEW + 1):
            dispatch.start(heard("!echo"), "mentorbot", fail)
        dispatch.start(heard("!echo hi"), "mentorbot", answers.put)
        assert answers.get(timeout=30) == Answer("#mentors", ["echo: hi"], "#mentors")
        dispatch.close()
    assert caplog.messages == ["an answer for alice was lost"] * (FEW + 1)


# Commands that would hurt.


@command("slow", timeout=0.05)
def slow(request: Request, store: Store) -> list[str]:
    """Come back too late."""
    assert GATES["wait"].wait(30)
    return ["too late"]


@command("flood")
def flood(request: Request, store: Store) -> Reply:
    """Say very much."""
    return Reply([f"line {n}" for n in range(10_000)], rest=["z" * 9] * 10_000)


@command("inject")
def inject(request: Request, store: Store) -> list[str]:
    """Try to say a second thing."""
    return ["x\r\nQUIT", "\r\n", "w " * 5000]


@command("huge")
def huge(request: Request, store: Store) -> list[str]:
    """Give a whole file of colours as one line."""
    return ["w" * LONGEST + "\x0312w" * 15_000_000]


@command("wrong KIND")
def wrong(request: Request, store: Store) -> list[str]:
    """Give what no command may give."""
    kinds: dict[str, object] = {"text": "abc", "none": None, "numbers": [1, 2], "rest": Reply(["a"], rest=[None])}  # type: ignore[list-item]
    return kinds[request.text]  # type: ignore[return-value]


def test_a_command_that_overruns_is_given_up_with_one_line_and_its_late_answer_is_dropped(
    busy: tuple[Dispatch, Queue[Answer]], gate: threading.Event, caplog: pytest.LogCaptureFixture, plugins: Loaded
) -> None:
    dispatch, answers = busy
    assert dispatch.start(heard("!slow"), "mentorbot", answers.put)
    said = answers.get(timeout=30)
    assert re.fullmatch(
        r"This takes too long; I gave up after 0\.05 seconds, sorry\."
        r" The operators find it in the log as error [0-9a-f]{6}\.",
        said.lines[0],
    )
    gate.set()
    while plugins.workers.hung("ours"):
        threading.Event().wait(0.01)
    assert dispatch.answer(heard("!echo hi")) == Answer("#mentors", ["echo: hi"], "#mentors")
    assert answers.empty()
    assert [r.getMessage()[:24] for r in caplog.records if r.levelno == logging.WARNING] == ["A call of ours came back"]


def test_after_three_failures_a_plugin_is_off_and_says_so(
    busy: tuple[Dispatch, Queue[Answer]], plugins: Loaded, caplog: pytest.LogCaptureFixture
) -> None:
    dispatch, _ = busy
    for text in ("!slow", "!break", "!wrong none"):
        dispatch.answer(heard(text))
    off = ["echo is switched off at the moment."]
    assert dispatch.answer(heard("!echo hi")) == Answer("#mentors", off, "#mentors")
    assert dispatch.answer(heard("!more")) == Answer("#mentors", ["That was all."], "#mentors")
    assert [(plugin.name, plugin.on) for plugin in plugins.plugins] == [("help", True), ("ours", False)]
    assert re.fullmatch(
        r"The plugin ours is switched off: it failed 3 times in ten minutes, the last time as error [0-9a-f]{6}\."
        r" An admin can say: plugin on ours",
        caplog.messages[-1],
    )


def test_what_a_person_can_mend_is_no_failure(say: Say, plugins: Loaded) -> None:
    assert [say("!refuse") for _ in range(9)] == [Answer("#mentors", ["Not today.", "Nor tomorrow."], "#mentors")] * 9
    assert [plugin.on for plugin in plugins.plugins] == [True, True]


def test_those_who_wait_for_a_plugin_that_hangs_hear_when_it_is_off(busy: tuple[Dispatch, Queue[Answer]]) -> None:
    dispatch, answers = busy
    for n in range(FEW + 10):
        dispatch.start(heard("!slow", f"user{n}"), "mentorbot", answers.put)
    said = [answers.get(timeout=30).lines[0][:22] for _ in range(FEW + 10)]
    # Those that began as the third was given up are given up as well.
    assert set(said) == {"This takes too long; I", "slow is switched off a"}
    assert said.count("This takes too long; I") <= 2 * FEW


def test_ten_thousand_lines_are_one_page_and_a_bounded_rest(say: Say, store: Store) -> None:
    said = say("!flood")
    assert said is not None
    assert (said.target, len(said.lines)) == ("alice", PAGE)
    assert said.lines[-1] == f"line 7 ({KEPT - PAGE + 1} more: say !more)"
    kept = store.unsaid.of("nick:alice")
    assert len(kept) == KEPT - PAGE + 1
    assert kept[-1] == "There was more, but so many lines I do not keep; please ask for less at a time."


def test_a_line_of_many_megabytes_keeps_no_other_thread_waiting(say: Say) -> None:
    said, waits, over = list[Answer | None](), list[float](), threading.Event()

    def ask() -> None:
        said.append(say("!huge"))
        over.set()

    threading.Thread(target=ask).start()
    while not over.is_set():
        began = time.monotonic()
        over.wait(0.001)
        waits.append(time.monotonic() - began)
    assert said[0] is not None
    assert len(said[0].lines[0]) == LONGEST
    assert max(waits) < 2


def test_a_line_holds_no_second_one_and_has_an_end(say: Say) -> None:
    said = say("!inject")
    assert said is not None
    assert said.lines[0] == "x QUIT"
    assert len(said.lines) == 2
    assert len(said.lines[1]) <= LONGEST


@pytest.mark.parametrize("kind", ["text", "none", "numbers", "rest"])
def test_what_is_no_list_of_texts_is_a_fault_of_the_plugin(say: Say, kind: str) -> None:
    said = say(f"!wrong {kind}")
    assert said is not None
    assert said.lines[0].startswith("Something went wrong on my side.")


def test_a_full_disk_is_no_fault_of_a_plugin(say: Say, store: Store, plugins: Loaded) -> None:
    store.db.execute("create trigger full before insert on unsaid begin select raise(abort, 'x'); end")
    store.db.execute("drop table unsaid")
    assert [say("!secret") is None for _ in range(5)] == [False] * 5
    assert [plugin.on for plugin in plugins.plugins] == [True, True]


def test_two_hundred_people_who_ask_at_once_all_get_their_own_answers_once(
    busy: tuple[Dispatch, Queue[Answer]],
) -> None:
    dispatch, answers = busy
    asked = [(f"user{n}", f"{n}.{k}") for k in range(5) for n in range(200)]
    for nick, token in asked:
        dispatch.start(Heard(Who(nick), None, f"echo {token}"), "mentorbot", answers.put)
    got = [answers.get(timeout=30) for _ in asked]
    assert sorted((a.target, *a.lines) for a in got) == sorted((nick, f"echo: {token}") for nick, token in asked)
    assert answers.empty()


# Among people.


@command("who NAMES")
def who(request: Request, store: Store) -> list[str]:
    """Repeat names."""
    return [f"Nobody knows {request.text}."]


def started(dispatch: Dispatch, text: str, who: Who, where: str | None = "#mentors") -> Answer | None:
    """What `start` answers; None where it does not take the line for its own."""
    answers: Queue[Answer] = Queue()
    return answers.get(timeout=30) if dispatch.start(Heard(who, where, text), "mentorbot", answers.put) else None


def test_who_asks_too_fast_is_told_so_once_and_not_answered(dispatch: Dispatch) -> None:
    said = [started(dispatch, "!echo hi", Who("alice")) for _ in range(12)]
    lines = [answer.lines if answer else None for answer in said]
    assert lines[:8] == [["echo: hi"]] * 8
    assert re.fullmatch(r"Please ask a little slower: I answer you again in \d seconds?\.", (lines[8] or [""])[0])
    assert lines[9:] == [[], [], []]
    assert started(dispatch, "!echo hi", Who("bob")) == Answer("#mentors", ["echo: hi"], "#mentors")


def test_who_is_ignored_or_a_robot_is_not_heard(dispatch: Dispatch, store: Store) -> None:
    store.courtesy.ignore("mallory", NOW + timedelta(days=1), "boss", NOW)
    assert started(dispatch, "!echo hi", Who("mallory")) is None
    assert started(dispatch, "echo hi", Who("mallory"), None) is None
    assert started(dispatch, "!echo hi", Who("feed", robot=True)) is None
    assert not dispatch.greet(Heard(Who("mallory"), "#mentors", "hi"), lambda _: None)


def test_who_only_names_a_niche_hears_what_can_be_asked_of_it(say: Say) -> None:
    said = "Say starter docs for something to do there, or howto docs for how to begin."
    assert say("mentorbot: documentation?") == Answer("#mentors", [said], "#mentors")
    assert say("mentorbot: Code review!") == Answer("#mentors", [said.replace("docs", "reviews")], "#mentors")


def test_the_same_refusal_is_not_said_a_third_time(dispatch: Dispatch) -> None:
    said = [started(dispatch, "mentorbot: zz", Who("alice")) for _ in range(4)]
    refusal = ['I am only a program and do not understand "zz". Say starter for something to do, help for the rest.']
    assert [answer and answer.lines for answer in said] == [refusal, refusal, [], []]


def test_an_answer_that_calls_many_by_name_is_for_its_asker_alone(
    config: Config, store: Store, plugins: Loaded
) -> None:
    present = {"#mentors": {"alice", "bob", "carol", "dave"}}
    dispatch = Dispatch(config, plugins, store, lambda: NOW, lambda channel: present[channel])
    assert started(dispatch, "!who bob carol dave", Who("alice")) == Answer(
        "alice", ["Nobody knows bob carol dave."], "#mentors", "I answered you in private."
    )
    assert started(dispatch, "!who bob", Who("alice")) == Answer("#mentors", ["Nobody knows bob."], "#mentors")
    assert started(dispatch, "who bob carol", Who("alice"), None) == Answer("alice", ["Nobody knows bob carol."])


def test_who_speaks_first_in_a_channel_is_greeted_unless_they_asked(
    config: Config, store: Store, loaded: Loaded
) -> None:
    dispatch = Dispatch(config, loaded, store, lambda: NOW)
    answers: Queue[Answer] = Queue()

    def greeted(nick: str, where: str | None = "#mentors") -> bool:
        return dispatch.greet(Heard(Who(nick), where, "hello"), answers.put)

    assert [greeted("alice"), greeted("alice"), greeted("bob", None)] == [True, False, False]
    assert answers.get(timeout=30).lines[0].startswith("Welcome to #mentors!")
    assert started(dispatch, "!about", Who("carol")) is not None
    assert [greeted("carol"), greeted("carol", "#docs")] == [False, True]
    assert answers.get(timeout=30).target == "carol"
    assert answers.empty()
