"""Mirrors the sources: what changed in them since the last time goes into the store, a page at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from mentorbot import identity, leases, waits
from mentorbot.clock import Clock
from mentorbot.config import Config
from mentorbot.errors import ConfigError, SourceError, StoreError
from mentorbot.identity import Profiles
from mentorbot.models import Page
from mentorbot.store import Store

log = logging.getLogger(__name__)

Wait = Callable[[float], None]
"""Lets that many seconds pass; may end early by raising Stopped."""


class Stopped(BaseException):
    """The operator wants the mirrors to end; no fault of a source, so what survives those must not survive it."""


@dataclass(frozen=True)
class Source:
    """Something to mirror: given the cursor of the last page it goes on from there; and what its people say of
    themselves."""

    name: str
    changed_since: Callable[[str | None], Iterator[Page]]
    profiles: Profiles = field(default=lambda _: iter(()))
    read: Callable[[datetime], None] = field(default=lambda _: None)
    """Called each time that all of it is read."""


def sources(config: Config, store: Store, clock: Clock, wait: Wait) -> list[Source]:
    """The sources that the configuration names."""
    # Only this process pays for the libraries: the chatting one never imports them.
    from mentorbot.sources import gerrit, launchpad, launchpad_milestones

    def after_launchpad(now: datetime) -> None:
        leases.see(store, config, now)
        today = f"milestones {now:%Y-%m-%d}"
        if not store.outbox.is_done(today):
            for project in config.launchpad.projects:
                store.milestones.keep(project, launchpad_milestones.milestones(service, project))
            store.outbox.done_once(today, now)

    def after_gerrit(now: datetime) -> None:
        leases.see(store, config, now)
        waits.refresh(store, config.robots, now)

    found = []
    if config.launchpad.projects:
        tags = (*config.launchpad.starter_tags, *config.launchpad.docs_tags)
        service = launchpad.Service(config.launchpad, clock, wait)
        found.append(
            Source(
                "launchpad",
                lambda cursor: launchpad.changed_since(
                    service, cursor, unread=lambda most: store.bugs.unread(most, tags), etags=store.bugs.etags
                ),
                lambda names: launchpad.profiles(service, names),
                after_launchpad,
            )
        )
    if config.gerrit.url and config.gerrit.projects:
        found.append(
            Source(
                "gerrit",
                lambda cursor: gerrit.changed_since(config.gerrit, cursor, clock, wait),
                lambda names: gerrit.profiles(config.gerrit, names, clock, wait),
                after_gerrit,
            )
        )
    return found


def chosen(all_sources: list[Source], name: str | None) -> list[Source]:
    """One source by name, or all of them."""
    if not all_sources:
        raise ConfigError("There is nothing to mirror: name projects under [launchpad] or [gerrit].")
    if name is None:
        return all_sources
    found = [source for source in all_sources if source.name == name]
    if not found:
        raise ConfigError(f'There is no source "{name}"; there are {", ".join(s.name for s in all_sources)}.')
    return found


def once(
    all_sources: list[Source], store: Store, clock: Clock, told: Callable[[str, Page], None] = lambda *_: None
) -> list[str]:
    """Mirror each source to its end, and look there for the words people were given to prove who they are.

    A source that fails never stops another. Gives the failures, a sentence each. A page and the cursor after it are one
    transaction, so a run that is cut off goes on where it was.
    """
    failures = []
    for source in all_sources:
        began = clock()
        failure = _failure(source, partial(_mirror, source, store, told), store, clock)
        if not failure:
            store.cursors.finished(source.name, began)
            failure = _failure(source, partial(source.read, began), store, clock)
        # Also where a project failed: people need not wait for an operator to mend it.
        unseen = _failure(source, partial(identity.look, store, source.name, source.profiles, clock()), store, clock)
        failures += [said for said in dict.fromkeys((failure, unseen)) if said]
    return failures


def _mirror(source: Source, store: Store, told: Callable[[str, Page], None]) -> None:
    for page in source.changed_since(store.cursors.get(source.name)):
        store.save(page.things, cursor=(source.name, page.cursor))
        told(source.name, page)


def _failure(source: Source, step: Callable[[], None], store: Store, clock: Clock) -> str:
    """Take a step; what went wrong, as a sentence that the store remembers, or nothing."""
    try:
        step()
    except (SourceError, StoreError) as error:
        log.warning("%s: %s", source.name, error)
        said = str(error)
    except Exception as error:  # a fault of ours: the other sources go on all the same
        log.exception("%s could not be mirrored", source.name)
        said = f"something unforeseen went wrong ({type(error).__name__}); the log has it."
    else:
        return ""
    try:
        store.cursors.failed(source.name, said, clock())
    except Exception:  # it may be the store that failed
        log.exception("%s: the failure could not be kept", source.name)
    return f"{source.name}: {said}"


def forever(
    all_sources: list[Source],
    store: Store,
    clock: Clock,
    every: float,
    wait: Wait,
    told: Callable[[str, Page], None] = lambda *_: None,
) -> None:
    """Mirror again and again, `every` so many seconds, until `wait` raises Stopped."""
    while True:
        once(all_sources, store, clock, told)
        wait(every)
