"""The house keeps its order: who may call on whom, what stands where, and what nobody may do."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = [*sorted((ROOT / "mentorbot").rglob("*.py")), *sorted((ROOT / "plugins").glob("*.py"))]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The (module, name) pairs that a file imports from; the name is "" for a plain import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    top = {path.partition("/")[0] for path in tracked()}
    visible = {name for name in top if not name.startswith(".")}
    assert visible == {"LICENSE", "README.md", "data", "mentorbot", "plugins", "pyproject.toml", "tests"}


def test_a_room_calls_only_on_rooms_below_it() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_every_room_has_its_place_in_the_order() -> None:
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {room.strip() for layer in layers for room in layer.split("|")}
    rooms = {
        f"mentorbot.{path.stem}"
        for path in (ROOT / "mentorbot").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert placed == rooms


HOMES = {
    "irc": "mentorbot/chat/",
    "launchpadlib": "mentorbot/sources/launchpad_wire.py",
    "lazr": "mentorbot/sources/launchpad_wire.py",
    "httplib2": "mentorbot/sources/launchpad_wire.py",
    "gerritclient": "mentorbot/sources/gerrit",
    "requests": "mentorbot/sources/gerrit",
    "sqlite_utils": "mentorbot/store/",
    "sqlite3": "mentorbot/store/",
}


@pytest.mark.parametrize("library", HOMES)
def test_an_outside_library_is_imported_in_its_home_only(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for module, _ in imported(path)
        if module.partition(".")[0] == library
    }
    assert users, f"nobody imports {library} any more"
    assert {path for path in users if not path.startswith(HOMES[library])} == set()


def test_plugins_import_the_window_only() -> None:
    window = {"mentorbot", "mentorbot.text"}
    foreign = {
        (path.name, module)
        for path in (ROOT / "plugins").glob("*.py")
        for module, _ in imported(path)
        if module.partition(".")[0] == "mentorbot" and module not in window
    }
    assert foreign == set()


def test_every_plugin_is_an_entry_point_and_has_a_test_file() -> None:
    plugins = {path.stem for path in (ROOT / "plugins").glob("*.py")} - {"__init__"}
    points = PROJECT["project"]["entry-points"]["mentorbot.plugins"]
    assert points == {name: f"mentorbot_plugins.{name}" for name in sorted(plugins)}
    assert {name for name in plugins if not (ROOT / "tests" / f"test_{name}.py").exists()} == set()


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    askers = {
        path.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (ast.unparse(node) in ("datetime.now", "datetime.utcnow", "date.today", "time.time"))
    }
    assert askers == {"clock.py"}


def test_nothing_sleeps() -> None:
    sleepers = {
        str(path.relative_to(ROOT))
        for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.sleep", "asyncio.sleep")
    }
    assert sleepers == set()


def test_every_file_opens_with_its_purpose() -> None:
    mute = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert mute == []


def test_files_stay_short_enough_to_hold_in_mind() -> None:
    long = {str(path.relative_to(ROOT)): n for path in SOURCES if (n := len(path.read_text().splitlines())) > 330}
    assert long == {}


def test_packages_of_the_wheel_are_all_named() -> None:
    packages = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "mentorbot").rglob("__init__.py")} | {
        "mentorbot_data",
        "mentorbot_plugins",
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages


def test_the_chatting_process_does_not_pay_for_the_mirrors_libraries() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, mentorbot.app; print([m for m in sys.modules if m in sys.argv[1:]])",
         "launchpadlib", "gerritclient", "lazr.restfulclient", "rich"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert seen.stdout.strip() == "[]"


def test_no_address_of_a_package_registry_stands_in_the_project() -> None:
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "repo1.maven" + ".org", "deb.debian" + ".org"]
    named = [
        path
        for path in tracked()
        if (ROOT / path).suffix != ".jsonl" and any(h in (ROOT / path).read_text() for h in hosts)
    ]
    assert named == []
