"""Tests of mentorbot/refresh.py: what was offered is looked at again, and followed up where it was no longer free."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from mentorbot import refresh
from mentorbot.config import Config
from mentorbot.dispatch import Answer
from mentorbot.loader import Loaded
from mentorbot.models import Gone, Thing, Vote
from mentorbot.store import Store
from tests import ircds
from tests.builders import NOW, bug, change
from tests.people import Person
from tests.test_first_contact import NOW as NOW_THERE
from tests.test_first_contact import mentorbot, running, write_config
from tests.twins.gerrit import GerritTwin
from tests.twins.gerrit_infos import change_info
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

Say = Callable[..., list[str]]
LHF = ("low-hanging-fruit",)
SORRY = "not free any more, as I see now that I looked again."
REVIEWED = Vote("Code-Review", "bob", 1)


@pytest.fixture
def follow(store: Store, config: Config, loaded: Loaded) -> Callable[..., list[tuple[str, list[str]]]]:
    """Read anew what is to be, with this outcome; give what the bot then says, and to whom."""

    def read(*things: Iterable[Thing], after: timedelta = timedelta(seconds=2)) -> list[tuple[str, list[str]]]:
        due = {**store.rereads.due("bug"), **store.rereads.due("change")}
        store.save([thing for some in things for thing in some])
        store.rereads.done(due, NOW + after)
        refresh.follow_up(store, config, loaded, NOW + after)
        return [(letter.target, letter.lines) for letter in store.outbox.take(NOW + after, store.outbox.awaited())]

    return read


Follow = Callable[..., list[tuple[str, list[str]]]]


def due(store: Store, kind: str) -> list[int]:
    return list(store.rereads.due(kind).values())


def offer(store: Store, *numbers: int) -> None:
    """Changes to review, each its owner's first; the best is the one that came first."""
    store.save([change(number, days=2 + place / 24, owner=f"owner{number}") for place, number in enumerate(numbers)])


def test_what_was_offered_is_to_be_read_anew(noted: Say, store: Store) -> None:
    offer(store, 50, 51)
    store.save(bug(12, tags=LHF, status="Triaged"))
    noted("!starter reviews")
    assert (sorted(due(store, "change")), due(store, "bug")) == ([50, 51], [12])


@pytest.mark.parametrize("question", ["!triage", "!waiting"])
def test_so_is_what_a_list_names(noted: Say, store: Store, question: str) -> None:
    store.save([change(50), *bug(20)])
    noted(question)
    assert (due(store, "change"), due(store, "bug")) == (([50], []) if "wait" in question else ([], [20]))


def test_who_was_offered_what_is_free_hears_no_more(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51)
    noted("!starter reviews")
    assert follow([change(50, days=1)]) == []


@pytest.mark.parametrize(
    "now",
    [
        [change(50, status="MERGED")],
        [change(50, status="ABANDONED")],
        [change(50, wip=True)],
        [change(50, votes=(REVIEWED,))],
        [change(50, messages=(("bob", "Patch Set 1:\n\nWhy?"),))],
        [change(50, private=True)],
        [Gone("change", 50)],
    ],
    ids=["merged", "abandoned", "not ready", "voted on", "spoken to", "private", "gone"],
)
def test_a_change_that_was_not_free_is_followed_up_with_another_once(
    noted: Say, follow: Follow, store: Store, now: list[Thing]
) -> None:
    offer(store, 50, 51, 52, 53)
    assert noted("!starter reviews")[1].startswith("1. change 50 ")
    assert follow(now) == [
        (
            "#mentors",
            [
                f"alice: Sorry, number 1 is {SORRY} Take this instead:",
                "1. change 53 Change number 53 (harbour, proposed 2 days ago): its author's first change, 12 lines."
                " https://review.harbour.example/c/harbour/harbour/+/53",
            ],
        )
    ]
    assert follow([change(53, days=1), change(51, status="MERGED")]) == []
    assert noted("!why 1")[0].startswith("change 53 has ")


@pytest.mark.parametrize(
    "now",
    [
        bug(12, tags=LHF, status="Fix Released"),
        bug(12, tags=LHF, status="In Progress"),
        bug(12, tags=LHF, status="Triaged", assignee="carol"),
        bug(12, tags=LHF, status="Triaged", comments=(("carol", "I will work on this"),)),
        bug(12, tags=LHF, status="Triaged", duplicate_of=3),
        bug(12, tags=LHF, status="Triaged", private=True),
        [change(70, message="Closes-Bug: #12", status="NEW", verified=-1)],
        [Gone("bug", 12)],
    ],
    ids=["closed", "in progress", "assigned", "claimed", "duplicate", "private", "proposed", "gone"],
)
def test_so_is_a_bug(noted: Say, follow: Follow, store: Store, now: list[Thing]) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), *bug(13, tags=LHF, status="Triaged", days=700)])
    noted("!starter fixes", nick="bob")
    store.save(bug(14, tags=LHF, status="Triaged"))
    [(target, lines)] = follow(now)
    assert (target, lines[0]) == ("#mentors", f"bob: Sorry, number 1 is {SORRY} Take this instead:")
    assert lines[1].startswith("1. LP#14 Bug number 14 (harbour, reported 10 days ago): ")


def test_who_asked_in_private_hears_it_in_private(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51, 52, 53, 54)
    noted("starter reviews", nick="Alice", account="al", where=None)
    [(target, lines)] = follow([change(50, status="MERGED"), change(52, status="MERGED")])
    assert (target, lines[0]) == ("Alice", f"Sorry, numbers 1 and 3 are {SORRY} Take these instead:")
    assert [line[:12] for line in lines[1:]] == ["1. change 53", "3. change 54"]
    assert noted("why 3", nick="Alice", account="al", where=None)[0].startswith("change 54 has ")


def test_where_nothing_else_is_free_they_hear_that(noted: Say, follow: Follow, store: Store) -> None:
    store.save(bug(20))
    noted("!triage next")
    assert follow([*bug(20, status="Fix Released")]) == [
        (
            "#mentors",
            [
                f"alice: Sorry, what I suggested is {SORRY}"
                " I have nothing else just now; !starter tells you when there is."
            ],
        )
    ]
    assert noted("!why 1") == ["I have not suggested anything to you yet; say !starter."]


def test_who_asked_for_another_meanwhile_hears_of_that_only(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51, 52, 53, 54, 55, 56)
    noted("!starter reviews")
    noted("!another")
    [(_, lines)] = follow([change(50, status="MERGED"), change(53, status="MERGED")])
    assert [line[:12] for line in lines[1:]] == ["1. change 56"]


def test_what_somebody_else_was_offered_takes_no_place(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51, 52, 53, 54)
    noted("!starter reviews")
    noted("!starter reviews", nick="bob")
    [(_, lines)] = follow([change(50, status="MERGED")])
    assert len(lines) == 1
    assert lines[0].endswith("I have nothing else just now; !starter tells you when there is.")


def test_nobody_waits_for_a_source_that_does_not_answer(
    noted: Say, store: Store, config: Config, loaded: Loaded
) -> None:
    offer(store, 50, 51, 52, 53)
    noted("!starter reviews")
    store.rereads.done([entry for entry, number in store.rereads.due("change").items() if number == 50], NOW)
    store.save([change(50, status="MERGED"), change(51, status="MERGED")])
    for seconds, told in ((30, 0), (61, 1), (62, 0)):
        refresh.follow_up(store, config, loaded, NOW + timedelta(seconds=seconds))
        letters = store.outbox.take(NOW)
        assert len(letters) == told
    assert due(store, "change") == [53]  # what took its place


def test_an_answer_that_was_never_said_is_not_followed_up(
    answer: Callable[..., Answer | None], follow: Follow, store: Store
) -> None:
    offer(store, 50, 51, 52, 53)
    answer("!starter reviews")
    assert follow([change(50, status="MERGED")]) == []
    assert follow(after=timedelta(minutes=11)) == []


def test_what_they_heard_of_again_is_followed_up_too(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51, 52, 53)
    noted("!starter reviews")
    assert follow() == []
    noted("!why 2")
    [(target, [sorry, other])] = follow([change(51, status="MERGED")])
    assert (target, sorry) == ("#mentors", f"alice: Sorry, number 2 is {SORRY} Take this instead:")
    assert other.startswith("2. change 53 ")


def test_who_is_named_what_is_not_theirs_hears_no_more(noted: Say, follow: Follow, store: Store) -> None:
    offer(store, 50, 51)
    noted("!starter reviews")
    follow()
    noted("!waiting", nick="bob")
    assert follow([change(50, status="MERGED"), change(51, status="MERGED")]) == []


def test_of_a_private_change_nothing_is_said_and_nothing_left(noted: Say, follow: Follow, store: Store) -> None:
    store.save([change(50, "The quiet one", days=1), change(51, days=2)])
    noted("!starter reviews")
    [(_, lines)] = follow([Gone("change", 50)])
    assert "50" not in " ".join(lines) and "quiet" not in " ".join(lines)
    tables = [row["name"] for row in store.rows("select name from sqlite_master where type = 'table'")]
    everything = repr([store.rows(f"select * from {table}") for table in tables])
    assert "quiet" not in everything and "'number': 50" not in everything


def fixes(store: Store, *numbers: int) -> None:
    """Bugs for anybody, the first the best."""
    store.save(
        [thing for n, number in enumerate(numbers, 1) for thing in bug(number, tags=LHF, status="Triaged", days=n)]
    )


@pytest.fixture
def alice(noted: Say, store: Store) -> Say:
    """Alice, who has claimed LP#12 of three."""
    fixes(store, 12, 13, 14, 15)
    ask = partial(noted, nick="Alice", account="al")
    assert ask("!starter fixes")[1].startswith("1. LP#12 ")
    ask("!claim 1")
    return ask


def test_what_was_claimed_and_is_closed_is_followed_up_in_private(alice: Say, follow: Follow, store: Store) -> None:
    assert follow(bug(12, tags=LHF, status="Fix Released")) == [
        (
            "account:al",
            [
                "LP#12, which you had claimed, is closed there (Fix Released). !starter finds you something else"
                " whenever you like."
            ],
        )
    ]
    assert alice("!claims") == ["You have claimed nothing. !claim N takes what I suggested."]
    assert store.leases.last_ended("account:al", NOW) is not None


@pytest.mark.parametrize("seen", ["!claim LP#13", "!claims"])
def test_so_is_what_was_offered_before_the_last_time(alice: Say, follow: Follow, store: Store, seen: str) -> None:
    alice("!another")
    follow()
    fixes(store, 12, 13)
    alice(seen)
    number = 13 if "13" in seen else 12
    [(target, [said])] = follow(bug(number, tags=LHF, status="Invalid"))
    assert (target, said.partition(". ")[0]) == (
        "account:al",
        f"LP#{number}, which you had claimed, is closed there (Invalid)",
    )


def test_who_assigned_to_themselves_what_they_claimed_keeps_it_under_whatever_name(
    alice: Say, follow: Follow, store: Store
) -> None:
    assert follow(bug(12, tags=LHF, status="In Progress", assignee="alice-of-the-harbour")) == [
        (
            "Alice",
            [
                "I looked again: LP#12 is assigned to somebody by now. If that is you, !iam tells me. !another finds"
                " you something else. If that was your doing all is well; if not, !unclaim LP#12 gives it back."
            ],
        )
    ]
    assert alice("!claims")[0].startswith("1. LP#12 Bug number 12: 14 days left")
    assert follow(after=timedelta(minutes=11)) == []


@pytest.mark.parametrize(
    "now",
    [change(50, votes=(REVIEWED,)), change(50, votes=(Vote("Code-Review", "bob", -2),)), change(50, wip=True)],
    ids=["voted on", "refused", "not ready"],
)
def test_who_claimed_a_change_that_somebody_else_looked_at_meanwhile_hears_of_it(
    noted: Say, follow: Follow, store: Store, now: Thing
) -> None:
    offer(store, 50)
    ask = partial(noted, nick="Alice", account="al")
    ask("!starter reviews")
    ask("!claim 1")
    assert follow([now]) == [
        (
            "Alice",
            [
                "I looked again: change 50 waits for nobody any more: somebody was quicker, or it has moved on."
                " !another finds you something else. If that was your doing all is well; if not, !unclaim change 50"
                " gives it back."
            ],
        )
    ]
    assert ask("!claims")[0].startswith("1. change 50 Change number 50: 14 days left")


def test_a_claim_while_the_offer_is_read_anew_is_not_undone_by_it(noted: Say, follow: Follow, store: Store) -> None:
    fixes(store, 12, 13, 14, 15)
    noted("!starter fixes", nick="Alice")
    noted("!claim 1", nick="Alice", account="al")
    told = follow(bug(12, tags=LHF, status="Triaged", assignee="al"), bug(13, tags=LHF, status="Invalid"))
    [(target, [sorry, other])] = told
    assert (target, sorry) == ("#mentors", f"Alice: Sorry, number 2 is {SORRY} Take this instead:")
    assert other.startswith("2. LP#15 ")
    assert noted("!claims", nick="Alice", account="al")[0].startswith("1. LP#12 Bug number 12: 14 days left")


def hears(person: Person, where: str | None, text: str) -> tuple[list[str], list[str]]:
    """What is said to somebody who asks, and what follows it up: four lines each."""
    person.send(f"PRIVMSG {where or 'mentorbot'} :{'!' if where else ''}{text}")
    said = [person.words() for _ in range(4)]
    return said, [person.words() for _ in range(4)]


def until(person: Person, happened: Callable[[], bool]) -> None:
    """Wait, a round to the server at a time."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        person.send("PING :there")
        person.until("PONG .*there")


@pytest.mark.parametrize("where", ["#mentors", None], ids=["channel", "private"])
def test_the_running_bot_looks_at_changes_again_and_follows_up_while_its_walk_hangs(
    tmp_path: Path, where: str | None
) -> None:
    """Offered from a mirror that is old; in the meantime one was merged, one taken and one hidden."""
    changes = [
        change_info(n, project="openstack/nova", subject=f"Mend step {n}", votes=[("Verified", "zuul", 1)], minutes=n)
        for n in range(1, 7)
    ]
    with (
        LaunchpadTwin([], projects=["nova"]) as launchpad,
        GerritTwin(changes) as gerrit,
        ircds.ngircd(tmp_path) as ircd,
        Person(ircd.port, "newcomer") as person,
    ):
        config = write_config(tmp_path, ircd.port, launchpad.service_root, gerrit.url)
        subprocess.run(mentorbot(config, "sync", "--once"), check=True, timeout=120)
        store, asked = Store(tmp_path / "mentorbot.db"), len(gerrit.requests)
        gerrit.fail("hang")
        with running(config):
            person.until("JOIN .*#mentors")
            until(person, lambda: len(gerrit.requests) > asked)
            # The first changes of their owner are the best to review.
            gerrit.changes[1] |= {"status": "MERGED"}
            gerrit.changes[2] |= {"work_in_progress": True}
            gerrit.changes[3] |= {"is_private": True}
            said, follow_up = hears(person, where, "starter review")
        call = "newcomer: " if where else ""
        assert sorted(int(line.split()[2]) for line in said[1:]) == [1, 2, 3]
        assert follow_up[0] == f"{call}Sorry, numbers 1, 2 and 3 are {SORRY} Take these instead:"
        assert sorted(int(line.split()[2]) for line in follow_up[1:]) == [4, 5, 6]
        assert sorted(store.changes.updated(["openstack/nova"])) == [1, 2, 4, 5, 6]
        store.close()


@pytest.mark.parametrize("where", ["#mentors", None], ids=["channel", "private"])
def test_so_it_does_with_bugs(tmp_path: Path, where: str | None) -> None:
    """One was fixed, one taken and one made private."""
    began = NOW_THERE - timedelta(days=30)
    bugs = [
        record(n, "nova", tags=LHF, status="Triaged", created=began + timedelta(hours=n), updated=began)
        for n in range(1, 7)
    ]
    with (
        LaunchpadTwin(bugs) as launchpad,
        ircds.ngircd(tmp_path) as ircd,
        Person(ircd.port, "newcomer") as person,
    ):
        config = write_config(tmp_path, ircd.port, launchpad.service_root)
        config.write_text(config.read_text().partition("[gerrit]")[0])
        subprocess.run(mentorbot(config, "sync", "--once"), check=True, timeout=120)
        store, asked = Store(tmp_path / "mentorbot.db"), len(launchpad.requests)
        launchpad.fault("stall", "modified_since")
        with running(config):
            person.until("JOIN .*#mentors")
            until(person, lambda: len(launchpad.requests) > asked)
            # The youngest are the best of those that are alike.
            launchpad.edit_task(4, "nova", status="Fix Released", is_complete=True)
            launchpad.edit_task(5, "nova", assignee_link=launchpad.link("bob"))
            launchpad.edit(6, private=True, information_type="Private Security", quietly=True)
            said, follow_up = hears(person, where, "starter fixes")
        call = "newcomer: " if where else ""
        assert sorted(line.split()[1] for line in said[1:]) == ["LP#4", "LP#5", "LP#6"]
        assert follow_up[0] == f"{call}Sorry, numbers 1, 2 and 3 are {SORRY} Take these instead:"
        assert sorted(line.split()[1] for line in follow_up[1:]) == ["LP#1", "LP#2", "LP#3"]
        assert sorted(row["id"] for row in store.rows("select id from bugs")) == [1, 2, 3, 4, 5]
        store.close()
