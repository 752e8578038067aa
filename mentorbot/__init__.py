"""mentorbot helps newcomers of a project find their niche, and makes unsung work seen.

What is named here is the window for plugins: they import from `mentorbot` and `mentorbot.text`, and from nowhere else.
"""

from mentorbot import (
    assent,
    backlog,
    days,
    feedback,
    funnel,
    holders,
    identity,
    interview,
    kinds,
    leases,
    mentors,
    queues,
    recognition,
    refusals,
    scorecard,
    suggest,
    text,
)
from mentorbot.commands import Reply, Request, command
from mentorbot.config import Config
from mentorbot.errors import PluginError, UserError
from mentorbot.hookspecs import hookimpl
from mentorbot.models import Credit, Item, OpenBug, Signal
from mentorbot.niches import BugQueue, Niche
from mentorbot.store import Lease, Mentor, Pair, Store

__all__ = [
    "BugQueue",
    "Config",
    "Credit",
    "Item",
    "Lease",
    "Mentor",
    "Niche",
    "OpenBug",
    "Pair",
    "PluginError",
    "Reply",
    "Request",
    "Signal",
    "Store",
    "UserError",
    "assent",
    "backlog",
    "command",
    "days",
    "feedback",
    "funnel",
    "holders",
    "hookimpl",
    "identity",
    "interview",
    "kinds",
    "leases",
    "mentors",
    "queues",
    "recognition",
    "refusals",
    "scorecard",
    "suggest",
    "text",
]
