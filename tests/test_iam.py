"""Tests of plugins/iam.py: saying who one is elsewhere, hearing it, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot import loader
from mentorbot.config import Config, parse
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.models import Heard, Who
from mentorbot.store import Store
from tests.builders import NOW

Say = Callable[..., Answer]
ADDS = "!iam lp:NAME or !iam gerrit:NAME adds a name, !iam not lp:NAME ends one."


def test_the_word_and_where_to_put_it_are_told_in_private(answer: Say) -> None:
    said = answer("!iam lp:~Ada-L", account="Ada")
    assert (said.target, said.private_note, len(said.lines)) == ("alice", "I answered you in private.", 1)
    assert re.sub("mentorbot-[0-9a-f]{16}", "WORD", said.lines[0]) == (
        'To prove that you are ada-l on Launchpad, put WORD anywhere in the description ("Change details") of'
        " https://launchpad.net/~ada-l. I look about every 5 minutes, for 7 days, and tell you when I have seen it;"
        " then you may take it away. A word I gave you for this name before counts no more."
    )


def test_in_gerrit_a_status_or_a_comment_will_do(answer: Say) -> None:
    said = answer("iam gerrit:ada", account="ada", where=None).lines[0]
    assert re.sub("mentorbot-[0-9a-f]{16}", "WORD", said) == (
        "To prove that you are ada in Gerrit, put WORD in the status of your account"
        " (https://review.harbour.example/settings/), or in a comment on any change of harbour/harbour or"
        " harbour/harbour-client, on a line of its own. I look about every 5 minutes, for 7 days, and tell you when I"
        " have seen it; then you may take it away. A word I gave you for this name before counts no more."
    )


def test_alone_it_lists_what_is_proved_and_what_is_not(answer: Say, store: Store) -> None:
    assert answer("iam", account="Ada", where=None).lines == [f"I know you as Ada here. {ADDS}"]
    store.people.join("account:ada", "gerrit", "ada", NOW)
    answer("iam lp:ada-l", account="ada", where=None)
    assert answer("iam", account="ada", where=None, now=NOW + timedelta(days=2)).lines == [
        "I know you as ada here and ada in Gerrit. Not proved yet, and without any effect until then:"
        f" ada-l on Launchpad (for 5 days more). {ADDS}"
    ]


@pytest.mark.parametrize("text", ["!iam", "!iam lp:ada-l", "!iam not lp:ada"])
def test_a_channel_never_hears_who_is_who(answer: Say, store: Store, text: str) -> None:
    store.people.join("account:ada", "launchpad", "ada", NOW)
    said = answer(text, account="ada")
    assert (said.target, said.private_note) == ("alice", "I answered you in private.")


def test_what_is_not_proved_gives_nothing(answer: Say, store: Store) -> None:
    answer("iam lp:ada-l", account="ada", where=None)
    assert (store.people.same("account:ada"), store.people.same("launchpad:ada-l")) == (
        ["account:ada"],
        ["launchpad:ada-l"],
    )
    store.people.choose("account:ada", "in", NOW)
    assert store.people.choice("launchpad:ada-l") is None


def test_a_name_of_somebody_else_is_refused_kindly_and_without_saying_whose_it_is(answer: Say, store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert answer("iam lp:ada-l", account="eve", where=None).lines == [
        "ada-l on Launchpad is proved for another account already. If that one is yours as well, log in to it and say"
        " !iam not lp:ada-l there first; if somebody took your name, please tell one of my admins."
    ]
    assert answer("iam lp:ada-l", account="ada", where=None).lines == [
        "You have proved that already: you are ada-l on Launchpad."
    ]
    assert store.proofs.count(NOW) == 0


def test_a_link_is_ended_and_so_is_a_proof_that_is_awaited(answer: Say, store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    answer("iam gerrit:Ada", account="ada", where=None)
    for name, called in (("lp:ada-l", "ada-l on Launchpad"), ("gerrit:ada", "ada in Gerrit")):
        assert answer(f"iam not {name}", account="ada", where=None).lines == [
            f"From now on you are not {called} for me. What is recorded under that name stays under that name."
        ]
    assert answer("iam", account="ada", where=None).lines == [f"I know you as ada here. {ADDS}"]


def test_nobody_ends_another_ones_link(answer: Say, store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    store.people.join("account:eve", "launchpad", "eve-l", NOW)
    assert answer("iam not lp:ada-l", account="eve", where=None).lines == ["I did not take you for ada-l on Launchpad."]
    assert store.people.account_of("launchpad", "ada-l") == "account:ada"


def test_an_admin_frees_a_name_and_history_tells_who_did(answer: Say, store: Store) -> None:
    store.people.join("account:ada", "gerrit", "ada", NOW)
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    assert answer("iam free lp:Ada-L", account="Boss", where=None).lines == [
        "ada-l on Launchpad was ada here, and is free now: whoever shows a word there has it next."
    ]
    assert store.people.same("account:ada") == ["account:ada", "gerrit:ada"]
    [*_, last] = store.rows("select kind, name, how from links order by id")
    assert last == {"kind": "launchpad", "name": "ada-l", "how": "freed by account:boss"}
    assert answer("iam free lp:ada-l", account="boss", where=None).lines == ["ada-l on Launchpad is proved for nobody."]


def test_who_is_no_admin_frees_no_name(answer: Say, store: Store) -> None:
    store.people.join("account:ada", "launchpad", "ada-l", NOW)
    for account in ("eve", "ada"):
        assert answer("iam free lp:ada-l", account=account, where=None).lines == [
            "Only this bot's admins take names from others; iam not lp:NAME ends one of yours."
        ]
    assert store.people.account_of("launchpad", "ada-l") == "account:ada"


def test_a_program_is_nobody(answer: Say) -> None:
    assert answer("iam gerrit:Harbour-CI", account="eve", where=None).lines == [
        "Harbour-CI in Gerrit is a program, and you do not sound like one."
    ]


def test_three_names_may_wait_at_a_time(answer: Say, store: Store) -> None:
    for name in ("lp:a1", "lp:a2", "gerrit:a3", "gerrit:A3"):
        assert "put mentorbot-" in answer(f"iam {name}", account="ada", where=None).lines[0]
    assert answer("iam lp:a4", account="ada", where=None).lines == [
        "I wait for 3 proofs of yours already; finish or end one of these first."
    ]
    assert store.proofs.count(NOW) == 3


@pytest.mark.parametrize("text", ["iam", "iam lp:ada", "iam not lp:ada"])
def test_who_one_is_needs_an_account(answer: Say, store: Store, text: str) -> None:
    assert answer(text, where=None).lines == [
        "iam changes what I remember of you, so I must be sure who you are:"
        " please log in to the network's services (/msg NickServ HELP) and ask again."
    ]


def test_where_nothing_is_read_nothing_can_be_proved(store: Store, config: Config) -> None:
    bare = parse('[irc]\nchannels = ["#mentors"]')
    dispatch = Dispatch(bare, loader.load(bare), store, lambda: NOW)
    answer = dispatch.answer(Heard(Who("ada", "ada"), None, "iam lp:ada"))
    dispatch.close()
    assert answer and answer.lines == ["I read nothing on Launchpad, so I could not see the proof."]
