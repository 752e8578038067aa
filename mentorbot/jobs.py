"""Dated work: the weekly shout-out, said once at its moment."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from mentorbot.config import Config
from mentorbot.recognition import shoutout, weeks
from mentorbot.store import Store
from mentorbot.text import count

if TYPE_CHECKING:
    from mentorbot.hooks import Hooks

log = logging.getLogger(__name__)


def next_moment(config: Config, now: datetime) -> datetime:
    """When the next shout-out after `now` is due, in UTC."""
    return weeks.running(config, now).end


def due(store: Store, config: Config, hooks: Hooks, now: datetime) -> datetime:
    """Do what is due, once over all processes; gives the moment before which asking again is of no use."""
    if config.shoutout.channels:
        _shoutout(store, config, hooks, now)
    return next_moment(config, now)


def _shoutout(store: Store, config: Config, hooks: Hooks, now: datetime) -> None:
    week = weeks.last(config, now)
    if store.outbox.is_done(week.work):
        return
    if now - week.end > shoutout.GRACE:
        if store.outbox.done_once(week.work, now) and (left := store.credits.between(week.start, week.end)):
            log.warning(
                "The shout-out of %s was due at %s, when I was not running, and is now left out; %s recorded for it.",
                week.name,
                week.end.isoformat(),
                count(len(left), "contribution was", "contributions were"),
            )
        return
    try:
        shoutout.gather(store, config, hooks, week)
    except Exception:  # a plugin's fault must not cost people their thanks
        log.exception(
            "A plugin failed to give its evidence for %s; what was recorded before is said without it.", week.name
        )
    said = shoutout.post(store, config, week, now)
    if said and not said.lines and store.outbox.done_once(week.work, now):
        log.warning("Nothing is said for %s: %s", week.name, shoutout.silence(said, config))
