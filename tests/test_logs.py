"""Tests of mentorbot/logs.py: one line a fact, and nothing in it that is private."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mentorbot import logs
from mentorbot.chat.demo_server import serve
from mentorbot.store import Store
from tests.builders import NOW
from tests.people import Person


def record(said: str, *parts: object, name: str = "mentorbot.sync", error: bool = False) -> logging.LogRecord:
    trouble = None
    if error:
        try:
            raise KeyError("tide")
        except KeyError:
            trouble = sys.exc_info()
    return logging.LogRecord(name, logging.WARNING, "sync.py", 1, said, parts, trouble)


def test_a_fact_is_one_line_of_json() -> None:
    line = logs.Json().format(record("%s: it is\nbroken\x03", "gerrit", error=True))
    fact = json.loads(line)
    assert "\n" not in line
    assert fact.pop("at").endswith("+00:00")
    assert fact.pop("error").endswith("KeyError: 'tide'")
    assert isinstance(fact.pop("pid"), int)
    assert fact == {"level": "warning", "room": "sync", "said": "gerrit: it is broken"}


def test_a_fact_is_one_line_of_words() -> None:
    line = logs.Words().format(record("%s says:\r\n2026-01-01 ERROR mentorbot: forged", "eve"))
    assert line.endswith(" WARNING mentorbot.sync: eve says: 2026-01-01 ERROR mentorbot: forged")
    assert "\n" not in line


def test_no_line_of_a_traceback_passes_for_a_line_of_the_log() -> None:
    try:
        raise KeyError("tide")
    except KeyError:
        try:
            raise ValueError("no\r\n2026-01-01 ERROR mentorbot: forged\x1b[2J")
        except ValueError:
            trouble = sys.exc_info()
    _, *lines = logs.Words().format(logging.LogRecord("a", logging.ERROR, "a.py", 1, "oh", (), trouble)).split("\n")
    assert [line for line in lines if not re.fullmatch("    [^\x00-\x1f]*", line)] == []
    assert "    Traceback (most recent call last):" in lines
    assert lines[-1] == "    2026-01-01 ERROR mentorbot: forged[2J"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("PRIVMSG ann :my secret", "PRIVMSG ann (10 bytes not shown)"),
        (":ann!a@h PRIVMSG mentorbot :thanks é", ":ann!a@h PRIVMSG mentorbot (10 bytes not shown)"),
        ("@account=ann :ann!a@h NOTICE bot :x", "@account=ann :ann!a@h NOTICE bot (2 bytes not shown)"),
        ("privmsg NickServ :IDENTIFY hunter2", "privmsg NickServ (17 bytes not shown)"),
        ("PASS hunter2", "PASS (7 bytes not shown)"),
        ("AUTHENTICATE AGJvdABodW50ZXIy", "AUTHENTICATE (16 bytes not shown)"),
        (":ann!a@h PRIVMSG #mentors :!starter", ":ann!a@h PRIVMSG #mentors :!starter"),
        (":ann!a@h PRIVMSG @#mentors :psst", ":ann!a@h PRIVMSG @#mentors :psst"),
        ("PRIVMSG &local :hello", "PRIVMSG &local :hello"),
        (":srv 001 bot :PRIVMSG ann :x", ":srv 001 bot :PRIVMSG ann :x"),
        ("PING :srv", "PING :srv"),
    ],
)
def test_what_only_its_receiver_may_read_is_not_shown(line: str, shown: str) -> None:
    assert logs.hidden(line) == shown


def test_what_fails_each_second_is_told_once_a_minute() -> None:
    now = [0.0]
    told = logs.Unrepeated(lambda: now[0])

    def at(second: float, said: str) -> bool:
        now[0] = second
        return told.filter(record("%s", said))

    assert [at(second, "The disk is full.") for second in range(60)] == [True] + [False] * 59
    assert [at(59, "The network is down."), at(60, "The disk is full."), at(61, "The disk is full.")] == [
        True,
        True,
        False,
    ]
    news = record("hello")
    news.levelno = logging.INFO
    assert [told.filter(news), told.filter(news)] == [True, True]
    assert [at(61 + n / 1000, f"fault {n}") for n in range(2 * logs.REMEMBERED)] == [True] * 2 * logs.REMEMBERED


def take_to(lines: Iterable[str], words: str) -> Iterator[str]:
    """The lines up to the one with these words."""
    for line in lines:
        yield line
        if words in line:
            return


def test_the_log_of_a_whole_run_has_what_happened_and_nothing_private(tmp_path: Path) -> None:
    store = Store(tmp_path / "mentorbot.db")
    store.outbox.put("ann", ["letter-to-ann"], NOW)
    store.outbox.take(NOW)
    store.outbox.put("ann", ["other-letter"], NOW)
    store.close()
    with serve() as (host, port), Person(port, "ann") as ann:
        config = tmp_path / "mentorbot.toml"
        config.write_text(f'[irc]\nserver = "{host}"\nport = {port}\ntls = false\nchannels = ["#mentors"]\n')
        bot = subprocess.Popen(
            [sys.executable, "-m", "mentorbot", "--config", str(config), "--debug", "--log-json", "run"],
            stderr=subprocess.PIPE,
            text=True,
        )
        late = threading.Timer(30, bot.kill)
        late.start()
        try:
            ann.until("other-letter")
            ann.send("PRIVMSG mentorbot :starter quiet-word")
            ann.until("quiet-word")
            ann.send("PRIVMSG mentorbot :hush-hush")
            ann.until("hush-hush")
            ann.send("PRIVMSG #mentors :!why loud-word")
            ann.until("PRIVMSG #mentors")
            bot.send_signal(signal.SIGHUP)
            assert bot.stderr
            log = "".join(take_to(bot.stderr, "The configuration is read anew"))
            bot.send_signal(signal.SIGTERM)
            log += bot.communicate(timeout=20)[1]
        finally:
            late.cancel()
            bot.kill()
            bot.communicate()
    facts: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    said = [fact["said"] for fact in facts]
    assert [word for word in ("letter-to-ann", "other-letter", "quiet-word", "hush-hush") if word in log] == []
    assert "Perhaps never said, because the bot was cut off: to ann: 1 line" in said
    assert f"On {host}:{port} as mentorbot." in said
    assert any("loud-word" in line for line in said)
