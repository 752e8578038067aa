"""The store's tables, one step a function; a step that was released is never edited."""

from contextlib import closing

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("mentorbot")


def unknown(db: Database) -> list[str]:
    """The steps that a newer version has taken on this file."""
    with closing(Database(memory=True)) as empty:
        known = {step.name for step in migrations.pending(empty)}
    return [step.name for step in migrations.applied(db) if step.name not in known]


@migrations()
def bugs_and_their_tasks(db: Database) -> None:
    db.executescript("""
        -- Long texts stand last in their tables: SQLite reads past whatever stands before the column it wants.
        create table bugs (
            id integer primary key, title text not null, reporter text not null, created text not null,
            updated text not null, heat integer not null, message_count integer not null, duplicate_of integer,
            etag text not null,
            read_at text,  -- the `updated` at which the whole bug was last read; null: known from a list only
            description text not null
        );
        create index bugs_unread on bugs(created) where read_at is null;
        create index bugs_duplicate on bugs(id) where duplicate_of is not null;
        create table tasks (
            bug integer not null, project text not null, status text not null, importance text not null,
            assignee text, created text not null, milestone text, left_new text, closed text, url text not null,
            etag text not null, is_open integer not null, primary key (bug, project)
        ) without rowid;
        create index tasks_open on tasks(project, created, status, importance, assignee) where is_open;
        create table bug_tags (bug integer not null, tag text not null, primary key (tag, bug)) without rowid;
        create index bug_tags_of on bug_tags(bug);
        create table comments (
            bug integer not null, number integer not null, author text not null, date text not null,
            claim integer not null, text text not null, primary key (bug, number)
        );
        create index comments_said on comments(bug, number, author, date, claim);
        create index comments_date on comments(date);
        create table proposals (  -- what robots' comments say of changes that would fix a bug
            bug integer not null, change integer not null, state text not null, date text not null,
            primary key (bug, change)
        ) without rowid;
        create table activity (
            bug integer not null, date text not null, person text not null, what text not null, old text not null,
            new text not null, primary key (bug, date, person, what, new)
        ) without rowid;
        create index activity_date on activity(date);
    """)


@migrations()
def changes_with_votes_and_messages(db: Database) -> None:
    db.executescript("""
        create table changes (
            number integer primary key, project text not null, branch text not null, change_id text not null,
            subject text not null, status text not null, owner text not null, owner_name text not null,
            created text not null, updated text not null, submitted text, insertions integer not null,
            deletions integer not null, wip integer not null, topic text not null, hashtags text not null,
            patch_set integer not null, uploaded text, unresolved integer not null, comment_count integer not null,
            url text not null, meta_rev text not null, commit_message text not null
        );
        create index changes_open on changes(project, created) where status = 'NEW';
        create index changes_owner on changes(owner, created);
        create table votes (
            change integer not null, label text not null, person text not null, value integer not null, date text,
            robot integer not null, primary key (change, label, person)
        ) without rowid;
        create table change_messages (
            change integer not null, id text not null, author text, date text not null, tag text not null,
            patch_set integer, robot integer not null, text text not null, primary key (change, id)
        );
        create index change_messages_date on change_messages(date);
        create table change_files (
            change integer not null, path text not null, primary key (change, path)
        ) without rowid;
        create table change_bugs (
            change integer not null, bug integer not null, how text not null, primary key (bug, change)
        ) without rowid;
        create index change_bugs_of on change_bugs(change);
        create table cursors (name text primary key, value text not null, at text);
    """)


@migrations()
def people_and_what_they_were_told(db: Database) -> None:
    db.executescript("""
        create table people (id integer primary key, name text not null);
        create table identities (  -- kind: account, launchpad, gerrit
            kind text not null, name text not null, person integer not null references people(id),
            primary key (kind, name)
        ) without rowid;
        create index identities_of on identities(person);
        create table consents (person text primary key, choice text not null, at text not null) without rowid;
        create table offers (
            id integer primary key, person text not null, round integer not null, asked text not null,
            kind text not null, number integer not null, project text not null, niche text not null,
            position integer not null, title text not null, url text not null, since text not null,
            signals text not null, offered text not null,
            expires text not null, passed text, reason text not null default ''
        );
        create index offers_item on offers(kind, number, expires);
        create index offers_person on offers(person, round);
        create index offers_until on offers(expires);
        create table unsaid (person text primary key, lines text not null, at text not null) without rowid;
    """)


@migrations()
def recognition_and_the_outbox(db: Database) -> None:
    db.executescript("""
        create table credits (
            id integer primary key, person text not null, name text not null, kind text not null, reason text not null,
            url text not null, at text not null, given_by text not null, evidence text not null,
            undone text, said text
        );
        create unique index credits_evidence on credits(evidence) where evidence != '';
        create index credits_at on credits(at);
        create table done (what text primary key, at text not null) without rowid;  -- dated work, each done once
        create table outbox (
            id integer primary key, target text not null, lines text not null, queued text not null,
            state text not null default 'queued', changed text
        );
        create index outbox_state on outbox(state);
    """)


@migrations()
def courtesy(db: Database) -> None:
    db.executescript("""
        create table ignored (  -- name: a nick, an account or a host
            name text primary key, until text not null, by text not null, at text not null
        ) without rowid;
        create table met (
            person text not null, channel text not null, at text not null, primary key (person, channel)
        ) without rowid;
        create table quiet (person text primary key, at text not null) without rowid;
    """)


@migrations()
def names_elsewhere_and_their_proofs(db: Database) -> None:
    db.executescript("""
        create table proofs (  -- names that an account calls its own, until it shows the word there
            account text not null, kind text not null, name text not null collate nocase, nick text not null,
            word text not null,  -- its SHA-256: who reads the store cannot show the word
            made text not null, until text not null, looked text, primary key (account, kind, name)
        ) without rowid;
        create table links (  -- whose a name was and whose it became; only ever added to, so that it can be undone
            id integer primary key, at text not null, kind text not null, name text not null,
            was integer, became integer, how text not null  -- joined (an account), proved, came along with one, ended
        );
        create index links_of on links(kind, name);
    """)


@migrations()
def how_bot_and_mirrors_are(db: Database) -> None:
    db.executescript("""
        alter table cursors add column failed text;
        alter table cursors add column failure text;  -- the last one, in words; kept until there is another
        create table health (  -- one row: what the running bot says of itself
            one integer primary key check (one = 1), at text not null, since text, nick text not null,
            channels text not null, sync_exit integer, sync_ended text, sync_again text
        );
    """)


@migrations()
def what_waits_and_what_is_off(db: Database) -> None:
    db.executescript("""
        alter table health add column waiting integer not null default 0;
        alter table health add column off text;  -- JSON: plugin to why; null: the bot has ended
        alter table health add column hanging text not null default '{}';  -- JSON: whose calls, and how many
    """)


@migrations()
def proofs_are_of_an_account_whatever_its_nick(db: Database) -> None:
    db.executescript("alter table proofs drop column nick;")


@migrations()
def patch_sets_reviewers_attention_and_inline_comments(db: Database) -> None:
    db.executescript("""
        alter table changes add column discussed integer not null default 0;  -- the comment_count of the comments read
        create index changes_undiscussed on changes(status != 'NEW', updated desc) where comment_count != discussed;
        create index changes_updated on changes(project, updated);
        create table patch_sets (
            change integer not null, number integer not null, uploader text not null, uploaded text not null,
            kind text not null, primary key (change, number)
        ) without rowid;
        create table reviewers (
            change integer not null, person text not null, state text not null, robot integer not null,
            primary key (change, person)
        ) without rowid;
        create table attention (
            change integer not null, person text not null, since text not null, reason text not null,
            primary key (change, person)
        ) without rowid;
        create table inline_comments (
            change integer not null, id text not null, author text, date text not null, path text not null,
            line integer, patch_set integer, in_reply_to text not null, unresolved integer not null,
            robot integer not null, text text not null, primary key (change, id)
        );
        create table change_blueprints (  -- a blueprint is its project's: the short name, as in Launchpad
            change integer not null, project text not null, blueprint text not null, how text not null,
            primary key (project, blueprint, change)
        ) without rowid;
        create index change_blueprints_of on change_blueprints(change);
        update cursors set value = '' where name = 'gerrit';  -- what was copied so far lacks these: read all once more
    """)


@migrations()
def what_is_to_be_read_anew(db: Database) -> None:
    db.executescript("""
        create table rereads (  -- of an offer: whose, which round, which number of it, and where they heard it
            id integer primary key, kind text not null, number integer not null, asked text not null, read text,
            person text, round integer, words text, position integer, nick text, target text
        );
    """)


@migrations()
def questions_blueprints_profiles_and_rests(db: Database) -> None:
    db.executescript("""
        create table questions (
            number integer primary key, project text not null, title text not null, status text not null,
            language text not null, owner text not null, created text not null, assignee text, answerer text,
            answer integer, queried text, responded text, solved text, due text, url text not null, etag text not null,
            description text not null
        );
        create index questions_open on questions(project, status);
        create table blueprints (
            project text not null, name text not null, title text not null, definition text not null,
            implementation text not null, priority text not null, owner text not null, created text not null,
            assignee text, drafter text, approver text, approved integer not null, started integer not null,
            complete integer not null, milestone text, specification text not null, url text not null,
            etag text not null, summary text not null, whiteboard text not null, work_items text not null,
            primary key (project, name)
        );
        create table profiles (
            name text primary key, display_name text not null, is_team integer not null, created text,
            url text not null, description text not null
        );
        create index tasks_created on tasks(created, project);  -- not project first: that would draw from tasks_open
        -- SQLite's own check takes a table for damaged whose key has a column after one that is not of the key.
        create table logged (
            bug integer not null, date text not null, person text not null, what text not null, new text not null,
            old text not null, primary key (bug, date, person, what, new)
        ) without rowid;
        insert into logged select bug, date, person, what, new, old from activity;
        drop table activity;
        alter table logged rename to activity;
        create index activity_date on activity(date);
        alter table cursors add column rests text;  -- until when the source asked to be left alone
    """)


@migrations()
def talks(db: Database) -> None:
    db.executescript("""
        create table talks (  -- said: the answers so far, as JSON; listening: bare words in private are answers, too
            person text primary key, nick text not null, command text not null, said text not null,
            listening integer not null, at text not null
        ) without rowid;
        create index talks_nick on talks(nick);
    """)


@migrations()
def usual_waits_for_an_answer(db: Database) -> None:
    db.executescript("""
        create table waits (  -- half: seconds; null where fewer than half were ever answered
            project text not null, component text not null, half real, changes integer not null,
            primary key (project, component)
        ) without rowid;
        create index comments_author on comments(author, date);
        create index activity_person on activity(person, date);
        create index tasks_assignee on tasks(assignee, created) where assignee is not null;
    """)


@migrations()
def mentors_and_when_channels_are_awake(db: Database) -> None:
    db.executescript("""
        create table mentors (  -- away from and until which day, both included; asked: when last, '' for never
            person text primary key, nick text not null, capacity integer not null, away_from text, away_until text,
            since text not null, asked text not null default ''
        ) without rowid;
        create table mentor_offers (  -- '' stands for any
            person text not null, niche text not null, project text not null, primary key (person, niche, project)
        ) without rowid;
        create table pairs (  -- state: asked, agreed; over: declined, lapsed, ended. letter: what told the mentor
            id integer primary key, mentor text not null, mentor_nick text not null, newcomer text not null,
            nick text not null, niche text not null, project text not null, state text not null, at text not null,
            until text not null, letter integer
        );
        create index pairs_mentor on pairs(mentor);
        create index pairs_newcomer on pairs(newcomer);
        create index pairs_open on pairs(until) where state in ('asked', 'agreed');
        create table hours (  -- in which people talked with each other, and nothing of who
            channel text not null, hour text not null, primary key (channel, hour)
        ) without rowid;
    """)


@migrations()
def leases_and_what_became_of_them(db: Database) -> None:
    db.executescript("""
        -- An offer that is claimed is a lease: seen is when the person was last seen at work in the source.
        alter table offers add column nick text not null default '';
        alter table offers add column claimed text; alter table offers add column seen text;
        alter table offers add column reminded text; alter table offers add column ended text;
        alter table offers add column outcome text not null default '';  -- done, merged, closed, lapsed, …
        alter table offers add column feedback text not null default '';
        create index offers_leases on offers(expires) where claimed is not null and ended is null;
        create index offers_lately on offers(offered);
        create table asked (person text not null, at text not null);
        create index asked_person on asked(person, at);
        create table milestones (
            project text not null, name text not null, active integer not null, primary key (project, name)
        ) without rowid;
    """)
