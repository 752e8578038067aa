"""Tests of plugins/unsung.py: the shipped detectors answer the hook."""

from mentorbot import config as settings
from mentorbot.loader import Loaded
from mentorbot.store import Store
from tests.builders import NOW, activity, bug, change, days_ago


def test_both_detectors_answer_the_hook(store: Store, config: settings.Config, loaded: Loaded) -> None:
    store.save([*bug(12), activity(12, "tess", "harbour: status", "New", "Confirmed")])
    store.save([change(1, owner="ada", days=400), change(22, messages=(("ben", "Hello!"),))])
    seen = loaded.hooks.evidence(since=days_ago(7), until=NOW, config=config, store=store)
    assert [credit.evidence for credits in seen for credit in credits] == [
        "change 22 first answer",
        "bug 12 triage by tess",
    ]
