"""Mirrors the sources: what changed in them since the last time goes into the store, a page at a time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from mentorbot import identity, leases, waits
from mentorbot.clock import Clock
from mentorbot.config import Config
from mentorbot.errors import ConfigError, PartlyRead, SourceError, StoreError, WriteError
from mentorbot.identity import Profiles
from mentorbot.models import Page, Thing
from mentorbot.store import Store
from mentorbot.text import age, shorten

log = logging.getLogger(__name__)

Wait = Callable[[float], None]
"""Lets that many seconds pass; may end early by raising Stopped."""


class Stopped(BaseException):
    """The operator wants the mirrors to end; no fault of a source, so what survives those must not survive it."""


VAIN = 3
"""So often in a row nothing at all may come of a source before it is asked less often."""
PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=1)
"""How long a source is left alone that nothing comes of: at first, doubled each time, and at most."""
MENDING = (
    "The next run (mentorbot sync --once) reads what is news; the rest mends itself as all is compared, daily with"
    " Launchpad, weekly with Gerrit."
)
"""What to do about drift."""
LONGEST_FAILURE = 400
"""Characters of what a source could not do: people read it in a chat."""


class Breaker:
    """Has a source left alone for a while, and each time for longer, when nothing comes of it again and again."""

    def __init__(self) -> None:
        self._vain: Counter[str] = Counter()
        self._until: dict[str, datetime] = {}

    def is_open(self, name: str, now: datetime) -> bool:
        """Whether the source is to be left alone."""
        # A clock that was ahead when it opened keeps it open for no longer than any pause.
        return name in self._until and now < self._until[name] <= now + LONGEST_PAUSE

    def note(self, name: str, in_vain: bool, now: datetime) -> None:
        """Note how a run over the source ended: whether nothing at all came of it."""
        self._vain[name] = self._vain[name] + 1 if in_vain else 0
        if (over := self._vain[name] - VAIN) >= 0:
            pause = min(PAUSE * 2 ** min(over, 30), LONGEST_PAUSE)  # a timedelta has an end
            self._until[name] = now + pause
            log.warning("%s: nothing came of it %d times; it has %s.", name, self._vain[name], age(now, now + pause))


@dataclass(frozen=True)
class Source:
    """Something to mirror: given the cursor of the last page it goes on from there; and what its people say of
    themselves."""

    name: str
    changed_since: Callable[[str | None], Iterator[Page]]
    profiles: Profiles = field(default=lambda _: iter(()))
    verify: Callable[[], Iterator[str]] = field(default=lambda: iter(()))
    """Compares the store with the source; gives what differs, a sentence each."""
    rereads: Mapping[str, Callable[[list[int]], Iterable[Thing]]] = field(default_factory=dict)
    """By kind of item, what gives some as they are now, by their numbers; called in another thread than the rest."""
    read: Callable[[datetime], None] = field(default=lambda _: None)
    """Called each time that it was read to its end."""
    ran: Callable[[datetime], None] = field(default=lambda _: None)
    """Called after each run, also where not all of it could be read."""


def sources(config: Config, store: Store, clock: Clock, wait: Wait) -> list[Source]:
    """The sources that the configuration names."""
    # Only this process pays for the libraries: the chatting one never imports them.
    from mentorbot.sources import gerrit, gerrit_verify, launchpad, launchpad_milestones, launchpad_verify
    from mentorbot.sources.manners import agent

    def read_milestones(now: datetime) -> None:
        faults = list[SourceError]()
        for project in config.launchpad.projects:
            read = store.outbox.done_at(what := f"milestones of {project}")
            if read and read.date() == now.date():
                continue
            try:
                store.milestones.keep(project, launchpad_milestones.milestones(service, project, faults))
                store.outbox.done_anew(what, now)
            except SourceError as fault:  # of this project; the others' are read all the same
                faults.append(fault)
        if faults:
            raise SourceError(" ".join(dict.fromkeys(map(str, faults))))

    # What is read anew is read beside the walk, and neither library bears two threads on one connection.
    found, who = [], agent(config.contact)
    if config.launchpad.projects:
        service, service_beside = (launchpad.Service(config.launchpad, clock, wait, agent=who) for _ in range(2))
        found.append(
            Source(
                "launchpad",
                lambda cursor: launchpad.changed_since(service, cursor, store),
                profiles=lambda names: launchpad.profiles(service, names),
                verify=lambda: launchpad_verify.verify(service, store),
                rereads={
                    "bug": lambda bugs: launchpad.reread(service_beside, store, bugs),
                    "question": lambda numbers: launchpad.reread_questions(service_beside, store, numbers),
                    "blueprint": lambda numbers: launchpad.reread_blueprints(service_beside, store, numbers),
                },
                read=read_milestones,
                ran=partial(leases.see, store, config),
            )
        )
    if config.gerrit.url and config.gerrit.projects:
        server, server_beside = (gerrit.Server(config.gerrit, clock, wait, agent=who) for _ in range(2))
        found.append(
            Source(
                "gerrit",
                lambda cursor: gerrit.changed_since(server, cursor, store.changes),
                profiles=lambda names: gerrit.profiles(server, names),
                verify=lambda: gerrit_verify.verify(server, store.changes),
                # What is odd is told by the walk.
                rereads={"change": lambda changes: gerrit.reread(server_beside, changes, [])},
                read=partial(waits.refresh, store, config.robots),
                ran=partial(leases.see, store, config),
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
    all_sources: list[Source],
    store: Store,
    clock: Clock,
    told: Callable[[str, Page], None] = lambda *_: None,
    breaker: Breaker | None = None,
) -> list[str]:
    """Mirror each source to its end, and look there for the words people were given to prove who they are.

    A source that fails never stops another. Gives the failures, a sentence each. A page and the cursor after it are one
    transaction, so a run that is cut off goes on where it was. A source that asked to be left alone is, whoever asks.
    Raises WriteError where nothing can be written down; then no source is asked for more.
    """
    failures, pages, ended = [], Counter[str](), set[str]()
    store.try_writing()

    def count(name: str, page: Page) -> None:
        pages[name] += 1
        told(name, page)

    for source in all_sources:
        began = clock()
        if breaker and breaker.is_open(source.name, began):
            continue
        if until := store.cursors.rests(source.name, began):
            failures.append(f"{source.name}: it asked to be left alone for {age(began, until)} more.")
            continue
        failure = attempt(source, partial(_mirror, source, store, count, ended), store, clock)
        if breaker:
            breaker.note(source.name, bool(failure) and not pages[source.name], clock())
        forgotten = attempt(source, store.scrub, store, clock)
        more = ""
        if source.name in ended:
            store.cursors.finished(source.name, began)
            more = attempt(source, partial(source.read, began), store, clock)
        # Also where a project failed: people need not wait for an operator to mend it.
        unseen = attempt(source, partial(identity.look, store, source.name, source.profiles, clock()), store, clock)
        after = attempt(source, partial(source.ran, began), store, clock)
        failures += [said for said in dict.fromkeys((failure, more, forgotten, unseen, after)) if said]
    return failures


def _mirror(source: Source, store: Store, told: Callable[[str, Page], None], ended: set[str]) -> None:
    try:
        for page in source.changed_since(store.cursors.get(source.name)):
            store.save(page.things, cursor=(source.name, page.cursor))
            told(source.name, page)
    except PartlyRead:
        ended.add(source.name)
        raise
    ended.add(source.name)


def attempt(source: Source, step: Callable[[], None], store: Store, clock: Clock) -> str:
    """Take a step with a source; what went wrong, as a sentence that the store remembers, or nothing.

    Raises WriteError.
    """
    rest = None
    try:
        step()
    except WriteError:
        raise
    except (SourceError, StoreError) as error:
        log.warning("%s: %s", source.name, error)
        said = shorten(str(error), LONGEST_FAILURE)
        rest = error.retry_after if isinstance(error, SourceError) else None
    except Exception as error:  # a fault of ours: the other sources go on all the same
        log.exception("%s could not be mirrored", source.name)
        said = f"something unforeseen went wrong ({type(error).__name__}); the log has it."
    else:
        return ""
    store.cursors.failed(source.name, said, clock())
    if rest:
        store.cursors.rest(source.name, rest, clock())
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
    breaker = Breaker()
    while True:
        try:
            once(all_sources, store, clock, told, breaker)
        except WriteError as error:
            log.error("%s", error)
        wait(every)


def verify(all_sources: list[Source]) -> Iterator[str]:
    """Compare counts and samples of the store with each source; gives what differs or fails, a sentence each, and at
    the end how what differs is mended."""
    differs = False
    for source in all_sources:
        try:
            for drift in source.verify():
                differs = True
                yield f"{source.name}: {drift}"
        except SourceError as error:
            yield f"{source.name}: {error}"
    if differs:
        yield MENDING
