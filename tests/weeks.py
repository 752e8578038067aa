"""The bot's days without IRC, hour by hour until it is killed: `python -m tests.weeks CONFIG HOUR`.

Every sixth hour somebody asks for first fixes; every fourth of them claims the first, and half of these are seen at
work after five days. What has happened for certain is a line of JSON.
"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import timedelta
from pathlib import Path

from mentorbot import config as settings
from mentorbot import jobs, leases, loader
from mentorbot.commands import Request
from mentorbot.models import Comment, Who
from mentorbot.store import Store
from tests.builders import NOW

HOUR = timedelta(hours=1)
WORKED_AFTER = 5 * 24


def asks(hour: int) -> bool:
    return hour % 6 == 0


def claims(hour: int) -> bool:
    return hour % 24 == 0


def works(hour: int) -> bool:
    """Whether who claims at this hour is then seen at work."""
    return hour % 48 == 0


def main(config_file: str, hour: int) -> None:
    config = settings.load(Path(config_file))
    loaded, store = loader.load(config), Store(config.store.path)

    def say(**what: object) -> None:
        print(json.dumps(what), flush=True)

    for letter in store.outbox.interrupted(NOW + hour * HOUR):
        say(interrupted=letter.id)
    for at in itertools.count(hour):
        now, who = NOW + at * HOUR, Who(f"p{at}", f"p{at}")
        jobs.due(store, config, loaded.hooks, now)
        for letter in store.outbox.take(now, store.outbox.awaited()):
            store.outbox.said(letter, now)
            say(hour=at, told=letter.target.removeprefix("account:"), line=letter.lines[0])
        if asks(at):
            loaded.commands["starter"].function(Request(who, None, "fixes", now, config, loaded), store)
            items = [item.number for item in store.offers.last(who.key).values()]
            say(hour=at, person=who.key, items=items)
            mine = store.leases.of(who.key, now)
            if claims(at) and items and not mine:
                loaded.commands["claim"].function(Request(who, None, "1", now, config, loaded), store)
                mine = store.leases.of(who.key, now)
            if mine:
                say(hour=at, person=who.key, claimed=mine[0].item.number)
        for lease in store.leases.all():
            begun = int(lease.nick[1:])
            if works(begun) and at == begun + WORKED_AFTER:
                store.save([Comment(lease.item.number, at, lease.nick, now, "Half of it is done.")])
        leases.see(store, config, now)
        say(hour=at)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
