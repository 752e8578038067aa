"""Wires the rooms: the running bot, with its commands, its dated work and its mirrors."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mentorbot import jobs, refresh
from mentorbot.chat.bot import Bot
from mentorbot.clock import Clock
from mentorbot.config import Config
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.errors import MentorbotError
from mentorbot.loader import Loaded, load
from mentorbot.models import Heard
from mentorbot.store import FAULTS, Health, Letter, Store
from mentorbot.text import age, count

log = logging.getLogger(__name__)

CHANNELS = ("#", "&", "+", "!")

AGAIN, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
"""How long a mirror process that ended stays down: at first, and at most, doubled each time in between."""
SETTLED = timedelta(minutes=10)
"""One that ran so long was well; what ends it then is new."""
HEARTBEAT = timedelta(minutes=1)
"""How often the bot says how it is, where nothing has changed."""
CHANGEABLE = ("prefix", "admins", "ask_rate", "ask_burst", "welcome_off")
"""What of [irc] may change while the bot is connected."""
JOBS = 120.0
"""Seconds that what is due may take, before the next try begins."""


class App:
    """The bot as a whole: what it hears is dispatched, what is due is said, the mirrors are looked after.

    `said` is told what was said, when all of it is on the wire: the answer to a line that was heard (no lines where it
    was not meant for the bot), or what was said unasked (None). The demo waits for it. `reread` reads the configuration
    anew for `reload`.
    """

    def __init__(
        self,
        config: Config,
        loaded: Loaded,
        store: Store,
        clock: Clock,
        mirrors: Mirrors | None = None,
        said: Callable[[Heard | None, list[str]], None] = lambda *_: None,
        reread: Callable[[], Config] | None = None,
    ) -> None:
        self._config, self._loaded, self._store, self._clock = config, loaded, store, clock
        self._mirrors, self._said, self._reread = mirrors, said, reread
        self._reload_is_due = False
        self._health: Health | None = None
        self._dispatch = self._dispatcher()
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
            # What was meant for one person is not for the log.
            words = letter.lines if letter.target.startswith(CHANNELS) else count(len(letter.lines), "line")
            log.error("Perhaps never said, because the bot was cut off: to %s: %s", letter.target, words)
        try:
            self.bot.run()
        finally:
            self._dispatch.close()
            self._loaded.close()
            if self._mirrors:
                self._mirrors.stop()
            self._store.health.tell(Health(self._clock(), None, self.bot.nick, ()))

    def _dispatcher(self) -> Dispatch:
        return Dispatch(self._config, self._loaded, self._store, self._clock, lambda channel: self.bot.people(channel))

    def quit(self, reason: str = "") -> None:
        self.bot.quit(reason)

    def reload(self) -> None:
        """Read the configuration anew, soon and in the loop's thread; from any thread or signal."""
        self._reload_is_due = True

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
        if lines and not answer.refused:
            with suppress(*FAULTS):  # they have their answer; it is only not looked at again
                refresh.said(self._store, heard.who, answer.target, lines, self._clock())

    def _tick(self) -> None:
        now = self._clock()
        if self._reload_is_due:
            self._reload_is_due = False
            self._change()
        if self._mirrors and has_sources(self._config):
            self._mirrors.look_after(now)
        try:
            self._tell_health(now)
        except Exception:  # a full disk must not cost us the network
            log.exception("how the bot is could not be kept")
        # What is due waits for the network: queued now, it might be said long after it was true.
        workers = self._loaded.workers
        if self.bot.connected and self._due.done() and not workers.hung("jobs"):
            self._due = workers.submit("jobs", lambda: self._do_due(now), JOBS)

    def _do_due(self, now: datetime) -> None:
        try:
            jobs.due(self._store, self._config, self._loaded.hooks, now)
            refresh.follow_up(self._store, self._config, self._loaded, now)
            for letter in self._store.outbox.take(now):
                self._post(letter)
        except Exception:  # a full disk must not cost us the network
            log.exception("what is due could not be done; it is tried again in a second")

    def _change(self) -> None:
        """Go on with the configuration as it is now in the file, on the same connection; with the old one if broken."""
        if self._reread is None:
            return
        try:
            config, fixed = changed(self._config, self._reread())
            loaded = load(config, self._loaded.workers)
        except MentorbotError as error:
            for fault in str(error).splitlines():
                log.error("The old configuration stays: %s", fault)
            return
        self._config, self._loaded = config, loaded
        # What the old one has begun it finishes by itself.
        self._dispatch = self._dispatcher()
        if self._mirrors:
            self._mirrors.restart()
        log.info("The configuration is read anew: %s.", count(len(loaded.commands), "command"))
        for name in fixed:
            log.warning("%s is as it was: it changes with a restart only.", name)

    def _tell_health(self, now: datetime) -> None:
        """Keep how the bot is where `status` finds it, when that changed or a while ago."""
        last = self._health
        since = ((last and last.since) or now) if self.bot.connected else None
        health = Health(now, since, self.bot.nick, tuple(self.bot.channels))
        if self._mirrors:
            health = replace(health, **self._mirrors.fault)
        if last is None or replace(health, at=last.at) != last or now - last.at >= HEARTBEAT:
            self._store.health.tell(health)
            self._health = health

    def _post(self, letter: Letter) -> None:
        def said() -> None:
            self._store.outbox.said(letter, self._clock())
            self._said(None, letter.lines)

        try:
            self.bot.say(letter.target, letter.lines, said=said)
        except ValueError as error:
            log.error("A text cannot be said: %s", error)


def has_sources(config: Config) -> bool:
    """Whether there is something to mirror."""
    return bool(config.launchpad.projects or config.gerrit.projects)


def changed(old: Config, new: Config) -> tuple[Config, list[str]]:
    """What may change while the bot runs, and the names of the settings that would, but may not.

    The connection stays, so what made it does, too; and so does the store.
    """
    ours = old.irc.model_copy(update={name: getattr(new.irc, name) for name in CHANGEABLE})
    fixed = [f"[irc] {name}" for name in type(new.irc).model_fields if getattr(new.irc, name) != getattr(ours, name)]
    fixed += ["[store] path"] if new.store != old.store else []
    return new.model_copy(update={"irc": ours, "store": old.store}), fixed


class Mirrors:
    """The process that runs `mentorbot sync`; started again when it ends, later each time that it ends soon."""

    def __init__(self, config_file: Path, clock: Clock, shifted: bool, options: Sequence[str] = ()) -> None:
        self._config_file, self._shifted, self._options = config_file, shifted, options
        self._process: subprocess.Popen[bytes] | None = None
        self._restarting = False
        self._pause = AGAIN
        self._began = clock()
        self.fault: dict[str, Any] = {}
        """While the process is down: `sync_exit`, `sync_ended` and `sync_again`, as in Health."""

    def look_after(self, now: datetime) -> None:
        """Start the process if it does not run; called about once a second."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            self._ended(self._process, now)
        if self.fault and now < self.fault["sync_again"]:
            return
        # A bot whose clock was set by --now has mirrors with the same clock.
        time = ["--now", now.isoformat()] if self._shifted else []
        self.fault, self._began = {}, now
        self._process = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "mentorbot", "--config", str(self._config_file)),
                *(*self._options, *time, "sync", "--until-eof"),
            ],
            stdin=subprocess.PIPE,  # it closes when this process ends, however that happens
        )

    def _ended(self, process: subprocess.Popen[bytes], now: datetime) -> None:
        process.communicate()
        self._process = None
        if self._restarting:
            self._restarting = False
            return
        self._pause = AGAIN if now - self._began >= SETTLED else self._pause
        again = now + self._pause
        log.error("The mirrors ended with exit code %s; they start again in %s.", process.returncode, age(now, again))
        self.fault = {"sync_exit": process.returncode, "sync_ended": now, "sync_again": again}
        self._pause = min(self._pause * 2, LONGEST)

    def restart(self) -> None:
        """Have the process begin anew, with the configuration as it is now."""
        self.fault, self._pause = {}, AGAIN
        if self._process and self._process.poll() is None:
            self._restarting = True
            self._process.terminate()

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process:
            self._process.terminate()
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
