"""All SQL: what the mirrors copied and what mentorbot must remember, in one SQLite file."""

from mentorbot.store.outbox import Letter
from mentorbot.store.store import Store

__all__ = ["Letter", "Store"]
