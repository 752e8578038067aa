"""Finds plugins: the shipped ones and other packages' by their entry points, and the operator's own folder."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType

import pluggy

from mentorbot import hookspecs
from mentorbot.commands import Command
from mentorbot.config import Config
from mentorbot.errors import PluginError

GROUP = "mentorbot.plugins"


@dataclass(frozen=True)
class Plugin:
    """A plugin: its name, where it came from ("mentorbot", another distribution, or a file), and whether it is on."""

    name: str
    origin: str
    on: bool
    purpose: str = ""


@dataclass(frozen=True)
class Loaded:
    """All that the plugins brought."""

    plugins: tuple[Plugin, ...]
    commands: Mapping[str, Command]
    hooks: pluggy.HookRelay


def load(config: Config) -> Loaded:
    """Load every plugin that is not off; raises PluginError naming the plugin that cannot be used."""
    registry = pluggy.PluginManager(hookspecs.PROJECT)
    registry.add_hookspecs(hookspecs)
    plugins: list[Plugin] = []
    commands: dict[str, Command] = {}
    for name, origin, module in _found(config):
        if any(plugin.name == name for plugin in plugins):
            raise PluginError(f'There are two plugins called "{name}"; one is from {origin}. Rename one.')
        if module is None:
            plugins.append(Plugin(name, origin, on=False))
            continue
        try:
            registry.register(module, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f'The plugin "{name}" ({origin}) has a hook that cannot be used: {error}') from error
        for found in _commands_of(module):
            if found.name in commands:
                raise PluginError(
                    f'The plugins "{commands[found.name].plugin}" and "{name}" both bring the command "{found.name}".'
                )
            commands[found.name] = replace(found, plugin=name)
        plugins.append(Plugin(name, origin, on=True, purpose=(module.__doc__ or "").strip().partition("\n")[0]))
    if unknown := set(config.plugins.off) - {plugin.name for plugin in plugins}:
        raise PluginError(f"[plugins] off names {', '.join(sorted(unknown))}, but there is no such plugin.")
    try:
        registry.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(f'The plugin "{registry.get_name(error.plugin)}" has a misspelt hook: {error}') from error
    return Loaded(tuple(plugins), MappingProxyType(dict(sorted(commands.items()))), registry.hook)


def _found(config: Config) -> Iterator[tuple[str, str, ModuleType | None]]:
    """Each plugin's name, where it came from, and its module: None where it is off, for then nobody imports it."""
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        origin = point.dist.name if point.dist else point.value
        if point.name in config.plugins.off:
            yield point.name, origin, None
            continue
        try:
            yield point.name, origin, point.load()
        except (Exception, SystemExit) as error:  # whatever its import raises, the operator must hear whose it was
            raise _unloadable(point.name, origin, error) from error
    if not config.plugins.folder:
        return
    folder = Path(config.plugins.folder)
    if not folder.is_dir():
        raise PluginError(f"[plugins] folder: {folder} is no folder.")
    for path in sorted(folder.glob("[!_]*.py")):
        yield path.stem, str(path), None if path.stem in config.plugins.off else _import(path)


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"mentorbot_folder_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses and pickle look for the module of what they meet
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # as above
        raise _unloadable(path.stem, str(path), error) from error
    return module


def _unloadable(name: str, origin: str, error: BaseException) -> PluginError:
    said = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
    return PluginError(f'The plugin "{name}" ({origin}) cannot be loaded: {said}')


def _commands_of(module: ModuleType) -> Iterator[Command]:
    for value in vars(module).values():
        declared = inspect.getattr_static(value, "command", None)  # statically: a proxy of a library may raise
        # A plugin may import another's function; it brings only its own.
        if isinstance(declared, Command) and value.__module__ == module.__name__:
            yield declared
