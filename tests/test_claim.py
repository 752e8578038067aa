"""Tests of plugins/claim.py and mentorbot/leases.py: an item is somebody's for a while, in words and in time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot import leases, sync
from mentorbot.commands import Request
from mentorbot.config import Config, Launchpad
from mentorbot.dispatch import Answer
from mentorbot.errors import UserError
from mentorbot.loader import Loaded
from mentorbot.models import ChangeMessage, Gone, Item, Task, Thing, Vote, Who
from mentorbot.store import Store
from tests.builders import NOW, activity, bug, change, days_ago, question
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import record

Ask = Callable[..., list[str]]
LHF = ("low-hanging-fruit",)
DAY = timedelta(days=1)
PAGE = "https://bugs.harbour.example/harbour/+bug/12"
ELSE = "!another finds you something else."
HOW = "If you like, !feedback and a word tells me how it was: right, easy, hard, unclear, obsolete or dull."


@pytest.fixture
def alice(ask: Ask) -> Ask:
    """Alice, who is logged in to services."""
    return lambda text, **how: ask(text, account="alice", **how)


@pytest.fixture
def bob(ask: Ask) -> Ask:
    return lambda text, **how: ask(text, nick="bob", account="bob", **how)


@pytest.fixture
def claimed(alice: Ask, store: Store) -> Ask:
    """Alice, who has claimed LP#12."""
    store.save(bug(12, "Typo in the greeting", tags=LHF, status="Triaged"))
    alice("!starter fixes")
    alice("!claim 1")
    return alice


@pytest.fixture
def pass_time(store: Store, config: Config) -> Callable[..., list[str]]:
    """Look what became of claims at a moment (`mirrored`: after the mirrors were read); gives what is then told."""

    def look(now: datetime, *, mirrored: bool = False) -> list[str]:
        if mirrored:
            leases.see(store, config, now)
        leases.look_after(store, config, now)
        letters = store.outbox.take(now, store.outbox.awaited())
        return [f"{letter.target.removeprefix('account:')}: {line}" for letter in letters for line in letter.lines]

    return look


Pass = Callable[..., list[str]]


def test_what_is_claimed_is_kept_for_two_weeks_and_said_how(alice: Ask, bob: Ask, store: Store) -> None:
    store.save(bug(12, "Typo in the greeting", tags=LHF, status="Triaged"))
    alice("!starter fixes")
    assert alice("!claim 1") == [
        "LP#12 is yours for 14 days. I write nothing to Launchpad: please assign it to yourself there (the pencil"
        f" beside “Assigned to”), so that people who never ask me see it too. {PAGE}",
        "A comment, an assignment or a patch set of yours keeps it for two weeks more. !howto fixes tells how to begin;"
        " !done when it is done, !unclaim if it is not for you.",
    ]
    assert alice("!claims") == [
        f"1. LP#12 Typo in the greeting: 14 days left. {PAGE}",
        "Say !done N when it is done, !unclaim N to give it back.",
    ]
    late = NOW + leases.LASTS - timedelta(seconds=1)
    assert "LP#12" not in " ".join(bob("!starter fixes", now=late))
    assert "LP#12" in bob("!starter fixes", now=NOW + leases.LASTS)[1]


def test_what_one_has_is_not_offered_to_oneself_again(claimed: Ask, store: Store) -> None:
    store.save(bug(13, tags=LHF, status="Triaged"))
    assert [line.split()[1] for line in claimed("!starter fixes")[1:]] == ["LP#13"]


def test_who_logged_in_after_they_asked_may_claim_more_than_one(ask: Ask, alice: Ask, store: Store) -> None:
    store.save([thing for n in (12, 13, 14) for thing in bug(n, tags=LHF, status="Triaged", days=n)])
    ask("!starter fixes")
    assert [alice(f"!claim {n}")[0].partition(" for")[0] for n in (1, 3)] == ["LP#12 is yours", "LP#14 is yours"]
    assert alice("!claim 4") == ["Say which: claim 1, claim 2 or claim 3."]


def test_who_moves_on_keeps_what_they_claimed(alice: Ask, bob: Ask, store: Store) -> None:
    store.save([thing for n in range(12, 18) for thing in bug(n, tags=LHF, status="Triaged", days=n)])
    alice("!starter fixes")
    alice("!claim 2")
    assert [line.split()[1] for line in alice("!another too hard")[1:]] == ["LP#15", "LP#16", "LP#17"]
    assert alice("!claims")[0].startswith("1. LP#13 Bug number 13: 14 days left")
    assert [line.split()[1] for line in bob("!starter fixes")[1:]] == ["LP#12", "LP#14"]


def test_what_lapsed_and_is_offered_to_somebody_else_is_not_held_by_a_late_word(
    alice: Ask, bob: Ask, store: Store
) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    alice("!starter fixes", now=NOW - 3 * DAY)
    bob("!starter fixes")
    alice("!another 1 taken")
    assert bob("!claim 1")[0].startswith("LP#12 is yours for 14 days.")


def test_only_who_is_known_to_services_claims(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    ask("!starter fixes")
    assert ask("!claim 1")[0].startswith("claim changes what I remember of you")
    # What was suggested to the nick is still there once its owner has logged in.
    assert ask("!claim 1", account="alice")[0].startswith("LP#12 is yours for 14 days.")


def test_nobody_takes_what_was_offered_to_somebody_else(alice: Ask, bob: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    bob("!starter fixes", now=days_ago(3))
    alice("!starter fixes")
    assert bob("!claim LP#12") == [f"LP#12 is somebody else's by now. {ELSE}"]
    assert alice("!claim LP#13") == ["I never suggested LP#13 to you; !starter suggests something."]
    assert alice("!claim 3") == ["Say which: claim 1."]
    assert bob("!claim", now=NOW + 3 * DAY)[0].startswith("LP#12 is yours for 14 days.")


def test_three_at_a_time_are_enough(alice: Ask, store: Store) -> None:
    store.save([thing for number in range(12, 18) for thing in bug(number, tags=LHF, status="Triaged", days=number)])
    alice("!starter fixes")
    assert [alice(f"!claim {number}")[0][:5] for number in (1, 2, 3)] == ["LP#12", "LP#13", "LP#14"]
    assert alice("!claim 1") == ["LP#12 is yours already, for 14 days more."]
    alice("!starter fixes")
    assert alice("!claim 1") == [
        "You have LP#12, LP#13 and LP#14 already, and that is enough at a time: finish one (!done), or give one back"
        " (!unclaim)."
    ]
    assert alice("!unclaim") == ["Say it with a number: 1 for LP#12, 2 for LP#13 or 3 for LP#14."]
    assert alice("!unclaim 9") == ["You have not claimed 9; you have LP#12, LP#13 and LP#14."]
    assert alice("!done 2")[0] == "Thank you for LP#13! !starter finds the next."
    assert alice("!unclaim LP#14 too hard") == ["LP#14 is free again; that was fair to say. !starter finds another."]
    assert [line[:8] for line in alice("!claims")] == ["1. LP#12", "Say !don"]


def test_what_is_given_back_is_free_for_others_at_once_and_never_comes_back_to_oneself(
    claimed: Ask, bob: Ask, store: Store
) -> None:
    assert claimed("!unclaim boring") == ["LP#12 is free again; that was fair to say. !starter finds another."]
    assert "LP#12" in bob("!starter fixes")[1]
    bob("!another not docs")
    assert "LP#12" not in " ".join(claimed("!starter fixes"))
    assert store.offers.refusals("account:alice", days_ago(1)) == [("fixes", "boring")]
    assert claimed("!unclaim") == ["You have claimed nothing; !claim N takes what I suggested."]
    assert claimed("!claims") == ["You have claimed nothing. !claim N takes what I suggested."]


def test_what_was_offered_twice_is_free_once_it_is_given_back(alice: Ask, bob: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    for text in ("!starter fixes", "!starter fixes", "!claim 1", "!unclaim boring"):
        alice(text)
    assert "LP#12" in bob("!starter fixes")[1]


def test_what_is_done_is_never_offered_to_who_did_it(claimed: Ask, bob: Ask) -> None:
    assert claimed("!done", now=NOW + 5 * DAY) == [
        "Thank you for LP#12! That took you 5 days. !starter finds the next.",
        "If you like, tell me how LP#12 was: right, easy, hard, unclear, obsolete or dull (!feedback WORD). It helps to"
        " suggest better; your name stays out of it.",
    ]
    assert "LP#12" not in " ".join(claimed("!starter fixes", now=NOW + 5 * DAY))
    assert "LP#12" in bob("!starter fixes", now=NOW + 5 * DAY)[1]


def test_what_is_claimed_again_forgets_nothing_of_the_first_time(claimed: Ask, store: Store) -> None:
    claimed("!done")
    claimed("!feedback easy")
    assert claimed("!claim 1", now=NOW + DAY)[0].startswith("LP#12 is yours for 14 days.")
    [whole, _] = store.funnels.steps(NOW)
    assert (whole["offered"], whole["claimed"], whole["finished"]) == (1, 1, 1)
    claimed("!unclaim", now=NOW + 2 * DAY)
    [(_, _, outcome, feedback, _)] = store.funnels.outcomes()
    assert (outcome, feedback) == ("given up", "")


TAKEN: list[tuple[dict[str, Any], list[Any], str]] = [
    ({"assignee": "carol"}, [], f"LP#12 is assigned to somebody by now. If that is you, !iam tells me. {ELSE}"),
    ({"status": "In Progress"}, [], f"LP#12 is In Progress by now: somebody works on it. {ELSE}"),
    ({"status": "Fix Committed"}, [], f"LP#12 is Fix Committed by now: somebody works on it. {ELSE}"),
    ({"status": "Invalid"}, [], f"LP#12 is closed by now (Invalid). {ELSE}"),
    ({"duplicate_of": 5}, [], f"LP#12 is a duplicate of LP#5. {ELSE}"),
    (
        {"comments": (("carol", "I'd like to work on this.", 80.0),)},
        [],
        f"Somebody wrote on LP#12 lately that they take it. {ELSE}",
    ),
    (
        {},
        [change(50, message="Closes-Bug: #12")],
        "Somebody proposed change 50 for LP#12: a review of it helps as much as a fix."
        " https://review.harbour.example/c/50 (!howto reviews tells how.)",
    ),
    (
        {"comments": (("harbour-gerrit", f"Fix proposed to branch: master\nReview: {'https://review.harbour.example/51'}"),)},
        [],
        "Somebody proposed change 51 for LP#12: a review of it helps as much as a fix."
        " https://review.harbour.example/c/51 (!howto reviews tells how.)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "more", "said"), TAKEN, ids=lambda value: str(value)[:40])
def test_what_is_taken_is_neither_offered_nor_claimed(
    alice: Ask, bob: Ask, store: Store, facts: dict[str, Any], more: list[Any], said: str
) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    alice("!starter fixes")
    store.save([*bug(12, **({"tags": LHF, "status": "Triaged"} | facts)), *more])
    assert alice("!claim 1") == [said]
    assert "LP#12" not in " ".join(bob("!starter fixes", now=NOW + 3 * DAY))


def test_what_is_planned_for_a_milestone_that_is_over_is_taken(alice: Ask, bob: Ask, store: Store) -> None:
    task, *rest = bug(12, tags=LHF, status="Triaged")
    assert isinstance(task, Task)
    store.save([replace(task, milestone="tide-1"), *rest])
    store.milestones.keep("harbour", {"tide-1": True})
    alice("!starter fixes")
    store.milestones.keep("harbour", {"tide-1": False})
    assert alice("!claim 1") == [f"LP#12 belongs to a milestone that is over. {ELSE}"]
    assert "LP#12" not in " ".join(bob("!starter fixes", now=NOW + 3 * DAY))


def test_an_item_that_became_private_is_nobodys(claimed: Ask, bob: Ask, store: Store, alice: Ask) -> None:
    store.save([Gone("bug", 12)])
    assert claimed("!claims") == ["You have claimed nothing. !claim N takes what I suggested."]
    assert claimed("!claim LP#12") == ["I never suggested LP#12 to you; !starter suggests something."]


def test_who_had_it_is_told_once_and_not_what_it_was(claimed: Ask, pass_time: Pass, store: Store) -> None:
    store.save([Gone("bug", 12)])
    assert pass_time(NOW) == [
        "alice: Something that you had claimed is not to be seen any more, so nobody waits for you there. !claims lists"
        " what you have, !starter finds something else."
    ]
    assert (pass_time(NOW), pass_time(NOW + 20 * DAY, mirrored=True)) == ([], [])
    assert store.funnels.outcomes() == []  # of what is private nobody learns how it was
    assert claimed("!feedback easy") == ["There is nothing you finished or gave back lately."]
    assert claimed("!why 1") == ["I have not suggested anything to you yet; say !starter."]
    tables = [row["name"] for row in store.rows("select name from sqlite_master where type = 'table'")]
    everything = repr([store.rows(f"select * from {table}") for table in tables])
    assert "greeting" not in everything and "+bug/12" not in everything and "'number': 12" not in everything


def test_an_old_word_a_robots_word_and_ones_own_word_take_nothing(alice: Ask, store: Store) -> None:
    words = (
        ("carol", "I'd like to work on this.", 91.0),
        ("harbour-janitor", "I will take this."),
        ("alice", "I take this."),
    )
    store.save(bug(12, tags=LHF, status="Triaged", days=99))
    alice("!starter fixes")
    proposed = ("harbour-gerrit", "Fix proposed to branch: master\nReview: https://review.harbour.example/50")
    store.save(bug(12, tags=LHF, status="Triaged", days=99, comments=(*words, proposed), assignee="alice"))
    store.save([change(50, owner="alice", message="Closes-Bug: #12")])
    assert alice("!claim 1")[0].startswith("LP#12 is yours for 14 days.")


def test_who_takes_a_bug_hears_of_the_change_that_was_given_up_and_may_be_revived(alice: Ask, store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), change(44, status="ABANDONED", message="Closes-Bug: #12")])
    alice("!starter fixes")
    assert alice("!claim 1")[0].endswith(
        f"{PAGE} Change 44, https://review.harbour.example/c/44, was begun for it and given up: you may revive it."
    )


def test_somebody_is_reminded_once_and_then_it_is_free_again(claimed: Ask, bob: Ask, pass_time: Pass) -> None:
    assert pass_time(NOW + 11 * DAY - timedelta(seconds=1)) == []
    assert pass_time(NOW + 11 * DAY) == [
        f"alice: How is it going with LP#12, {PAGE}? You took it 11 days ago, and I have seen no sign of it. I keep it"
        " for you for 3 days more: a comment there is enough for two weeks more. !unclaim gives it back; nobody minds."
    ]
    assert [pass_time(NOW + n * DAY) for n in (11, 12, 13)] == [[], [], []]
    assert "LP#12" not in " ".join(bob("!starter fixes", now=NOW + 13 * DAY))
    assert pass_time(NOW + 14 * DAY) == [
        "alice: LP#12, which you had claimed, is free for others again now. That happens to all of us. !starter finds"
        f" you something else whenever you like. {HOW}"
    ]
    assert pass_time(NOW + 15 * DAY) == []
    assert "LP#12" in bob("!starter fixes", now=NOW + 15 * DAY)[1]


def test_a_reminder_comes_two_days_before_the_end_also_where_the_bot_was_away(claimed: Ask, pass_time: Pass) -> None:
    assert "for 2 days more" in pass_time(NOW + 20 * DAY)[0]
    assert pass_time(NOW + 22 * DAY - timedelta(seconds=1)) == []
    assert len(pass_time(NOW + 22 * DAY)) == 1


def test_who_was_away_does_not_get_back_what_somebody_else_took_meanwhile(
    claimed: Ask, bob: Ask, pass_time: Pass
) -> None:
    bob("!starter fixes", now=NOW + 15 * DAY)
    assert pass_time(NOW + 16 * DAY) == [
        "alice: LP#12, which you had claimed, has been taken by somebody else while I was away. !starter finds you"
        f" something else whenever you like. {HOW}"
    ]
    assert bob("!claim 1", now=NOW + 16 * DAY)[0].startswith("LP#12 is yours for 14 days.")


def test_what_became_of_a_claim_waits_for_the_account_whatever_its_nick_is_then(
    claimed: Ask, store: Store, config: Config
) -> None:
    leases.look_after(store, config, NOW + 11 * DAY)
    assert store.outbox.take(NOW + 11 * DAY) == []
    assert [letter.target for letter in store.outbox.take(NOW + 12 * DAY, ["account:alice"])] == ["account:alice"]


def test_nobody_is_written_to_who_wants_quiet(claimed: Ask, pass_time: Pass, store: Store) -> None:
    store.courtesy.leave_alone(["account:alice"], NOW)
    assert (pass_time(NOW + 11 * DAY), pass_time(NOW + 14 * DAY)) == ([], [])
    assert claimed("!claims", now=NOW + 14 * DAY) == ["You have claimed nothing. !claim N takes what I suggested."]


SIGNS: dict[str, list[Any]] = {
    "a comment": bug(12, tags=LHF, status="Triaged", comments=(("Alice", "Which file?", -5.0),)),
    "a line in the log": [activity(12, "alice", "harbour: status", "New", "Triaged", days=-5)],
    "a patch set": [change(50, owner="alice", days=-5, message="Closes-Bug: #12")],
    "an assignment": bug(12, tags=LHF, status="Triaged", assignee="alice"),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_work_that_is_seen_keeps_it_for_two_weeks_more(claimed: Ask, pass_time: Pass, store: Store, sign: str) -> None:
    store.save(SIGNS[sign])
    assert pass_time(NOW + 5 * DAY, mirrored=True) == []
    assert claimed("!claims", now=NOW + 6 * DAY)[0] == (
        f"1. LP#12 {'Typo in the greeting' if sign else ''}: 13 days left, work seen a day ago. {PAGE}"
    )
    assert pass_time(NOW + 15 * DAY, mirrored=True) == []
    assert "no new sign of it for a while. I keep it for you for 3 days more" in pass_time(NOW + 16 * DAY)[0]
    assert pass_time(NOW + 19 * DAY, mirrored=True)[0].startswith("alice: LP#12, which you had claimed, is free")


def test_after_a_reminder_work_that_is_seen_brings_another_one_in_time(
    claimed: Ask, pass_time: Pass, store: Store
) -> None:
    assert len(pass_time(NOW + 11 * DAY)) == 1
    store.save(bug(12, tags=LHF, status="Triaged", comments=(("alice", "Half of it is done.", -12.0),)))
    assert pass_time(NOW + 13 * DAY, mirrored=True) == []
    assert [len(pass_time(NOW + n * DAY)) for n in (22, 23, 24, 26)] == [0, 1, 0, 1]


def test_what_somebody_else_says_is_no_sign_of_work(claimed: Ask, pass_time: Pass, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged", comments=(("vera", "Still there.", -5.0), ("alice", "Hm.", 1.0))))
    assert pass_time(NOW + 6 * DAY, mirrored=True) == []
    assert claimed("!claims", now=NOW + 6 * DAY)[0].endswith(f": 8 days left. {PAGE}")


ENDS: dict[str, tuple[list[Any], str]] = {
    "merged": (
        [
            *bug(12, tags=LHF, status="Fix Released"),
            change(50, owner="alice", status="MERGED", message="Closes-Bug: #12"),
        ],
        "is merged: thank you, you had a part in it",
    ),
    "closed": (bug(12, tags=LHF, status="Invalid"), "is closed there (Invalid)"),
    "a duplicate": (bug(12, tags=LHF, status="Triaged", duplicate_of=5), "is closed there (a duplicate of LP#5)"),
    "taken": (
        bug(12, tags=LHF, status="Triaged", assignee="carol"),
        "is assigned to somebody else now, so I no longer keep it for you",
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_in_the_source_ends_here_and_is_told(claimed: Ask, pass_time: Pass, store: Store, end: str) -> None:
    things, said = ENDS[end]
    store.people.join("account:alice", "launchpad", "alice-lp", NOW)
    store.save(things)
    assert pass_time(NOW + DAY, mirrored=True) == [
        f"alice: LP#12, which you had claimed, {said}. !starter finds you something else whenever you like."
        f"{f' {HOW}' if end == 'merged' else ''}"
    ]
    assert pass_time(NOW + DAY, mirrored=True) == []
    assert claimed("!claims", now=NOW + DAY)[0].startswith("You have claimed nothing.")


def test_who_may_have_assigned_it_to_themselves_keeps_it(claimed: Ask, pass_time: Pass, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged", assignee="al-1999"))
    assert pass_time(NOW + DAY, mirrored=True) == []
    assert claimed("!claims", now=NOW + DAY)[0].startswith("1. LP#12")


def test_work_seen_late_takes_nothing_from_who_has_it_by_now(
    claimed: Ask, bob: Ask, pass_time: Pass, store: Store
) -> None:
    assert "LP#12" in bob("!starter fixes", now=NOW + 15 * DAY)[1]
    store.save(bug(12, "Typo in the greeting", tags=LHF, status="Triaged", comments=(("alice", "Soon.", -13.0),)))
    assert "has been taken by somebody else" in pass_time(NOW + 15 * DAY, mirrored=True)[0]
    assert bob("!claim 1", now=NOW + 15 * DAY)[0].startswith("LP#12 is yours for 14 days.")


def test_a_review_is_done_when_it_is_seen(alice: Ask, pass_time: Pass, store: Store) -> None:
    store.save([change(50, "Fix a typo")])
    alice("!starter reviews")
    assert alice("!claim 1") == [
        "change 50 is yours for 14 days. I write nothing to Gerrit: what you say there is seen by its author, and by"
        " me. https://review.harbour.example/c/harbour/harbour/+/50",
        "A comment, a vote or a patch set of yours keeps it for two weeks more. !howto reviews tells how to begin;"
        " !done when it is done, !unclaim if it is not for you.",
    ]
    said = ChangeMessage("m1", "alice", NOW + DAY, "Looks good to me.", patch_set=1)
    store.save([replace(change(50, "Fix a typo"), messages=(said,))])
    assert pass_time(NOW + 2 * DAY, mirrored=True) == [
        "alice: change 50, which you had claimed, has your review now: thank you. !starter finds you something else"
        f" whenever you like. {HOW}"
    ]


SORTED = activity(12, "carol", "harbour: status", "New", "Confirmed", days=-2)
ASKED = (("alice", "Which version is it?", -1.0),)


@pytest.mark.parametrize(
    ("niche", "now", "told"),
    [
        ("triage", [*bug(12, status="Confirmed", comments=ASKED), SORTED], "is sorted now, and you had a part in it"),
        (
            "triage",
            [*bug(12), activity(12, "alice", "harbour: importance", "Undecided", "Low", days=-2)],
            "is sorted now, and you had a part in it",
        ),
        (
            "triage",
            [*bug(12, status="Invalid"), activity(12, "alice", "harbour: status", "New", "Invalid", days=-2)],
            "is sorted now, and you had a part in it",
        ),
        ("triage", bug(12, comments=ASKED), ""),
        ("triage", [*bug(12, status="Confirmed"), SORTED], ""),
        ("triage", [*bug(12, tags=("ui",)), activity(12, "alice", "tags", "", "ui", days=-2)], ""),
        ("reproduce", bug(12, comments=ASKED), "has your word on it now"),
        ("reproduce", [*bug(12, status="Confirmed"), SORTED], ""),
        ("fixes", [*bug(12, tags=LHF, status="Confirmed", comments=ASKED), SORTED], ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_niche_says_how_it_is_seen_that_a_bug_of_it_is_done(
    alice: Ask, pass_time: Pass, store: Store, niche: str, now: list[Any], told: str
) -> None:
    store.save(bug(12, "Crash. Steps to reproduce: sail", tags=LHF))
    alice(f"!starter {niche}")
    alice("!claim 1")
    more = f"!starter finds you something else whenever you like. {HOW}"
    end = f"alice: LP#12, which you had claimed, {told}: thank you. {more}"
    store.save(now)
    assert pass_time(NOW + 3 * DAY, mirrored=True) == [end] * bool(told)
    assert [lease.item.ref for lease in store.leases.all()] == ["LP#12"] * (not told)
    assert [row["outcome"] for row in store.rows("select outcome from offers")] == ["done" if told else ""]


def test_a_bug_that_left_new_by_the_date_of_its_task_is_sorted_too(alice: Ask, pass_time: Pass, store: Store) -> None:
    store.save(bug(12))
    alice("!starter triage")
    alice("!claim 1")
    task, *rest = bug(12, status="Confirmed", comments=ASKED)
    assert isinstance(task, Task)
    for left in (days_ago(1), NOW + 2 * DAY):
        assert pass_time(NOW + 3 * DAY, mirrored=True) == []
        store.save([replace(task, left_new=left), *rest])
    assert "is sorted now" in pass_time(NOW + 3 * DAY, mirrored=True)[0]


def test_a_change_that_was_given_up_waits_for_no_review(alice: Ask, pass_time: Pass, store: Store) -> None:
    store.save([change(50)])
    alice("!starter reviews")
    alice("!claim 1")
    store.save([change(50, status="ABANDONED")])
    assert pass_time(NOW + 2 * DAY, mirrored=True) == [
        "alice: change 50, which you had claimed, is closed there (ABANDONED). !starter finds you something else"
        " whenever you like."
    ]


@pytest.mark.parametrize(
    "now",
    [
        change(50, votes=(Vote("Code-Review", "bob", 1),)),
        change(50, votes=(Vote("Code-Review", "bob", -2),)),
        change(50, messages=(("bob", "Patch Set 1: Why?"),)),
        change(50, wip=True),
    ],
    ids=["liked", "refused", "asked", "not ready"],
)
def test_a_change_that_somebody_looked_at_is_not_claimed_for_a_first_review(
    alice: Ask, store: Store, now: Thing
) -> None:
    store.save([change(50)])
    alice("!starter reviews")
    store.save([now])
    assert alice("!claim 1") == [
        f"change 50 waits for nobody any more: somebody was quicker, or it has moved on. {ELSE}"
    ]


def test_of_a_change_that_is_merged_only_who_was_seen_at_it_had_a_part_in_it(
    alice: Ask, pass_time: Pass, store: Store
) -> None:
    store.save([change(50), change(51)])
    alice("!starter reviews")
    alice("!claim 1")
    alice("!claim 2")
    said = (ChangeMessage("m1", "alice", NOW + DAY, "Uploaded patch set 2.", "autogenerated:gerrit:newPatchSet", 2),)
    store.save([replace(change(50, status="MERGED"), messages=said), change(51, status="MERGED")])
    assert [told.split(",")[2] for told in pass_time(NOW + 2 * DAY, mirrored=True)] == [
        " is closed there (MERGED). !starter finds you something else whenever you like.",
        " is merged: thank you",
    ]


def test_who_brings_an_abandoned_change_home_is_not_done_with_a_word(alice: Ask, pass_time: Pass, store: Store) -> None:
    old = change(44, status="ABANDONED", message="Closes-Bug: #12", days=99)
    store.save([*bug(12, status="Triaged"), old])
    alice("!starter revive")
    assert alice("!claim change 44")[0].startswith("change 44 is yours for 14 days.")
    said = ChangeMessage("m1", "alice", NOW + 5 * DAY, "I go on with this.", patch_set=1)
    store.save([replace(old, status="NEW", messages=(said,))])
    assert pass_time(NOW + 6 * DAY, mirrored=True) == []
    assert alice("!claims", now=NOW + 6 * DAY)[0].startswith("1. change 44 Change number 44: 13 days left")


def test_the_mirrors_themselves_see_work(alice: Ask, store: Store) -> None:
    with LaunchpadTwin([record(12, tags=LHF, status="Triaged")]) as twin:
        seen = Config(launchpad=Launchpad(service_root=twin.service_root, projects=("harbour",)))
        sources = sync.sources(seen, store, lambda: NOW, lambda _: None)
        assert sync.once(sources, store, lambda: NOW) == []
        alice("!starter fixes")
        alice("!claim 1")
        twin.now = NOW + DAY
        twin.comment(12, "alice", "Which of the cranes?")
        assert sync.once(sources, store, lambda: NOW + DAY) == []
    [lease] = store.leases.all()
    assert (lease.seen, lease.expires) == (NOW + DAY, NOW + 15 * DAY)


STILL = (
    f"alice: Do you still work on LP#12, {PAGE}? You took it 90 days ago, and for 90 days I have seen words of yours"
    " there and nothing else. Say yes or no (or !claims keep LP#12, !unclaim LP#12); what is more than a comment says"
    " yes, too. If I hear nothing it is free for others in 7 days, and nobody minds."
)
FREED = (
    "alice: LP#12, which you had claimed, is free for others again now. That happens to all of us. !starter finds you"
    f" something else whenever you like. {HOW}"
)


@pytest.fixture
def commented(claimed: Ask, pass_time: Pass, store: Store) -> Callable[..., dict[int, list[str]]]:
    """Alice says something on the bug every day, and more is seen of her; gives what she is told, by the day."""

    def days(first: int, last: int, *more: Thing, number: int = 12, **facts: Any) -> dict[int, list[str]]:
        told = {}
        for day in range(first, last + 1):
            comments = tuple(("alice", f"Day {n}.", -float(n)) for n in range(1, day + 1))
            store.save([*bug(number, tags=LHF, status="Triaged", comments=comments, **facts), *more])
            if said := pass_time(NOW + day * DAY, mirrored=True):
                told[day] = said
        return told

    return days


Comment = Callable[..., dict[int, list[str]]]


def test_what_only_words_keep_is_asked_about_once_after_90_days_and_then_free(commented: Comment, bob: Ask) -> None:
    assert commented(1, 99) == {90: [STILL], 97: [FREED]}
    assert "LP#12" in bob("!starter fixes", now=NOW + 99 * DAY)[1]


DEEDS: dict[str, list[Any]] = {
    "a patch set": [change(50, owner="alice", days=-40, message="Closes-Bug: #12")],
    "a line in the log": [activity(12, "alice", "harbour: status", "New", "Triaged", days=-40)],
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_more_than_words_keeps_it_for_90_days_more(commented: Comment, deed: str) -> None:
    told = commented(1, 135, *DEEDS[deed])
    assert list(told) == [130]
    assert "You took it 4 months ago, and for 90 days I have seen words" in told[130][0]


def test_who_has_their_name_on_it_is_not_asked(commented: Comment) -> None:
    assert commented(1, 120, assignee="alice") == {}


@pytest.mark.parametrize("words", ["yes", "Sure, still working on it", "claims keep", "claims keep 1", "claim LP#12"])
def test_who_says_that_they_go_on_keeps_it(commented: Comment, alice: Ask, words: str) -> None:
    assert commented(1, 92) == {90: [STILL]}
    said = alice(words, where=None, now=NOW + 92 * DAY)
    assert said[0].startswith("LP#12 is yours for 14 days")
    assert alice("!claims", now=NOW + 92 * DAY)[0].startswith("1. LP#12 Typo in the greeting: 14 days left")
    assert alice("yes", where=None, now=NOW + 92 * DAY)[0].startswith("I am only a program")
    # Words keep it again, and for as long.
    told = commented(93, 190)
    assert (list(told), told[189]) == ([182, 189], [FREED])


def test_who_says_that_they_go_on_and_is_not_seen_again_has_it_for_two_weeks(
    commented: Comment, alice: Ask, pass_time: Pass
) -> None:
    commented(1, 90)
    alice("yes", where=None, now=NOW + 91 * DAY)
    assert [day for day in range(92, 110) if pass_time(NOW + day * DAY, mirrored=True)] == [102, 105]


@pytest.mark.parametrize("deed", ["a patch set", "a line in the log"])
def test_a_deed_within_the_week_is_an_answer_and_a_word_is_none(commented: Comment, deed: str) -> None:
    done = {
        "a patch set": change(50, owner="alice", days=-93, message="Closes-Bug: #12"),
        "a line in the log": activity(12, "alice", "assignee", "", "alice", days=-93),
    }
    assert commented(1, 92) == {90: [STILL]}
    assert list(commented(93, 185, done[deed])) == [183]


def test_a_deed_that_the_mirror_shows_late_is_an_answer_too(commented: Comment, pass_time: Pass, store: Store) -> None:
    commented(1, 90)
    store.save([change(50, owner="alice", days=-89.5, message="Closes-Bug: #12")])
    told = {day: pass_time(NOW + day * DAY, mirrored=True) for day in range(91, 105)}
    assert [day for day, said in told.items() if said] == [101, 104]
    assert "I have seen no new sign of it for a while" in told[101][0]


@pytest.mark.parametrize("words", ["no", "Not any more, sorry"])
def test_who_says_no_gives_it_back(commented: Comment, alice: Ask, bob: Ask, words: str) -> None:
    commented(1, 91)
    assert alice(words, where=None, now=NOW + 91 * DAY)[0] == (
        "LP#12 is free again; that was fair to say. !starter finds another."
    )
    assert "LP#12" in bob("!starter fixes", now=NOW + 92 * DAY)[1]


def test_who_was_not_asked_has_nothing_to_keep(claimed: Ask) -> None:
    nothing = ["I have not asked whether you still work on something; what keeps a claim is work that I see there."]
    assert claimed("!claims keep") == nothing
    assert claimed("!claims no") == nothing
    assert claimed("yes", where=None)[0].startswith("I am only a program")
    assert claimed("!claim LP#12") == ["LP#12 is yours already, for 14 days more."]


def test_who_wants_quiet_sees_it_among_their_claims_and_may_keep_it_too(
    commented: Comment, alice: Ask, store: Store
) -> None:
    store.courtesy.leave_alone(["account:alice"], NOW)
    assert commented(1, 91) == {}
    assert alice("!claims", now=NOW + 91 * DAY)[0].startswith(
        "1. LP#12 Typo in the greeting: 6 days left, unless you say !claims keep LP#12, work seen "
    )
    assert alice("!claims keep", now=NOW + 91 * DAY)[0].startswith("LP#12 is yours for 14 days")


def test_of_several_that_were_asked_about_it_is_said_which(commented: Comment, alice: Ask, store: Store) -> None:
    store.save(bug(13, tags=LHF, status="Triaged"))
    alice("!starter fixes")
    alice("!claim LP#13")
    said = tuple(("alice", f"Day {n}.", -float(n)) for n in range(1, 100))
    store.save(bug(13, tags=LHF, status="Triaged", comments=said))
    told = commented(1, 91)
    assert (list(told), len(told[90])) == ([90], 2)
    which = ["Say which: !claims keep LP#12, !unclaim LP#12, !claims keep LP#13 or !unclaim LP#13."]
    for words in ("yes", "no", "maybe", "claims keep"):
        assert alice(words, where=None, now=NOW + 91 * DAY) == which
    assert alice("yes, LP#13", where=None, now=NOW + 91 * DAY)[0].startswith("LP#13 is yours for 14 days")
    assert alice("claims keep 2", now=NOW + 91 * DAY, where=None) == [
        "I have not asked whether you still work on LP#13; it is yours for 14 days more."
    ]
    assert alice("no, too hard for me", where=None, now=NOW + 91 * DAY) == [
        "LP#12 is free again; that was fair to say. !starter finds another."
    ]
    assert store.offers.refusals("account:alice", NOW) == [("fixes", "too hard for me")]


def test_what_ended_meanwhile_is_not_kept(
    commented: Comment, alice: Ask, store: Store, config: Config, loaded: Loaded
) -> None:
    commented(1, 91)
    [lease] = store.leases.all()
    store.leases.end(lease, "lapsed", NOW + 91 * DAY)
    request = Request(Who("alice", "alice"), None, "keep", NOW + 91 * DAY, config, loaded)
    with pytest.raises(UserError, match=r"^LP#12 is not yours any more\."):
        leases.keep(lease, request, store)
    assert store.leases.all() == []


def test_who_brings_a_change_home_does_more_than_to_talk_of_it(alice: Ask, store: Store) -> None:
    old = change(44, status="ABANDONED", message="Closes-Bug: #12", days=99)
    store.save([*bug(12, status="Triaged"), old])
    alice("!starter revive")
    alice("!claim change 44")
    said = ChangeMessage("m1", "alice", NOW + 5 * DAY, "I go on with this.", patch_set=1)
    store.save([replace(old, status="NEW", messages=(said,))])
    [lease] = store.leases.all()
    assert (store.leases.signs(lease), store.leases.deeds(lease)) == (NOW + 5 * DAY, None)
    done = ChangeMessage("m2", "alice", NOW + 6 * DAY, "Uploaded patch set 2.", "autogenerated:gerrit:newPatchSet", 2)
    store.save([replace(old, status="NEW", messages=(said, done))])
    assert (store.leases.signs(lease), store.leases.deeds(lease)) == (NOW + 6 * DAY, NOW + 6 * DAY)


def test_to_a_question_there_are_words_only(alice: Ask, store: Store) -> None:
    store.save([question(7)])
    alice("!starter support")
    assert alice("!claim 1")[0].startswith("question 7 is yours for 14 days.")
    store.save([question(7, responded=-5)])
    [lease] = store.leases.all()
    assert (store.leases.signs(lease), store.leases.deeds(lease)) == (NOW + 5 * DAY, None)


# An admin frees what somebody else has


@pytest.fixture
def boss(ask: Ask) -> Ask:
    return lambda text, **how: ask(text, nick="chief", account="boss", **how)


@pytest.mark.parametrize(
    "text",
    ["unclaim LP#12 alice", "unclaim 12 Alice", "unclaim 1 alice", "unclaim bug 12 alice", "unclaim alice"],
)
def test_an_admin_frees_what_somebody_has_and_they_are_told_how_to_take_it_again(
    claimed: Ask, boss: Ask, bob: Ask, pass_time: Pass, store: Store, text: str
) -> None:
    assert boss(text, where=None) == ["LP#12 is free again; alice hears of it from me, kindly."]
    assert pass_time(NOW) == [
        f"alice: An admin has freed LP#12, {PAGE}, which you had claimed, so that others can have it; that says nothing"
        " against you. If you work on it still, !claim LP#12 takes it again, while nobody else has it."
    ]
    assert claimed("!claims") == ["You have claimed nothing. !claim N takes what I suggested."]
    assert claimed("!claim LP#12")[0].startswith("LP#12 is yours for 14 days.")
    store.courtesy.leave_alone(["account:alice"], NOW)
    assert boss("unclaim LP#12 alice", where=None) == ["LP#12 is free again."]
    assert pass_time(NOW) == []
    assert "LP#12" in bob("!starter fixes")[1]
    assert claimed("!claim LP#12") == [f"LP#12 is somebody else's by now. {ELSE}"]


def test_of_what_an_admin_freed_nobody_concludes_anything(claimed: Ask, boss: Ask, store: Store) -> None:
    boss("!unclaim LP#12 alice")
    [(_, _, outcome, feedback, reason)] = store.funnels.outcomes()
    assert (outcome, feedback, reason) == ("freed", "", "")


def test_who_is_no_admin_frees_only_what_they_have(claimed: Ask, bob: Ask, pass_time: Pass) -> None:
    assert bob("!unclaim LP#12 alice") == ["You have claimed nothing; !claim N takes what I suggested."]
    assert (pass_time(NOW), len(claimed("!claims"))) == ([], 2)
    assert claimed("!unclaim 1 alice")[0].startswith("LP#12 is free again; that was fair to say.")


def test_an_admin_who_names_nobody_gives_back_their_own(boss: Ask, claimed: Ask, store: Store) -> None:
    store.save(bug(13, tags=LHF, status="Triaged"))
    boss("!starter fixes")
    boss("!claim 1")
    assert boss("!unclaim 1 boring") == ["LP#13 is free again; that was fair to say. !starter finds another."]
    assert len(claimed("!claims")) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unclaim LP#13 Alice", "Alice has not claimed LP#13; Alice has LP#12."),
        ("unclaim", "You have claimed nothing; !claim N takes what I suggested."),
        ("unclaim 1", "You have claimed nothing; !claim N takes what I suggested."),
        ("unclaim 2 alice", "alice has not claimed 2; alice has LP#12."),
        (
            "unclaim LP#12 carol",
            "Nobody called carol has claimed anything; I know people by their account, and by their nick of that time.",
        ),
    ],
)
def test_what_an_admin_cannot_free_is_told(claimed: Ask, boss: Ask, text: str, said: str) -> None:
    assert boss(text, where=None) == [said]
    assert len(claimed("!claims")) == 2


def test_of_two_who_had_the_same_nick_the_account_is_asked_for(claimed: Ask, ask: Ask, boss: Ask, store: Store) -> None:
    store.save(bug(13, tags=LHF, status="Triaged"))
    for text in ("!starter fixes", "!claim 1"):
        ask(text, nick="alice", account="mallory")
    assert boss("!unclaim LP#13 mallory")[0].startswith("LP#13 is free again")
    for text in ("!starter fixes", "!claim 1"):
        ask(text, nick="guest", account="mallory")
    claimed("!unclaim")
    for text in ("!starter fixes", "!claim LP#12"):
        ask(text, nick="guest", account="carol")
    assert boss("!unclaim 1 guest") == ["Several people were called guest: please name the account, carol or mallory."]


def test_what_was_ended_meanwhile_does_not_end_again(claimed: Ask, store: Store) -> None:
    [lease] = store.leases.all()
    claimed("!done")
    claimed("!claim LP#12")
    store.leases.end(lease, "freed", NOW)
    assert [row["outcome"] for row in store.rows("select outcome from offers order by id")] == ["done", ""]
    assert claimed("!claims")[0] == f"1. LP#12 Typo in the greeting: 14 days left. {PAGE}"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("!unclaim 1 alice", "boss"),
        ("!unclaim alice", "boss"),
        ("!unclaim LP#99 alice", "boss"),
        ("!unclaim LP#12 carol", "boss"),
        ("!unclaim", "alice"),
        ("!done LP#99", "alice"),
        ("!claim LP#12", "alice"),
    ],
)
def test_who_has_what_is_told_in_private_where_it_is_refused_in_a_channel_too(
    claimed: Ask, answer: Callable[..., Answer | None], store: Store, text: str, who: str
) -> None:
    store.save(bug(13, tags=LHF, status="Triaged"))
    claimed("!starter fixes")
    claimed("!claim LP#13")
    said = answer(text, nick=who, account=who)
    assert said and (said.target, said.private_note) == (who, "I answered you in private.")


def test_of_many_who_claim_the_same_item_at_once_one_gets_it(
    tmp_path: Path, config: Config, loaded: Loaded, store: Store
) -> None:
    path = tmp_path / "a.db"
    stores = [Store(path) for _ in range(4)]
    stores[0].save(bug(12, tags=LHF, status="Triaged"))
    item = Item("bug", 12, "harbour", "", "", NOW)
    people = [Who(f"p{n}", f"p{n}") for n in range(20)]
    for n, who in enumerate(people):  # each was offered it once, long ago
        stores[0].offers.make(who.key, "", [item], 1, NOW - (100 - 3 * n) * DAY)

    def take(n: int) -> str:
        request = Request(people[n], None, "", NOW, config, loaded)
        try:
            return leases.claim(item, request, stores[n % 4]).person
        except UserError as error:
            return str(error)

    with ThreadPoolExecutor(20) as threads:
        said = list(threads.map(take, range(20)))
    got = [who.key for who in people if who.key in said]
    assert len(got) == 1
    assert said.count(f"LP#12 is somebody else's by now. {ELSE}") == 19
    assert [lease.person for lease in stores[0].leases.all()] == got
    for one in stores:
        one.close()
