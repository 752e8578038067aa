"""Changes from a Gerrit server, page by page from the newest back to where the last run began."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import requests
from gerritclient import client

from mentorbot import config, models
from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.sources import gerrit_shapes, gerrit_wire
from mentorbot.sources.gerrit_wire import Timeouts, Unanswered
from mentorbot.sources.manners import patiently

OPTIONS = ["DETAILED_LABELS", "DETAILED_ACCOUNTS", "MESSAGES", "CURRENT_REVISION", "CURRENT_COMMIT", "CURRENT_FILES"]

PAGE, SMALLEST_PAGE = 50, 6

PROJECTS_A_QUERY = 100
"""A web server in front of Gerrit may cut addresses at about 8 kB."""

OVERLAP = timedelta(seconds=120)
"""How far a later run reaches back before the last one: Gerrit's index may be that late."""

RESTARTS = 10

AT_EASE, IN_BULK = 1.0, 3.0
"""Seconds between requests, in later runs and in a first one: Gerrit's quota plugin allows one in three seconds."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Walk:
    """A way through the changes of some projects: everything from `top` down to `before` is stored.

    Where one second fills a page, `skip` of its rows are passed over and the next page must begin with number `last`.
    `found` are the projects that had a change. `before`, `top` and `after` are moments as Gerrit writes them, or "".
    """

    projects: tuple[str, ...]
    after: str = ""
    top: str = ""
    before: str = ""
    skip: int = 0
    last: int = 0
    restarts: int = 0
    done: int = 0
    found: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        words = ["(" + " OR ".join(f'project:"{name}"' for name in self.projects) + ")"]
        words += [f'after:"{self.after}"'] if self.after else []
        words += [f'before:"{self.before}"'] if self.before else []
        return " ".join(words)


def changed_since(
    settings: config.Gerrit,
    cursor: str | None,
    clock: Clock,
    wait: Callable[[float], None] = lambda _: None,
    timeouts: Timeouts = gerrit_wire.PATIENT,
) -> Iterator[models.Page]:
    """All changes of the projects on the first run, later those that changed since; 50 a page, the newest first.

    No status is asked for: a change that left the result between two pages would shift an unseen one out. The way is
    by key (`before:` the last row's moment, inclusive, so a row may come twice) and goes on from any page's cursor.
    What the cursor keeps for a project is the server's time at the start of a finished run, never ours. `wait` gets
    the seconds to let pass between requests. Raises SourceError; projects the server does not show are named at the
    end, when all the others are done. A change that turned private just stops coming: telling so takes a question for
    each one, which is not asked here.
    """
    if not settings.projects:
        return
    with closing(_Server(settings.url, clock, wait, timeouts)) as server:
        yield from _walked(settings, cursor, server)


def check(settings: config.Gerrit, project: str, clock: Clock, timeouts: Timeouts = gerrit_wire.PATIENT) -> None:
    """Raises SourceError where the server does not show everybody this project."""
    with closing(_Server(settings.url, clock, lambda _: None, timeouts)) as server:
        if not server.shows(project):
            raise _unseen(settings, [project])


def profiles(
    settings: config.Gerrit,
    names: Iterable[str],
    clock: Clock,
    wait: Callable[[float], None] = lambda _: None,
    timeouts: Timeouts = gerrit_wire.PATIENT,
) -> Iterator[tuple[str, str]]:
    """What these people write of themselves (their account's status), as (name, text); who is not there is left out.

    Raises SourceError.
    """
    with closing(_Server(settings.url, clock, wait, timeouts)) as server:
        for name in names:
            # Where no account is called so, Gerrit looks for people whose full name it is.
            if (found := server.account(name)) and gerrit_shapes.name(found) == name:
                yield name, str(found.get("status", ""))


def _walked(settings: config.Gerrit, cursor: str | None, server: _Server) -> Iterator[models.Page]:
    robots = frozenset(settings.robots)
    since, walks = _plan(settings, cursor)
    hidden: list[str] = []
    for walk in walks:
        later = bool(walk.after)
        more = True
        while more:
            rows = server.page(walk)
            things = _read(rows, settings.url, robots)
            walk, more = _onward(walk, rows)
            if not more:
                unseen = [name for name in walk.projects if not later and name not in walk.found]
                hidden += [name for name in unseen if not server.shows(name)]
                # Whatever moment the server has shown by now, this walk saw all changes up to it.
                newest = max([walk.top, *since.values()])
                since |= {name: newest for name in walk.projects if newest and name not in hidden}
            yield models.Page(things, _cursor(settings, since, walk if more else None), walk.done, step=_step(later))
    if hidden:
        raise _unseen(settings, hidden)


def _unseen(settings: config.Gerrit, projects: list[str]) -> SourceError:
    names = ", ".join(projects)
    return SourceError(f"{settings.url} shows no project {names}: mend [gerrit] projects, or it is not public.")


def _plan(settings: config.Gerrit, cursor: str | None) -> tuple[dict[str, str], list[_Walk]]:
    """What is known up to when, and the walks of this run: the unfinished one, new projects, then news of the rest."""
    since: dict[str, str] = {}
    walks = []
    kept: dict[str, Any] = json.loads(cursor) if cursor else {}
    if kept.get("url") == settings.url:
        since = {name: moment for name, moment in kept["since"].items() if name in settings.projects}
        if kept["walk"]:
            walk = kept["walk"]
            unfinished = _Walk(**walk | {"projects": tuple(walk["projects"]), "found": tuple(walk["found"])})
            walks = [unfinished] if set(unfinished.projects) <= set(settings.projects) else []
    walked = {name for walk in walks for name in walk.projects}
    fresh = [name for name in settings.projects if name not in since and name not in walked]
    known = [name for name in settings.projects if name in since and name not in walked]
    walks += [_Walk(group) for group in _groups(fresh)]
    walks += [_Walk(group, after=_earlier(min(since[name] for name in group))) for group in _groups(known)]
    return since, walks


def _groups(names: list[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(names[i : i + PROJECTS_A_QUERY]) for i in range(0, len(names), PROJECTS_A_QUERY))


def _cursor(settings: config.Gerrit, since: dict[str, str], walk: _Walk | None) -> str:
    return json.dumps({"url": settings.url, "since": since, "walk": asdict(walk) if walk else None})


def _step(later: bool) -> str:
    return "changes since the last run" if later else "all changes"


def _earlier(moment: str) -> str:
    return _asked(datetime.fromisoformat(moment) - OVERLAP)


def _asked(moment: datetime) -> str:
    """A moment for `before:` and `after:`, which take milliseconds; servers of before NoteDb have parts of seconds."""
    if moment.microsecond:
        moment += timedelta(microseconds=999)
    return moment.isoformat(" ", "milliseconds").removesuffix(".000")


def _read(rows: list[Row], url: str, robots: frozenset[str]) -> tuple[models.Thing, ...]:
    try:
        return tuple(gerrit_shapes.changes(rows, url, robots))
    except ValueError as error:
        raise SourceError(f"{url} sent a change that cannot be read: {error}.") from error


def _onward(walk: _Walk, rows: list[Row]) -> tuple[_Walk, bool]:
    """The walk after these rows, and whether there is more to ask for."""
    if walk.skip and (not rows or rows[0]["_number"] != walk.last):
        # A change of the crowded second was touched and left it, so rows moved up: read that second again.
        if walk.restarts == RESTARTS:
            raise SourceError("Too many changes moved while they were read; the next run goes on.")
        return replace(walk, skip=0, last=0, restarts=walk.restarts + 1), True
    if not rows:
        return walk, False
    moments = [_asked(datetime.fromisoformat(row["updated"])) for row in rows]
    before, skip = moments[-1], 0
    if moments[0] == before:
        known = walk.skip if walk.before == before else 0
        skip = known + max(len(rows) - 1, 1)
    onward = replace(
        walk,
        top=walk.top or rows[0]["updated"],
        before=before,
        skip=skip,
        last=rows[-1]["_number"],
        restarts=walk.restarts if walk.before == before else 0,
        done=walk.done + len(rows),
        found=tuple(dict.fromkeys([*walk.found, *(row["project"] for row in rows)])),
    )
    return onward, bool(rows[-1].get("_more_changes"))


class _Anonymous(client.APIClient):  # type: ignore[misc]
    """gerritclient's connection with a bounded, anonymous session; of its requests only GET is ours."""

    def __init__(self, url: str, clock: Clock, timeouts: Timeouts) -> None:
        super().__init__(url)
        self._clock = clock
        self._timeouts = timeouts

    def _make_session(self) -> requests.Session:
        return gerrit_wire.anonymous()

    def get_request(self, api: str, params: Mapping[str, Any] | None = None) -> Any:
        return gerrit_wire.get(self.session, self.api_root + api, params or {}, self._clock, self._timeouts)


class _Server:
    """A Gerrit server asked patiently: one request at a time, failures tried again, smaller where it was too much."""

    def __init__(self, url: str, clock: Clock, wait: Callable[[float], None], timeouts: Timeouts) -> None:
        self._connection = _Anonymous(url, clock, timeouts)
        self._url = url
        self._changes = client.get_client("change", connection=self._connection)
        self._projects = client.get_client("project", connection=self._connection)
        self._wait = wait
        self._size = PAGE
        self._asked = False

    def close(self) -> None:
        self._connection.session.close()

    def page(self, walk: _Walk) -> list[Row]:
        """The next rows of a walk, newest first; the last one has `_more_changes` where there are more."""
        # gerritclient quotes nothing, and wants a list of which more than one changes the shape of the answer.
        query = [quote_plus(walk.query)]
        pause = AT_EASE if walk.after else IN_BULK
        rows = self._ask(pause, lambda: self._changes.get_all(query, OPTIONS, self._size, walk.skip or None))
        if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
            raise SourceError(f"{self._url} sent no list of changes.")
        return rows

    def shows(self, project: str) -> bool:
        """Whether there is a project of that name that everybody may see."""
        return self._shown(IN_BULK, lambda: self._projects.get_by_name(project)) is not None

    def account(self, name: str) -> Row | None:
        """The account that the server gives for a name; None where it gives none."""
        found = self._shown(AT_EASE, lambda: self._connection.get_request(f"/accounts/{quote(name, safe='')}"))
        return found if isinstance(found, dict) else None

    def _shown(self, pause: float, question: Callable[[], Any]) -> Any:
        try:
            return self._ask(pause, question)
        except Unanswered as error:
            if error.status in (403, 404):
                return None
            raise

    def _ask(self, pause: float, question: Callable[[], Any]) -> Any:
        if self._asked:
            self._wait(pause)
        self._asked = True
        return patiently(_may_pass, self._wait)(self._ask_once, question)

    def _ask_once(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except Unanswered as error:
            if error.heavy:
                self._size = max(self._size // 2, SMALLEST_PAGE)
            raise


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and {"_number", "updated", "project"} <= row.keys()


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Unanswered) and error.again
