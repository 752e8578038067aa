"""All SQL: what the mirrors copied and what mentorbot must remember, in one SQLite file."""

from sqlite3 import OperationalError

from mentorbot.errors import StoreError
from mentorbot.store.discussions import Discussion
from mentorbot.store.foremost import Foremost
from mentorbot.store.health import Health
from mentorbot.store.history import History
from mentorbot.store.leases import Lease
from mentorbot.store.mentors import Mentor, Pair
from mentorbot.store.outbox import Letter
from mentorbot.store.proofs import Proof
from mentorbot.store.rereads import Told
from mentorbot.store.standings import Standing
from mentorbot.store.store import Store
from mentorbot.store.tastes import Alike, alike
from mentorbot.store.waits import FirstChange, Wait

__all__ = [
    "FAULTS",
    "Alike",
    "Discussion",
    "FirstChange",
    "Foremost",
    "Health",
    "History",
    "Lease",
    "Letter",
    "Mentor",
    "Pair",
    "Proof",
    "Standing",
    "Store",
    "Told",
    "Wait",
    "alike",
]

FAULTS = (StoreError, OperationalError)
"""What is raised for a full disk or a store that somebody else holds: no fault of who asked."""
