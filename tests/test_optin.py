"""Tests of plugins/optin.py: agreeing and refusing to be named."""

from collections.abc import Callable

from mentorbot.dispatch import Answer
from mentorbot.store import Store

Say = Callable[..., Answer]


def test_who_agrees_hears_in_private_what_it_means(answer: Say, store: Store) -> None:
    store.people.link("Alice", account="alice", launchpad="alice-l", gerrit="al")
    assert answer("!optin", account="Alice") == Answer(
        target="alice",
        lines=[
            "Thank you: from now on I may name you in #mentors, at most once a week, with one thing you did and its"
            " link; never with numbers or ranks. This holds for alice here, al in Gerrit and alice-l on Launchpad."
            " !optout ends it at once."
        ],
        channel="#mentors",
        private_note="I answered you in private.",
    )
    assert [store.people.choice(key) for key in ("account:alice", "launchpad:alice-l", "gerrit:al")] == ["in"] * 3


def test_who_refuses_is_not_named_from_then_on(answer: Say, store: Store) -> None:
    answer("!optin", account="alice")
    assert answer("optout", account="alice", where=None) == Answer(
        target="alice",
        lines=["From now on I do not name you in public. This holds for alice here. !optin changes it again."],
    )
    assert store.people.choice("account:alice") == "out"


def test_a_choice_needs_an_account(answer: Say, store: Store) -> None:
    for word in ("optin", "optout"):
        assert answer(f"!{word}").lines == [
            f"{word} changes what I remember of you, so I must be sure who you are:"
            " please log in to the network's services (/msg NickServ HELP) and ask again."
        ]
    assert store.people.choice("nick:alice") is None
