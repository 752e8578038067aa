"""Who the chat is tested with: people at plain sockets, a server that says what it is told, and a running bot."""

from __future__ import annotations

import logging
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from typing import Any, Self, TypeVar

import pytest

from mentorbot import clock, loader
from mentorbot.app import App
from mentorbot.chat.bot import Bot
from mentorbot.chat.demo_server import serve
from mentorbot.chat.loop import Reactor
from mentorbot.chat.patience import Patience
from mentorbot.chat.wire import Connection
from mentorbot.config import Config, Irc
from mentorbot.models import Heard
from mentorbot.store import Store
from tests.builders import NOW

DEADLINE = 30.0
B = TypeVar("B", App, Bot)
HASTY = Patience(
    connect=5, first_retry=0.1, last_retry=0.4, first_login_retry=0.5, last_login_retry=1, rejoin=0.1, wanting=0.4,
    settled=0.2, farewell=1,
)  # fmt: skip


class Wire:
    """A socket read line by line, with a deadline on every wait."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.raw = b""
        self._unread = b""
        sock.settimeout(DEADLINE)

    def send(self, *lines: str, encoding: str = "utf-8") -> None:
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode(encoding))

    def line(self) -> str:
        """The next line, whose end must be CR LF."""
        line = self.line_as_sent()
        assert line.endswith(b"\r\n"), line
        return line[:-2].decode()

    def line_as_sent(self) -> bytes:
        while b"\n" not in self._unread:
            data = self.sock.recv(2**14)
            if not data:
                raise EOFError("the other side hung up")
            self._unread += data
            self.raw += data
        line, end, self._unread = self._unread.partition(b"\n")
        return line + end

    def until(self, pattern: str) -> str:
        """The first line that matches, from where we are."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            line = self.line()
            if re.search(pattern, line):
                return line
        raise AssertionError(f"nothing like {pattern} was said")

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Person(Wire):
    """Somebody on a server, in one channel."""

    def __init__(self, port: int, nick: str, channel: str = "#mentors", capabilities: str = "") -> None:
        super().__init__(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.nick = nick
        if capabilities:
            self.send("CAP LS 302", f"CAP REQ :{capabilities}", "CAP END")
        self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        while " 001 " not in (line := self.line()):
            if line.startswith("PING"):
                self.send(line.replace("PING", "PONG", 1))
            elif " 433 " in line:  # whom another test had called so is just leaving, on another server perhaps
                self.send(f"NICK {nick}")
        self.send(f"JOIN {channel}")
        self.until(f" 366 {re.escape(nick)} {re.escape(channel)}")

    def words(self, pattern: str = "PRIVMSG") -> str:
        """The text of the next message to come."""
        return re.sub(r"^(@\S+ )?:\S+ \S+ \S+ :", "", self.until(rf" {pattern} "))


@contextmanager
def company(port: int, *nicks: str) -> Iterator[list[Person]]:
    """People who come all at once: InspIRCd welcomes those who wait once a second."""
    with ThreadPoolExecutor(len(nicks)) as pool:
        came = list(pool.map(lambda nick: Person(port, nick), nicks))
    with ExitStack() as stack:
        yield [stack.enter_context(person) for person in came]


class Linked:
    """A connection whose other end the test holds."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self.reactor = Reactor(on_connect=lambda _: None)
        self.connection: Connection = self.reactor.server()
        self.events: list[Any] = []
        self.reactor.add_global_handler("all_events", lambda _, event: self.events.append(event))
        self.connection.connect("srv", 0, "bot", connect_factory=lambda _: ours)
        self.peer = Wire(theirs)
        self.peer.until("^USER")

    def hear(self, data: bytes) -> list[tuple[str, list[str]]]:
        """The events that come of it, without the raw lines."""
        self.events.clear()
        self.peer.sock.sendall(data)
        self.reactor.process_once(1)
        return [(event.type, event.arguments) for event in self.events if event.type != "all_raw_messages"]


class Server:
    """A server that says only what the test has it say."""

    def __init__(self, context: ssl.SSLContext | None = None, family: socket.AddressFamily = socket.AF_INET) -> None:
        self._listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self._listener.settimeout(DEADLINE)
        self._context = context
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> Wire:
        sock, _ = self._listener.accept()
        if self._context:
            sock.settimeout(DEADLINE)
            sock = self._context.wrap_socket(sock, server_side=True)
        return Wire(sock)

    def welcome(self, channel: str = "#c", nick: str = "bot", capability: str = "") -> Wire:
        """Take the next connection as far as the channel."""
        peer = self.accept()
        peer.until("^USER ")
        peer.send(f":srv CAP * LS :{capability}")
        if capability:
            peer.until("^CAP REQ")
            peer.send(f":srv CAP * ACK :{capability}")
        peer.send(f":srv 001 {nick} :Welcome")
        peer.until(f"^JOIN {channel}")
        peer.send(f":{nick}!b@h JOIN {channel}", f":srv 353 {nick} = {channel} :{nick} @alice +bob")
        peer.send(f":srv 366 {nick} {channel} :End")
        return peer

    def close(self) -> None:
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def quiet(peer: Wire, seconds: float) -> bool:
    """Whether nothing comes for so long."""
    return not peer._unread and not select.select([peer.sock], [], [], seconds)[0]


def settings(port: int, **others: object) -> Irc:
    """The settings of a bot that talks as fast as it can, without TLS, in #mentors."""
    usual: dict[str, object] = {"server": "127.0.0.1", "tls": False, "nick": "bot", "channels": ("#mentors",)}
    usual |= {"port": port, "flood_rate": 1000.0, "flood_burst": 1000}
    return Irc.model_validate(usual | others)


@contextmanager
def running(bot: B) -> Iterator[B]:
    """The bot, with or without the rooms above it, in a thread of its own; leaves at the end, and must end in time."""
    thread = threading.Thread(target=bot.run, daemon=True)
    thread.start()
    try:
        yield bot
    finally:
        bot.quit()
        thread.join(DEADLINE)
    assert not thread.is_alive()


@contextmanager
def a_bot(
    port: int,
    *,
    hear: Callable[[Heard], None] | None = None,
    tick: Callable[[], None] | None = None,
    patience: Patience = HASTY,
    asks: Callable[[Heard], bool] = lambda _: False,
    **others: object,
) -> Iterator[tuple[Bot, Queue[Heard]]]:
    """A running bot, and what it has heard."""
    heard: Queue[Heard] = Queue()
    bot = Bot(settings(port, **others), hear or heard.put, clock.system, tick, "mentorbot 1.2", patience, asks)
    with running(bot):
        yield bot, heard


@contextmanager
def an_app(
    config: Config,
    port: int,
    store: Store | None = None,
    patience: Patience = HASTY,
    now: clock.Clock = lambda: NOW,
    **irc: object,
) -> Iterator[App]:
    """The whole bot in a thread of its own, with settings of [irc] on top of those of the configuration."""
    usual = {"server": "127.0.0.1", "port": port, "tls": False, "flood_rate": 500.0, "flood_burst": 500}
    config = config.model_copy(update={"irc": config.irc.model_copy(update=usual | irc)})
    with ExitStack() as stack:
        if store is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            store = stack.enter_context(closing(Store(folder / "mentorbot.db")))
        yield stack.enter_context(running(App(config, loader.load(config), store, now, patience=patience)))


def answers(person: Wire, *lines: str) -> list[str]:
    """All that comes of these lines."""
    person.send(*lines, "PING :end")
    return list(iter(person.line, ":demo.mentorbot PONG demo.mentorbot :end"))


@contextmanager
def overheard(room: str, level: int) -> Iterator[Queue[str]]:
    """What is logged in a room from this level on, also by other threads."""
    said: Queue[str] = Queue()
    listener = logging.Handler()
    listener.emit = lambda record: said.put(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger(room)
    log.addHandler(listener)
    log.setLevel(level)
    try:
        yield said
    finally:
        log.removeHandler(listener)
        log.setLevel(logging.NOTSET)


@pytest.fixture
def logged() -> Iterator[Queue[str]]:
    """What the chat's log says, from DEBUG on."""
    with overheard("mentorbot.chat", logging.DEBUG) as said:
        yield said


def until_logged(logged: Queue[str], words: str) -> list[str]:
    """What is logged as far as the line with these words."""
    lines: list[str] = []
    deadline = time.monotonic() + DEADLINE
    while not lines or words not in lines[-1]:
        lines.append(logged.get(timeout=max(0, deadline - time.monotonic())))
    return lines


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as it:
        yield it


@pytest.fixture
def linked() -> Iterator[Linked]:
    it = Linked()
    yield it
    it.connection.disconnect()
    it.peer.close()
    it.reactor.close()


@pytest.fixture
def port() -> Iterator[int]:
    with serve() as (host, port):
        assert host == "127.0.0.1"
        yield port


@pytest.fixture
def alice(port: int) -> Iterator[Person]:
    with Person(port, "alice") as person:
        yield person


@pytest.fixture
def bob(port: int, alice: Person) -> Iterator[Person]:
    with Person(port, "bob", capabilities="account-tag") as person:
        assert alice.line() == ":bob!bob@127.0.0.1 JOIN #mentors"
        yield person
