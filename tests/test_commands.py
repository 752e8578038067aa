"""Tests of mentorbot/commands.py."""

from typing import Any

import pytest

from mentorbot import Request, Store, command
from mentorbot.commands import Command
from mentorbot.errors import PluginError


def test_a_command_is_named_by_its_first_word_and_explained_by_its_docstring() -> None:
    @command("tide [place]", access="account")
    def tide(request: Request, store: Store) -> list[str]:
        """Tell when the tide turns.

        And more that help does not show.
        """
        return []

    assert tide.command == Command(  # type: ignore[attr-defined]
        "tide", "tide [place]", "Tell when the tide turns.", "account", tide
    )


def test_the_words_of_a_request_are_split_at_any_space(loaded: Any, config: Any) -> None:
    from mentorbot.models import Who
    from tests.builders import NOW

    request = Request(Who("alice"), None, " one  two\tthree ", NOW, config, loaded)
    assert request.words == ["one", "two", "three"]


@pytest.mark.parametrize("usage", ["", " ", "Tide", "!tide", "tide: now", "2tide", None, len])
def test_a_command_nobody_could_call_is_refused(usage: Any) -> None:
    with pytest.raises(PluginError, match=r'^A command is declared as @command\("waiting \[project\]"\), a lower-case'):
        command(usage)


def test_an_access_that_does_not_exist_is_refused() -> None:
    with pytest.raises(PluginError) as refused:
        command("tide", access="admins")  # type: ignore[arg-type]
    assert str(refused.value) == "The command \"tide\" is for 'admins'; there are anyone, account, organiser, admin."


def test_a_command_without_a_docstring_is_refused() -> None:
    with pytest.raises(PluginError) as refused:

        @command("tide")
        def tide(request: Request, store: Store) -> list[str]:
            return []

    assert str(refused.value) == 'The command "tide" has no docstring; its first line is what help shows.'


def test_a_command_takes_a_request_and_the_store() -> None:
    def tide(request: Request) -> list[str]:
        """Tell when the tide turns."""
        return []

    with pytest.raises(PluginError) as refused:
        command("tide")(tide)  # type: ignore[type-var]
    assert str(refused.value) == 'The command "tide" must take exactly (request, store).'
