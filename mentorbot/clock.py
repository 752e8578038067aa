"""The only room that asks the machine what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


def starting_at(moment: datetime) -> Clock:
    """A clock that stood at `moment` when it was made and has run since (`--now`, the demo)."""
    began = system()

    def now() -> datetime:
        return moment + (system() - began)

    return now


def parse(text: str) -> datetime:
    """Read a moment as people write it (`2026-02-13`, `2026-02-13T15:00+01:00`); without a zone it is UTC.

    Raises ValueError where it is no date.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} is before the first year or after the last") from None
