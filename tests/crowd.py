"""People who ask the bot for work one after the other, some at once: `python -m tests.crowd CONFIG FIRST MANY`.

Each asks for first fixes; every fifth claims the first item, every seventh wants another one. What each was told is a
line of JSON: when they asked and were answered, the seconds of work it took, and the items.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mentorbot import clock, loader
from mentorbot import config as settings
from mentorbot.commands import Request
from mentorbot.errors import UserError
from mentorbot.models import Who
from mentorbot.store import Store

THREADS = 5
A_SECOND = 3.0
"""How many come to each of these processes in a second, on average."""


def main(config_file: str, first: int, many: int) -> None:
    config = settings.load(Path(config_file))
    loaded, store = loader.load(config), Store(config.store.path)
    arrivals, moment = [], 0.0
    dice = random.Random(first)
    for _ in range(many):
        arrivals.append(moment := moment + dice.expovariate(A_SECOND))
    never, begun = threading.Event(), time.monotonic()
    lock = threading.Lock()

    def said(name: str, text: str, who: Who) -> list[str]:
        request = Request(who, "#mentors", text, clock.system(), config, loaded)
        try:
            reply = loaded.commands[name].function(request, store)
        except UserError as error:
            return [str(error)]
        return reply if isinstance(reply, list) else reply.lines

    def ask(n: int) -> None:
        who = Who(f"p{first + n}", f"p{first + n}")
        never.wait(max(0.0, begun + arrivals[n] - time.monotonic()))
        at, clock_at, work = clock.system(), time.monotonic(), time.thread_time()
        said("starter", "fixes", who)
        work, took, answered = time.thread_time() - work, time.monotonic() - clock_at, clock.system()
        items = [item.number for item in store.offers.last(who.key).values()]
        told: dict[str, Any] = {"person": who.key, "at": at.isoformat(), "answered": answered.isoformat()}
        told |= {"took": took, "work": work, "items": items}
        if n % 5 == 0:
            told["claimed"] = said("claim", "1", who)[0]
        elif n % 7 == 0:
            said("another", "too hard", who)
            told["next"] = [item.number for item in store.offers.last(who.key).values()]
        with lock:
            print(json.dumps(told), flush=True)

    def begin() -> None:
        # The threads of a bot that runs for weeks have all looked into the store before.
        said("niches", "fixes", Who("early"))

    with ThreadPoolExecutor(THREADS, initializer=begin) as threads:
        list(threads.map(ask, range(many)))
    store.close()
    loaded.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
