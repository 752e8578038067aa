"""Whatever people and servers write: through any command and the outgoing queue it stays one harmless IRC line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mentorbot import app as room
from mentorbot import config, loader
from mentorbot.dispatch import Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from mentorbot.text import plain
from tests.builders import NOW, bug, change
from tests.conftest import CONFIG
from tests.people import DEADLINE

NASTY = [
    "\r\nQUIT :bye",
    "\nPRIVMSG #mentors :I am the bot",
    "\x00",
    "\x01VERSION\x01",
    "\x01ACTION dies\x01",
    "\x10rNICK pwned",
    "\x02bold\x0304,05colour\x0f",
    "\x04ff0000hex",
    "\u202edne eht morf",
    "\u200b\u2066\ufeff",
    "\x85\u2028\u2029",
    "!starter",
    "@everyone",
    "  .leading",
    ":colon",
    "long" * 2500,
    "é" * 300,
    "\U0001f469\u200d\U0001f680" * 80,
    "a\u0300" * 300,
]
texts = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=60)), max_size=4
).map("".join)
nicks = st.one_of(
    st.sampled_from(["ann", "[x]{^}", ":quit", "a,b", "-", "n" * 30, "a\r\nb"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)

COMMANDS = [
    "!starter {}",
    "!starter",
    "!why 1",
    "!why {}",
    "!another {}",
    "!triage",
    "!triage next",
    "!triage {}",
    "!backlog",
    "!backlog {}",
    "!waiting",
    "!waiting {}",
    "!howto {}",
    "!help {}",
    "!more",
    "!thanks bob for {}",
    "!thanks {} for tea",
    "!undo",
    "!iam lp:{}",
    "!iam {}",
    "!optin",
    "!status",
    "!shoutout preview",
    "!shoutout post",
    "mentorbot: {}",
]

UNSAYABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")
LONGEST_SOURCE = 11 + 1 + 64
"""Bytes of the user@host that a server puts before what the bot says, at the most."""


@pytest.fixture(scope="module")
def loaded() -> loader.Loaded:
    return loader.load(config.parse(CONFIG))


class Meeting:
    """A bot that is on no network, with one bug and one change that are called `text`; `lines` is what it would say."""

    def __init__(self, loaded: loader.Loaded, text: str) -> None:
        self._folder = TemporaryDirectory()
        self.store = Store(Path(self._folder.name) / "mentorbot.db")  # for the threads that write beside
        known = config.parse(CONFIG.replace("tls = false", "tls = false\nflood_rate = 1000.0\nflood_burst = 1000"))
        here: dict[str, Any] = {"tags": ("low-hanging-fruit",), "status": "Triaged"}
        self.store.save(bug(1, text or "x", **here))
        self.store.save(bug(2, text or "x", reporter=text or "x"))
        self.store.save([change(7, text or "x", owner=text or "x", topic=text, hashtags=(text,))])
        self.store.people.choose("account:bob", "in", NOW)
        self.store.cursors.failed("launchpad", text, NOW)
        self.app = room.App(known, loaded, self.store, lambda: NOW)
        self.dispatch = Dispatch(known, loaded, self.store, lambda: NOW)

    def hear(self, nick: str, text: str, where: str | None) -> None:
        heard = Heard(Who(nick, "boss"), where, text)
        answer = self.dispatch.answer(heard)
        if answer and self.is_a_target(answer.target):
            self.app._say(heard, answer)
        for letter in self.store.outbox.take(NOW):
            self.app._post(letter, letter.target)

    @staticmethod
    def is_a_target(nick: str) -> bool:
        """Whether it could be spoken to; other nicks no network gives to anybody."""
        return plain(nick) == nick and bool(re.fullmatch(r"[^\s,:\x00-\x1f][^\s,\x00-\x1f]{0,63}", nick))

    def lines(self) -> Iterator[bytes]:
        """What receivers get, CR LF and all."""
        bot = self.app.bot
        while line := bot._pace.take(lambda _: True, bot._room):
            source = f":{bot.nick}!" + "u" * 11 + "@" + "h" * 64
            yield f"{source} PRIVMSG {line.target} :{line.words}\r\n".encode()

    def close(self) -> None:
        self.dispatch.close()
        self.app._dispatch.close()
        self.app._writes.finish(DEADLINE)
        self.app.bot._reactor.close()
        self.store.close()
        self._folder.cleanup()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(title=texts, words=texts, nick=nicks, where=st.sampled_from(["#mentors", None]))
@example(title="\r\nQUIT :bye", words="\r\nQUIT :bye", nick="ann", where="#mentors")
@example(title="long" * 2500, words="long" * 2500, nick="ann", where=None)
@example(title=" ".join(NASTY), words=" ".join(NASTY), nick="ann", where="#mentors")
@example(title="a\u202eb \u200bc\u2066d", words="a\u202eb \u200bc", nick="ann", where="#mentors")
@example(title="!quit", words="!quit", nick="!x", where=None)
def test_no_text_makes_a_long_line_a_control_byte_or_a_second_command(
    loaded: loader.Loaded, title: str, words: str, nick: str, where: str | None
) -> None:
    meeting = Meeting(loaded, title)
    try:
        for command in COMMANDS:
            meeting.hear(nick, command.format(words), where)
        said = list(meeting.lines())
    finally:
        meeting.close()
    assert len(said) > 10 or not (where or Meeting.is_a_target(nick))
    for line in said:
        assert len(line) <= 512
        text = line.decode("utf-8").removesuffix("\r\n")
        assert not UNSAYABLE.search(text), text
        head, _, spoken = text.partition(" :")
        assert re.fullmatch(r":mentorbot!u+@h+ PRIVMSG [^\s:,][^\s,]*", head), text
        assert not re.match(r"\s?[!.@~>?$%&*+,/:;<=\\^_`|-]", spoken), text
