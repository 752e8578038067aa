"""README says what the code does: its tables and its conversation are written from it."""

import re
from pathlib import Path

import pytest

from mentorbot import config as settings
from mentorbot import loader
from mentorbot.dispatch import Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests import readme
from tests.builders import NOW, change


@pytest.mark.parametrize("name", readme.PARTS)
def test_readme_is_current(name: str) -> None:
    written = readme.part(readme.README.read_text(encoding="utf-8"), name)
    assert written == readme.PARTS[name](), "README is stale: run python -m tests.readme"


def test_the_quick_start_is_two_shell_commands() -> None:
    text = readme.README.read_text(encoding="utf-8")
    start = re.findall(r"```sh\n(.*?)\n```", text.partition("## Start")[2].partition("\n## ")[0], re.DOTALL)
    assert len(start) == 2
    assert all("\n" not in command for command in start)


def test_readme_has_its_four_parts_and_then_the_changes() -> None:
    headings = re.findall(r"^## (.*)$", readme.README.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Start", "Do", "Know", "Why", "Changes"]


def test_every_link_to_a_file_of_the_project_leads_somewhere() -> None:
    links = re.findall(r"\]\(((?!https?:|#)[^)#\s]+)", readme.README.read_text(encoding="utf-8"))
    assert [link for link in links if not (readme.ROOT / link).exists()] == []


def test_the_plugin_it_shows_works(tmp_path: Path, config: settings.Config, store: Store) -> None:
    [shown] = re.findall(r"```python\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "notes.py").write_text(shown, encoding="utf-8")
    config = config.model_copy(update={"plugins": settings.Plugins(folder=str(tmp_path))})
    dispatch = Dispatch(config, loader.load(config), store, lambda: NOW)
    asked = Heard(Who("alice"), "#mentors", "!notes")
    nothing = dispatch.answer(asked)
    store.save([change(50), change(51, "Say what is new", files=("releasenotes/a.yaml",))])
    answer = dispatch.answer(asked)
    dispatch.close()
    assert nothing and nothing.lines == ["No release note waits for a look."]
    assert answer and answer.lines == ["https://review.harbour.example/c/harbour/harbour/+/51 Say what is new"]


def test_the_configuration_it_shows_has_no_fault() -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)
    assert settings.parse(shown).shoutout.channels == ("#harbour-mentors",)


def test_the_example_configuration_is_current_and_means_the_defaults() -> None:
    text = readme.EXAMPLE.read_text(encoding="utf-8")
    assert text == readme.example(), "the example is stale: run python -m tests.readme"
    assert settings.parse(text) == settings.Config()
    uncommented = re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE)
    assert settings.parse(uncommented) == settings.Config()
