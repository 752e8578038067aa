"""Tests of plugins/thanks.py: thanks, and taking them back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot import config as settings
from mentorbot import loader
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.models import Credit, Heard, Who
from mentorbot.store import Store
from tests.builders import NOW, days_ago

Ask = Callable[..., list[str]]
NOTED = "Thank you, noted for bob. (!undo takes it back, for 10 minutes.)"
USAGE = "Say whom you thank and what for: !thanks NICK for REASON [URL]. A link alone is a reason too."


def recorded(store: Store) -> list[Credit]:
    return store.credits.between(days_ago(30), days_ago(-30))


def kept(store: Store) -> list[tuple[str, str, str]]:
    return [(credit.person, credit.reason, credit.url) for credit in recorded(store)]


def test_thanks_are_recorded_with_the_reason_and_the_link(ask: Ask, store: Store) -> None:
    assert ask("!thanks Bob for finding the race https://harbour.example/1.", account="Alice") == [
        "Thank you, noted for Bob. (!undo takes it back, for 10 minutes.)"
    ]
    assert recorded(store) == [
        Credit(
            person="nick:bob",
            name="Bob",
            kind="thanks",
            reason="finding the race",
            url="https://harbour.example/1",
            at=NOW,
            given_by="account:alice",
            id=1,
        )
    ]


@pytest.mark.parametrize(
    ("words", "reason", "url"),
    [
        ("bob for the map", "the map", ""),
        ("bob: For the map", "the map", ""),
        ("@bob, for \x02the\x02   map", "the map", ""),
        ("bob https://x.example/a(b)", "", "https://x.example/a(b"),
        ("bob for https://x.example/a", "", "https://x.example/a"),
        ("bob for reading https://x.example/a twice", "reading https://x.example/a twice", ""),
        ("bob for http://", "http://", ""),
    ],
)
def test_thanks_are_understood_as_people_write_them(ask: Ask, store: Store, words: str, reason: str, url: str) -> None:
    assert ask(f"!thanks {words}", account="alice") == [NOTED]
    assert kept(store) == [("nick:bob", reason, url)]


@pytest.mark.parametrize(
    "words",
    ["", "bob", "bob for", "for the map", "for https://x.example", "bob that helped", "#mentors for it", "1 for it"],
)
def test_thanks_without_a_person_or_a_reason_are_explained(ask: Ask, store: Store, words: str) -> None:
    assert ask(f"!thanks {words}", account="alice") == [USAGE]
    assert recorded(store) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bob for …", "Please say what for: !thanks bob for REASON [URL]."),
        (f"bob for {'a' * 201}", "Please say it in at most 200 characters, and the link in as many."),
        (f"bob https://x.example/{'a' * 200}", "Please say it in at most 200 characters, and the link in as many."),
        ("Mentorbot for all", "You are welcome. I am a program, so I keep thanks for people only."),
        ("Harbour-CI for all", "Harbour-CI is a program; thank the people who look after it."),
    ],
)
def test_what_cannot_be_kept_is_refused_kindly(ask: Ask, store: Store, words: str, said: str) -> None:
    assert ask(f"!thanks {words}", account="alice") == [said]
    assert recorded(store) == []


def test_a_robot_is_known_however_its_name_is_written(config: settings.Config, store: Store) -> None:
    robots = config.model_copy(update={"gerrit": settings.Gerrit(robots=("Zuul",))})
    dispatch = Dispatch(robots, loader.load(robots), store, lambda: NOW)
    said = dispatch.answer(Heard(Who("alice", "alice"), None, "thanks zuul for all"))
    dispatch.close()
    assert said == Answer("alice", ["zuul is a program; thank the people who look after it."])


@pytest.mark.parametrize("name", ["alicia", "ALICE", "alice-l", "al"])
def test_nobody_thanks_themselves_under_any_name(ask: Ask, store: Store, name: str) -> None:
    store.people.link("Alice", account="alice", launchpad="alice-l", gerrit="al")
    assert ask(f"!thanks {name} for the map", nick="Alicia", account="Alice") == [
        "You deserve it, I am sure; but thanks must come from somebody else."
    ]


def test_who_is_not_logged_in_is_told_how(ask: Ask, store: Store) -> None:
    assert ask("!thanks bob for the map") == [
        "thanks changes what I remember of you, so I must be sure who you are:"
        " please log in to the network's services (/msg NickServ HELP) and ask again."
    ]
    assert recorded(store) == []


def test_an_account_of_that_name_is_thanked_where_it_is_known(ask: Ask, store: Store) -> None:
    store.people.link("Bob", account="bob", launchpad="bob-l")
    ask("!thanks Bob for the map", account="alice")
    assert kept(store) == [("account:bob", "the map", "")]


def test_the_same_person_is_thanked_once_a_week_by_the_same_giver(ask: Ask, store: Store) -> None:
    assert ask("!thanks bob for the map", account="alice") == [NOTED]
    ask("!optin", nick="bob", account="bob")  # from now on the nick is known to be that account
    later = NOW + timedelta(days=2)
    assert ask("!thanks BOB for the chart", account="alice", now=later) == [
        "Your last thanks to BOB still counts; you can thank them again in 5 days."
    ]
    assert ask("!thanks bob for the chart", account="carol", now=later) == [NOTED]
    assert ask("!thanks bob for the chart", account="alice", now=NOW + timedelta(days=7, seconds=1)) == [NOTED]


def test_a_giver_has_five_thanks_a_day(ask: Ask, store: Store) -> None:
    for n in range(5):
        ask(f"!thanks bob{n} for the map", account="alice")
    assert ask("!thanks bob for the map", account="alice", now=NOW + timedelta(hours=23)) == [
        "You have thanked 5 people in a day, as many as I keep; please come back tomorrow."
    ]
    assert ask("!thanks bob for the map", account="alice", now=NOW + timedelta(hours=24)) == [NOTED]


def test_the_last_thanks_can_be_taken_back_for_ten_minutes(ask: Ask, store: Store) -> None:
    ask("!thanks bob for the map", account="alice")
    ask("!thanks carol for the chart", account="alice")
    ask("!thanks bob for the tea", account="dan")
    soon = NOW + timedelta(minutes=10)
    assert ask("!undo", account="alice", now=soon) == ["Taken back: your thanks for the chart."]
    assert ask("!undo", account="alice", now=soon) == ["Taken back: your thanks for the map."]
    assert ask("!undo", account="alice", now=soon) == [
        "There is nothing to take back: you have given no thanks in the last 10 minutes."
    ]
    assert kept(store) == [("nick:bob", "the tea", "")]
    assert ask("!thanks bob for the right thing", account="alice", now=soon) == [NOTED]


def test_after_ten_minutes_thanks_stay(ask: Ask, store: Store) -> None:
    ask("!thanks bob for the map", account="alice")
    assert ask("!undo", account="alice", now=NOW + timedelta(minutes=10, seconds=1)) == [
        "There is nothing to take back: you have given no thanks in the last 10 minutes."
    ]
    assert kept(store) == [("nick:bob", "the map", "")]
