"""A million lines by chance, from a server and from a user, to the running bot: `python -m tests.bench.million`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests import real_bot
from tests.ircds import inspircd
from tests.noise import Noise
from tests.people import Person, Server, Wire, quiet
from tests.tap import Tap, is_odd

ECHO = '''"""For tests."""
from mentorbot import command

@command("echo WORDS")
def echo(request, store):
    """Repeat the words."""
    return [request.text]
'''
AT_ONCE = 500
"""Lines sent before it is seen that the bot has taken them."""
PACE = {"flood_rate": 100.0, "flood_burst": 20, "ask_rate": 50.0, "ask_burst": 50}


@dataclass
class Outcome:
    """What came of the lines: memory in MB after a tenth and after all of them, what the bot sent, and what was odd."""

    seconds: float = 0
    early: float = 0
    late: float = 0
    sent: int = 0
    odd: list[bytes] = field(default_factory=list)
    times_gone: int = 0
    answered: bool = False

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s; {self.early:.1f} MB after a tenth, {self.late:.1f} MB after all; the bot sent"
            f" {self.sent} lines, {len(self.odd)} of them odd, went away {self.times_gone} times,"
            f" and answers afterwards: {self.answered}"
        )


Run = Callable[[Path, int], Outcome]


def batches(lines: Iterable[bytes]) -> Iterator[bytes]:
    rest = iter(lines)
    while batch := b"".join(islice(rest, AT_ONCE)):
        yield batch


def from_server(folder: Path, count: int, seed: int = 1) -> Outcome:
    """The server goes mad, and comes to its senses at the end."""
    outcome, noise = Outcome(), Noise(seed)
    with Server() as server, real_bot.run(folder, server.port, {"echo": ECHO}, welcome_off=[], **PACE) as process:
        peer = server.welcome("#mentors", "castor")
        began = time.monotonic()
        for number, batch in enumerate(batches(noise.from_server(count)), 1):
            try:
                peer.sock.sendall(batch + b"\r\nPING :taken\r\n")
                lines = heard(peer, b"PONG :taken\r\n")
                outcome.sent += len(lines)
                outcome.odd += [line for line in lines if is_odd(line)]
            except (OSError, EOFError):
                outcome.times_gone += 1
                peer.close()
                peer = server.welcome("#mentors", "castor")
            note_memory(outcome, process, number * AT_ONCE, count)
        outcome.seconds = time.monotonic() - began
        peer.close()
        with server.welcome("#mentors", "castor") as peer:
            while not quiet(peer, 1):  # what still waits for its turn
                peer.line()
            peer.send(":alice!a@h PRIVMSG #mentors :!echo still here")
            if peer.until("^WHOIS alice|:alice: still here").startswith("WHOIS"):
                peer.send(":srv 318 castor alice :End of /WHOIS list.")
                peer.until("^PRIVMSG #mentors :alice: still here")
            outcome.answered = True
    return outcome


def from_user(folder: Path, count: int, seed: int = 1) -> Outcome:
    """Somebody in the channel types like mad, past their client; on a real server, which passes on what it takes."""
    outcome, noise = Outcome(), Noise(seed)
    (folder / "ircd").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(inspircd(folder / "ircd"))
        mallory = stack.enter_context(Person(server.port, "mallory"))
        tap = stack.enter_context(Tap(server.port))
        process = stack.enter_context(real_bot.run(folder, tap.port, {"echo": ECHO}, **PACE))
        mallory.until("^:castor!.* JOIN ")
        began = time.monotonic()
        for number, batch in enumerate(batches(noise.from_user(count)), 1):
            mallory.sock.sendall(batch + b"\r\nPING :taken\r\n")
            heard(mallory, b" :taken\r\n")
            tap.ping()
            note_memory(outcome, process, number * AT_ONCE, count)
        outcome.seconds = time.monotonic() - began
        with Person(server.port, "bob", "#elsewhere") as bob:
            bob.send("PRIVMSG castor :echo still here")
            outcome.answered = bob.words("PRIVMSG bob") == "still here"
        outcome.sent, outcome.odd = len(tap.sent), tap.odd()
    return outcome


def heard(peer: Wire, end: bytes) -> list[bytes]:
    """The lines that come, up to one that ends so; what came before is forgotten."""
    peer.raw = b""
    lines = [peer.line_as_sent()]
    while not lines[-1].endswith(end):
        lines.append(peer.line_as_sent())
    return lines


def note_memory(outcome: Outcome, process: subprocess.Popen[bytes], done: int, count: int) -> None:
    if done <= max(count // 10, AT_ONCE):
        outcome.early = real_bot.memory(process)
    outcome.late = real_bot.memory(process)


def main(count: int = 1_000_000) -> None:
    for run in (from_server, from_user):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{run.__name__}: {run(Path(folder), count)}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
