"""Tests of plugins/starter.py: somebody asks where to begin."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mentorbot.config import Config
from mentorbot.dispatch import Answer, Dispatch
from mentorbot.loader import Loaded
from mentorbot.models import Bug, Heard, Vote, Who
from mentorbot.store import Store, Wait
from tests.builders import NOW, bug, change

Ask = Callable[..., list[str]]
LHF = ("low-hanging-fruit",)
NOTHING = (
    "Nothing is free right now: what there is has somebody, was offered to others in the last two days, or you passed"
    " on it."
    " New work comes in every day; until then, !howto tells how each niche works."
)


@pytest.fixture(autouse=True)
def mirrors_were_read(store: Store) -> None:
    for source in ("launchpad", "gerrit"):
        store.cursors.finished(source, NOW)


def numbers(lines: list[str]) -> list[str]:
    """The items in a reply: ["LP#12", "change 5"]."""
    return [" ".join(line.split()[1 : 3 if line.split()[1] == "change" else 2]) for line in lines if line[1:2] == "."]


def test_a_newcomer_gets_a_niche_and_items_with_title_url_age_and_a_reason(ask: Ask, store: Store) -> None:
    store.save(bug(12, "Crash on an empty log", tags=LHF, status="Confirmed", days=400))
    store.save(bug(13, "Typo in the greeting", tags=LHF, status="Triaged", project="harbour-client", days=40))
    store.save(bug(14, "The anchor is lost", tags=LHF, status="Triaged", importance="Medium"))
    assert ask("!starter fixes") == [
        "Try first fixes: bugs marked as good for a beginner that nobody has taken. One takes about a day."
        " (!howto fixes says how to begin, !why 1 tells more, !another moves on)",
        "1. LP#14 The anchor is lost (harbour, reported 10 days ago): tagged low-hanging-fruit, Medium importance."
        " https://bugs.harbour.example/harbour/+bug/14",
        "2. LP#13 Typo in the greeting (harbour-client, reported 40 days ago): tagged low-hanging-fruit, Low"
        " importance. https://bugs.harbour.example/harbour-client/+bug/13",
        "3. LP#12 Crash on an empty log (harbour, reported 13 months ago): tagged low-hanging-fruit, Low importance."
        " https://bugs.harbour.example/harbour/+bug/12",
    ]


def test_a_short_queue_is_said_kindly_and_filled_from_the_next_best(ask: Ask, store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), change(50), change(51)])
    lines = ask("!starter fixes")
    assert lines[0] == (
        "There is only 1 free in first fixes just now, so here is the next best too: code review."
        " (!howto fixes says how to begin, !why 1 tells more, !another moves on)"
    )
    assert numbers(lines) == ["LP#12", "change 51", "change 50"]


def test_where_a_queue_is_empty_the_guide_is_that_of_what_is_offered_instead(ask: Ask, store: Store) -> None:
    store.save([change(50)])
    assert "(!howto reviews says how to begin, " in ask("!starter fixes")[0]


@pytest.mark.parametrize(
    "taken",
    [
        {"assignee": "bob"},
        {"status": "In Progress"},
        {"status": "Fix Released"},
        {"duplicate_of": 3},
        {"private": True},
        {"read": False},
        {"comments": (("bob", "I will work on this"),)},
        {
            "comments": (
                ("harbour-gerrit", "Fix proposed to branch: master\nReview: https://review.harbour.example/77"),
            )
        },
    ],
    ids=str,
)
def test_what_somebody_has_or_nobody_may_see_is_never_offered(ask: Ask, store: Store, taken: dict[str, object]) -> None:
    store.save(bug(12, **{"tags": LHF, "status": "Triaged", **taken}))  # type: ignore[arg-type]
    assert ask("!starter fixes") == [NOTHING]


def test_a_bug_whose_comments_are_not_known_is_not_offered(ask: Ask, store: Store) -> None:
    task, whole = bug(12, tags=LHF, status="Triaged")
    assert isinstance(whole, Bug)
    store.save([task, replace(whole, whole=False)])
    assert ask("!starter fixes") == [NOTHING]
    store.save([whole])
    assert numbers(ask("!starter fixes")) == ["LP#12"]


@pytest.mark.parametrize(
    "free",
    [
        {"comments": (("bob", "I will work on this", 91),), "days": 200},
        {
            "comments": (
                ("harbour-gerrit", "Fix proposed to branch: master\nReview: https://review.harbour.example/77", 8),
                ("harbour-gerrit", "Change abandoned by bob\nReview: https://review.harbour.example/77", 7),
            )
        },
        {"comments": (("bob", "> I will work on this\nDoes anybody still?"),)},
    ],
    ids=["an old claim", "an abandoned change", "a quoted claim"],
)
def test_a_claim_that_lapsed_does_not_hold_a_bug(ask: Ask, store: Store, free: dict[str, object]) -> None:
    store.save(bug(12, **{"tags": LHF, "status": "Triaged", **free}))  # type: ignore[arg-type]
    assert numbers(ask("!starter fixes")) == ["LP#12"]


@pytest.mark.parametrize("footer", ["Closes-Bug: #12", "Partial-Bug: 12", "Related-Bug: #12"])
def test_a_bug_named_by_an_open_change_is_not_offered(ask: Ask, store: Store, footer: str) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), change(50, message=footer, verified=-1)])
    assert ask("!starter fixes") == [NOTHING]


def test_a_bug_named_by_an_abandoned_change_is_free(ask: Ask, store: Store) -> None:
    store.save([*bug(12, tags=LHF, status="Triaged"), change(50, message="Closes-Bug: #12", status="ABANDONED")])
    assert numbers(ask("!starter fixes")) == ["LP#12"]


def test_what_was_offered_to_one_is_not_offered_to_another_for_48_hours(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    assert numbers(ask("!starter fixes", nick="alice")) == ["LP#12"]
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(hours=47))) == []
    assert numbers(ask("!starter fixes", nick="bob", now=NOW + timedelta(hours=49))) == ["LP#12"]


def test_another_moves_on_and_never_comes_back_to_what_was_refused(ask: Ask, store: Store) -> None:
    store.save([thing for n in range(1, 6) for thing in bug(n, tags=LHF, status="Triaged", days=n)])
    assert numbers(ask("!starter fixes")) == ["LP#1", "LP#2", "LP#3"]
    assert numbers(ask("!another too hard")) == ["LP#4", "LP#5"]
    assert ask("!another") == [NOTHING]
    assert ask("!another", nick="bob") == ["I have not suggested anything to you yet; say !starter."]


def test_why_tells_every_signal_with_its_points(ask: Ask, store: Store) -> None:
    store.save(bug(12, "Typo in the greeting", tags=LHF, status="Triaged", days=400))
    ask("!starter fixes")
    assert ask("!why 1") == [
        "LP#12 has 10 points: +5 tagged low-hanging-fruit; +4 Low importance; +1 nobody has looked at it yet;"
        ' +1 "typo" in the title, as in many small fixes; -1 13 months old.'
        " https://bugs.harbour.example/harbour/+bug/12"
    ]
    assert ask("!why 2") == ["Say which: why 1."]
    assert ask("!why", nick="bob") == ["I have not suggested anything to you yet; say !starter."]


def test_why_knows_what_was_suggested_before_one_logged_in(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    ask("!starter fixes")
    assert {ask(f"!why {which}", account="al")[0][:10] for which in ("1", "LP#12")} == {"LP#12 has "}


def test_why_is_the_same_weeks_later_whatever_changed_since(ask: Ask, store: Store) -> None:
    store.save(bug(12, "Typo in the greeting", tags=LHF, status="Triaged", days=20))
    ask("!starter fixes")
    reason = (
        "14 points: +5 tagged low-hanging-fruit; +4 Low importance; +3 only 20 days old;"
        ' +1 nobody has looked at it yet; +1 "typo" in the title, as in many small fixes. https://bugs.harbour.example/harbour/+bug/12'
    )
    assert ask("!why 1") == [f"LP#12 has {reason}"]
    store.save(bug(12, "No wind", importance="Undecided", status="New", days=900, comments=(("vera", "Which?"),) * 9))
    store.save(bug(13, "The anchor is lost", tags=LHF, status="Triaged"))
    later = NOW + timedelta(weeks=3)
    ask("!starter fixes", now=later)
    for words in ("LP#12", "bug 12", "lp 12"):
        assert ask(f"!why {words}", now=later) == [f"LP#12 had, when I suggested it 21 days ago, {reason}"]
    assert ask("!why LP#14", now=later) == ["I never suggested LP#14 to you; !starter suggests something."]
    assert ask("!why LP#12", nick="bob", now=later) == ["I never suggested LP#12 to you; !starter suggests something."]


def test_the_usual_wait_for_a_first_answer_is_told(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=(*LHF, "sails"), status="Triaged"))
    end = "!another moves on)"
    told = []
    for waits in (
        [Wait("harbour", "", timedelta(hours=9), 20)],
        [Wait("harbour", "", timedelta(hours=9), 20), Wait("harbour", "sails", timedelta(days=40), 12)],
        [Wait("harbour", "", None, 20)],
        [Wait("harbour-client", "", None, 20)],
    ):
        store.waits.keep(waits, NOW)
        told.append(ask("!starter fixes")[0].partition(end)[2])
    assert told == [
        " In harbour half of the newcomers' first changes get an answer within 9 hours.",
        " In harbour (sails) half of the newcomers' first changes get an answer within 40 days.",
        " In harbour fewer than half of the newcomers' first changes got an answer: ask here for a reviewer.",
        "",
    ]


def test_the_wait_of_changes_is_not_told_to_who_triages(ask: Ask, store: Store) -> None:
    store.waits.keep([Wait("harbour", "", timedelta(hours=9), 20)], NOW)
    store.save(bug(12))
    assert "first changes" not in ask("!starter triage")[0]


def test_without_a_niche_the_one_fewest_were_pointed_to_lately_is_chosen(ask: Ask, store: Store) -> None:
    store.save([change(50), change(51), *bug(12, tags=LHF, status="Triaged")])
    store.save([thing for number in range(20, 26) for thing in bug(number)])
    first = {nick: ask("!starter", nick=nick)[0].partition(":")[0] for nick in ("ann", "ben", "cat", "dan")}
    assert first == {
        "ann": "Try bug triage",
        "ben": "Try code review",
        "cat": "Try bug triage",
        "dan": "Nothing is free right now",
    }


def test_time_project_and_niche_are_understood_in_any_order(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    store.save(bug(13, tags=LHF, status="Triaged", project="harbour-client"))
    assert numbers(ask("!starter harbour-client day code")) == ["LP#13"]
    assert numbers(ask("!starter 30m Harbour", nick="bob")) == ["LP#12"]
    assert ask("!starter poetry") == [
        '"poetry" is no niche or project that I know. Say !starter alone and I choose, or with a niche (!niches'
        " lists them), a project (harbour, harbour-client) or your time (30m, 2h, day)."
    ]


def test_ones_own_change_is_not_offered_for_review(ask: Ask, store: Store) -> None:
    store.save([change(50, owner="alice")])
    store.save([change(51, owner="al-gerrit")])
    store.people.link("Alice", account="alice", gerrit="al-gerrit")
    assert ask("!starter reviews", account="alice") == [NOTHING]


def test_an_old_mirror_says_how_old_it_is(ask: Ask, store: Store) -> None:
    store.save(bug(12, tags=LHF, status="Triaged"))
    store.cursors.finished("launchpad", NOW - timedelta(hours=3))
    store.cursors.finished("gerrit", NOW - timedelta(minutes=3))
    assert ask("!starter fixes")[0].endswith("another moves on) (Launchpad as of 3 hours ago)")
    assert ask("!why 1")[0].endswith(" https://bugs.harbour.example/harbour/+bug/12 (Launchpad as of 3 hours ago)")


def test_before_the_mirrors_were_read_once_nobody_hears_that_all_is_taken(config: Config, loaded: Loaded) -> None:
    unread = Store()
    dispatch = Dispatch(config, loaded, unread, lambda: NOW)
    said = []
    for source in ("launchpad", "gerrit"):
        answer = dispatch.answer(Heard(Who("alice"), None, "starter"))
        said += answer.lines if answer else []
        unread.cursors.finished(source, NOW)
    dispatch.close()
    unread.close()
    assert said == [
        f"Nothing is free that I know of: I have not read all of {sources} yet. Please ask again later; until then,"
        " !howto tells how each niche works."
        for sources in ("Launchpad and Gerrit", "Gerrit")
    ]


def test_a_title_cannot_smuggle_codes_into_the_channel(answer: Callable[..., Answer | None], store: Store) -> None:
    store.save(bug(12, "Red \x0304alert\x0f\r\nQUIT :bye \u202eevil", tags=LHF, status="Triaged"))
    said = answer("!starter fixes")
    assert said is not None
    assert "LP#12 Red alert QUIT :bye evil (harbour" in said.lines[1]


def test_what_a_human_has_looked_at_or_ci_refused_waits_for_no_first_review(ask: Ask, store: Store) -> None:
    store.save(
        [
            change(50, verified=-1),
            change(51, verified=0),
            change(52, votes=(Vote("Code-Review", "bob", 1),)),
            change(53, messages=(("bob", "Patch Set 1:\n\nWhy?"),)),
            change(54, wip=True),
            change(55, status="MERGED"),
            change(56, lines=101),
            change(57, private=True),
            change(58, messages=(("nora", "Patch Set 1:\n\nrecheck"),)),
        ]
    )
    assert numbers(ask("!starter reviews")) == ["change 58"]


def test_a_newcomers_change_comes_first(ask: Ask, store: Store) -> None:
    store.save([change(n, owner="vera", days=100 - n, status="MERGED") for n in range(1, 5)])
    store.save([change(50, owner="vera", days=2), change(51, owner="nora", days=5), change(52, owner="vera", days=1)])
    assert numbers(ask("!starter reviews"))[0] == "change 51"
