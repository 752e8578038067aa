"""Indexes by which a million open bugs are asked: one step after those of migrations.py."""

from sqlite_utils import Database

from mentorbot.store.migrations import migrations

__all__ = ["migrations"]

# A partial index spares SQLite the table only where it holds the columns of its own condition, too.
_STEPS = (
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
    "drop index offers_lately",
    "create index offers_lately on offers(offered, niche, person, passed)",
)


@migrations()
def indexes_that_hold_all_that_is_asked(db: Database) -> None:
    # One by one, all in one transaction: it takes a while, and who is killed meanwhile has the store as it was.
    for step in _STEPS:
        db.execute(step)
