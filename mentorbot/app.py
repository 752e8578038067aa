"""Wires the rooms: the running bot, with its commands, its dated work and its mirrors."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from mentorbot import jobs
from mentorbot.chat.bot import Bot
from mentorbot.clock import Clock
from mentorbot.config import Config
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard
from mentorbot.store import Letter, Store

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=1)
"""How long a mirror process that ended stays down."""
JOBS = 120.0
"""Seconds that what is due may take, before the next try begins."""


class App:
    """The bot as a whole: what it hears is dispatched, what is due is said, the mirrors are looked after.

    `said` is told what was said, when all of it is on the wire: the answer to a line that was heard (no lines where it
    was not meant for the bot), or what was said unasked (None). The demo waits for it.
    """

    def __init__(
        self,
        config: Config,
        loaded: Loaded,
        store: Store,
        clock: Clock,
        mirrors: Mirrors | None = None,
        said: Callable[[Heard | None, list[str]], None] = lambda *_: None,
    ) -> None:
        self._config, self._loaded, self._store, self._clock = config, loaded, store, clock
        self._mirrors, self._said = mirrors, said
        self._dispatch = Dispatch(config, loaded, store, clock, lambda channel: self.bot.people(channel))
        self._due: Future[None] = Future()
        self._due.set_result(None)
        self.bot = Bot(
            config.irc,
            self._hear,
            clock,
            self._tick,
            version=f"mentorbot {version('mentorbot')}",
            asks=lambda heard: self._dispatch.is_asked(heard, self.bot.nick),
        )

    def run(self) -> None:
        """Be on the network until `quit`; blocks."""
        for letter in self._store.outbox.interrupted(self._clock()):
            log.error("Perhaps never said, because the bot was cut off: to %s: %s", letter.target, letter.lines)
        try:
            self.bot.run()
        finally:
            self._dispatch.close()
            self._loaded.close()
            if self._mirrors:
                self._mirrors.stop()

    def quit(self, reason: str = "") -> None:
        self.bot.quit(reason)

    def _hear(self, heard: Heard) -> None:
        def say(answer: Answer) -> None:
            self._say(heard, answer)

        if not self._dispatch.start(heard, self.bot.nick, say) and not self._dispatch.greet(heard, say):
            self._said(heard, [])

    def _say(self, heard: Heard, answer: Answer) -> None:
        nick, note = heard.who.nick, []
        if answer.private_note and answer.channel:
            note = [f"{nick}: {answer.private_note}"]
            self.bot.say(answer.channel, note)
        lines = answer.lines
        if answer.target == answer.channel and lines:
            lines = [f"{nick}: {lines[0]}", *lines[1:]]
        self.bot.say(answer.target, lines, said=lambda: self._said(heard, [*note, *lines]))

    def _tick(self) -> None:
        now = self._clock()
        if self._mirrors:
            self._mirrors.look_after(now)
        # What is due waits for the network: queued now, it might be said long after it was true.
        workers = self._loaded.workers
        if self.bot.connected and self._due.done() and not workers.hung("jobs"):
            self._due = workers.submit("jobs", lambda: self._do_due(now), JOBS)

    def _do_due(self, now: datetime) -> None:
        try:
            jobs.due(self._store, self._config, self._loaded.hooks, now)
            for letter in self._store.outbox.take(now):
                self._post(letter)
        except Exception:  # a full disk must not cost us the network
            log.exception("what is due could not be done; it is tried again in a second")

    def _post(self, letter: Letter) -> None:
        def said() -> None:
            self._store.outbox.said(letter, self._clock())
            self._said(None, letter.lines)

        self.bot.say(letter.target, letter.lines, said=said)


class Mirrors:
    """The process that runs `mentorbot sync`; started again when it ends."""

    def __init__(self, config_file: Path, clock: Clock, shifted: bool) -> None:
        self._config_file, self._clock, self._shifted = config_file, clock, shifted
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before: datetime | None = None

    def look_after(self, now: datetime) -> None:
        """Start the process if it does not run; called about once a second."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            log.error("The mirrors ended with exit code %s; they start again in a minute.", self._process.returncode)
            self._process.communicate()
            self._process, self._not_before = None, now + AGAIN
        if self._not_before and now < self._not_before:
            return
        # A bot whose clock was set by --now has mirrors with the same clock.
        time = ["--now", now.isoformat()] if self._shifted else []
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "mentorbot", "--config", str(self._config_file), *time, "sync", "--until-eof"],
            stdin=subprocess.PIPE,  # it closes when this process ends, however that happens
        )

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process:
            self._process.terminate()
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
