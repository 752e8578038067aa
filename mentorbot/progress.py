"""How far the mirrors are: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mentorbot.models import Page

log = logging.getLogger(__name__)


@contextmanager
def progress() -> Iterator[Callable[[str, Page], None]]:
    """Give a function to tell of each page that was stored."""
    if not sys.stderr.isatty():
        yield lambda source, page: log.info(
            "%s: %s %d%s", source, page.step, page.done, "" if page.total is None else f" of {page.total}"
        )
        return
    # Only a terminal needs rich, and a log on a small machine should not pay for it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        bars: dict[str, TaskID] = {}

        def told(source: str, page: Page) -> None:
            name = f"{source}: {page.step}"
            if name not in bars:
                bars[name] = bar.add_task(name, total=None)
            bar.update(bars[name], completed=page.done, total=page.total)

        yield told
