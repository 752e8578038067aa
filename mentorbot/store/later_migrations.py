"""The steps that the store's tables took after those in migrations.py; a step that was released is never edited."""

from sqlite_utils import Database

from mentorbot.store.migrations import migrations, unknown

__all__ = ["migrations", "unknown"]


@migrations()
def blueprints_have_numbers(db: Database) -> None:
    db.executescript("""
        create table numbered (  -- the numbers are ours, and none is given twice: Launchpad has names only
            number integer primary key autoincrement,
            project text not null, name text not null, title text not null, definition text not null,
            implementation text not null, priority text not null, owner text not null, created text not null,
            assignee text, drafter text, approver text, approved integer not null, started integer not null,
            complete integer not null, milestone text, specification text not null, url text not null,
            etag text not null, summary text not null, whiteboard text not null, work_items text not null,
            unique (project, name)
        );
        insert into numbered select null, * from blueprints;
        drop table blueprints;
        alter table numbered rename to blueprints;
    """)
