"""Changes from a Gerrit server: page by page from the newest back to where the last run began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from mentorbot.changes import Discussion
from mentorbot.errors import PartlyRead, SourceError
from mentorbot.models import Gone, Page, Thing
from mentorbot.sources import gerrit_shapes, gerrit_walk
from mentorbot.sources.gerrit_server import AT_EASE, IN_BULK, Odd, Row, Server
from mentorbot.sources.gerrit_walk import Walk
from mentorbot.sources.gerrit_wire import Unanswered
from mentorbot.store.changes import Changes
from mentorbot.text import shorten

__all__ = ["Server", "changed_since", "check", "profiles", "reread"]

COMPARED = timedelta(days=7)
"""How often all that is stored is compared with all there is: what turned private or was deleted just stops coming."""

LOOKED = timedelta(hours=4)
"""How often the open changes are looked for: what is merged cannot turn private, and people are told of what is open.
500 of them are one request."""

DISCUSSED = 50
"""Changes whose inline comments one run reads."""
AT_ONCE = 10
"""Changes that make a page where each may cost a request of its own."""
FEW = 3
"""Changes that the server may fail to give by themselves in one run; if they are more, the server itself is ill."""


def changed_since(server: Server, cursor: str | None, stored: Changes) -> Iterator[Page]:
    """All changes of the projects on the first run, later those that changed since; 50 a page, the newest first.

    No status is asked for: a change that left the result between two pages would shift an unseen one out. The way is
    by key (`before:` the last row's moment, inclusive, so a row may come twice) and goes on from any page's cursor.
    Once a week all that is `stored` is compared with all there is, and inline comments are read of changes where their
    count moved. `stored` is asked while pages are taken, so a page must be stored before the next one.
    Raises SourceError; projects the server does not show, and changes it sent in a shape that nobody can read, are
    named at the end, when all the others are done: PartlyRead where it is changes alone.
    """
    if not server.settings.projects:
        return
    with closing(server):
        mirror = _Mirror(server, cursor, stored)
        yield from mirror.news()
        yield from mirror.vanished()
        yield from mirror.comparison()
        yield from mirror.discussions()
        if mirror.hidden:
            mirror.faults.append(_unseen(server, mirror.hidden))
    if mirror.faults:
        kind = SourceError if mirror.hidden else PartlyRead
        raise kind(" ".join(dict.fromkeys(map(str, mirror.faults))))


def reread(server: Server, numbers: Iterable[int], faults: list[SourceError]) -> Iterator[Thing]:
    """These changes as they are now; Gone for one that is no longer shown to everybody.

    Raises SourceError; what cannot be read is left out and told in `faults`.
    """
    left = iter(numbers)
    while batch := list(islice(left, server.size)):
        try:
            rows = server.page(" OR ".join(f"change:{number}" for number in batch), faults, pause=AT_EASE)
        except Odd:
            rows = []
        # One that the search does not find may only be missing from its index, so it is asked for by itself.
        absent = sorted(set(batch) - {row["_number"] for row in rows})
        found = {number: _looked_up(server, number, faults) for number in absent}
        yield from (Gone("change", number) for number, row in found.items() if row is None)
        wanted = [row for row in rows if row["_number"] in batch]
        yield from _things(server, [*wanted, *(row for row in found.values() if row)], faults)


def check(server: Server, project: str) -> None:
    """Raises SourceError where the server does not show everybody this project."""
    with closing(server):
        if not server.shows(project):
            raise _unseen(server, [project])


def profiles(server: Server, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What these people write of themselves (their account's status), as (name, text); who is not there is left out.

    Raises SourceError.
    """
    with closing(server):
        for name in names:
            # Where no account is called so, Gerrit looks for people whose full name it is.
            if (found := server.account(name)) and gerrit_shapes.name(found) == name:
                yield name, str(found.get("status", ""))


class _Mirror:
    """One run: how far it came, what it could not read, and what the server hides."""

    def __init__(self, server: Server, cursor: str | None, stored: Changes) -> None:
        self.server, self.stored, self.projects = server, stored, server.settings.projects
        self.now = server.clock()
        self.progress = gerrit_walk.read(cursor, server.settings.url, self.projects)
        if not self.progress.compared:
            self.progress = replace(self.progress, compared=self.now.isoformat())  # all there is will be read anyway
        if not self.progress.looked:
            self.progress = replace(self.progress, looked=self.now.isoformat())
        self.faults: list[SourceError] = []
        self.hidden: list[str] = []

    def news(self) -> Iterator[Page]:
        """All changes of the projects that are new, and what moved in the others."""
        for walk in gerrit_walk.news(self.progress, self.projects):
            more = True
            while more:
                rows = self._rows(walk)
                later, more = walk.onward(rows)
                self.progress = replace(self.progress, walk=later if more else None)
                if not more:
                    unseen = [name for name in walk.projects if not walk.after and name not in later.found]
                    self.hidden += [name for name in unseen if not self.server.shows(name)]
                    shown = [name for name in walk.projects if name not in self.hidden]
                    self.progress = self.progress.seen(shown, later.top, self.server.now())
                yield self._page(_things(self.server, rows, self.faults), walk.step, later.done)
                walk = later

    def vanished(self) -> Iterator[Page]:
        """Read anew the open changes that are not shown as open any more: they may be private now, or gone."""
        if self._is_fresh(self.progress.looked, LOOKED) or not self._is_fresh(self.progress.compared, COMPARED):
            return
        shown, step = set[int](), "open changes, looked for"
        for group in gerrit_walk.groups(name for name in self.projects if name not in self.hidden):
            walk, more = Walk(group, bare=True, live=True), True
            while more:
                rows = self._rows(walk)
                shown |= {row["_number"] for row in rows}
                walk, more = walk.onward(rows)
            silent = [name for name in group if name not in walk.found]
            yield from self._forgotten((name for name in silent if self.stored.updated([name], live=True)), step)
        missing = sorted(self.stored.updated(self.projects, live=True).keys() - shown)
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            yield self._page(reread(self.server, some, self.faults), step, start + len(some))
        self.progress = replace(self.progress, looked=self.now.isoformat())
        yield self._page((), step, len(missing))

    def _forgotten(self, projects: Iterable[str], step: str) -> Iterator[Page]:
        """Forget those of these projects, of which no change was found, that the server hides."""
        some = [name for name in projects if name not in self.hidden and not self.server.shows(name)]
        self.hidden += some
        self.progress = self.progress.without(some)
        yield self._page([Gone("change", number) for number in self.stored.updated(some)], step)

    def comparison(self) -> Iterator[Page]:
        """Forget what is there no longer, and read anew what was missed; a project that is hidden now is forgotten."""
        if self._is_fresh(self.progress.compared, COMPARED):
            return
        for walk in gerrit_walk.comparisons(self.progress, self.projects):
            if not walk.done:
                yield from self._forgotten(walk.projects, walk.step)
            yield from self._compared(walk)
        self.progress = replace(self.progress, compared=self.now.isoformat(), looked=self.now.isoformat(), done=())
        yield self._page((), "all changes, compared")

    def _is_fresh(self, done_at: str, lasts: timedelta) -> bool:
        # Either way: a clock of ours that was ahead would else put off what is due until that moment.
        return abs(self.now - datetime.fromisoformat(done_at)) < lasts

    def _compared(self, walk: Walk) -> Iterator[Page]:
        more = True
        while more:
            rows = self._rows(walk)
            later, more = walk.onward(rows)
            odd = self._differing(walk, rows, more)
            for start in range(0, len(odd), AT_ONCE):
                some = reread(self.server, odd[start : start + AT_ONCE], self.faults)
                yield self._page(some, walk.step, walk.done)
            done = self.progress.done if more else (*self.progress.done, *walk.projects)
            self.progress = replace(self.progress, comparison=later if more else None, done=done)
            yield self._page((), walk.step, later.done)
            walk = later

    def _differing(self, walk: Walk, rows: list[Row], more: bool) -> list[int]:
        """The changes that a page of a walk and the store have not alike; its last moment is the next page's."""
        until = gerrit_shapes.moment(walk.before) if walk.before else None
        since = gerrit_shapes.moment(rows[-1]["updated"]) if more and rows else None
        there = {row["_number"]: gerrit_shapes.moment(row["updated"]) for row in rows}
        there = {number: updated for number, updated in there.items() if since is None or updated > since}
        here = self.stored.updated(walk.projects, since, until)
        return [number for number in here | there if here.get(number) != there.get(number)]

    def discussions(self) -> Iterator[Page]:
        """The inline comments of changes where they were not read yet, some in each run."""
        asked = set[int]()
        while len(asked) < DISCUSSED:
            counts = self.stored.undiscussed(AT_ONCE + len(asked))
            some = [number for number in counts if number not in asked][:AT_ONCE]
            if not some:
                return
            asked |= set(some)
            things = [thing for number in some for thing in self._discussion(number, counts[number])]
            yield self._page(things, "changes with comments", len(asked))

    def _discussion(self, number: int, count: int) -> Iterator[Thing]:
        try:
            found = self.server.comments(number)
            if found is None:
                yield Gone("change", number)
            else:
                yield gerrit_shapes.discussion(found, number, count, self.server.robots)
        except Unanswered as error:
            _leave_out(number, error, self.faults)
            if _is_refused(error):
                yield Discussion(number, count)  # not asked for again until there are more
        except ValueError as error:
            self.faults.append(_unreadable(self.server, error))
            yield Discussion(number, count)

    def _rows(self, walk: Walk) -> list[Row]:
        pause = AT_EASE if walk.after else IN_BULK
        rows = self.server.page(walk.query, self.faults, walk.skip, bare=walk.bare, pause=pause)
        if others := [row["project"] for row in rows if row["project"] not in walk.projects]:
            said = f"answered with a change of {shorten(others[0])}, which nobody asked for."
            raise SourceError(f"{self.server.settings.url} {said}")
        return rows

    def _page(self, things: Iterable[Thing], step: str, done: int = 0) -> Page:
        return Page(tuple(things), self.progress.written(), done, step=step)


def _things(server: Server, rows: list[Row], faults: list[SourceError]) -> Iterator[Thing]:
    for row in rows:
        if gerrit_shapes.is_hidden(row) or row["project"] not in server.settings.projects:  # or moved away
            yield Gone("change", row["_number"])
        elif row.get("subject") != gerrit_shapes.UNREADABLE:
            try:
                yield gerrit_shapes.change(row, server.settings.url, server.robots)
            except ValueError as error:
                faults.append(_unreadable(server, error))


def _looked_up(server: Server, number: int, faults: list[SourceError]) -> Row | None:
    """One change as it is now; None where the server shows none, and nothing of it where that cannot be told."""
    try:
        row = server.change(number)
    except Unanswered as error:
        _leave_out(number, error, faults)
        return {}
    except Odd as error:
        faults.append(error)
        return {}
    if row is not None and row["_number"] != number:
        raise SourceError(f"{server.settings.url} answered with change {row['_number']} for change {number}.")
    return row


def _leave_out(number: int, error: Unanswered, faults: list[SourceError]) -> None:
    """Go on without a change that the server refuses or fails to give by itself, and tell so at the end; raises what is
    worse."""
    refused = _is_refused(error)
    if error.retry_after or not (refused or error.status >= 500):
        raise error
    faults.append(Unanswered(f"change {number}: {error}", status=error.status))
    if not refused and sum(isinstance(fault, Unanswered) and fault.status >= 500 for fault in faults) > FEW:
        raise error


def _is_refused(error: Unanswered) -> bool:
    """Whether it may be one change alone of which the server does not want to speak, for reasons of its own."""
    return not error.again and error.status in (401, 403)


def _unreadable(server: Server, error: ValueError) -> SourceError:
    return SourceError(f"{server.settings.url} sent something odd: {error}.")


def _unseen(server: Server, projects: list[str]) -> SourceError:
    names = ", ".join(projects)
    return SourceError(f"{server.settings.url} shows no project {names}: mend [gerrit] projects, or it is not public.")
