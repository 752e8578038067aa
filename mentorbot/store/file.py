"""The store's one SQLite file: its connections, its transactions, and what may happen to it."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from mentorbot.errors import ConfigError, StoreError, WriteError
from mentorbot.store.later_migrations import migrations, unknown
from mentorbot.text import listed

log = logging.getLogger(__name__)

TO_REWRITE = "something was forgotten: the file is to be rewritten"
WAIT = 4.0
"""Seconds a writer waits for others before it gives up: less than a command may take, for that somebody else holds the
store is no fault of its plugin."""


class File:
    """A file that several processes may share, or a database in memory where there is no path.

    Each thread has a connection of its own to the file; writers take turns.
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

    def note_forgotten(self) -> None:
        """Have the file rewritten soon: something that was in it is to be nowhere any more."""
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
                [held, *_] = self.db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()
                if held:  # who reads what was before keeps the log, and with it what was forgotten
                    raise sqlite3.OperationalError("somebody reads it for long")
                self.db.conn.execute("delete from done where what = ?", [TO_REWRITE])
                self.db.conn.commit()
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
        # The one connection of a store in memory serves no two threads at once.
        with self._writing if self._memory else nullcontext():
            conn = self.db.conn
            writes = conn.in_transaction
            try:
                return list(self.db.query(sql, values))
            except sqlite3.DatabaseError as error:
                if conn.in_transaction and not writes:  # a savepoint is left open; what is written next would be in it
                    conn.execute("rollback")
                raise self._told(error) from error

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction that writes: all of it happens, or none; nested ones join it. Raises WriteError."""
        until = time.monotonic() + WAIT
        # A plugin may hold it for ever; that must not make others hang, who are no fault of their plugins then.
        if not self._writing.acquire(timeout=WAIT):
            raise self._unwritable("a call that hangs holds it")
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
            except sqlite3.DatabaseError as error:
                raise self._told(error) from error
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

    def _told(self, error: sqlite3.DatabaseError) -> Exception:
        """The error itself; where the file is damaged, what to do about that."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return error
        return StoreError(
            f"The store {self.path} is damaged ({error}): stop the bot and put a copy from before in its place."
        )

    def close(self) -> None:
        """Close the connections of threads that have ended, and this one's; those of others close when they end.

        A connection that is closed while a thread reads from it takes the whole process down.
        """
        for thread, db in self._opened:
            if db is self._memory:
                self._close_memory(db)
            elif thread is threading.current_thread() or not thread.is_alive():
                db.close()
            else:
                db.conn.interrupt()
        self._opened.clear()
        self._local = threading.local()  # a plugin may have closed it: whoever comes next connects anew

    def _close_memory(self, db: Database) -> None:
        if self._writing.acquire(timeout=WAIT):  # all who read or write hold it; from a call that hangs it is not taken
            try:
                db.close()
            finally:
                self._writing.release()

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
