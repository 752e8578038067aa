"""The steps that the store's tables took after those in migrations.py; a step that was released is never edited.

A step is made of statements that are all in one transaction: it may take a while, and who is ended meanwhile has the
store as it was.
"""

from collections.abc import Iterable

from sqlite_utils import Database

from mentorbot.store.migrations import migrations, unknown

__all__ = ["migrations", "unknown"]

_NUMBERED = (
    """create table numbered (  -- the numbers are ours, and none is given twice: Launchpad has names only
        number integer primary key autoincrement,
        project text not null, name text not null, title text not null, definition text not null,
        implementation text not null, priority text not null, owner text not null, created text not null,
        assignee text, drafter text, approver text, approved integer not null, started integer not null,
        complete integer not null, milestone text, specification text not null, url text not null,
        etag text not null, summary text not null, whiteboard text not null, work_items text not null,
        unique (project, name)
    )""",
    "insert into numbered select null, * from blueprints",
    "drop table blueprints",
    "alter table numbered rename to blueprints",
)
# A partial index spares SQLite the table only where it holds the columns of its own condition, too.
_INDEXES = (
    "alter table tasks add column duplicate integer not null default 0",  # whether its bug is one
    "update tasks set duplicate = 1 where bug in (select id from bugs where duplicate_of is not null)",
    "drop index bugs_duplicate",
    "drop index tasks_open",
    """create index tasks_open on tasks(project, created, status, importance, assignee, milestone, is_open, duplicate)
        where is_open and not duplicate""",
    """create index tasks_by_status on tasks(project, status, importance, created, assignee, is_open, duplicate)
        where is_open and not duplicate""",
    "drop index changes_open",
    "create index changes_open on changes(created, project, wip, status) where status = 'NEW'",
    "create index changes_abandoned on changes(created, project, status) where status = 'ABANDONED'",
    "create index changes_created on changes(project, created)",
    "drop index offers_until",
    "create index offers_until on offers(expires, kind, number, person)",
    "create index questions_answered on questions(answerer)",
    "create index blueprints_assigned on blueprints(assignee)",
    "create index blueprints_drafted on blueprints(drafter)",
    "drop index offers_lately",
    "create index offers_lately on offers(offered, niche, person, passed)",
)
_GOING_ON = (
    "alter table offers add column kept text",  # when its holder said last that they go on
    "alter table offers add column letter integer",  # what asked them whether they do
)


def _all(db: Database, steps: Iterable[str]) -> None:
    for step in steps:
        db.execute(step)


@migrations()
def blueprints_have_numbers(db: Database) -> None:
    _all(db, _NUMBERED)


@migrations()
def indexes_that_hold_all_that_is_asked(db: Database) -> None:
    _all(db, _INDEXES)


@migrations()
def claims_that_only_words_keep(db: Database) -> None:
    _all(db, _GOING_ON)
