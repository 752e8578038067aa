"""The demo: the whole bot on an invented community, with a chat in this terminal."""

from __future__ import annotations

import json
import queue
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import click

from mentorbot import clock as clocks
from mentorbot import config as settings
from mentorbot.app import App
from mentorbot.chat.demo_server import serve
from mentorbot.chat.visitor import Line, Visitor, visiting
from mentorbot.errors import MentorbotError
from mentorbot.loader import load
from mentorbot.models import Heard
from mentorbot.sources import recorded
from mentorbot.store import Store
from mentorbot.text import plain

CHANNEL = "#mentors"
OPENS = datetime(2026, 2, 13, 14, 58, tzinfo=UTC)
"""When the demo begins: a Friday, two minutes before the weekly shout-out."""
PATIENCE = 20.0
"""Seconds the script waits for an answer before it says that something is wrong."""

BOT = "mentorbot"
ONLOOKER = "onlooker"
"""Hears the channel for the script: what is printed is in the order in which everybody sees it."""
SHOUTOUT = OPENS.replace(hour=15, minute=0)

Echo = Callable[[str], object]

STORY: tuple[tuple[str, str], ...] = (
    ("robin", "hello! I use harbour every day and would like to help, but I do not know where to begin"),
    ("robin", "!starter"),
    ("robin", "!why 1"),
    ("robin", "!starter docs 2h"),
    ("robin", "!starter code harbour-client"),
    ("robin", "!another too hard for me"),
    ("robin", "!howto reviews"),
    ("marlow", "the triage meeting is in ten minutes: what do we have?"),
    ("marlow", "!triage harbour"),
    ("marlow", "!backlog harbour status:new age:>30d"),
    ("robin", "!thanks marlow for showing me how the triage meeting works"),
    ("marlow", "!optin"),
)
"""What the script's people say, in order."""


class Time:
    """The demo's clock: it runs from OPENS, and the script may move it on."""

    def __init__(self) -> None:
        self._running = clocks.starting_at(OPENS)
        self._moved = timedelta()

    def __call__(self) -> datetime:
        return self._running() + self._moved

    def move_to(self, moment: datetime) -> None:
        self._moved += max(moment - self(), timedelta())


@dataclass(frozen=True)
class Typed:
    """A line from the terminal; None at its end."""

    text: str | None


@dataclass(frozen=True)
class Said:
    """The bot has dealt with a line of `nick`, or said something unasked ("").

    `ends` are the last words of the lines it said, none where it kept silent.
    """

    nick: str
    ends: tuple[str, ...]


class Community:
    """The running demo: its address, its clock, and all that happens in it, in order."""

    def __init__(self, address: tuple[str, int], time: Time) -> None:
        self.address, self.time = address, time
        self.events: queue.SimpleQueue[tuple[str, Line] | Said | Typed] = queue.SimpleQueue()  # also for signals

    @contextmanager
    def visitor(self, nick: str) -> Iterator[Visitor]:
        """Somebody who sits in the channel with the bot; what they hear becomes events of (nick, line)."""
        with visiting(self.address, nick, CHANNEL, lambda line: self.events.put((nick, line))) as visitor:
            if not visitor.company.wait(PATIENCE):
                raise MentorbotError("The bot did not come into the channel.")
            yield visitor

    def next(self) -> tuple[str, Line] | Said | Typed:
        try:
            return self.events.get(timeout=PATIENCE)
        except queue.Empty:
            raise MentorbotError("The bot did not answer.") from None


@contextmanager
def community(port: int = 0) -> Iterator[Community]:
    """Run server and bot on the invented community while the block lasts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mentorbot-demo-")))
        data = stack.enter_context(as_file(files("mentorbot_data") / "demo"))
        address = stack.enter_context(serve(port))
        config = settings.load(data / "mentorbot.toml")
        irc = config.irc.model_copy(update={"server": address[0], "port": address[1]})
        config = config.model_copy(update={"irc": irc})
        store = Store(folder / "demo.db")
        stack.callback(store.close)
        here = Community(address, Time())
        fill(store, config, data, here.time())

        def said(heard: Heard | None, lines: list[str]) -> None:
            ends = tuple(plain(line).split()[-1] for line in lines)
            here.events.put(Said(heard.who.nick if heard else "", ends))

        app = App(config, load(config), store, here.time, said=said)
        thread = threading.Thread(target=app.run, name="bot")
        thread.start()
        stack.callback(thread.join)
        stack.callback(app.quit, "The demo ends.")
        yield here


def fill(store: Store, config: settings.Config, data: Path, now: datetime) -> None:
    """Load the invented community into the store."""
    with store.writing():
        for name in ("launchpad.jsonl", "launchpad-devel.jsonl"):
            recorded.launchpad(data / name, store)
        recorded.gerrit(data / "gerrit.jsonl", store, config.gerrit)
        for person in json.loads((data / "people.json").read_text(encoding="utf-8")):
            names = {"account": person["irc"], "launchpad": person["launchpad"], "gerrit": person["gerrit"]}
            store.people.link(person["name"], **{kind: name for kind, name in names.items() if name})
            if person["irc"] and person["consent"]:
                store.people.choose(f"account:{person['irc'].lower()}", person["consent"], now)
        for source in ("launchpad", "gerrit"):
            store.cursors.finished(source, now)


def play(port: int, echo: Echo) -> None:
    """Play the story, print what is said in the channel and to each in private, and end."""
    with community(port) as here, ExitStack() as stack:
        stack.enter_context(here.visitor(ONLOOKER))
        people = {nick: stack.enter_context(here.visitor(nick)) for nick in dict.fromkeys(nick for nick, _ in STORY)}
        for nick, text in STORY:
            people[nick].say(text)
            _show(here, nick, text, echo)
        echo(click.style("        (it is Friday, 15:00)", dim=True))
        here.time.move_to(SHOUTOUT)
        _show(here, "", "", echo)


def chat(port: int, typed: Iterable[str], echo: Echo) -> None:
    """Let a person in the terminal chat in the channel until the input ends."""
    with community(port) as here, here.visitor("you") as you, _ended_by_ctrl_c(here):
        host, number = here.address
        echo(
            f'This is {CHANNEL} of an invented community; you are in it as "you". Try !starter or !help; /quit ends.\n'
            f"Any IRC client may join: irssi -c {host} -p {number} -n guest, then /join {CHANNEL}\n"
            "In two minutes it is Friday, 15:00, and the weekly shout-out is said."
        )
        threading.Thread(target=_read, args=(typed, here), daemon=True).start()
        ended, waiting = False, 0
        awaited: list[str] = []
        heard: deque[str] = deque(maxlen=50)
        while not (ended and not waiting and not awaited):
            # A person may think for hours; only what is under way at the end has a time limit.
            match here.next() if ended else here.events.get():
                case Typed(None):
                    ended = True
                case Typed(str() as text):
                    to, words = _addressed(text)
                    if words:
                        you.say(words, to)
                        waiting += to in (None, BOT)
                    elif text:
                        echo(f"Say something, or: /msg {BOT} WORDS, /quit.")
                case (nick, Line() as line) if nick == you.nick:
                    echo(_shown(line.nick, line.channel, line.text))
                    heard.append(line.text)
                case Said(nick=nick, ends=ends) if nick == you.nick:
                    waiting -= 1
                    awaited += ends
            awaited = [end for end in awaited if not any(text.endswith(end) for text in heard)]


@contextmanager
def _ended_by_ctrl_c(here: Community) -> Iterator[None]:
    """Have Ctrl-C say goodbye as /quit does; a second one ends the program wherever it is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        here.events.put(Typed(None))

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _read(typed: Iterable[str], here: Community) -> None:
    for line in typed:
        if line.strip() in ("/quit", "/exit"):
            break
        here.events.put(Typed(line.strip()))
    here.events.put(Typed(None))


def _addressed(text: str) -> tuple[str | None, str]:
    """Whom a typed line is for (None: the channel) and its words; no words where it is a command we do not know."""
    if not text.startswith("/"):
        return None, text
    verb, _, rest = text.partition(" ")
    to, _, words = rest.strip().partition(" ")
    return (to, words.strip()) if verb in ("/msg", "/query") else (None, "")


def _show(here: Community, asker: str, text: str, echo: Echo) -> None:
    """Print what the channel, and the asker in private, hear until this line was said and its answer is complete.

    Without an asker it is what the bot says unasked.
    """
    heard: list[str] = []
    private: list[str] = []
    ends: tuple[str, ...] | None = None
    while ends is None or not all(any(line.endswith(end) for line in heard) for end in (text, *ends)):
        match here.next():
            case (nick, Line() as line) if nick == (ONLOOKER if line.channel else asker):
                # The two ways to the listeners are not in step: what was said in private is printed after the rest.
                shown = _shown(line.nick, line.channel, line.text)
                echo(shown) if line.channel else private.append(shown)
                heard.append(line.text)
            case Said(nick=nick, ends=found) if nick == asker:
                ends = found
    for shown in private:
        echo(shown)


def _shown(nick: str, channel: str | None, text: str) -> str:
    colour = "cyan" if nick == BOT else "green"
    private = click.style(" (in private)", dim=True) if channel is None else ""
    return f"{click.style(nick, fg=colour)}{private}: {text}"
