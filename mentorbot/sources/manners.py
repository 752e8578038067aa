"""The manners both mirrors keep: they say who asks, try again a few times, and rest for as long as they are told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import tenacity

from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.text import shorten

AGENT = f"mentorbot/{version('mentorbot')} (IRC bot, reads only)"


def agent(contact: str) -> str:
    """The User-Agent that also says whom to ask about this bot, in characters that a header can hold."""
    return f"{AGENT.removesuffix(')')}; {contact.encode('ascii', 'replace').decode()})"


ATTEMPTS = 4

LONGEST_WAIT = 120.0
"""Seconds within a run; a server that asks for a longer rest gets it between runs."""


def patiently(may_pass: Callable[[BaseException], bool], wait: Callable[[float], None]) -> tenacity.Retrying:
    """Tries again what failed in a way that `may_pass`; `wait` gets the seconds to let pass before.

    They are those the failure names (`retry_after`), where it names none they grow. Raises the last failure.
    """
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=_rest,
        retry=tenacity.retry_if_exception(lambda error: may_pass(error) and (_named_rest(error) or 0) <= LONGEST_WAIT),
        sleep=wait,
        reraise=True,
    )


def retry_after(header: str, clock: Clock) -> float | None:
    """The seconds that a Retry-After names, a number or a date; None where it names none that can be read."""
    if header.strip().isdecimal():
        return float(header)
    moment = server_time(header)
    return max(0.0, (moment - clock()).total_seconds()) if moment else None


def server_time(header: str) -> datetime | None:
    """The moment in a Date or Retry-After; None where there is none that can be read."""
    try:
        moment = parsedate_to_datetime(header)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def cause(error: BaseException) -> str:
    """What the machine itself said, without a full stop: libraries wrap it in words of their own."""
    while inner := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = inner
    if isinstance(error, TimeoutError):
        return "it took too long"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shorten(reason, 120).rstrip(".") or type(error).__name__


def _rest(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = _named_rest(error)
    return tenacity.wait_exponential_jitter(initial=1, max=30)(state) if named is None else named


def _named_rest(error: BaseException | None) -> float | None:
    return error.retry_after if isinstance(error, SourceError) else None
