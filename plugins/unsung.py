"""Unsung work that the mirrors show: first answers to newcomers, and triage of other people's bugs."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from mentorbot import Config, Credit, Store, hookimpl, recognition


@hookimpl
def evidence(since: datetime, until: datetime, config: Config, store: Store) -> Iterable[Credit]:
    """What these people did; whether they may be named is asked later."""
    return chain(
        recognition.evidence.first_answers(since, until, config, store),
        recognition.evidence.triage(since, until, config, store),
    )
