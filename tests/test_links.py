"""Tests of mentorbot/links.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.links import Proposal, blueprints_of, bugs_of, proposal_in, stories_of


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
        ("Fix it\n\nRelated-Bug:\n\n12 lines less", {}),
        ("Fix it\n\nCloses-Bug: https://bugs.launchpad.net/harbour/+bug/12", {12: "closes"}),
        ("Fix it\n\nCloses-Bug: https://launchpad.net/bugs/12", {12: "closes"}),
        ("Fix it\n\nStory: 2001234\nTask: 30", {}),
        ("Fix it\n\nCloses-Bug: #2001234, #12\nStory: #2001234", {12: "closes"}),
        ("Fix it\n\nCloses-Bug: story 2001234", {}),
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


@pytest.mark.parametrize(
    ("message", "blueprints"),
    [
        ("Add it\n\nImplements: blueprint longer-logs", {"longer-logs": "implements"}),
        ("Add it\n\nImplements blueprint: longer-logs", {"longer-logs": "implements"}),
        ("Add it\n\nimplements: bp/Longer-Logs", {"longer-logs": "implements"}),
        ("Add it\n\nPartial-Implements: blueprint longer-logs", {"longer-logs": "partial"}),
        ("Add it\n\nPartially-Implements: bp longer-logs.", {"longer-logs": "partial"}),
        ("Add it\n\nPartially implements blueprint longer-logs", {"longer-logs": "partial"}),
        ("Add it\n\nRelated-To: blueprint longer-logs", {"longer-logs": "related"}),
        ("Add it\n\nblueprint: longer-logs", {"longer-logs": "related"}),
        ("Add it\n\nbp: a\nImplements: bp a\nPartial-Implements: bp b", {"a": "implements", "b": "partial"}),
        ("Add it\n\nImplements: https://blueprints.launchpad.net/harbour/+spec/v2.1", {"v2.1": "implements"}),
        ("Add it\n\nImplements: https://docs.example.org/longer-logs", {}),
        ("Add it\n\nblueprint support is what we want", {}),
        ("Add it\n\nImplements the rest", {}),
        ("", {}),
    ],
)
def test_a_commit_message_names_its_blueprints(message: str, blueprints: dict[str, str]) -> None:
    assert blueprints_of(message) == blueprints


@pytest.mark.parametrize(
    ("topic", "blueprints"),
    [("bp/longer-logs", {"longer-logs": "related"}), ("blueprint/a", {"a": "related"}), ("mybp/a", {}), ("bp/", {})],
)
def test_a_topic_may_name_a_blueprint(topic: str, blueprints: dict[str, str]) -> None:
    assert blueprints_of("Add it", topic) == blueprints


def test_stories_and_tasks_are_storyboards() -> None:
    message = "Fix it\n\nStory: 2001234\nTask: #30\nRelated-Story: 2005\nThe story 7 of it"
    assert stories_of(message) == {2001234, 30, 2005}


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
    blueprints_of(message, topic)
    proposal_in(message)
