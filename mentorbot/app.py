"""Wires the rooms: the running bot, with its commands, its dated work and its mirrors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version

from mentorbot import jobs, refresh
from mentorbot.chat.bot import Bot
from mentorbot.chat.patience import Patience
from mentorbot.clock import Clock
from mentorbot.config import Config, changed
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.errors import MentorbotError, UserError
from mentorbot.hours import Company
from mentorbot.loader import Loaded, load
from mentorbot.mirrors import Mirrors
from mentorbot.models import Heard, Who
from mentorbot.store import FAULTS, Health, Letter, Store
from mentorbot.text import count
from mentorbot.values import channel_name
from mentorbot.workers import Overran
from mentorbot.writes import Writes

log = logging.getLogger(__name__)

CHANNELS = ("#", "&", "+", "!")

HEARTBEAT = timedelta(minutes=1)
"""How often the bot says how it is, where nothing has changed."""
LAST_WRITES = 10.0
"""Seconds that a bot which ends waits for the store."""
JOBS = 120.0
"""Seconds that what is due may take, before the next try begins."""
READING = 60.0
"""Seconds in which the configuration and the plugins are read anew."""
LAST_WORDS = 7.0
"""Seconds in which a bot that must end says what waits. Some that end processes kill them after ten."""


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
        patience: Patience | None = None,
    ) -> None:
        self._config, self._loaded, self._store, self._clock = config, loaded, store, clock
        self._mirrors, self._said, self._reread = mirrors, said, reread
        self._reload_is_due = self._sync_is_due = self._leaving = False
        self._health: Health | None = None
        self._told: set[tuple[str, str]] = set()
        self._dispatch = Dispatch(config, loaded, store, clock, self._present, self)
        self._awaited: list[str] = []
        self._spoke: dict[str, str] = {}
        self._company = Company()
        self._writes = Writes(loaded.workers)
        self._due: Future[None] = Future()
        self._due.set_result(None)
        self._reading: Future[tuple[Config, list[str], Loaded]] = Future()
        self._reading.cancel()
        self.bot = Bot(
            config.irc,
            self._hear,
            clock,
            self._tick,
            version=f"mentorbot {version('mentorbot')}",
            patience=patience,
            asks=lambda heard: self._dispatch.is_asked(heard, self.bot.nick),
        )

    def run(self) -> None:
        """Be on the network until `quit`; blocks."""
        try:
            for letter in self._store.outbox.interrupted(self._clock()):
                # What was meant for one person is not for the log.
                words = letter.lines if letter.target.startswith(CHANNELS) else count(len(letter.lines), "line")
                log.error("Perhaps never said, because the bot was cut off: to %s: %s", letter.target, words)
        except FAULTS as error:  # the next start tells; what is only read can be answered now
            self._writes.refused(error)
        try:
            self.bot.run()
        finally:
            self._dispatch.close()
            self._loaded.close()
            if self._mirrors:
                self._mirrors.end()
            gone = Health(self._clock(), None, self.bot.nick, ())
            self._writes.put(lambda: self._store.health.tell(gone))
            self._writes.finish(LAST_WRITES)
            # Last, for it may take its time, and who ends this process may not wait so long.
            if self._mirrors:
                self._mirrors.see_it_end()

    def _present(self, channel: str) -> frozenset[str]:
        return self.bot.people(channel) - {self.bot.nick.lower()}

    def quit(self, reason: str = "") -> None:
        """Hear nothing more, finish what is begun, say what waits, for LAST_WORDS at most, and leave the network.

        What stays unsaid is not lost. Called again, the bot leaves at once. From any thread or signal.
        """
        if self._leaving:
            self.bot.quit(reason)
            return
        self._leaving = True
        threading.Thread(target=self._finish, args=(reason,), name="last words", daemon=True).start()

    def _finish(self, reason: str) -> None:
        log.info("Told to leave: %s", reason)
        until = time.monotonic() + LAST_WORDS
        self._dispatch.finish(LAST_WORDS)
        wait([self._due], max(0.0, until - time.monotonic()))
        sorry = f"{reason} If I owe you an answer, say {self._config.irc.prefix}more when I am back."
        self.bot.quit(reason, until - time.monotonic(), sorry.lstrip())

    def reload(self) -> None:
        """Read the configuration anew, soon; from any thread or signal."""
        self._reload_is_due = True

    def sync(self) -> None:
        """Have the mirrors ask for news, soon and in the loop's thread; from any thread. Raises UserError for none."""
        if not self._mirrors or not self._config.projects:
            raise UserError("There is nothing that I mirror.")
        self._sync_is_due = True

    @property
    def loaded(self) -> Loaded:
        """The plugins as they are now."""
        return self._loaded

    @property
    def channels(self) -> list[str]:
        """The channels the bot is in."""
        return self.bot.channels

    def join(self, channel: str) -> None:
        """Be in this channel too, until the configuration is read anew; from any thread. Raises UserError."""
        self.bot.join(_channel(channel))

    def part(self, channel: str) -> bool:
        """Be in this channel no more, for as long; False where it was not there. Raises UserError."""
        return self.bot.part(_channel(channel))

    def _hear(self, heard: Heard) -> None:
        if self._leaving:
            return
        self._spoke[heard.who.key] = heard.who.nick
        self._observe(heard)

        def say(answer: Answer) -> None:
            self._say(heard, answer)

        if self._dispatch.start(heard, self.bot.nick, say):
            self._tell(heard.who)
        elif not self._dispatch.greet(heard, say):
            self._said(heard, [])

    def _observe(self, heard: Heard) -> None:
        """Keep the hours in which people talk in a channel, for those who ask when somebody is there."""
        where = heard.where
        if where and not heard.who.robot and (hour := self._company.joined(where, heard.who.key, self._clock())):
            self._writes.put(lambda: self._store.hours.add(where, hour))

    def _say(self, heard: Heard, answer: Answer) -> None:
        nick, note = heard.who.nick, []
        if answer.private_note and answer.channel:
            note = [f"{nick}: {answer.private_note}"]
            self.bot.say(answer.channel, note)
        lines = answer.lines
        if answer.target == answer.channel and lines:
            lines = [f"{nick}: {lines[0]}", *lines[1:]]

        def owe(left: list[str]) -> None:
            at, owed = self._clock(), [left[0].removeprefix(f"{nick}: "), *left[1:]]
            self._writes.put(lambda: self._store.unsaid.owe(heard.who.key, owed, at))
            log.info("%s for %s: kept until they say more.", count(len(left), "line"), nick)

        self.bot.say(answer.target, lines, said=lambda: self._said(heard, [*note, *lines]), unsaid=owe)
        if lines and not answer.refused:
            at = self._clock()
            self._writes.put(lambda: refresh.said(self._store, heard.who, answer.target, lines, at))

    def _tick(self) -> None:
        now = self._clock()
        if self._reload_is_due and self._reading.done():
            self._reload_is_due = False
            # In a worker: what a plugin's file does when it is read may take its time, or never end.
            self._reading = self._loaded.workers.submit("configuration", self._read_anew, READING)
            self._reading.add_done_callback(self._change)
        if self._mirrors and self._config.projects:
            if self._sync_is_due:
                self._sync_is_due = False
                self._mirrors.look_now()
            self._mirrors.look_after(now)
        self._tell_health(now)
        self._writes.go_on()
        # What is due waits for the network: queued now, it might be said long after it was true.
        workers, here = self._loaded.workers, self._here()
        if self.bot.connected and not self._leaving and self._due.done() and not workers.hung("jobs"):
            self._due = workers.submit("jobs", lambda: self._do_due(now, here), JOBS)
        self._tell_admins()

    def _tell_admins(self) -> None:
        """Tell the admins who are seen to be here what failed; those who want quiet hear it when they ask something."""
        for account in self._config.irc.admins:
            if self._untold(account) and (nick := self.bot.nick_of(account)):
                admin = Who(nick, account)
                if not self._store.courtesy.wants_quiet(admin.keys):
                    self._tell(admin)

    def _tell(self, who: Who) -> None:
        """Tell somebody, once and in private, what failed, if they are an admin."""
        if who.account and (lines := self._untold(who.account)):
            self._told.update((who.account.lower(), line) for line in lines)
            self.bot.say(who.nick, lines)

    def _untold(self, account: str) -> list[str]:
        """What an admin does not know yet: which plugins their own failures switched off."""
        if not self._config.irc.is_admin(account):
            return []
        failed = [plugin for plugin in self._loaded.plugins if plugin.failed]
        lines = [f"The plugin {p.name} is off: {p.why}. To try it again say plugin on {p.name}." for p in failed]
        return [line for line in lines if (account.lower(), line) not in self._told]

    def _here(self) -> dict[str, str]:
        """The nicks of people, by their keys: those who spoke since the last tick, and who is awaited and seen."""
        spoke, self._spoke = self._spoke, {}
        seen = {key: self.bot.nick_of(key.removeprefix("account:")) for key in self._awaited}
        return {key: nick for key, nick in seen.items() if nick} | spoke

    def _do_due(self, now: datetime, here: Mapping[str, str]) -> None:
        try:
            jobs.due(self._store, self._config, self._loaded.hooks, now)
            refresh.follow_up(self._store, self._config, self._loaded, now)
            for letter in self._store.outbox.take(now, here):
                self._post(letter, here.get(letter.target, letter.target))
            self._awaited = self._store.outbox.awaited()
        except FAULTS as error:
            self._writes.refused(error)
        except Exception:  # none of it may cost us the network
            log.exception("what is due could not be done; it is tried again in a second")

    def _read_anew(self) -> tuple[Config, list[str], Loaded]:
        """The configuration as it is now in the file, what of it must wait for a restart, and its plugins."""
        config, fixed = changed(self._config, self._reread() if self._reread else self._config)
        return config, fixed, load(config, self._loaded)

    def _change(self, reading: Future[tuple[Config, list[str], Loaded]]) -> None:
        """Go on with what was read, on the same connection; with the old configuration if that is broken."""
        if reading.cancelled():
            return
        try:
            config, fixed, loaded = reading.result()
        except (MentorbotError, Overran) as error:
            said = f"reading the new one: {error}" if isinstance(error, Overran) else str(error)
            for fault in said.splitlines():
                log.error("The old configuration stays: %s", fault)
            return
        except Exception:
            log.exception("The old configuration stays, for the new one could not be read:")
            return
        self._config, self._loaded = config, loaded
        self._dispatch.change(config, loaded)
        self.bot.change(config.irc)
        if self._mirrors:
            self._mirrors.restart()
        log.info("The configuration is read anew: %s.", count(len(loaded.commands), "command"))
        for name in fixed:
            log.warning("%s is as it was: it changes with a restart only.", name)

    def _tell_health(self, now: datetime) -> None:
        """Keep how the bot is where `status` finds it, when that changed or a while ago."""
        last = self._health
        since = ((last and last.since) or now) if self.bot.connected else None
        health = Health(
            now,
            since,
            self.bot.nick,
            tuple(self.bot.channels),
            waiting=self.bot.waiting,
            off=self._loaded.off,
            hanging=self._loaded.workers.hanging,
            **(self._mirrors.fault if self._mirrors else {}),
        )
        if last is None or replace(health, at=last.at) != last or abs(now - last.at) >= HEARTBEAT:
            self._health = health
            self._writes.put(lambda: self._store.health.tell(health))

    def _post(self, letter: Letter, target: str) -> None:
        def said() -> None:
            at = self._clock()
            self._writes.put(lambda: self._store.outbox.said(letter, at))
            self._said(None, letter.lines)

        def give_back(left: list[str]) -> None:
            at = self._clock()
            self._writes.put(lambda: self._store.outbox.give_back(letter, left, at))
            log.info("%s for %s: kept until they can be said.", count(len(left), "line"), letter.target)

        try:
            self.bot.say(target, letter.lines, said=said, unsaid=give_back)
        except ValueError as error:
            log.error("A text cannot be said: %s", error)


def _channel(name: str) -> str:
    try:
        return channel_name(name)
    except ValueError as error:
        raise UserError(f"{error}.") from None
