"""A plugin that is careless with the store spoils it for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentorbot import loader
from mentorbot.config import Config, Plugins
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests.builders import NOW

CARELESS = '''"""For tests."""
from mentorbot import command, hookimpl

@command("scribble")
def scribble(request, store):
    """Write past the store's own methods, and forget to end it."""
    store.db.conn.execute("insert into quiet values ('nick:bob', '2026-02-13')")
    return ["Done."]

@command("slam")
def slam(request, store):
    """Close the store."""
    store.close()
    return ["Done."]

@hookimpl
def queue(name, store):
    store.db.conn.execute("insert into quiet values ('nick:carol', '2026-02-13')")
'''


@pytest.fixture
def loaded(tmp_path: Path, config: Config) -> Iterator[Loaded]:
    (tmp_path / "careless.py").write_text(CARELESS)
    loaded = loader.load(config.model_copy(update={"plugins": Plugins(folder=str(tmp_path))}))
    yield loaded
    loaded.close()


@pytest.fixture
def say(config: Config, loaded: Loaded, file_store: Store) -> Iterator[Callable[[str], Answer | None]]:
    dispatch = Dispatch(config, loaded, file_store, lambda: NOW)
    yield lambda text: dispatch.answer(Heard(Who("alice"), None, text))
    dispatch.close()


def test_a_transaction_that_a_command_leaves_open_is_undone_and_its_plugins_fault(
    say: Callable[[str], Answer | None], loaded: Loaded, file_store: Store
) -> None:
    for _ in range(3):
        answer = say("scribble")
        assert answer is not None
        assert answer.lines[0].startswith("Something went wrong on my side.")
    assert list(loaded.off) == ["careless"]
    file_store.courtesy.leave_alone(["nick:dave"], NOW)
    assert file_store.rows("select person from quiet") == [{"person": "nick:dave"}]


def test_a_transaction_that_a_hook_leaves_open_is_undone_and_its_plugins_fault(
    loaded: Loaded, file_store: Store
) -> None:
    for _ in range(3):
        assert loaded.hooks.queue(name="boats", projects=[], request=None, store=file_store) is None
    assert list(loaded.off) == ["careless"]
    file_store.courtesy.leave_alone(["nick:dave"], NOW)
    assert file_store.rows("select person from quiet") == [{"person": "nick:dave"}]


def test_a_store_that_a_plugin_closes_is_opened_again(say: Callable[[str], Answer | None], file_store: Store) -> None:
    for _ in range(3):
        assert say("slam") == Answer("alice", ["Done."])
    answers = [say("quiet") for _ in range(5)]
    assert answers == [Answer("alice", ["From now on I write to you only when you ask me something."])] * 5
    assert file_store.courtesy.wants_quiet(["nick:alice"])
