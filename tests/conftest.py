"""What every test may ask for: a store, a configuration, and a person who asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest

from mentorbot import config as settings
from mentorbot import loader, refresh
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests.builders import NOW

pytest_plugins = ["tests.ircds", "tests.mirrors", "tests.people", "tests.services"]

# How long an example takes tells of the machine's other work, and nothing of ours.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

CONFIG = """
[community]
name = "Harbour"
[irc]
server = "127.0.0.1"
tls = false
channels = ["#mentors"]
admins = ["boss"]
[launchpad]
projects = ["harbour", "harbour-client"]
robots = ["harbour-janitor", "harbour-gerrit"]
[gerrit]
url = "https://review.harbour.example"
projects = ["harbour/harbour", "harbour/harbour-client"]
robots = ["harbour-ci"]
[shoutout]
channels = ["#mentors"]
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nothing-skipped", action="store_true", help="a skipped test is a failure")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--nothing-skipped") and (skipped := terminalreporter.stats.get("skipped")):
        terminalreporter.write_line(f"{len(skipped)} skipped, and nothing may be skipped here", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--nothing-skipped") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded data beside the project; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("MENTORBOT_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"there is no recorded data at {folder}")
    return folder


@pytest.fixture
def config() -> settings.Config:
    return settings.parse(CONFIG)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """One that several threads may use at a time, as those of a running bot do."""
    store = Store(tmp_path / "mentorbot.db")
    yield store
    store.close()


@pytest.fixture
def loaded(config: settings.Config) -> Iterator[loader.Loaded]:
    loaded = loader.load(config)
    yield loaded
    loaded.close()


Ask = Callable[..., list[str]]


@pytest.fixture
def answer(config: settings.Config, store: Store, loaded: loader.Loaded) -> Iterator[Callable[..., Answer | None]]:
    """Say a line in a channel (`where=None`: in private) and get the whole answer."""
    moment = NOW
    dispatch = Dispatch(config, loaded, store, lambda: moment)

    def say(
        text: str,
        *,
        nick: str = "alice",
        account: str | None = None,
        where: str | None = "#mentors",
        now: datetime = NOW,
    ) -> Answer | None:
        nonlocal moment
        moment = now
        return dispatch.answer(Heard(Who(nick, account), where, text))

    yield say
    dispatch.close()


@pytest.fixture
def ask(answer: Callable[..., Answer | None]) -> Ask:
    """Like `answer`, but gives the lines alone; none where the bot stays silent."""

    def say(text: str, **how: object) -> list[str]:
        said = answer(text, **how)
        return said.lines if said else []

    return say


@pytest.fixture
def noted(answer: Callable[..., Answer | None], store: Store) -> Ask:
    """Ask as in a running bot, which notes where its answers were heard."""

    def ask(text: str, nick: str = "alice", account: str | None = None, where: str | None = "#mentors") -> list[str]:
        answered = answer(text, nick=nick, account=account, where=where)
        assert answered
        refresh.said(store, Who(nick, account), answered.target, answered.lines, NOW)
        return answered.lines

    return ask
