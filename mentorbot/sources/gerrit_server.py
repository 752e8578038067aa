"""A Gerrit server asked patiently: one request at a time, spaced, tried again, and smaller where it was too much."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus

import requests
from gerritclient import client

from mentorbot import config
from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.sources import gerrit_shapes, gerrit_wire
from mentorbot.sources.gerrit_wire import Timeouts, Unanswered
from mentorbot.sources.manners import AGENT, patiently, server_time
from mentorbot.text import shorten

OPTIONS = [
    *("DETAILED_LABELS", "DETAILED_ACCOUNTS", "MESSAGES"),
    *("ALL_REVISIONS", "CURRENT_COMMIT", "CURRENT_FILES"),
]

PAGE, SMALLEST_PAGE = 50, 6
BARE = 10
"""How many times as many changes fit on a page without their texts; Gerrit's own limit is 500."""

AT_EASE, IN_BULK = 1.0, 3.0
"""Seconds between requests, for news and for much at once: Gerrit's quota plugin allows one in three seconds."""

Row = Mapping[str, Any]


class Odd(SourceError):
    """A change lacks what the way through all of them needs: a number, a project, the moment when it moved."""


class _Anonymous(client.APIClient):  # type: ignore[misc]
    """gerritclient's connection with a bounded, anonymous session; of its requests only GET is ours."""

    def __init__(self, url: str, agent: str, clock: Clock, timeouts: Timeouts) -> None:
        super().__init__(url)
        self._agent, self._clock, self._timeouts = agent, clock, timeouts
        self.date: datetime | None = None
        """When the server answered last, by its own clock."""

    def _make_session(self) -> requests.Session:
        session = gerrit_wire.anonymous(self._agent)
        session.hooks["response"].append(self._note_date)
        return session

    def _note_date(self, response: requests.Response, **_: object) -> None:
        self.date = server_time(response.headers.get("Date", ""))

    def get_request(self, api: str, params: Mapping[str, Any] | None = None) -> Any:
        return gerrit_wire.get(self.session, self.api_root + api, params or {}, self._clock, self._timeouts)


class Server:
    """All that is asked of a Gerrit server goes through one of these, so that its pauses are kept.

    `wait` gets the seconds to let pass before a request; `elapsed` tells how many passed since some moment. What fails
    raises SourceError.
    """

    def __init__(
        self,
        settings: config.Gerrit,
        clock: Clock,
        wait: Callable[[float], None] = lambda _: None,
        timeouts: Timeouts = gerrit_wire.PATIENT,
        agent: str = AGENT,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.robots = frozenset(settings.robots)
        self.clock = clock
        self._connection = _Anonymous(settings.url, agent, clock, timeouts)
        self._changes = client.get_client("change", connection=self._connection)
        self._projects = client.get_client("project", connection=self._connection)
        self._wait, self._elapsed = wait, elapsed
        self._size = PAGE
        self._answered: float | None = None

    def close(self) -> None:
        """End the connection; the next request opens another, and asks for whole pages again."""
        self._connection.session.close()
        self._size = PAGE

    @property
    def size(self) -> int:
        """How many changes, with all their texts, the server bears on a page."""
        return self._size

    def now(self) -> datetime:
        """The time by the server's clock or by ours, whichever is later: a clock is sooner behind than ahead."""
        return max(self.clock(), self._connection.date or self.clock())

    def page(
        self, query: str, faults: list[SourceError], skip: int = 0, *, bare: bool = False, pause: float = IN_BULK
    ) -> list[Row]:
        """The rows a query finds, newest first; the last one has `_more_changes` where there are more.

        Those that are odd are left out, and told in `faults`. Raises Odd where all of them are.
        """
        # gerritclient quotes nothing, and wants a list of which more than one changes the shape of the answer.
        quoted, options = [quote_plus(query)], [] if bare else OPTIONS
        rows = self._ask(
            pause, lambda: self._changes.get_all(quoted, options, self._size * (BARE if bare else 1), skip or None)
        )
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SourceError(f"{self.settings.url} sent no list of changes.")
        found, odd = [row for row in rows if _is_row(row)], [self._odd(row) for row in rows if not _is_row(row)]
        if odd and not found:
            raise odd[0]
        faults += odd
        if odd and "_more_changes" in rows[-1]:
            found[-1] |= {"_more_changes": True}
        return found

    def change(self, number: int) -> Row | None:
        """One change as it is now, not as the index knows it; None where the server shows none."""
        row: Row | None = self._shown(AT_EASE, lambda: self._changes.get_by_id(str(number), options=OPTIONS))
        if row is not None and not _is_row(row):
            raise self._odd(row) if isinstance(row, dict) else SourceError(f"{self.settings.url} sent no change.")
        return row

    def comments(self, number: int) -> Row | None:
        """A change's inline comments by path; None where the server shows no such change."""
        found: Row | None = self._shown(AT_EASE, lambda: self._connection.get_request(f"/changes/{number}/comments"))
        if found is not None and not isinstance(found, dict):
            raise SourceError(f"{self.settings.url} sent no comments.")
        return found

    def shows(self, project: str) -> bool:
        """Whether there is a project of that name that everybody may see."""
        return self._shown(IN_BULK, lambda: self._projects.get_by_name(project), refused=(403, 404)) is not None

    def account(self, name: str) -> Row | None:
        """The account that the server gives for a name; None where it gives none."""
        found = self._shown(
            AT_EASE, lambda: self._connection.get_request(f"/accounts/{quote(name, safe='')}"), refused=(403, 404)
        )
        return found if isinstance(found, dict) else None

    def _shown(self, pause: float, question: Callable[[], Any], refused: Iterable[int] = (404,)) -> Any:
        try:
            return self._ask(pause, question)
        except Unanswered as error:
            # What stands before Gerrit may not know the way either; only Gerrit's own word makes us forget things.
            if error.status in refused and error.gerrits:
                return None
            raise

    def _odd(self, row: Row) -> Odd:
        number = shorten(str(row.get("_number") or "without a number"))
        return Odd(f"{self.settings.url} sent something odd: change {number} lacks a number, a project or a date.")

    def _ask(self, pause: float, question: Callable[[], Any]) -> Any:
        rest = 0.0 if self._answered is None else self._answered + pause - self._elapsed()
        if rest > 0:
            self._wait(rest)
        try:
            return patiently(_may_pass, self._wait)(self._ask_once, question)
        finally:
            self._answered = self._elapsed()

    def _ask_once(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except Unanswered as error:
            if error.heavy:
                self._size = max(self._size // 2, SMALLEST_PAGE)
            raise


def _is_row(row: object) -> bool:
    """Whether a row has what the way through them needs."""
    if not isinstance(row, dict) or not isinstance(row.get("project"), str):
        return False
    try:
        gerrit_shapes.moment(row.get("updated"))
        return 0 < int(row["_number"]) < 2**63 and isinstance(row["_number"], int)
    except (KeyError, TypeError, ValueError):
        return False


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Unanswered) and error.again
