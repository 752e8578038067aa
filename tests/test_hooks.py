"""Tests of mentorbot/hooks.py: one broken plugin silences no other."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentorbot import Credit, Item, Request, Store, hookspecs
from mentorbot.config import Config, parse
from mentorbot.loader import Loaded, load
from mentorbot.models import Who
from tests.builders import NOW, days_ago

HEAD = '''"""A plugin."""
from datetime import UTC, datetime
import threading
from mentorbot import Credit, Item, hookimpl

MOMENT = datetime(2026, 2, 10, tzinfo=UTC)
GATE = threading.Event()
ITEM = Item("bug", 1, "harbour", "A mast", "https://boats.example/1", MOMENT)
CREDIT = Credit("account:ada", "ada", "triage", "looked", "https://boats.example/1", MOMENT)

'''
GOOD = """
@hookimpl
def queue(name):
    return [ITEM] if name == "boats" else None

@hookimpl
def evidence(since):
    yield CREDIT
"""
BROKEN = {
    "raises": "@hookimpl(tryfirst=True)\ndef queue(name): raise KeyError(name)",
    "exits": "@hookimpl(tryfirst=True)\ndef queue(name): raise SystemExit(1)",
    "gives_other_things": "@hookimpl(tryfirst=True)\ndef queue(name): return [1, 2]",
    "gives_no_list": "@hookimpl(tryfirst=True)\ndef queue(name): return 7",
    "breaks_midway": "@hookimpl(tryfirst=True)\ndef evidence(since):\n    yield CREDIT\n    raise KeyError('midway')",
    "never_returns": "@hookimpl(tryfirst=True)\ndef queue(name): GATE.wait()",
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Callable[..., Loaded]]:
    made: list[Loaded] = []

    def loaded(**plugins: str) -> Loaded:
        for name, text in plugins.items():
            (tmp_path / f"{name}.py").write_text(HEAD + text)
        made.append(load(parse(f'[plugins]\nfolder = "{tmp_path}"')))
        return made[-1]

    yield loaded
    for one in made:
        one.close()


def queue(loaded: Loaded, name: str = "boats") -> list[Item] | None:
    found: list[Item] | None = loaded.hooks.queue(name=name, projects=[], request=None, store=Store())
    return found


def test_of_a_fault_over_a_private_question_the_log_has_all_but_the_words(
    folder: Callable[..., Loaded], caplog: pytest.LogCaptureFixture, config: Config
) -> None:
    loaded = folder(reads="@hookimpl\ndef queue(name, request): return int(request.text)")
    for where in (None, "#mentors"):
        asked = Request(Who("ann"), where, f"secret of {where}", NOW, config, loaded)
        loaded.hooks.queue(name="boats", projects=[], request=asked, store=Store())
    assert caplog.text.count("int(request.text)") == 2
    assert ("secret of None" in caplog.text, "secret of #mentors" in caplog.text) == (False, True)


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_left_out_and_the_others_are_heard(
    folder: Callable[..., Loaded],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    config: Config,
    store: Store,
    kind: str,
) -> None:
    monkeypatch.setitem(hookspecs.TERMS, "queue", hookspecs.Terms(Item, 0.1))
    loaded = folder(good=GOOD, **{kind: BROKEN[kind]})
    item = Item("bug", 1, "harbour", "A mast", "https://boats.example/1", days_ago(0).replace(day=10, hour=0, minute=0))
    with caplog.at_level(logging.ERROR):
        assert queue(loaded) == [item]
        seen = loaded.hooks.evidence(since=days_ago(7), until=NOW, config=config, store=store)
    assert [credit.name for credits in seen for credit in credits] == ["ada"]
    failed = [record.getMessage() for record in caplog.records]
    assert len(failed) == 1
    assert failed[0].endswith(f" of the plugin {kind}")


def test_a_plugin_that_hangs_is_asked_no_more_while_it_hangs(
    folder: Callable[..., Loaded], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(hookspecs.TERMS, "queue", hookspecs.Terms(Item, 0.1))
    loaded = folder(good=GOOD, never_returns=BROKEN["never_returns"])
    with caplog.at_level(logging.INFO):
        assert [len(queue(loaded) or []) for _ in range(20)] == [1] * 20
    failed = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failed) == 1
    assert {plugin.name for plugin in loaded.plugins if not plugin.on} == set()


def test_a_plugin_whose_hook_fails_three_times_is_switched_off(folder: Callable[..., Loaded]) -> None:
    loaded = folder(good=GOOD, raises=BROKEN["raises"])
    assert [len(queue(loaded) or []) for _ in range(4)] == [1] * 4
    off = [plugin for plugin in loaded.plugins if not plugin.on]
    assert [plugin.name for plugin in off] == ["raises"]
    assert off[0].why.startswith("it failed 3 times in ten minutes, the last time as error ")


def test_an_answer_that_is_none_leaves_the_word_to_the_others(folder: Callable[..., Loaded]) -> None:
    assert queue(folder(good=GOOD), "castles") is None


def test_a_hook_that_there_is_not_cannot_be_asked(folder: Callable[..., Loaded]) -> None:
    with pytest.raises(AttributeError, match="quue"):
        folder().hooks.quue(name="boats")


def test_every_hook_has_its_terms() -> None:
    specified = {name for name, hook in vars(hookspecs).items() if hasattr(hook, f"{hookspecs.PROJECT}_spec")}
    assert specified == set(hookspecs.TERMS)


def test_credits_that_plugins_give_are_credits(folder: Callable[..., Loaded], config: Config, store: Store) -> None:
    loaded = folder(good=GOOD)
    seen = loaded.hooks.evidence(since=days_ago(7), until=NOW, config=config, store=store)
    assert all(isinstance(credit, Credit) for credits in seen for credit in credits)


SLOW = """
ASKED = []

@hookimpl(tryfirst=True)
def queue(name):
    ASKED.append(name)
    GATE.wait(0.6)
"""


def test_a_plugin_that_is_slow_costs_a_command_its_time_once_however_often_it_is_asked(
    folder: Callable[..., Loaded], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(hookspecs.TERMS, "queue", hookspecs.Terms(Item, 1.0))
    loaded, store = folder(slow=SLOW, good=GOOD), Store()
    request = Request(Who("alice"), "#mentors", "", NOW, parse(""), loaded)
    for _ in range(6):
        [item] = request.hooks.queue(name="boats", projects=[], request=request, store=store)
        assert item.number == 1
    assert len(sys.modules["mentorbot_folder_slow"].ASKED) <= 2
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
