"""What mentorbot knows, in rooms of their own, and what a source gave written into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from mentorbot.changes import Discussion
from mentorbot.errors import StoreError
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
from mentorbot.store.file import File
from mentorbot.store.funnels import Funnels
from mentorbot.store.health import HealthRecord
from mentorbot.store.history import Histories
from mentorbot.store.hours import Hours
from mentorbot.store.leases import Leases
from mentorbot.store.mentors import Mentors
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


class Store(File):
    """What mentorbot knows. `Store()` lives in memory; `Store(path)` in a file that several processes may share.

    Raises StoreError where it cannot be opened, ConfigError where a newer version wrote it.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        super().__init__(path)
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
                except (
                    sqlite3.IntegrityError,
                    sqlite3.DataError,
                    sqlite3.ProgrammingError,
                    sqlite3.InterfaceError,
                    OverflowError,
                    UnicodeEncodeError,
                ) as error:
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
            case Gone():
                self._forget(thing)

    def _forget(self, gone: Gone) -> None:
        match gone.kind:
            case "bug":
                self.bugs.forget(gone.number)
            case "change":
                self.changes.forget(gone.number)
            case "question":
                self.questions.forget(gone.number)
            case "blueprint":
                self.blueprints.forget(gone.key)
            case "profile":
                self.profiles.forget(gone.key)
                self.note_forgotten()

    def unsay(self, kind: str, number: int, called: str) -> None:
        """Remove what was made of an item that is private now, or gone: nothing of it is said any more.

        People call it by its number, or by a blueprint's name.
        """
        self.offers.forget(kind, number)
        self.rereads.forget(kind, number)
        self.credits.forget(kind, called)
        self.unsaid.forget(kind, called)
        self.outbox.forget(kind, called)
        self.cursors.forget(kind, called)
        self.note_forgotten()
