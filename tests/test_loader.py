"""Tests of mentorbot/loader.py."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mentorbot import modules
from mentorbot.config import Config, parse
from mentorbot.errors import PluginError
from mentorbot.loader import HUNG, WITHIN, Loaded, Plugin, load

SHIPPED = ["backlog", "duplicates", "help", "niches", "optin", "shoutout", "starter", "thanks", "triage"]

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
    config = parse('[plugins]\noff = ["startr", "duplicates"]')
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


@pytest.mark.parametrize(
    ("hook", "meant"),
    [("queu", "did you mean queue?"), ("moonlight", "there are evidence, greet, queue.")],
)
def test_a_misspelt_hook_is_refused(folder: Callable[..., Loaded], tmp_path: Path, hook: str, meant: str) -> None:
    assert refused(folder, tide=f"from mentorbot import hookimpl\n@hookimpl\ndef {hook}(name): ...") == (
        f'The plugin "tide" ({tmp_path}/tide.py) has a misspelt hook: there is none called "{hook}"; {meant}'
    )


def test_a_hook_that_takes_what_it_is_not_given_is_refused(folder: Callable[..., Loaded], tmp_path: Path) -> None:
    said = refused(folder, tide="from mentorbot import hookimpl\n@hookimpl\ndef queue(nom): ...")
    assert said.startswith(f"The plugin \"tide\" ({tmp_path}/tide.py) has a hook that cannot be used: Plugin 'tide'")
    assert "\n" not in said


# At run time.


@pytest.fixture
def tides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Write the files of an installed package, `tides`, whose plugin is tides.plugin."""
    info = tmp_path / "tides-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tides\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[mentorbot.plugins]\ntide = tides.plugin\n")
    (tmp_path / "tides").mkdir()
    (tmp_path / "tides" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / "tides" / f"{name}.py").write_text(text)

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "tides"]:
        del sys.modules[name]


WITH_MOON = TIDE.replace("from mentorbot", "from tides.moon import WHEN\nfrom mentorbot").replace('["Soon."]', "[WHEN]")


def said(found: Loaded) -> str:
    request: Any = None
    lines = found.commands["tide"].function(request, request)
    assert isinstance(lines, list)
    return lines[0]


def test_an_installed_plugin_is_read_anew_with_the_modules_beside_it(
    tides: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    tides(plugin=WITH_MOON, moon='WHEN = "1 h"')
    found = load(Config())
    assert (said(found), found.commands["tide"].plugin) == ("1 h", "tide")
    assert [plugin.origin for plugin in found.plugins if plugin.name == "tide"] == ["tides"]
    for when in ("2 h", "3 h", "4 h"):
        tides(moon=f'WHEN = "{when}"')
        found.reload("tide")
        assert said(found) == when


@pytest.mark.parametrize(
    ("plugin", "moon"),
    [
        (WITH_MOON, "1 / 0"),
        (WITH_MOON.replace('"tide [place]"', '"starter"'), 'WHEN = "2 h"'),
        (f"{WITH_MOON}\nfrom mentorbot import hookimpl\n@hookimpl\ndef queu(name): ...", 'WHEN = "2 h"'),
    ],
)
def test_where_that_fails_the_old_one_is_whole_again(tides: Callable[..., None], plugin: str, moon: str) -> None:
    tides(plugin=WITH_MOON, moon='WHEN = "1 h"')
    found = load(Config())
    before = dict(found.commands), found.plugins, sys.modules["tides.plugin"], sys.modules["tides.moon"]
    tides(plugin=plugin, moon=moon)
    with pytest.raises(PluginError):
        found.reload("tide")
    after = dict(found.commands), found.plugins, sys.modules["tides.plugin"], sys.modules["tides.moon"]
    assert after == before
    assert said(found) == "1 h"
    assert sys.modules["tides"].moon is sys.modules["tides.moon"]


def test_a_shipped_plugin_read_anew_leaves_the_others_alone(loaded: Loaded) -> None:
    duplicates, starter = sys.modules["mentorbot_plugins.duplicates"], sys.modules["mentorbot_plugins.starter"]
    loaded.reload("starter")
    assert sys.modules["mentorbot_plugins.duplicates"] is duplicates
    assert sys.modules["mentorbot_plugins.starter"] is not starter
    sys.modules["mentorbot_plugins.starter"] = starter


def test_a_wrapper_of_hooks_is_refused(folder: Callable[..., Loaded], tmp_path: Path) -> None:
    wraps = "from mentorbot import hookimpl\n@hookimpl(wrapper=True)\ndef queue(name): yield"
    assert refused(folder, tide=wraps) == (
        f'The plugin "tide" ({tmp_path}/tide.py) wraps the hook queue; plugins are asked one by one, so there is'
        " nothing to wrap."
    )


def test_failures_that_are_far_apart_switch_nothing_off() -> None:
    now = [0.0]
    found = Loaded(lambda: modules.find(Config()), seconds=lambda: now[0])
    for at in (0, 301, 602, 903):
        now[0] = at
        found.failed("duplicates", "a test", KeyError("x"))
    assert [plugin.name for plugin in found.plugins if not plugin.on] == []
    now[0] = 301 + WITHIN
    found.failed("duplicates", "a test", KeyError("x"))
    assert [plugin.name for plugin in found.plugins if not plugin.on] == ["duplicates"]


def test_the_plugin_that_switches_others_on_is_never_switched_off(loaded: Loaded) -> None:
    for _ in range(5):
        loaded.failed("plugins", "a test", KeyError("x"))
    assert [plugin.name for plugin in loaded.plugins if not plugin.on] == []


def test_a_plugin_of_which_too_much_hangs_is_off_for_good(loaded: Loaded) -> None:
    gate = threading.Event()
    hanging = [loaded.workers.submit("duplicates", gate.wait, 0.02) for _ in range(HUNG)]
    assert [str(call.exception(10)) for call in hanging] == ["it took more than 0.02 seconds"] * HUNG
    loaded.failed("duplicates", "a test", KeyError("x"))
    (duplicates,) = [plugin for plugin in loaded.plugins if not plugin.on]
    assert duplicates.why.startswith("6 of its calls never came back, the last is error ")
    for attempt in (loaded.turn_on, loaded.reload):
        with pytest.raises(PluginError, match="6 calls of duplicates never came back, and only a restart"):
            attempt("duplicates")
    gate.set()


def test_what_was_switched_off_at_run_time_stays_off_in_a_new_configuration(loaded: Loaded) -> None:
    loaded.turn_off("backlog", "switched off by boss")
    loaded.turn_off("niche", "it failed", failed=True)
    again = load(parse('[plugins]\noff = ["thanks"]'), loaded)
    off = [(plugin.name, plugin.why, plugin.failed) for plugin in again.plugins if not plugin.on]
    assert off == [
        ("backlog", "switched off by boss", False),
        ("niche", "it failed", True),
        ("thanks", "left out by [plugins] off", False),
    ]
    again.turn_on("backlog")
    last = load(Config(), again)
    assert [plugin.name for plugin in last.plugins if not plugin.on] == ["niche"]
    assert last.workers is loaded.workers


STUCK = '''"""Stuck."""
from tests import test_loader

test_loader.BEGUN.set()
test_loader.GATE.wait(20)
'''
BEGUN, GATE = threading.Event(), threading.Event()


def test_a_plugin_whose_file_takes_for_ever_does_not_keep_others_from_being_switched_off(
    tmp_path: Path, folder: Callable[..., Loaded]
) -> None:
    loaded = folder(tide=TIDE, stuck=TIDE.replace("tide", "ebb"))
    (tmp_path / "stuck.py").write_text(STUCK, encoding="utf-8")
    thread = threading.Thread(target=loaded.reload, args=["stuck"])
    thread.start()
    assert BEGUN.wait(20)
    for _ in range(3):
        loaded.failed("tide", "tide", KeyError("moon"))
    loaded.turn_off("stuck", "it hangs")
    assert sorted(loaded.off) == ["stuck", "tide"]
    GATE.set()
    thread.join(20)
