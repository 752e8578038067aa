"""The plugins as they are now: what each brings, whether it is on, and what happens to one that fails."""

from __future__ import annotations

import inspect
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType, ModuleType

import pluggy

from mentorbot import hookspecs, modules
from mentorbot.commands import Command
from mentorbot.config import Config
from mentorbot.errors import PluginError, WriteError
from mentorbot.faults import meant
from mentorbot.hooks import Hooks
from mentorbot.modules import Source
from mentorbot.store import FAULTS
from mentorbot.text import plain
from mentorbot.workers import Workers

log = logging.getLogger(__name__)

FAILURES = 3
"""So many failures of a plugin"""
WITHIN = 600.0
"""in so many seconds switch it off,"""
HUNG = 6
"""and so do, at any time, so many calls of it that never came back."""
LEFT_OUT = "left out by [plugins] off"
ESSENTIAL = "plugins"
"""The plugin that switches the others on; no failure and no command switches it off."""


@dataclass(frozen=True)
class Plugin:
    """A plugin: its name, where it came from ("mentorbot", another distribution, or a file), and whether it is on.

    `why` says why it is off; `failed`, that it was its own failures.
    """

    name: str
    origin: str
    on: bool
    purpose: str = ""
    why: str = ""
    failed: bool = False


@dataclass(frozen=True)
class _Known:
    """A plugin's source, its module once that was read, and why it is off; "" while it is on."""

    source: Source
    module: ModuleType | None = None
    off: str = ""
    failed: bool = False


@dataclass(frozen=True)
class _State:
    """All plugins at one time, fitted together."""

    known: Mapping[str, _Known]
    registry: pluggy.PluginManager
    commands: Mapping[str, Command]
    asleep: Mapping[str, Command] = field(default_factory=dict)


class Loaded:
    """All that the plugins bring. Each change makes a whole new state; one that does not fit changes nothing.

    Of those `before`, what was switched off while the bot runs stays off, and what they have begun comes to its end.
    `seconds` never go back.
    """

    def __init__(
        self,
        find: Callable[[], Iterable[Source]],
        off: Collection[str] = (),
        seconds: Callable[[], float] = time.monotonic,
        before: Loaded | None = None,
    ) -> None:
        self.workers: Workers = before.workers if before else Workers()
        self.hooks = Hooks(lambda: self._state.registry, self.workers, self.failed)
        self._find, self._seconds = find, seconds
        self._changing, self._reading = threading.RLock(), threading.RLock()
        self._failures: dict[str, deque[float]] = {}
        were = before._state.known if before else {}
        known = {
            source.name: _Known(source, off=LEFT_OUT)
            if source.name in off
            else _Known(source, modules.read(source), *_switched_off(were.get(source.name)))
            for source in find()
        }
        if unknown := set(off) - set(known):
            raise PluginError(f"[plugins] off names {', '.join(sorted(unknown))}, but there is no such plugin.")
        self._state: _State = _fitted(known)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        return tuple(
            Plugin(name, known.source.origin, not known.off, _purpose(known.module), known.off, known.failed)
            for name, known in self._state.known.items()
        )

    @property
    def off(self) -> dict[str, str]:
        """The plugins that are off, and why."""
        return {name: known.off for name, known in self._state.known.items() if known.off}

    @property
    def commands(self) -> Mapping[str, Command]:
        """What can be said, by its first word."""
        return self._state.commands

    @property
    def asleep(self) -> Mapping[str, Command]:
        """What could be said if its plugin were on."""
        return self._state.asleep

    def turn_on(self, name: str) -> None:
        """Switch a plugin on; raises PluginError where it is not there, or does not fit, or too much of it hangs."""
        with self._change(name, self._reading) as known:
            self._check_hung(name)
            module = known.module or modules.read(known.source)
            self._put(replace(known, module=module, off="", failed=False))

    def turn_off(self, name: str, why: str, failed: bool = False) -> None:
        """Switch a plugin off."""
        if name == ESSENTIAL:
            raise PluginError(f"{name} is what switches the others on; it stays.")
        # Though another may be read just now, by an import that never ends.
        with self._change(name, self._changing) as known:
            self._put(replace(known, off=why, failed=failed))

    def reload(self, name: str) -> None:
        """Read a plugin's files anew and switch it on; raises PluginError, with the old one kept, where that fails."""
        with self._change(name, self._reading) as known:
            self._check_hung(name)
            others = [other.source for other in self._state.known.values() if other.source != known.source]
            with modules.read_anew(known.source, others) as module:
                self._put(_Known(known.source, module))

    def failed(self, name: str, what: str, error: BaseException) -> str:
        """Log a failure of a plugin under a short id, which it gives; one too many switches the plugin off.

        A fault of the store is logged, but no plugin's.
        """
        number = secrets.token_hex(3)
        if isinstance(error, WriteError):
            log.error("error %s in %s of the plugin %s: %s", number, what, name, error)
            return number
        log.error("error %s in %s of the plugin %s", number, what, name, exc_info=error)
        if isinstance(error, FAULTS):
            return number
        now = self._seconds()
        failures = self._failures.setdefault(name, deque(maxlen=FAILURES))
        failures.append(now)
        if len(failures) == FAILURES and now - failures[0] <= WITHIN:
            self._give_up(name, f"it failed {FAILURES} times in ten minutes, the last time as error {number}")
        elif self._hung(name) >= HUNG:
            self._give_up(name, f"{HUNG} of its calls never came back, the last is error {number}")
        return number

    def close(self) -> None:
        """Let the threads go."""
        self.workers.close()

    def _give_up(self, name: str, why: str) -> None:
        known = self._state.known.get(name)
        if name == ESSENTIAL or not known or known.off:
            return
        try:
            self.turn_off(name, why, failed=True)
        except PluginError as error:
            log.error("The plugin %s should be off, for %s, but: %s", name, why, error)
        else:
            log.error("The plugin %s is switched off: %s. An admin can say: plugin on %s", name, why, name)

    def _hung(self, name: str) -> int:
        return self.workers.hung(name) + self.workers.hung(f"{name}'s hooks")

    def _check_hung(self, name: str) -> None:
        if (hung := self._hung(name)) >= HUNG:
            raise PluginError(f"{hung} calls of {name} never came back, and only a restart of the bot ends them.")

    @contextmanager
    def _change(self, name: str, lock: threading.RLock) -> Iterator[_Known]:
        """One change of a kind at a time; gives the plugin as it is known, or was found just now."""
        if not lock.acquire(timeout=2):
            raise PluginError("Another change of the plugins is still under way.")
        try:
            known = self._state.known.get(name)
            if known is None:
                found = {source.name: source for source in self._find()}
                if name not in found:
                    raise PluginError(f"There is no plugin {name!r:.40}; there are {', '.join(self._state.known)}.")
                known = _Known(found[name])
            yield known
        finally:
            lock.release()

    def _put(self, changed: _Known) -> None:
        name = changed.source.name
        with self._changing:
            self._state = _fitted({**self._state.known, name: changed})
        self._failures.pop(name, None)


def load(config: Config, before: Loaded | None = None) -> Loaded:
    """Load every plugin that is not off; raises PluginError naming the plugin that cannot be used.

    `before` is what was loaded for an earlier configuration, where there was one.
    """
    return Loaded(partial(modules.find, config), config.plugins.off, before=before)


def _switched_off(known: _Known | None) -> tuple[str, bool]:
    """Why a plugin was switched off at run time, and whether it was its failures."""
    return (known.off, known.failed) if known and known.off != LEFT_OUT else ("", False)


def _fitted(known: Mapping[str, _Known]) -> _State:
    """These plugins together; raises PluginError naming those that do not fit."""
    registry = pluggy.PluginManager(hookspecs.PROJECT)
    registry.add_hookspecs(hookspecs)
    commands: dict[str, Command] = {}
    asleep: dict[str, Command] = {}
    for name, plugin in known.items():
        if plugin.module is None:
            continue
        brought = {found.name: replace(found, plugin=name) for found in _commands_of(plugin.module)}
        if plugin.off:
            asleep |= brought
            continue
        for twice in sorted(brought.keys() & commands):
            raise PluginError(f'The plugins "{commands[twice].plugin}" and "{name}" both bring the command "{twice}".')
        commands |= brought
        _register(registry, name, plugin)
    ordered = MappingProxyType(dict(sorted(commands.items())))
    return _State(MappingProxyType(dict(known)), registry, ordered, MappingProxyType(asleep))


def _register(registry: pluggy.PluginManager, name: str, plugin: _Known) -> None:
    whose = f'The plugin "{name}" ({plugin.source.origin})'
    try:
        registry.register(plugin.module, name)
    except (pluggy.PluginValidationError, ValueError) as error:
        raise PluginError(f"{whose} has a hook that cannot be used: {plain(str(error))}") from error
    for caller in registry.get_hookcallers(plugin.module) or []:
        if not caller.has_spec():
            instead = meant(caller.name, sorted(hookspecs.TERMS))
            raise PluginError(f'{whose} has a misspelt hook: there is none called "{caller.name}"; {instead}')
        if any(found.wrapper or found.hookwrapper for found in caller.get_hookimpls()):
            raise PluginError(
                f"{whose} wraps the hook {caller.name}; plugins are asked one by one, so there is nothing to wrap."
            )


def _commands_of(module: ModuleType) -> Iterator[Command]:
    for value in vars(module).values():
        declared = inspect.getattr_static(value, "command", None)  # statically: a proxy of a library may raise
        # A plugin may import another's function; it brings only its own.
        if isinstance(declared, Command) and value.__module__ == module.__name__:
            yield declared


def _purpose(module: ModuleType | None) -> str:
    return ((module.__doc__ if module else "") or "").strip().partition("\n")[0]
