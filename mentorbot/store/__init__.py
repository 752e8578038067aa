"""All SQL: what the mirrors copied and what mentorbot must remember, in one SQLite file."""

from mentorbot.store.health import Health
from mentorbot.store.outbox import Letter
from mentorbot.store.proofs import Proof
from mentorbot.store.store import Store

__all__ = ["Health", "Letter", "Proof", "Store"]
