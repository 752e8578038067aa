"""What every verb needs: how it fails, the time and the configuration it works with, and the store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mentorbot import clock as clocks
from mentorbot.config import Config, load
from mentorbot.errors import ConfigError, MentorbotError, PluginError

if TYPE_CHECKING:
    from mentorbot.store import Store


class Verbs(click.Group):
    """Shows a failure as one plain sentence; exit 2 for wrong use or configuration, 1 for what was tried in vain."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MentorbotError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(str(error), err=True)
            ctx.exit(2 if isinstance(error, ConfigError | PluginError) else 1)


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """The time that `--now` names."""
    try:
        return None if value is None else clocks.parse(value)
    except ValueError:
        raise click.BadParameter(f'"{value}" is no time; write one such as 2026-02-13 or 2026-02-13T15:00') from None


class Call:
    """What every verb may need, made when it is needed."""

    def __init__(self, config_file: Path, clock: clocks.Clock, shifted: bool, log_options: list[str]) -> None:
        self.config_file, self.clock, self.shifted, self.log_options = config_file, clock, shifted, log_options

    @property
    def config(self) -> Config:
        return load(self.config_file)


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """The store of this configuration."""
    from mentorbot.store import Store

    # The store knows people: only the operator may read it.
    os.umask(0o077)
    store = Store(config.store.path)
    try:
        yield store
    finally:
        store.close()
