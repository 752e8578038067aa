"""Tests of plugins/plugins.py: plugins at run time, as an admin says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentorbot.app import App
from mentorbot.config import Config, Plugins
from mentorbot.dispatch import Answer
from mentorbot.loader import load
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests.builders import NOW
from tests.people import running

TIDE = '''"""When the tide turns."""
from mentorbot import command

@command("tide")
def tide(request, store):
    """Tell when the tide turns."""
    {body}
'''

Say = Callable[..., list[str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tide.py"
    file.write_text(TIDE.format(body='return ["Soon."]'))
    return file


@pytest.fixture
def tell(config: Config, file_store: Store, file: Path) -> Iterator[Callable[..., Answer]]:
    """Say something to a bot that runs, but never comes to a network."""
    with_folder = config.model_copy(update={"plugins": Plugins(folder=str(file.parent), off=("waiting",))})
    with running(App(with_folder, load(with_folder), file_store, lambda: NOW)) as app:

        def said(text: str, account: str | None = "boss", where: str | None = None) -> Answer:
            answer = app._dispatch.answer(Heard(Who("alice", account), where, text))
            assert answer is not None
            return answer

        yield said


@pytest.fixture
def say(tell: Callable[..., Answer]) -> Say:
    return lambda text, account="boss": tell(text, account).lines


def listed(say: Say) -> list[str]:
    return say("plugins")[1:]


def test_plugins_lists_what_is_on_and_why_the_rest_is_not(say: Say) -> None:
    said = say("plugins")
    assert re.fullmatch(r"On are (\w+, )+welcome and tide\.", said[0])
    assert said[1:] == ["waiting is off: left out by [plugins] off."]


@pytest.mark.parametrize("text", ["plugins", "plugin off tide", "reload tide"])
def test_they_are_for_admins(say: Say, text: str) -> None:
    assert say(text, account="alice") == [f"{text.split()[0]} is for this bot's admins."]
    assert say("tide", account=None) == ["Soon."]


def test_a_plugin_is_switched_off_and_on(say: Say) -> None:
    assert say("plugin off tide") == ["tide is off."]
    assert say("tide") == ["tide is switched off at the moment."]
    assert "tide is off: switched off by boss." in listed(say)
    assert say("plugin ON tide") == ["tide is on, with tide."]
    assert say("tide") == ["Soon."]


def test_a_plugin_that_the_configuration_leaves_out_can_be_switched_on(say: Say) -> None:
    assert say("waiting") == [
        'I am only a program and do not understand "waiting". Say starter for something to do, help for the rest.'
    ]
    assert say("plugin on waiting") == ["waiting is on, with waiting."]
    assert say("waiting wharf") == ['I know no project "wharf". I read harbour, harbour-client.']


def test_the_plugin_that_switches_the_others_stays_on(say: Say) -> None:
    assert say("plugin off plugins") == ["plugins is what switches the others on; it stays."]


def test_reload_uses_what_the_file_says_now(say: Say, file: Path) -> None:
    for moon in ("Full moon.", "Half moon.", "Dark moon."):
        file.write_text(TIDE.format(body=f'return ["{moon}"]'))
        assert say("reload tide") == ["tide is on as its files are now, with tide."]
        assert say("tide") == [moon]


def test_a_file_that_is_new_in_the_folder_is_found(say: Say, file: Path) -> None:
    (file.parent / "ebb.py").write_text(TIDE.format(body='return ["Low."]').replace("tide", "ebb"))
    assert say("reload ebb") == ["ebb is on as its files are now, with ebb."]
    assert say("ebb") == ["Low."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        (
            "from mentorbot import hookimpl\n@hookimpl\ndef queu(name): ...",
            'has a misspelt hook: there is none called "queu"; did you mean queue?',
        ),
        (TIDE.format(body="return []").replace("tide", "starter"), 'both bring the command "starter"'),
    ],
)
def test_what_cannot_be_loaded_anew_stays_as_it_was_and_says_why(say: Say, file: Path, text: str, said: str) -> None:
    before = say("plugins")
    file.write_text(text)
    (answer,) = say("reload tide")
    assert answer.startswith("Nothing has changed. The plugin")
    assert said in answer
    assert say("tide") == ["Soon."]
    assert say("plugins") == before


@pytest.mark.parametrize("text", ["reload nowhere", "plugin on nowhere", "plugin off nowhere"])
def test_a_plugin_that_there_is_not_is_named(say: Say, text: str) -> None:
    assert "There is no plugin 'nowhere'; there are backlog, claim, duplicates, " in say(text)[0]


def test_half_a_command_is_told_how_it_is_said(say: Say) -> None:
    usage = "Say !plugin on NAME or !plugin off NAME; !plugins lists them."
    assert [say("plugin"), say("plugin up tide"), say("plugin on")] == [[usage]] * 3
    assert say("reload") == ["Say which plugin; !plugins lists them."]


def test_a_plugin_that_failed_is_listed_with_the_reason_and_comes_back_mended(say: Say, file: Path) -> None:
    file.write_text(TIDE.format(body="raise KeyError('the moon')"))
    say("reload tide")
    said = [say("tide")[0] for _ in range(4)]
    assert said[3] == "tide is switched off at the moment."
    assert [line.startswith("Something went wrong on my side.") for line in said] == [True, True, True, False]
    number = said[2].rstrip(".")[-6:]
    assert f"tide is off: it failed 3 times in ten minutes, the last time as error {number}." in listed(say)
    file.write_text(TIDE.format(body='return ["Soon again."]'))
    say("reload tide")
    assert [say("tide") for _ in range(4)] == [["Soon again."]] * 4


@pytest.mark.parametrize("text", ["plugin off docs", "plugin on docs", "reload docs"])
def test_in_a_shell_there_is_nothing_to_switch(ask: Callable[..., list[str]], text: str) -> None:
    assert ask(text, account="boss", where=None) == ["This I can do only while I run: please say it to me in the chat."]


@pytest.mark.parametrize("text", ["!plugin off docs", "!plugin on nowhere", "!reload docs", "!reload tide"])
def test_no_channel_hears_what_became_of_it(tell: Callable[..., Answer], file: Path, text: str) -> None:
    file.write_text("secret = 1 / 0")
    assert tell(text, where="#mentors").target == "alice"
