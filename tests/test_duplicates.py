"""Tests of plugins/duplicates.py."""

from collections.abc import Callable

from mentorbot.store import Store
from tests.builders import bug

Ask = Callable[..., list[str]]
TWINS = ("The tide table shows the wrong moon in Lisbon", "Wrong moon in the tide table for Lisbon")


def others(store: Store) -> None:
    """Many reports with other words, so that it is known which words are rare."""
    for number in range(100, 160):
        store.save(bug(number, f"The harbour bell {number:x} rings x{number}y times", status="Triaged"))


def test_a_young_report_like_an_older_one_is_offered_with_the_older_ones_title(ask: Ask, store: Store) -> None:
    others(store)
    store.save([*bug(12, TWINS[0], days=500, status="Triaged", assignee="bob"), *bug(13, TWINS[1], days=5)])
    line = ask("!starter duplicates")[1]
    assert line == (
        "1. LP#13 Wrong moon in the tide table for Lisbon (harbour, reported 5 days ago): much like"
        ' LP#12, "The tide table shows the wrong moon in Lisbon", Low importance. https://bugs.harbour.example/harbour/+bug/13'
    )


def test_other_projects_old_reports_taken_ones_and_known_duplicates_are_not(ask: Ask, store: Store) -> None:
    others(store)
    store.save(
        [
            *bug(11, TWINS[0], days=500, project="harbour-client"),
            *bug(12, TWINS[1], days=400),
            *bug(13, "A sail is torn", days=300),
            *bug(14, "A torn sail", days=181),
            *bug(15, "The lantern of the north pier is dark", days=90),
            *bug(16, "North pier: lantern dark", days=20, assignee="bob"),
            *bug(17, "The north pier's lantern stays dark", days=10, duplicate_of=15),
        ]
    )
    assert ask("!starter duplicates")[0].startswith("There is nothing free in hunting duplicates just now")


def test_common_words_alone_make_no_pair(ask: Ask, store: Store) -> None:
    others(store)
    store.save([*bug(12, "The harbour bell rings times", days=3), *bug(13, "The harbour bell rings", days=2)])
    assert ask("!starter duplicates")[0].startswith("There is nothing free in hunting duplicates just now")
