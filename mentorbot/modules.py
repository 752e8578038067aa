"""Finds the modules that are plugins, and reads them, also anew: entry points, and files in the operator's folder."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from mentorbot.config import Config
from mentorbot.errors import PluginError

GROUP = "mentorbot.plugins"


@dataclass(frozen=True)
class Source:
    """Where a plugin is: its name, who brought it ("mentorbot", another distribution, or a file), and how to get it."""

    name: str
    origin: str
    place: EntryPoint | Path

    @property
    def module(self) -> str:
        """The name under which Python keeps it."""
        return self.place.module if isinstance(self.place, EntryPoint) else f"mentorbot_folder_{self.place.stem}"


def find(config: Config) -> list[Source]:
    """All plugins there are, off or not; raises PluginError where two have one name."""
    found: dict[str, Source] = {}
    for source in _all(config):
        if source.name in found:
            raise PluginError(f'There are two plugins called "{source.name}"; one is from {source.origin}. Rename one.')
        found[source.name] = source
    return list(found.values())


def _all(config: Config) -> Iterator[Source]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield Source(point.name, point.dist.name if point.dist else point.value, point)
    if not config.plugins.folder:
        return
    folder = Path(config.plugins.folder)
    if not folder.is_dir():
        raise PluginError(f"[plugins] folder: {folder} is no folder.")
    for path in sorted(folder.glob("[!_]*.py")):
        yield Source(path.stem, str(path), path)


def read(source: Source) -> ModuleType:
    """Import the plugin; raises PluginError naming it, whatever its import raises."""
    try:
        module: ModuleType = source.place.load() if isinstance(source.place, EntryPoint) else _run(source)
    except (Exception, SystemExit) as error:
        said = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        raise PluginError(f'The plugin "{source.name}" ({source.origin}) cannot be loaded: {said}') from error
    return module


@contextmanager
def read_anew(source: Source, others: Collection[Source]) -> Iterator[ModuleType]:
    """The plugin as its files are now, with the modules beside it that are no other plugin's.

    Where this or what the block does with it fails, Python has the old modules again, untouched.
    """
    before = {name: sys.modules.pop(name) for name in _own(source, others)}
    for module in before.values():
        _forget_compiled(module)
    importlib.invalidate_caches()
    try:
        yield read(source)
    except BaseException:
        for name in _own(source, others):
            del sys.modules[name]
        sys.modules.update(before)
        for name, module in before.items():
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], child, module)
        raise


def _own(source: Source, others: Collection[Source]) -> list[str]:
    """The loaded modules that belong to this plugin: its own, those in it, and those beside it that are nobody's."""
    package = source.module.rpartition(".")[0] or source.module

    def is_in(name: str, place: str) -> bool:
        return name == place or name.startswith(f"{place}.")

    return [
        name
        for name in sys.modules
        if is_in(name, source.module)
        or (is_in(name, package) and name != package and not any(is_in(name, other.module) for other in others))
    ]


def _forget_compiled(module: ModuleType) -> None:
    """Python would take what it compiled before for a file that was changed within the same second."""
    with suppress(OSError):
        if cached := getattr(module, "__cached__", None):
            Path(cached).unlink(missing_ok=True)


def _run(source: Source) -> ModuleType:
    assert isinstance(source.place, Path)
    spec = importlib.util.spec_from_file_location(source.module, source.place)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses and pickle look for the module of what they meet
    spec.loader.exec_module(module)
    return module
