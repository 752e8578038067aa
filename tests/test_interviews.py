"""The interview as five made-up people have it: with the running bot, over a socket and in real irssi."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mentorbot import app as room
from mentorbot import config as settings
from mentorbot import demo, loader
from mentorbot.store import Store
from tests import interviews, readme
from tests.ircds import needs, ngircd
from tests.people import DEADLINE

IDS = [person.what for person in interviews.PEOPLE]
IRSSI = """
settings = {{
  core = {{ real_name = "{nick}"; user_name = "{nick}"; nick = "{nick}"; }};
  "irc/core" = {{ cmd_queue_speed = "10msec"; cmds_max_at_once = "50"; }};
  "fe-common/core" = {{ autolog = "yes"; autolog_path = "{folder}/$0.log"; autolog_level = "MSGS"; }};
}};
"""


@pytest.fixture(scope="module")
def talks() -> list[list[str]]:
    return interviews.all_talks()


@pytest.mark.parametrize("number", range(5), ids=IDS)
def test_each_is_led_to_a_fitting_niche_by_four_questions(talks: list[list[str]], number: int) -> None:
    person, talk = interviews.PEOPLE[number], talks[number]
    assert talk[:10:2] == [f"{person.nick}: {text}" for text in person.says]
    asked, last = talk[1:9:2], talk[9:]
    assert [re.sub(r"\?.*", "?", line) for line in asked] == [
        "mentorbot: What do you like to do?",
        "mentorbot: How much time have you got for a start?",
        "mentorbot: What do you know well?",
        "mentorbot: Which project?",
    ]
    assert max(map(len, asked)) < 250
    assert last[0].startswith(f"mentorbot: Your niche: {person.niche}. ")
    assert re.search(r" Second choice: [\w ']+ \(!starter \w+\)\.( There is only .*)?$", last[0])
    assert [line[11:14] for line in last[1:4]] == ["1. ", "2. ", "3. "]
    assert len(last) == 5


def test_nobody_gets_what_another_got(talks: list[list[str]]) -> None:
    offered = [line.split("https://")[1] for talk in talks for line in talk if "https://" in line]
    assert len(offered) == len(set(offered)) == 15


@contextmanager
def demo_on(port: int, folder: Path) -> Iterator[None]:
    """The demo's bot and community on a server that runs already."""
    config = settings.load(readme.ROOT / "data" / "demo" / "mentorbot.toml")
    config = config.model_copy(update={"irc": config.irc.model_copy(update={"port": port})})
    store = Store(folder / "demo.db")
    demo.fill(store, config, readme.ROOT / "data" / "demo", demo.OPENS)
    app = room.App(config, loader.load(config), store, demo.Time())
    thread = threading.Thread(target=app.run)
    thread.start()
    try:
        until(lambda: app.bot.channels == ["#mentors"])
        yield
    finally:
        app.quit()
        thread.join(DEADLINE)
        store.close()
    assert not thread.is_alive()


def until(true: Callable[[], object]) -> None:
    """Wait for what another program does, which tells nobody."""
    deadline, never = time.monotonic() + 3 * DEADLINE, threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        never.wait(0.05)


class Irssi:
    """A person at irssi in a terminal; what it shows of the query with the bot is in its log."""

    def __init__(self, terminal: list[str], folder: Path, port: int, nick: str) -> None:
        folder.mkdir()
        (folder / "config").write_text(IRSSI.format(nick=nick, folder=folder))
        self._terminal, self._log = terminal, folder / "mentorbot.log"
        irssi = ["irssi", f"--home={folder}", "-c", "127.0.0.1", "-p", str(port), "-n", nick]
        self._tmux("new-session", "-d", "-s", nick, "-x", "160", "-y", "50", *irssi)
        self._nick = nick

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run([*self._terminal, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def types(self, text: str) -> None:
        self._tmux("send-keys", "-t", self._nick, "-l", text)
        self._tmux("send-keys", "-t", self._nick, "Enter")

    def shows(self, pattern: str) -> None:
        until(lambda: re.search(pattern, self._tmux("capture-pane", "-p", "-J", "-t", self._nick)))

    def has_said(self, lines: int) -> None:
        until(lambda: len(self.talk) >= lines)

    @property
    def talk(self) -> list[str]:
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        said = (re.fullmatch(r"(?:\d\d:\d\d )?<\W?([^>]+)> (.*)", line) for line in lines)
        return [f"{found[1]}: {found[2]}" for found in said if found]


def test_in_real_irssi_the_talks_are_the_same(tmp_path: Path, talks: list[list[str]]) -> None:
    """With irssi in a terminal, on a server of Debian's."""
    needs("irssi", "tmux")
    terminal = ["tmux", "-f", "/dev/null", "-S", str(tmp_path / "terminal")]
    with ngircd(tmp_path) as server, demo_on(server.port, tmp_path):
        try:
            people = {p.nick: Irssi(terminal, tmp_path / p.nick, server.port, p.nick) for p in interviews.PEOPLE}
            for person, talk in zip(interviews.PEOPLE, talks, strict=True):
                irssi = people[person.nick]
                irssi.shows("End of MOTD")
                irssi.types("/query mentorbot")
                irssi.shows(r"(?m)^ ?\[mentorbot\]")
                for number, text in enumerate(person.says, 1):
                    irssi.types(text)
                    irssi.has_said(2 * number)
                irssi.has_said(len(talk))
                assert irssi.talk == talk
        finally:
            subprocess.run([*terminal, "kill-server"], check=False, capture_output=True)
