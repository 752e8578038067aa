"""Tests of mentorbot/loader.py."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mentorbot.config import Config, parse
from mentorbot.errors import PluginError
from mentorbot.loader import Loaded, Plugin, load

SHIPPED = ["backlog", "docs", "fixes", "help", "niches", "optin", "reviews", "shoutout", "starter", "thanks", "triage"]

TIDE = '''"""When the tide turns."""
from mentorbot import Request, Store, command

@command("tide [place]")
def tide(request: Request, store: Store) -> list[str]:
    """Tell when the tide turns."""
    return ["Soon."]
'''


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Loaded]:
    """Load with a folder of one's own that has these files, and these plugins off."""

    def with_files(*off: str, **files: str) -> Loaded:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        names = ", ".join(f'"{name}"' for name in off)
        return load(parse(f'[plugins]\nfolder = "{tmp_path}"\noff = [{names}]'))

    return with_files


def refused(try_to: Callable[..., object], *off: str, **files: str) -> str:
    with pytest.raises(PluginError) as error:
        try_to(*off, **files)
    return str(error.value)


def test_the_shipped_plugins_are_found_by_their_entry_points() -> None:
    found = load(Config())
    assert set(SHIPPED) <= {plugin.name for plugin in found.plugins}
    assert {(plugin.origin, plugin.on) for plugin in found.plugins} == {("mentorbot", True)}
    assert [plugin for plugin in found.plugins if not plugin.purpose] == []
    assert {name: found.commands[name].plugin for name in ("starter", "why", "another", "howto", "more")} == {
        "starter": "starter",
        "why": "starter",
        "another": "starter",
        "howto": "niches",
        "more": "help",
    }
    assert list(found.commands) == sorted(found.commands)


def test_a_file_in_the_operators_folder_is_a_plugin(folder: Callable[..., Loaded], tmp_path: Path) -> None:
    found = folder(tide=TIDE, _hidden="raise Exception")
    assert [plugin for plugin in found.plugins if plugin.origin != "mentorbot"] == [
        Plugin("tide", f"{tmp_path}/tide.py", on=True, purpose="When the tide turns.")
    ]
    tide = found.commands["tide"]
    assert (tide.usage, tide.purpose, tide.access, tide.plugin) == (
        "tide [place]",
        "Tell when the tide turns.",
        "anyone",
        "tide",
    )


def test_a_plugin_may_have_dataclasses(folder: Callable[..., Loaded]) -> None:
    made = """
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar

@dataclass
class Tide:
    height: int
    seen: ClassVar[int] = 0
"""
    assert folder(tide=made).plugins[-1].on


def test_a_plugin_brings_only_its_own_commands(folder: Callable[..., Loaded]) -> None:
    assert "tide" not in folder(ebb="from mentorbot_plugins.starter import starter, why").commands


def test_a_plugin_may_hold_what_raises_when_it_is_asked(folder: Callable[..., Loaded]) -> None:
    proxy = "class Proxy:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n\nproxy = Proxy()\n"
    assert "tide" in folder(tide=f"{TIDE}\n{proxy}").commands


def test_a_plugin_that_is_off_is_listed_but_not_loaded(folder: Callable[..., Loaded]) -> None:
    found = folder("starter", "tide", tide="raise Exception('never run')")
    assert [plugin.name for plugin in found.plugins if not plugin.on] == ["starter", "tide"]
    assert {"starter", "why", "tide"} & set(found.commands) == set()


def test_turning_off_what_is_not_there_is_refused() -> None:
    config = parse('[plugins]\noff = ["startr", "docs"]')
    assert refused(lambda: load(config)) == "[plugins] off names startr, but there is no such plugin."


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    config = parse(f'[plugins]\nfolder = "{tmp_path}/nowhere"')
    assert refused(lambda: load(config)) == f"[plugins] folder: {tmp_path}/nowhere is no folder."


def test_two_plugins_of_one_name_are_refused(folder: Callable[..., Loaded], tmp_path: Path) -> None:
    assert refused(folder, starter=TIDE) == (
        f'There are two plugins called "starter"; one is from {tmp_path}/starter.py. Rename one.'
    )


def test_two_plugins_with_one_command_are_refused(folder: Callable[..., Loaded]) -> None:
    assert refused(folder, ebb=TIDE, flow=TIDE) == 'The plugins "ebb" and "flow" both bring the command "tide".'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def", "SyntaxError: invalid syntax (tide.py, line 1)"),
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (
            'from mentorbot import command\n@command("tide")\ndef tide(request, store): ...',
            'The command "tide" has no docstring; its first line is what help shows.',
        ),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_named(
    folder: Callable[..., Loaded], tmp_path: Path, text: str, said: str
) -> None:
    assert refused(folder, tide=text) == f'The plugin "tide" ({tmp_path}/tide.py) cannot be loaded: {said}'


def test_a_misspelt_hook_is_refused(folder: Callable[..., Loaded]) -> None:
    said = refused(folder, tide="from mentorbot import hookimpl\n@hookimpl\ndef queu(name): ...")
    assert said.startswith("The plugin \"tide\" has a misspelt hook: unknown hook 'queu' in plugin")


def test_a_hook_that_takes_what_it_is_not_given_is_refused(folder: Callable[..., Loaded], tmp_path: Path) -> None:
    said = refused(folder, tide="from mentorbot import hookimpl\n@hookimpl\ndef queue(nom): ...")
    assert said.startswith(f"The plugin \"tide\" ({tmp_path}/tide.py) has a hook that cannot be used: Plugin 'tide'")
