"""Tests of plugins/mentor.py: what newcomers and mentors say, and what they hear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mentorbot import days, mentors
from mentorbot.config import Config, parse
from mentorbot.dispatch import Answer
from mentorbot.store import Store
from tests.builders import NOW, bug
from tests.conftest import CONFIG
from tests.people import Person
from tests.services import Network, identify
from tests.test_app import running

Say = Callable[..., Answer | None]
DAY = timedelta(days=1)


@pytest.fixture
def bob(answer: Say) -> Callable[[str], str]:
    """What a mentor with an account hears."""

    def say(text: str, nick: str = "bob") -> str:
        said = answer(text, nick=nick, account="bob", where=None)
        assert said and said.target == nick
        return " ".join(said.lines)

    return say


@pytest.fixture
def ann(answer: Say) -> Callable[[str], str]:
    """What a newcomer without an account hears in private, whatever they say in the channel."""

    def say(text: str, nick: str = "ann") -> str:
        said = answer(f"!{text}", nick=nick)
        assert said
        assert said.refused or (said.target, said.private_note) == (nick, "I answered you in private.")
        return " ".join(said.lines)

    return say


Says = Callable[..., str]


def letters(store: Store) -> list[tuple[str, str]]:
    """Who is told something, and how it begins."""
    taken = store.outbox.take(NOW, store.outbox.awaited())
    return [(letter.target, " ".join(letter.lines)[:40]) for letter in taken]


OFFERED = (
    "Thank you! You offered to help with documentation in harbour and code review in harbour, 2 people at a time."
    " I tell a newcomer your nick when you say yes to them, and nobody else. !mentoring away next week, or other"
    " days, keeps me from asking then; !mentoring stop ends it."
)


def test_from_an_offer_to_a_pair_and_its_end(bob: Says, ann: Says, store: Store) -> None:
    assert bob("mentoring offer docs and reviews for harbour, 2 people") == OFFERED
    assert ann("mentor docs harbour") == (
        "I have asked a mentor for documentation in harbour, and tell you who it is when they say"
        " yes; without an answer in 3 days I ask somebody else. You need not wait: !howto docs tells how to begin."
        " !mentor end takes it back."
    )
    assert letters(store) == [("account:bob", "ann would like somebody to turn to for d")]
    assert ann("mentor docs") == "I have asked somebody and wait for an answer. !mentor end takes it back."
    assert bob("mentoring").endswith("2 people at a time. ann waits for your answer.")
    assert bob("mentoring yes") == (
        "Thank you! I have told ann that you are there. Say hello first if you can; newcomers are shy. !mentoring end"
        " ann ends it at any time."
    )
    assert letters(store) == [("ann", "bob is glad to help you with documentati")]
    assert ann("mentor") == "bob is your mentor: say hello! !mentor end ends it."
    assert bob("mentoring").endswith("2 people at a time. You help ann.")
    assert ann("mentor end") == "It is ended, and bob knows. !mentor finds you somebody else."
    assert letters(store) == [("account:bob", "ann has ended it and needs no mentor any")]
    assert bob("mentoring").endswith("2 people at a time.")


def test_a_mentor_can_end_it_too(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer")
    ann("mentor")
    bob("mentoring yes ANN")
    letters(store)
    assert bob("mentoring end ann") == "It is ended, and ann knows. Thank you for the time you gave!"
    assert letters(store) == [("ann", "bob cannot be your mentor any longer. !m")]
    assert ann("mentor end") == "You have no mentor now; !mentor finds you one."


def test_a_no_asks_the_next(bob: Says, ann: Says, answer: Say, store: Store) -> None:
    bob("mentoring offer")
    answer("mentoring offer docs", nick="carol", account="carol", where=None)
    ann("mentor docs")
    letters(store)
    assert bob("mentoring no ann") == "No harm done; I look for somebody else to help ann."
    assert letters(store) == [
        ("account:carol", "ann would like somebody to turn to for d"),
        ("ann", "Whom I asked to help you has no time jus"),
    ]


def test_with_none_free_it_says_where_to_ask(ann: Says, store: Store) -> None:
    assert ann("mentor tests") == (
        "No mentor for tests is free now. Ask in #mentors, where all can answer, and stay"
        " a while: answers may take hours."
    )


def test_without_a_niche_it_is_the_one_of_the_last_suggestions(bob: Says, ann: Says, answer: Say, store: Store) -> None:
    store.save(bug(12, tags=("low-hanging-fruit",), status="Triaged"))
    bob("mentoring offer")
    assert "a mentor for getting started, and" in ann("mentor", "ben")
    bob("mentoring no")
    answer("!starter fixes", nick="ann")
    assert "a mentor for first fixes, and" in ann("mentor")


def test_away_is_until_a_day_or_between_two_and_hands_on_who_waits(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer docs")
    ann("mentor docs")
    letters(store)
    assert bob("mentoring away from 2026-02-20 to 2026-02-27") == (
        "I ask you for nobody from Friday 2026-02-20 to Friday 2026-02-27 (days of UTC). Those whom you help already I"
        " leave to you; !mentoring back ends it early."
    )
    assert letters(store) == []
    assert bob("mentoring away until sunday").startswith(
        "I ask you for nobody from Friday 2026-02-13 to Sunday 2026-02-15 (days of UTC)."
    )
    assert letters(store) == [("ann", "Whom I asked to help you has no time jus")]
    assert bob("mentoring").endswith("You are away from Friday 2026-02-13 to Sunday 2026-02-15 (days of UTC).")
    assert bob("mentoring back monday") == (
        "!mentoring back ends it at once; to be back some day say !mentoring away until the day before."
    )
    assert bob("mentoring").endswith("You are away from Friday 2026-02-13 to Sunday 2026-02-15 (days of UTC).")
    assert bob("mentoring back") == "Welcome back! You offered to help with documentation, 1 person at a time."


def test_who_is_away_later_is_asked_until_then(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer docs")
    ann("mentor docs")
    letters(store)
    assert bob("mentoring away tomorrow").startswith("I ask you for nobody on Saturday 2026-02-14 (days of UTC).")
    assert letters(store) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", f"Say which days as {days.FORMS}."),
        ("soon", f'I do not understand "soon". Say which days as {days.FORMS}.'),
        ("yesterday", "2026-02-12 is past; say until which day you are away."),
    ],
)
def test_away_needs_days_to_come(bob: Says, store: Store, words: str, said: str) -> None:
    bob("mentoring offer")
    assert bob(f"mentoring away {words}") == said
    mentor = store.mentors.of("account:bob")
    assert mentor and mentor.away is None


def test_whom_they_help_already_stays_with_them_while_they_are_away(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer")
    ann("mentor")
    bob("mentoring yes")
    letters(store)
    bob("mentoring away 2026-02-15")
    assert (letters(store), ann("mentor")) == ([], "bob is your mentor: say hello! !mentor end ends it.")


def test_a_mentor_who_has_not_heard_of_it_yet_never_hears_of_what_was_taken_back(
    ann: Says, bob: Says, store: Store
) -> None:
    bob("mentoring offer")
    ann("mentor")
    ann("mentor end")
    assert letters(store) == []


def test_stop_forgets_the_offer_and_leaves_nobody_waiting(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer 2")
    ann("mentor")
    bob("mentoring yes")
    ann("mentor", "ben")
    letters(store)
    assert bob("mentoring stop") == (
        "I ask you for nobody any more, and have forgotten what you offered. Thank you for having been there!"
    )
    assert letters(store) == [
        ("ann", "bob cannot be your mentor any longer. !m"),
        ("ben", "Whom I asked to help you has no time jus"),
    ]
    for table in ("mentors", "mentor_offers", "pairs"):
        assert store.rows(f"select * from {table}") == []


def test_of_several_the_mentor_says_whom_they_mean(bob: Says, ann: Says) -> None:
    bob("mentoring offer 3")
    assert bob("mentoring yes") == "Nobody waits for your answer."
    for nick in ("ann", "ben"):
        ann("mentor", nick)
    assert bob("mentoring yes") == "Say whom you mean: !mentoring yes ann or !mentoring yes ben."
    assert bob("mentoring yes cat") == "Say whom you mean: !mentoring yes ann or !mentoring yes ben."
    assert bob("mentoring yes ben").startswith("Thank you! I have told ben")
    assert bob("mentoring end ann") == "Say whom you mean: !mentoring end ben."
    assert bob("mentoring no cat") == "Say whom you mean: !mentoring no ann."
    assert bob("mentoring").endswith("ann waits for your answer. You help ben.")


SMALL_TALK = 'I am only a program and do not understand "{}". Say starter for something to do, help for the rest.'
TOLD = (
    "Thank you! I have told ann that you are there. Say hello first if you can; newcomers are shy. !mentoring end ann"
    " ends it at any time."
)
LOOKING = "No harm done; I look for somebody else to help ann."


@pytest.fixture
def asked(bob: Says, ann: Says, store: Store) -> None:
    """Bob, who has just heard that ann would like somebody to turn to."""
    bob("mentoring offer 2")
    ann("mentor")
    letters(store)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("yes", TOLD),
        ("Sure, gladly!", TOLD),
        ("yes ann", TOLD),
        ('yes, "@Ann"', TOLD),
        ("why not", TOLD),
        ("I can help her", TOLD),
        ("not a problem", TOLD),
        ("no", LOOKING),
        ("Thanks, but no", LOOKING),
        ("I'm busy this week", LOOKING),
        ("sorry, not now", LOOKING),
        ("No, I am in the middle of a release.", LOOKING),
    ],
)
def test_a_bare_word_in_private_answers_what_was_asked_there(asked: None, bob: Says, words: str, said: str) -> None:
    assert bob(words) == said
    assert bob("yes") == SMALL_TALK.format("yes")


@pytest.mark.parametrize("words", ["yes?", "sure, but only next week", "perhaps", "ok, no"])
def test_what_may_be_either_is_asked_back_with_the_forms(asked: None, bob: Says, words: str) -> None:
    said = "I am not sure what you mean: please say !mentoring yes ann or !mentoring no ann."
    assert (bob(words), bob(words)) == (said, said)
    assert bob("yes") == TOLD


def test_other_words_are_small_talk_also_while_somebody_waits(asked: None, bob: Says) -> None:
    assert bob("hello").startswith("Hello! I am only a program")
    assert bob("who is that").startswith("I am only a program and do not understand")
    assert bob("mentoring maybe later") == LOOKING


@pytest.mark.parametrize("words", ["yes cat", "maybe", "no cat"])
def test_in_a_channel_nobody_learns_who_waits_for_whom(asked: None, answer: Say, words: str) -> None:
    said = answer(f"!mentoring {words}", nick="bob", account="bob")
    assert said and (said.target, said.private_note) == ("bob", "I answered you in private.")


def test_with_several_who_wait_a_bare_word_is_asked_back(asked: None, bob: Says, ann: Says, store: Store) -> None:
    ann("mentor", "ben")
    letters(store)
    assert bob("sure") == "Say whom you mean: !mentoring yes ann or !mentoring yes ben."
    assert bob("sorry, not now") == "Say whom you mean: !mentoring no ann or !mentoring no ben."
    assert bob("maybe") == (
        "I am not sure what you mean: please say !mentoring yes ann, !mentoring no ann, !mentoring yes ben or"
        " !mentoring no ben."
    )
    assert bob("no, not ben") == "No harm done; I look for somebody else to help ben."
    assert bob("sure") == TOLD


def test_a_bare_word_means_nothing_before_the_request_was_heard_and_after_it_is_over(
    bob: Says, ann: Says, store: Store, config: Config
) -> None:
    bob("mentoring offer")
    assert bob("yes") == SMALL_TALK.format("yes")
    ann("mentor")
    assert bob("yes") == SMALL_TALK.format("yes")
    letters(store)
    mentors.due(store, config, NOW + mentors.ANSWERS)
    assert bob("yes") == SMALL_TALK.format("yes")
    assert [pair["state"] for pair in store.rows("select state from pairs")] == ["lapsed"]


def test_a_bare_word_in_a_channel_or_of_somebody_else_is_none_to_the_bot(asked: None, answer: Say) -> None:
    assert answer("yes", nick="bob", account="bob") is None
    for nick, account in (("bob", None), ("bob", "mallory"), ("ann", None)):
        said = answer("yes", nick=nick, account=account, where=None)
        assert said and said.lines == [SMALL_TALK.format("yes")]


def test_a_bare_word_goes_to_the_talk_that_asked_last(asked: None, answer: Say, store: Store) -> None:
    def bob(text: str, minutes: int) -> str:
        said = answer(text, nick="bob", account="bob", where=None, now=NOW + timedelta(minutes=minutes))
        assert said
        return said.lines[0]

    assert bob("niche", 1).startswith("What do you like to do?")
    assert bob("1", 2).startswith("How much time have you got")
    assert bob("2", 3).startswith("What do you know well?")
    # The interview asked last, and "no" is one of its answers.
    assert bob("no", 4).startswith("Which project?")
    mentors.find(store, parse(CONFIG), (("nick:ben",), "ben"), ("", ""), NOW + timedelta(minutes=5))
    store.outbox.take(NOW + timedelta(minutes=5), store.outbox.awaited())
    assert bob("no ann", 6) == LOOKING
    assert bob("harbour", 7).startswith("Your niche: ")  # which is no answer to a request
    assert bob("sure", 8).startswith("Thank you! I have told ben")


def test_a_request_that_is_heard_after_a_question_about_an_item_is_answered_first(
    asked: None, answer: Say, store: Store
) -> None:
    def bob(text: str, minutes: int) -> str:
        said = answer(text, nick="bob", account="bob", where=None, now=NOW + timedelta(minutes=minutes))
        assert said
        return said.lines[0]

    store.save(bug(12, tags=("low-hanging-fruit",), status="Triaged"))
    for text in ("starter fixes", "claim 1", "done"):
        bob(text, 1)
    mentors.find(store, parse(CONFIG), (("nick:ben",), "ben"), ("", ""), NOW + timedelta(minutes=2))
    store.outbox.take(NOW + timedelta(minutes=2), store.outbox.awaited())
    assert bob("yes ben", 3).startswith("Thank you! I have told ben")
    assert bob("just right", 4).startswith("Thank you; I keep that with LP#12")
    assert bob("yes", 5) == TOLD


def test_who_offers_anew_hears_what_that_took_the_place_of(bob: Says) -> None:
    assert bob("mentoring offer docs 2").startswith(
        "Thank you! You offered to help with documentation, 2 people at a time. I tell"
    )
    assert bob("mentoring offer reviews harbour 1").startswith(
        "Thank you! You offered to help with code review in harbour, 1 person at a time (before: documentation, 2"
        " people at a time). I tell"
    )
    assert bob("mentoring offer reviews harbour").startswith(
        "Thank you! You offered to help with code review in harbour, 1 person at a time. I tell"
    )
    assert "1 person at a time." in bob("mentoring")


def test_who_offers_to_help_fewer_is_asked_for_no_more_than_that(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer 3")
    ann("mentor")
    bob("mentoring yes")
    for nick in ("ben", "cat"):
        ann("mentor", nick)
    letters(store)
    assert bob("mentoring offer 2").startswith(
        "Thank you! You offered to help with anything, 2 people at a time (before: anything, 3 people at a time). ben"
        " waits for your answer. You help ann."
    )
    assert letters(store) == [("cat", "Whom I asked to help you has no time jus")]
    bob("mentoring offer 1")
    assert letters(store) == [("ben", "Whom I asked to help you has no time jus")]
    assert ann("mentor") == "bob is your mentor: say hello! !mentor end ends it."


def test_a_mentor_is_called_what_they_are_called_now(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer")
    ann("mentor")
    letters(store)
    bob("mentoring yes", nick="bob_")
    assert letters(store) == [("ann", "bob_ is glad to help you with getting st")]
    assert ann("mentor").startswith("bob_ is your mentor: ")
    bob("mentoring", nick="bob2")
    assert ann("mentor").startswith("bob2 is your mentor: ")


def test_nobody_hears_a_mentors_name_before_the_mentor_agrees(bob: Says, ann: Says, store: Store) -> None:
    bob("mentoring offer")
    said = [ann("mentor"), ann("mentor"), ann("mentor end"), ann("mentor"), ann("mentor", "ben")]
    bob("mentoring no ben")
    taken = store.outbox.take(NOW, store.outbox.awaited())
    said += [line for letter in taken if letter.target in ("ann", "ben") for line in letter.lines]
    assert said[2] == "I ask nobody for you any more. !mentor finds you somebody else."
    assert len(said) == 6 and "bob" not in " ".join(said)


def test_mentors_have_an_account_and_newcomers_need_none(answer: Say) -> None:
    said = answer("mentoring offer", where=None)
    assert said
    assert said.lines[0].startswith("mentoring changes what I remember of you, so I must be sure who you are")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mentoring", "You have not offered to help yet; !mentoring offer docs 2 would, for two at a time."),
        ("mentoring yes", "You have not offered to help yet; !mentoring offer docs 2 would, for two at a time."),
        (
            "mentoring offer poetry",
            '"poetry" is no niche or project that I know. !niches lists the niches; the projects are harbour,'
            " harbour-client.",
        ),
        *(
            (f"mentoring offer docs {number}", "Say how many people at a time as a number from 1 to 20.")
            for number in ("0", "21", "-3", "1000000000", "9" * 350)
        ),
        (
            "mentor code review docs",
            "One niche and one project at a time, please: somebody who knows both may not be here.",
        ),
        ("mentor docs tests", "One niche and one project at a time, please: somebody who knows both may not be here."),
        ("mentor end", "You have no mentor now; !mentor finds you one."),
    ],
)
def test_what_cannot_be_is_said_kindly(bob: Says, text: str, said: str) -> None:
    assert bob(text) == said


def test_both_hear_of_it_in_private_on_a_real_network(network: Network, config: Config, tmp_path: Path) -> None:
    """The mentor's nick is not their account's name, and who has that as a nick hears nothing."""
    store = Store(tmp_path / "bot.db")
    with (
        Person(network.port, "owl") as owl,
        Person(network.port, "ann") as ann,
        Person(network.port, "alice") as other,
    ):
        identify(owl, "alice")
        with running(config, store, ("127.0.0.1", network.port)):
            ann.until("^:mentorbot!.* JOIN ")
            owl.send("PRIVMSG mentorbot :mentoring offer docs")
            assert owl.words("PRIVMSG owl").startswith("Thank you! You offered to help with documentation, 1 person")
            ann.send("PRIVMSG mentorbot :mentor docs")
            assert ann.words("PRIVMSG ann").startswith("I have asked a mentor for documentation")
            assert owl.words("PRIVMSG owl").startswith("ann would like somebody to turn to for documentation")
            owl.send("PRIVMSG mentorbot :sure")
            assert owl.words("PRIVMSG owl").startswith("Thank you! I have told ann")
            assert ann.words("PRIVMSG ann").startswith("owl is glad to help you with documentation: say hello")
            other.send("PING :end")
            other.until(" PONG ")
            assert b"PRIVMSG" not in other.raw
    store.close()


def test_a_word_that_is_no_verb_names_the_verbs(bob: Says) -> None:
    bob("mentoring offer")
    assert bob("mentoring poetry") == "Say !mentoring offer, away, back, yes, no, end or stop."
