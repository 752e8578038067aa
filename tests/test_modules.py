"""Tests of mentorbot/modules.py; reading anew is tested with what it is for, in test_loader.py."""

from importlib.metadata import EntryPoint
from pathlib import Path

from mentorbot import modules
from mentorbot.config import Config, parse


def test_the_name_under_which_python_keeps_a_plugin_is_its_own() -> None:
    tide = EntryPoint("tide", "tides.plugin", modules.GROUP)
    assert modules.Source("tide", "tides", tide).module == "tides.plugin"
    assert modules.Source("tide", "/p/tide.py", Path("/p/tide.py")).module == "mentorbot_folder_tide"


def test_entry_points_come_first_by_name_and_then_the_folder(tmp_path: Path) -> None:
    for name in ("zebra", "ant", "_hidden"):
        (tmp_path / f"{name}.py").write_text("raise Exception('not to be run yet')")
    shipped = [source.name for source in modules.find(Config())]
    found = modules.find(parse(f'[plugins]\nfolder = "{tmp_path}"'))
    assert shipped == sorted(shipped)
    assert [source.name for source in found] == [*shipped, "ant", "zebra"]
