"""What the verbs share: how a failure is shown, and the time that `--now` hands in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from mentorbot import clock as clocks
from mentorbot.errors import ConfigError, MentorbotError, PluginError


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
