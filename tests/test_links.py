"""Tests of mentorbot/links.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.links import Proposal, bugs_of, names, proposal_in


@pytest.mark.parametrize(
    ("message", "bugs"),
    [
        ("Fix it\n\nCloses-Bug: #12", {12: "closes"}),
        ("Fix it\n\ncloses-bug: 12", {12: "closes"}),
        ("Fix it\n\nCloses-Bug:#12\nPartial-Bug: #13\nRelated-Bug: #14", {12: "closes", 13: "partial", 14: "related"}),
        ("Fix it\n\nCloses-Bug: LP#12", {12: "closes"}),
        ("Fix it\n\nCloses-Bug: #12, #13", {12: "closes", 13: "closes"}),
        ("Fix it\n\nFixes bug 12", {12: "closes"}),
        ("Fix it\n\nResolves-Bug: #12\nRelated-Bug: #12", {12: "closes"}),
        ("Fix it\n\nRelated-Bug: #12\nCloses-Bug: #12", {12: "closes"}),
        ("Fix it\n\nImplements-Bug: 12", {12: "related"}),
        ("Fix bug 12", {}),
        ("This closes a bug\n\n12 lines", {}),
        ("Fix it\n\nCloses-Bug: #12345678901", {}),
        ("", {}),
    ],
)
def test_a_commit_message_names_its_bugs(message: str, bugs: dict[int, str]) -> None:
    assert bugs_of(message) == bugs


@pytest.mark.parametrize(
    ("topic", "bugs"),
    [
        ("bug/1234", {1234: "related"}),
        ("lp-1234", {1234: "related"}),
        ("fixes/bug_1234", {1234: "related"}),
        ("bug/12", {}),
        ("debug1234", {}),
        ("", {}),
    ],
)
def test_a_topic_may_name_a_bug(topic: str, bugs: dict[int, str]) -> None:
    assert bugs_of("Fix it", topic) == bugs


def test_a_footer_says_more_than_a_topic() -> None:
    assert bugs_of("Fix it\n\nCloses-Bug: #1234", "bug/1234") == {1234: "closes"}


REVIEW = "https://review.harbour.example"


@pytest.mark.parametrize(
    ("comment", "proposal"),
    [
        (f"Fix proposed to branch: master\nReview: {REVIEW}/77", Proposal(77, "open")),
        (f"Related fix proposed to branch: stable/1\nReview: {REVIEW}/#/c/77", Proposal(77, "open")),
        (f"Fix proposed to branch: master\nReview: {REVIEW}/c/harbour/harbour/+/77", Proposal(77, "open")),
        (f"Reviewed:  {REVIEW}/77\nCommitted: 0123abc\nSubmitter: ci", Proposal(77, "merged")),
        (f"Change abandoned by bob on branch: master\nReview: {REVIEW}/77\nReason: old", Proposal(77, "abandoned")),
        (f"I wonder about {REVIEW}/77", None),
        ("Fix proposed to branch: master", None),
        ("", None),
    ],
)
def test_the_robots_comment_tells_of_a_change(comment: str, proposal: Proposal | None) -> None:
    assert proposal_in(comment) == proposal


@given(st.text(), st.text())
def test_any_text_can_be_read(message: str, topic: str) -> None:
    bugs_of(message, topic)
    proposal_in(message)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("LP#12 It sinks", True),
        ("https://bugs.launchpad.net/bugs/12", True),
        ("https://review.example.org/c/a/b/+/12/3", True),
        ("change 12", True),
        ("12", True),
        ("LP#123", False),
        ("112 bugs", False),
        ("", False),
    ],
)
def test_a_text_names_an_item_by_its_number(text: str, named: bool) -> None:
    assert names(text, 12) is named
