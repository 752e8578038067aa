"""Tests of plugins/triage.py: what waits for triage, and one bug to begin with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mentorbot.dispatch import Answer
from mentorbot.store import Store
from tests.builders import BUGS, NOW, bug

Ask = Callable[..., list[str]]
CHECK = (
    "Read the report and look for an older one that says the same."
    " Try the steps, or ask kindly for what is missing: the version, the steps, what was expected, what was seen."
    " Write down what you found, and set the status: Confirmed if you see it too, Incomplete if you asked."
)


def test_the_state_before_a_meeting_and_the_best_to_begin_with(ask: Ask, store: Store) -> None:
    store.save(bug(1, "The anchor is lost", importance="Undecided", days=70))
    store.save(bug(2, "Typo in the greeting", days=5))
    store.save(bug(3, "Known already", days=50, comments=(("vera", "I see it too."),)))
    answered = (("vera", "Which version?", 9), ("rita", "It is 2.0.", 8), ("harbour-janitor", "Tagged.", 7))
    store.save(bug(4, "No wind", status="Incomplete", importance="Undecided", days=12, comments=answered))
    store.save(bug(5, "Silent", status="Incomplete", comments=(("vera", "Which version?"),)))
    store.save(bug(6, "Decided", status="Triaged", importance="High"))
    store.save(bug(8, "Not read yet, so perhaps answered", days=70, read=False))
    store.save(bug(7, "Elsewhere", project="harbour-client", importance="Undecided"))
    assert ask("!triage harbour") == [
        "harbour: 4 New (1 of them unanswered for over 30 days), 2 of Undecided importance,"
        " 1 Incomplete whose reporter has answered. 3 are free to take; !triage next gives you one.",
        f"LP#4 No wind (harbour, Incomplete, Undecided, 12 days old) {BUGS}/harbour/+bug/4",
        f"LP#2 Typo in the greeting (harbour, New, Low, 5 days old) {BUGS}/harbour/+bug/2",
        f"LP#1 The anchor is lost (harbour, New, Undecided, 70 days old) {BUGS}/harbour/+bug/1",
    ]


def test_without_a_project_all_are_counted_and_an_old_mirror_says_so(ask: Ask, store: Store) -> None:
    store.save([*bug(1, assignee="bob"), *bug(2, project="harbour-client", status="Confirmed")])
    store.cursors.finished("launchpad", NOW - timedelta(hours=3))
    assert ask("!triage") == [
        "harbour and harbour-client: 1 New (0 of them unanswered for over 30 days), 0 of Undecided importance,"
        " 0 Incomplete whose reporter has answered. (Launchpad as of 3 hours ago)"
    ]


def test_triage_next_gives_the_best_and_what_to_check(ask: Ask, store: Store) -> None:
    store.save([*bug(1, importance="Undecided", days=5), *bug(2, days=70)])
    assert ask("!triage NEXT harbour") == [
        f"LP#1 Bug number 1 (harbour, New, Undecided, 5 days old) {BUGS}/harbour/+bug/1",
        f"{CHECK} Nobody has said yet how much it matters: propose an importance. (!another moves on)",
    ]
    assert ask("!triage harbour", nick="bob")[1] == (
        f"LP#1 Bug number 1 (harbour, New, Undecided, 5 days old) {BUGS}/harbour/+bug/1"
    )


def test_an_answered_bug_asks_to_read_the_answer(ask: Ask, store: Store) -> None:
    store.save(bug(4, status="Incomplete", comments=(("vera", "Which version?", 4), ("rita", "It is 2.0.", 3))))
    assert ask("!triage next") == [
        f"LP#4 Bug number 4 (harbour, Incomplete, Low, 10 days old) {BUGS}/harbour/+bug/4",
        "Its reporter answered and still waits. Read whether that is enough: if so set it to New or Confirmed,"
        " if not ask once more, kindly. (!another moves on)",
    ]


def test_two_triagers_get_two_bugs_and_a_third_hears_that_there_is_none(ask: Ask, store: Store) -> None:
    store.save([*bug(1, days=5), *bug(2, days=70)])
    first = {nick: ask("!triage next harbour", nick=nick)[0] for nick in ("ann", "ben", "cat")}
    assert first == {
        "ann": f"LP#1 Bug number 1 (harbour, New, Low, 5 days old) {BUGS}/harbour/+bug/1",
        "ben": f"LP#2 Bug number 2 (harbour, New, Low, 70 days old) {BUGS}/harbour/+bug/2",
        "cat": "Nothing in harbour waits for triage that is not offered to somebody.",
    }
    assert ask("!triage next harbour", nick="ann")[0] == first["ann"]


def test_another_after_triage_next_moves_on_to_other_triage(ask: Ask, store: Store) -> None:
    store.save([*bug(1, days=5), *bug(2, days=70), *bug(3, project="harbour-client")])
    ask("!triage next harbour")
    assert [line.split()[1] for line in ask("!another") if line[1:2] == "."] == ["LP#2"]
    assert ask("!triage next harbour")[0].startswith("LP#2 ")


@pytest.mark.parametrize(
    "held",
    [
        {"assignee": "bob"},
        {"status": "In Progress"},
        {"status": "Confirmed", "comments": (("vera", "Which version?", 4), ("rita", "It is 2.0.", 3))},
        {"duplicate_of": 3},
        {"private": True},
        {"read": False},
        {"reporter": "harbour-janitor"},
        {"comments": (("vera", "I see it too."),)},
        {"status": "Incomplete"},
        {"status": "Incomplete", "comments": (("vera", "Which version?"),)},
        {"status": "Incomplete", "comments": (("rita", "More about it."),)},
        {"status": "Incomplete", "comments": (("rita", "2.0", 4), ("vera", "Which version?", 3))},
        {"comments": (("rita", "I will work on this"),)},
    ],
    ids=str,
)
def test_what_somebody_has_looked_at_or_nobody_may_see_waits_for_no_triage(
    ask: Ask, store: Store, held: dict[str, object]
) -> None:
    store.save(bug(12, **held))  # type: ignore[arg-type]
    assert ask("!triage next") == [
        "Nothing in harbour or harbour-client waits for triage that is not offered to somebody."
    ]


def test_what_only_its_reporter_and_robots_spoke_on_still_waits(ask: Ask, store: Store) -> None:
    store.save(bug(12, comments=(("rita", "More about it."), ("harbour-janitor", "Tagged."))))
    assert ask("!triage next")[0].startswith("LP#12 ")


def test_an_unknown_project_is_named(ask: Ask) -> None:
    assert ask("!triage next harbor") == [
        'I know no project "harbor". Did you mean harbour? I read harbour, harbour-client.'
    ]


def test_more_goes_on_up_to_fifty(answer: Callable[..., Answer | None], store: Store) -> None:
    store.save([thing for n in range(1, 56) for thing in bug(n, days=n / 10)])
    said, shown = answer("!triage harbour"), []
    while said and said.lines != ["That was all."]:
        shown += said.lines
        said = answer("!more")
    assert [line.split()[0] for line in shown[1:-1]] == [f"LP#{n}" for n in range(1, 51)]
    assert shown[-1] == "These were the first 50 of 55."


def test_what_cannot_be_held_is_given_all_the_same_and_that_is_said(ask: Ask, store: Store) -> None:
    store.save(bug(1))
    store.db.execute("pragma query_only = on")
    assert ask("!triage next harbour")[0].endswith(
        "/harbour/+bug/1 (I cannot write anything down just now: others may hear of this too, and I shall not know that"
        " you did.)"
    )
