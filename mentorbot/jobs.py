"""Dated work: the weekly shout-out, said once at its moment; and claims, requests and talks that end by themselves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mentorbot import leases, mentors
from mentorbot.config import Config
from mentorbot.recognition import shoutout, weeks
from mentorbot.store import Store
from mentorbot.text import count

if TYPE_CHECKING:
    from mentorbot.hooks import Hooks

log = logging.getLogger(__name__)

TALKS = timedelta(days=30)
"""Who has not gone on with a talk for so long begins anew."""
LETTERS = timedelta(days=90)
"""Who has not been seen for so long is told nothing any more of what was news then."""


def due(store: Store, config: Config, hooks: Hooks, now: datetime) -> None:
    """Do what is due at `now`, once over all processes, however often it is asked."""
    leases.look_after(store, config, now)
    mentors.due(store, config, now)
    store.talks.lapse(now - TALKS)
    if lapsed := store.outbox.lapse(now - LETTERS):
        log.info("%s for people who were not seen for %d days: given up.", count(lapsed, "text"), LETTERS.days)
    if config.shoutout.channels:
        _shoutout(store, config, hooks, now)


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
