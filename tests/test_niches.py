"""Tests of mentorbot/niches.py and plugins/niches.py."""

from collections.abc import Callable

import pytest

from mentorbot import niches
from mentorbot.dispatch import Answer

Ask = Callable[..., list[str]]
Answers = Callable[..., Answer | None]


def test_every_niche_is_complete() -> None:
    assert [niche.name for niche in niches.niches()] == ["triage", "reviews", "docs", "fixes"]
    for niche in niches.niches():
        assert [key for key, value in vars(niche).items() if not value] == []
        assert len(niche.steps) == 3
        assert [text for text in (niche.what, niche.why, niche.done, *niche.steps) if text[-1] not in ".?"] == []


def test_no_word_means_two_niches() -> None:
    words = [word for niche in niches.niches() for word in (niche.name, *niche.aliases)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("triage", "triage"),
        ("Bugs", "triage"),
        ("review", "reviews"),
        ("REVIEWER", "reviews"),
        ("doc", "docs"),
        ("writers", "docs"),
        ("code", "fixes"),
        ("first-fix", "fixes"),
    ],
)
def test_a_niche_is_known_by_its_words_in_singular_and_plural(word: str, name: str) -> None:
    assert niches.named(word) == niches.called(name)


@pytest.mark.parametrize("word", ["", "s", "poetry", "docsy", "🐟"])
def test_other_words_mean_no_niche(word: str) -> None:
    assert niches.named(word) is None


def test_the_time_is_said_in_words() -> None:
    assert {niche.name: niche.time for niche in niches.niches()} == {
        "triage": "30 minutes",
        "reviews": "30 minutes",
        "docs": "2 hours",
        "fixes": "a day",
    }


def test_every_guide_is_lines_without_markup() -> None:
    for niche in niches.niches():
        lines = niches.guide(niche)
        assert len(lines) > 10
        assert [line for line in lines if not line or line[0] == "#" or line != line.strip()] == []


def test_niches_lists_them_in_private_for_they_are_more_than_four_lines(answer: Answers) -> None:
    assert answer("!niches") == Answer(
        "alice",
        [
            *(f"{niche.name}: {niche.what} About {niche.time}." for niche in niches.niches()),
            "Say !starter and a niche for something to do in it now.",
        ],
        "#mentors",
        "I answered you in private.",
    )


def test_howto_tells_the_steps_in_private_and_more_the_guide(answer: Answers) -> None:
    niche = niches.called("reviews")
    guide = niches.guide(niche)
    assert answer("!howto review") == Answer(
        "alice",
        [
            f"Code review: {niche.why}",
            f"1. {niche.steps[0]}",
            f"2. {niche.steps[1]}",
            f"3. {niche.steps[2]}",
            f"Done when: {niche.done} ({len(guide)} more: say !more)",
        ],
        "#mentors",
        "I answered you in private.",
    )
    more = answer("more", where=None)
    assert more is not None
    assert more.lines[:7] == guide[:7]


def test_howto_asks_which_niche(ask: Ask) -> None:
    assert ask("!howto") == ["Say which niche: triage, reviews, docs, fixes. For example: !howto triage"]
    assert ask("!howto poetry") == ['I have no guide for "poetry"; there are triage, reviews, docs, fixes.']
