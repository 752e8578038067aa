"""The store itself: one SQLite file, its connections and its transactions."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from mentorbot.changes import Discussion
from mentorbot.errors import ConfigError, StoreError, WriteError
from mentorbot.models import (
    Activity,
    Bug,
    Change,
    Comment,
    Gone,
    Tagged,
    Targets,
    Task,
    Thing,
)
from mentorbot.questions import Blueprint, Profile, Question
from mentorbot.store.backlog import Backlog
from mentorbot.store.blueprints import Blueprints
from mentorbot.store.bugs import Bugs
from mentorbot.store.changes import Changes
from mentorbot.store.copies import Copies
from mentorbot.store.courtesy import Courtesy
from mentorbot.store.credits import Credits
from mentorbot.store.cursors import Cursors
from mentorbot.store.discussions import Discussions
from mentorbot.store.funnels import Funnels
from mentorbot.store.health import HealthRecord
from mentorbot.store.history import Histories
from mentorbot.store.hours import Hours
from mentorbot.store.leases import Leases
from mentorbot.store.mentors import Mentors
from mentorbot.store.migrations import migrations, unknown
from mentorbot.store.milestones import Milestones
from mentorbot.store.offers import Offers
from mentorbot.store.outbox import Outbox
from mentorbot.store.people import People
from mentorbot.store.profiles import Profiles
from mentorbot.store.proofs import Proofs
from mentorbot.store.questions import Questions
from mentorbot.store.rereads import Rereads
from mentorbot.store.standings import Standings
from mentorbot.store.talks import Talks
from mentorbot.store.tastes import Tastes
from mentorbot.store.unsaid import Unsaid
from mentorbot.store.waits import Waits
from mentorbot.text import listed

log = logging.getLogger(__name__)

TO_REWRITE = "something was forgotten: the file is to be rewritten"
WAIT = 4.0
"""Seconds a writer waits for others before it gives up: less than a command may take, for that somebody else holds the
store is no fault of its plugin."""


class Store:
    """What mentorbot knows. `Store()` lives in memory; `Store(path)` in a file that several processes may share.

    Each thread has a connection of its own to the file; writers take turns. Raises StoreError where it cannot be
    opened, ConfigError where a newer version wrote it.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else str(path)
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, Database]] = []
        self._writing = threading.RLock()
        self._memory: Database | None = None
        self._forgot = False
        try:
            if path is None:
                self._memory = self._connect()
            with _alone(self.path):
                self._refuse_a_newer_one()
                migrations.apply(self.db)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The store {self.path or 'in memory'} cannot be opened: {error}.") from error
        self.backlog = Backlog(self)
        self.bugs = Bugs(self)
        self.copies = Copies(self)
        self.questions = Questions(self)
        self.blueprints = Blueprints(self)
        self.profiles = Profiles(self)
        self.changes = Changes(self)
        self.people = People(self)
        self.proofs = Proofs(self)
        self.offers = Offers(self)
        self.rereads = Rereads(self)
        self.courtesy = Courtesy(self)
        self.credits = Credits(self)
        self.cursors = Cursors(self)
        self.discussions = Discussions(self)
        self.funnels = Funnels(self)
        self.leases = Leases(self)
        self.outbox = Outbox(self)
        self.health = HealthRecord(self)
        self.histories = Histories(self)
        self.hours = Hours(self)
        self.mentors = Mentors(self)
        self.milestones = Milestones(self)
        self.standings = Standings(self)
        self.talks = Talks(self)
        self.tastes = Tastes(self)
        self.unsaid = Unsaid(self)
        self.waits = Waits(self)

    def save(self, things: Iterable[Thing], cursor: tuple[str, str] | None = None) -> None:
        """Write what a source gave, and the cursor (name, text) after it, all in one transaction.

        Raises StoreError for what no column can hold: a number of 30 digits, half a character, nothing where there must
        be something; WriteError where it can hold nothing at all.
        """
        with self.writing():
            for thing in things:
                try:
                    self._save(thing)
                except sqlite3.OperationalError:
                    raise
                except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
                    raise StoreError(f"The store cannot keep this {type(thing).__name__.lower()}: {error}") from error
            if cursor:
                self.cursors.set(*cursor)

    def _save(self, thing: Thing) -> None:
        match thing:
            case Bug():
                self.bugs.save_bug(thing)
            case Task():
                self.bugs.save_task(thing)
            case Comment():
                self.bugs.save_comment(thing)
            case Activity():
                self.bugs.save_activity(thing)
            case Tagged():
                self.bugs.save_tagged(thing)
            case Targets():
                self.bugs.save_targets(thing)
            case Question():
                self.questions.save(thing)
            case Blueprint():
                self.blueprints.save(thing)
            case Profile():
                self.profiles.save(thing)
            case Change():
                self.changes.save(thing)
            case Discussion():
                self.changes.save_discussion(thing)
            case Gone(kind="bug"):
                self.bugs.forget(thing.number)
            case Gone(kind="change"):
                self.changes.forget(thing.number)
            case Gone():
                self._forget(thing)

    def _forget(self, gone: Gone) -> None:
        match gone.kind:
            case "question":
                self.questions.forget(gone.number)
            case "blueprint":
                self.blueprints.forget(gone.key)
            case "profile":
                self.profiles.forget(gone.key)
        self._note_forgotten()

    def unsay(self, kind: str, number: int) -> None:
        """Remove what was made of a bug or change that is private now, or gone: nothing of it is said any more."""
        self.offers.forget(kind, number)
        self.rereads.forget(kind, number)
        self.credits.forget(kind, number)
        self.unsaid.forget(number)
        self.outbox.forget(number)
        self._note_forgotten()

    def _note_forgotten(self) -> None:
        # In the transaction that forgets: who is killed before the file is rewritten does it next time.
        self.db.execute("insert or replace into done values (?, '')", [TO_REWRITE])
        self._forgot = True

    def scrub(self) -> None:
        """Rewrite the file where something was forgotten since it was last rewritten.

        What SQLite moves about within a page it leaves a copy of, whatever secure_delete says, out of reach of every
        question but not of who reads the file. Raises StoreError; then it is due still.
        """
        if not self.rows("select 1 from done where what = :what", what=TO_REWRITE):
            return
        with self._writing:
            try:
                self.db.conn.execute("vacuum")
                self.db.conn.execute("delete from done where what = ?", [TO_REWRITE])
                self.db.conn.commit()
                self.db.conn.execute("pragma wal_checkpoint(truncate)")
            except sqlite3.OperationalError as error:
                raise StoreError(f"The store {self.path or 'in memory'} cannot be rewritten: {error}.") from error

    @property
    def db(self) -> Database:
        """This thread's connection."""
        if self._memory:
            return self._memory
        if not hasattr(self._local, "db"):
            self._local.db = self._connect()
        db: Database = self._local.db
        return db

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """The rows of one question, as dicts."""
        return list(self.db.query(sql, values))

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction that writes: all of it happens, or none; nested ones join it. Raises WriteError."""
        until = time.monotonic() + WAIT
        # A plugin may hold it for ever; that must not make others hang, who are no fault of their plugins then.
        if not self._writing.acquire(timeout=WAIT):
            raise StoreError(f"The store {self.path or 'in memory'} cannot be written: a call that hangs holds it.")
        try:
            db = self.db
            if db.conn.in_transaction:
                yield db
                return
            try:
                # Who waited for another thread of ours has the less time left for other processes.
                db.conn.execute(f"pragma busy_timeout = {max(until - time.monotonic(), 0.1) * 1000:.0f}")
                db.conn.execute("begin immediate")
                yield db
                db.conn.execute("commit")
                if self._forgot:  # the log of what was written has it still
                    db.conn.execute("pragma wal_checkpoint(truncate)")
            except sqlite3.OperationalError as error:  # locked, read-only, full: at any of the three
                raise self._unwritable(error) from error
            finally:
                self._forgot = False
                if db.conn.in_transaction:
                    db.conn.execute("rollback")
        finally:
            self._writing.release()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let a plugin use the store in this thread; RuntimeError where it leaves a transaction open.

        Nobody would ever end that one, and until then nobody else could write. It is rolled back.
        """
        try:
            yield
        finally:
            left_open = self._memory is None and self.db.conn.in_transaction
            if left_open:
                self.db.conn.execute("rollback")
        if left_open:
            raise RuntimeError("it left a transaction open, which is undone; write with store.writing()")

    @contextmanager
    def mirroring(self, patient: bool = False) -> Iterator[None]:
        """Be the one process that mirrors into this store, until the block or the process ends, however it does.

        Where another is already: waits for its end if `patient`, or raises StoreError.
        """
        try:
            lock = os.open(f"{self.path}.sync", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not patient:
                    raise StoreError(
                        f"Another process mirrors into {self.path} already, perhaps the running bot's own;"
                        " let it go on, or end it first."
                    ) from None
                log.info("Another process mirrors into %s; this one begins when that ends.", self.path)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def check(self) -> None:
        """Raises StoreError where the file is damaged or cannot be written."""
        try:
            [found, *_] = self.rows("pragma quick_check(1)")
            self.try_writing()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path or 'in memory'} cannot be used: {error}.") from error
        if found["quick_check"] != "ok":
            raise StoreError(f"The store {self.path or 'in memory'} is damaged: {found['quick_check']}")

    def try_writing(self) -> None:
        """Raises WriteError where nothing can be written."""
        with self.writing() as db:
            db.execute("insert or replace into done values ('a try to write', '')")
            db.execute("delete from done where what = 'a try to write'")

    def fault(self) -> str:
        """Why nothing can be written, as a sentence; nothing where something can."""
        try:
            self.try_writing()
        except WriteError as error:
            return str(error)
        return ""

    def _unwritable(self, reason: object) -> WriteError:
        return WriteError(f"The store {self.path or 'in memory'} cannot be written: {reason}.")

    def close(self) -> None:
        """Close the connections of threads that have ended, and this one's; those of others close when they end.

        A connection that is closed while a thread reads from it takes the whole process down.
        """
        for thread, db in self._opened:
            if thread is threading.current_thread() or not thread.is_alive() or db is self._memory:
                db.close()
            else:
                db.conn.interrupt()
        self._opened.clear()
        self._local = threading.local()  # a plugin may have closed it: whoever comes next connects anew

    def _refuse_a_newer_one(self) -> None:
        if steps := unknown(self.db):
            raise ConfigError(
                f"The store {self.path} was written by a newer mentorbot (this one does not know: {listed(steps)})."
                " Install the newer one again, or name another file under [store] path."
            )

    def _connect(self) -> Database:
        # One connection a thread; `close` may come from another thread, hence check_same_thread.
        conn = sqlite3.connect(self.path or ":memory:", timeout=WAIT, check_same_thread=False)
        db = Database(conn, execute_plugins=False)
        db.conn.execute("pragma secure_delete = on")  # what is forgotten leaves no bytes in the file
        if self.path:
            db.conn.execute("pragma journal_mode = wal")
            db.conn.execute("pragma synchronous = normal")
        self._opened.append((threading.current_thread(), db))
        return db


@contextmanager
def _alone(path: str | None) -> Iterator[None]:
    """Let one process at a time open a store in this folder: two that made the same file at once would both fail."""
    if path is None:
        yield
        return
    # Not the file itself: closing any handle of it would drop the locks that SQLite holds on it.
    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
