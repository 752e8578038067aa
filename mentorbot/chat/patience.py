"""How long the bot waits for a network, and how much longer after each failure."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long the bot waits for what, in seconds."""

    connect: float = 15
    capabilities: float = 10
    login: float = 30
    whois: float = 10
    register: float = 90
    silence: float = 120
    answer: float = 30
    first_retry: float = 1
    last_retry: float = 300
    first_login_retry: float = 60
    last_login_retry: float = 1800
    settled: float = 30
    rejoin: float = 5
    last_rejoin: float = 1800
    forgiven: float = 86400
    wanting: float = 60
    farewell: float = 2


def doubled(failures: int, first: float, last: float) -> float:
    """`first` seconds, doubled with each failure; `last` at most."""
    return float(min(last, first * 2 ** min(failures, 30)))


def backoff(failures: int, first: float, last: float) -> float:
    """Seconds before the next try: doubled with each failure, and never the same for two bots."""
    return doubled(failures, first, last) * random.uniform(0.5, 1)  # noqa: S311


def pause(failures: int, servers: int, first: float, last: float) -> float:
    """Seconds before the next of several servers is tried, after so many failures before this one.

    As long as one of them was not tried in this round it is soon; each round through all of them makes it longer.
    """
    rounds, tried = divmod(failures + 1, servers)
    return backoff(0 if tried else rounds - 1, first, last)
