"""The way through the changes of some projects, from the newest back: where it is, how it goes on, what is kept of it.

Moments here are texts as Gerrit writes them, in the server's time, never ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from mentorbot.errors import SourceError
from mentorbot.sources import bounds

PROJECTS_A_QUERY, LONGEST_QUERY = 100, 5000
"""A web server in front of Gerrit may cut addresses at about 8 kB, quoted characters counted as they are sent."""

OVERLAP = timedelta(seconds=120)
"""How far a later run reaches back before the last one: Gerrit's index may be that late."""

RESTARTS = 10


@dataclass(frozen=True)
class Walk:
    """A way through the changes of some projects: everything from `top` down to `before` is done.

    Where one second fills a page, `skip` of its rows are passed over and the next page must begin with one of `last`,
    the numbers on the page before: not always with its last one, for a page may lack rows that its server's index has.
    `found` are the projects that had a change. A `bare` walk only compares: it reads no texts. A `live` one is over the
    open changes alone, so that it may miss one that leaves them meanwhile.
    """

    projects: tuple[str, ...]
    after: str = ""
    bare: bool = False
    live: bool = False
    top: str = ""
    before: str = ""
    skip: int = 0
    last: tuple[int, ...] = ()
    restarts: int = 0
    done: int = 0
    found: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        words = ["(" + " OR ".join(f'project:"{name}"' for name in self.projects) + ")"]
        words += ["status:open"] if self.live else []
        words += [f'after:"{self.after}"'] if self.after else []
        words += [f'before:"{self.before}"'] if self.before else []
        return " ".join(words)

    @property
    def step(self) -> str:
        if self.bare:
            return "all changes, compared"
        return "changes since the last run" if self.after else "all changes"

    def onward(self, rows: list[Mapping[str, Any]]) -> tuple[Walk, bool]:
        """The walk after these rows, and whether there is more to ask for."""
        if self.skip and (not rows or rows[0]["_number"] not in self.last):
            # A change of the crowded second was touched and left it, so rows moved up: read that second again.
            if self.restarts == RESTARTS:
                raise SourceError("Too many changes moved while they were read; the next run goes on.")
            return replace(self, skip=0, last=(), restarts=self.restarts + 1), True
        if not rows:
            return self, False
        first, before, skip = asked(rows[0]["updated"]), asked(rows[-1]["updated"]), 0
        if self.before:
            before = min(before, self.before)  # a row may have moved since the server found it
        if first == before:
            known = self.skip if self.before == before else 0
            skip = known + max(len(rows) - 1, 1)
        numbers, restarts = tuple(row["_number"] for row in rows), 0
        if self.before == before:
            restarts = self.restarts + (not skip or set(numbers) <= set(self.last))
        if restarts > RESTARTS:
            raise SourceError("The same changes come again and again, whatever is asked for.")
        onward = replace(
            self,
            top=self.top or rows[0]["updated"],
            before=before,
            skip=skip,
            last=numbers if skip else (),
            restarts=restarts,
            done=self.done + len(rows),
            found=tuple(dict.fromkeys([*self.found, *(row["project"] for row in rows)])),
        )
        return onward, bool(rows[-1].get("_more_changes"))


@dataclass(frozen=True)
class Progress:
    """How far the mirror is, which is what its cursor holds.

    `since` is up to when each project is known, `walk` the one to be finished. All there is was last compared with the
    store at `compared` (our time); of the comparison that runs, `comparison` is the walk and `done` are the projects.
    The open ones were last looked for at `looked`.
    """

    url: str
    since: dict[str, str] = field(default_factory=dict)
    walk: Walk | None = None
    compared: str = ""
    comparison: Walk | None = None
    done: tuple[str, ...] = ()
    looked: str = ""

    def written(self) -> str:
        return json.dumps(asdict(self))

    def seen(self, projects: Iterable[str], moment: str, now: datetime) -> Progress:
        """Of these projects all is known up to this moment, or up to a later one that the server showed before."""
        newest = max([moment, *self.since.values()])
        at = bounds.moment(newest) if newest else now
        if (known := bounds.known_until(at, now, OVERLAP)) != at:
            newest = _asked(known.replace(tzinfo=None))
        return replace(self, since=self.since | {name: newest for name in projects if newest})

    def without(self, projects: Iterable[str]) -> Progress:
        return replace(self, since={name: moment for name, moment in self.since.items() if name not in set(projects)})


def read(cursor: str | None, url: str, projects: Iterable[str]) -> Progress:
    """The progress that a cursor holds; of another server's, and of projects no longer wanted, nothing."""
    try:
        return _read(cursor or "{}", url, set(projects))
    except (AttributeError, LookupError, TypeError, ValueError):  # not in our words
        return Progress(url)


def _read(cursor: str, url: str, wanted: set[str]) -> Progress:
    kept: dict[str, Any] = json.loads(cursor)
    if kept.get("url") != url:
        return Progress(url)

    def walk(of: dict[str, Any] | None) -> Walk | None:
        known = of and Walk(**of | {name: tuple(of[name]) for name in ("projects", "found", "last")})
        return known if known and set(known.projects) <= wanted else None

    since = {name: moment for name, moment in kept["since"].items() if name in wanted}
    done = tuple(name for name in kept["done"] if name in wanted)
    return Progress(
        url, since, walk(kept["walk"]), kept["compared"], walk(kept["comparison"]), done, kept.get("looked", "")
    )


def news(progress: Progress, projects: Iterable[str]) -> list[Walk]:
    """What a run walks: what was left unfinished, projects that are new, then what moved in the others."""
    unfinished = [progress.walk] if progress.walk else []
    left = [name for name in projects if not progress.walk or name not in progress.walk.projects]
    fresh = groups(name for name in left if name not in progress.since)
    known = groups(name for name in left if name in progress.since)
    later = [Walk(group, after=_earlier(min(progress.since[name] for name in group))) for group in known]
    return [*unfinished, *map(Walk, fresh), *later]


def comparisons(progress: Progress, projects: Iterable[str]) -> list[Walk]:
    """What is left to walk of a comparison of all there is."""
    unfinished = [progress.comparison] if progress.comparison else []
    known = {*progress.done, *(name for walk in unfinished for name in walk.projects)}
    left = groups(name for name in projects if name not in known)
    return [*unfinished, *(Walk(group, bare=True) for group in left)]


def groups(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The names in as few groups as queries must be made of them."""
    found: list[tuple[str, ...]] = []
    room = 0
    for name in names:
        needed = len(quote_plus(f' OR project:"{name}"'))
        if not found or needed > room or len(found[-1]) == PROJECTS_A_QUERY:
            found.append(())
            room = LONGEST_QUERY
        found[-1] += (name,)
        room -= needed
    return found


def asked(moment: str) -> str:
    """A moment for `before:` and `after:`, which take milliseconds; servers of before NoteDb have parts of seconds."""
    return _asked(datetime.fromisoformat(moment))


def _earlier(moment: str) -> str:
    return _asked(datetime.fromisoformat(moment) - OVERLAP)


def _asked(moment: datetime) -> str:
    if moment.microsecond:
        moment += timedelta(microseconds=999)
    return moment.isoformat(" ", "milliseconds").removesuffix(".000")
