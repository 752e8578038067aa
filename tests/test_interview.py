"""Tests of mentorbot/interview.py: what answers mean, how niches are scored, what a history tells."""

from collections import Counter
from typing import Any

import pytest

from mentorbot.interview import best, inferred, mentioned, questions, score, understood
from mentorbot.niches import shipped
from mentorbot.store import History

PROJECTS = ["harbour", "harbour-client"]


def test_four_questions_are_asked_and_three_where_there_is_one_project() -> None:
    assert [question.about for question in questions(PROJECTS)] == ["likes", "minutes", "knows", "project"]
    assert [question.about for question in questions(["harbour"])] == ["likes", "minutes", "knows"]
    assert max(len(question.words) for question in questions(PROJECTS)) < 200


def test_of_many_projects_nine_are_named() -> None:
    [*_, last] = questions([f"p{n}" for n in range(60)])
    assert last.words.endswith("8 p7, 9 p8, or the name of another; or any.")


@pytest.mark.parametrize(
    ("about", "text", "meant"),
    [
        ("likes", "1", ["writing"]),
        ("likes", "2.", ["testing"]),
        ("likes", "3 and 5", ["programming", "people"]),
        ("likes", "1,2", ["writing", "testing"]),
        ("likes", "I like coding!", ["programming"]),
        ("likes", "Writing documentation", ["writing"]),
        ("likes", "I run servers for a living", ["operating"]),
        ("likes", "anything but docs", ["testing", "programming", "operating", "people"]),
        ("likes", "I don't like to write, but coding is fine", ["programming"]),
        ("likes", "no programming and no servers please", ["writing", "testing", "people"]),
        ("likes", "2, not 3", ["testing"]),
        ("likes", "I don't know", None),
        ("likes", "i do not know yet", None),
        ("likes", "no idea", None),
        ("likes", "IDK", None),
        ("likes", "?", None),
        ("likes", "anything", None),
        ("minutes", "1", 30),
        ("minutes", "2", 120),
        ("minutes", "half an hour", 30),
        ("minutes", "about 45 minutes", 45),
        ("minutes", "2 hours", 120),
        ("minutes", "a day", 480),
        ("minutes", "a few hours", 120),
        ("minutes", "not much", 30),
        ("minutes", "not very long", 30),
        ("minutes", "no more than 2 hours", 120),
        ("minutes", "an evening", 120),
        ("minutes", "whenever", None),
        ("minutes", "it depends", None),
        ("likes", "none of these", None),
        ("minutes", "no idea", None),
        ("knows", "1 3", ["python", "shell"]),
        ("knows", "C++", ["compiled"]),
        ("knows", "c", ["compiled"]),
        ("knows", "a bit of javascript", ["web"]),
        ("knows", "Portuguese", ["languages"]),
        ("knows", "6", []),
        ("knows", "none of these", []),
        ("knows", "I'm a beginner", []),
        ("knows", "python beginner", ["python"]),
        ("knows", "not sure", None),
        ("knows", "I don't know Python", None),
        ("knows", "bash, but no Python", ["shell"]),
        ("knows", "no Python", []),
        ("knows", "only English", []),
        ("knows", "English and French", ["languages"]),
        ("project", "2", "harbour-client"),
        ("project", "Harbour please", "harbour"),
        ("project", "any", None),
        ("likes", "I don't write code", ["writing", "testing", "operating", "people"]),
        ("likes", "I don't know how to code", ["writing", "testing", "operating", "people"]),
        ("likes", "I cannot program", ["writing", "testing", "operating", "people"]),
        ("likes", "dont like coding", ["writing", "testing", "operating", "people"]),
        ("likes", "I am not good at programming", ["writing", "testing", "operating", "people"]),
        ("likes", "I never did any programming", ["writing", "testing", "operating", "people"]),
        ("likes", "no experience with code, but I write well", ["writing"]),
        ("likes", "I know nothing about programming", ["writing", "testing", "operating", "people"]),
        ("likes", "nothing but docs", ["writing"]),
        ("likes", "something non-code", ["writing", "testing", "operating", "people"]),
        ("likes", "I would like to write code", ["programming"]),
        ("likes", "reviewing", ["programming"]),
        ("likes", "I am new here, I like to try things", ["testing"]),
        ("likes", "I don't really know", None),
        ("likes", "I have no idea", None),
        ("likes", "no clue", None),
        ("likes", "You choose!", None),
        ("likes", "surprise me", None),
        ("likes", "unsure", None),
        ("likes", "the third", ["programming"]),
        ("likes", "one", ["writing"]),
        ("likes", "I don't want to talk to people", ["writing", "testing", "programming", "operating"]),
        ("likes", "I hate writing tests", ["writing", "programming", "operating", "people"]),
        ("likes", "I love docs, not a fan of talking", ["writing"]),
        ("knows", "python 3", ["python"]),
        ("knows", "Python 3, 4", ["python", "web"]),
        ("knows", "I don't know any programming language", None),
        ("knows", "never used Python, never wrote any C; bash", ["shell"]),
        ("minutes", "two", 120),
        ("minutes", "1)", 30),
        ("minutes", "#2", 120),
        ("minutes", "45", 45),
        ("minutes", "ten minutes", 10),
        ("minutes", "1 hr", 60),
        ("minutes", "2-3 hours", 180),
        ("minutes", "2 hours a week", 120),
        ("minutes", "I don't have a lot of time", 30),
        ("minutes", "not a lot", 30),
        ("minutes", "I don't know how long it takes", None),
        ("minutes", "it doesn't matter", None),
        ("knows", "php and Greek", ["web", "languages"]),
        ("knows", "nope", []),
        ("project", "(2)", "harbour-client"),
        ("project", "any of them", None),
        ("project", "both", None),
        ("project", "doesn't matter to me", None),
    ],
)
def test_an_answer_is_a_number_or_a_word_or_that_one_does_not_know(about: str, text: str, meant: Any) -> None:
    assert understood(about, text, PROJECTS) == meant


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ("likes", "7"),
        ("likes", "fish"),
        ("likes", "2 hours of C++"),
        ("minutes", "soon"),
        ("minutes", "I am new here"),
        ("minutes", "docs and tests"),
        ("minutes", "5"),
        ("knows", "42"),
        ("project", "3"),
        ("project", "ferry"),
    ],
)
def test_what_is_no_answer_is_not_guessed(about: str, text: str) -> None:
    with pytest.raises(KeyError):
        understood(about, text, PROJECTS)


def test_what_is_mentioned_at_the_beginning_counts_but_its_numbers_do_not() -> None:
    text = "I write docs in Spanish, 30 minutes for harbour-client, since 2 years"
    assert {about: mentioned(about, text, PROJECTS) for about in ("likes", "minutes", "knows", "project")} == {
        "likes": ["writing"],
        "minutes": 30,
        "knows": ["languages"],
        "project": "harbour-client",
    }
    assert mentioned("minutes", "I write in Spanish, 2 hours", PROJECTS) == 120
    assert mentioned("minutes", "2", PROJECTS) is None


def test_the_score_adds_up_what_is_liked_known_and_fits_the_time() -> None:
    reviews = shipped().called("reviews")
    assert reviews is not None
    assert reviews.skills == ("programming", "python", "compiled", "testing")
    for answers, points in (
        ({}, 0),
        ({"likes": None, "knows": None, "minutes": None}, 0),
        ({"likes": ["programming"]}, 5),
        ({"likes": ["programming", "testing"]}, 7),
        ({"likes": ["writing"]}, -2),
        ({"knows": ["python", "web"]}, 2),
        ({"knows": []}, -1),
        ({"minutes": 7}, -3),
        ({"minutes": 8}, -1),
        ({"minutes": 120}, 1),
        ({"minutes": 121}, 0),
    ):
        assert score(reviews, answers) == points, answers


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        ({"likes": ["writing"], "minutes": 120, "knows": []}, "docs"),
        ({"likes": ["writing"], "minutes": 30, "knows": []}, "releases"),
        ({"likes": ["writing"], "knows": ["languages"]}, "translation"),
        ({"likes": ["testing"], "minutes": 120, "knows": ["shell"]}, "reproduce"),
        ({"likes": ["testing"], "minutes": 30, "knows": []}, "triage"),
        ({"likes": ["testing", "programming"], "minutes": 120, "knows": ["python"]}, "tests"),
        ({"likes": ["programming"], "minutes": 30, "knows": ["python"]}, "reviews"),
        ({"likes": ["programming"], "minutes": 480, "knows": ["python"]}, "fixes"),
        ({"likes": ["programming"], "minutes": 480, "knows": ["compiled"]}, "revive"),
        ({"likes": ["operating"], "minutes": 30, "knows": []}, "operators"),
        ({"likes": ["operating", "programming"], "minutes": 480, "knows": ["shell"]}, "deployment"),
        ({"likes": ["people"], "minutes": 30, "knows": []}, "support"),
        ({"likes": ["people", "programming"], "minutes": 30, "knows": []}, "mentoring"),
        ({"likes": ["programming"], "minutes": 240, "knows": ["web"]}, "clients"),
        ({}, "triage"),
    ],
    ids=str,
)
def test_people_land_where_they_fit(answers: dict[str, Any], first: str) -> None:
    assert best(shipped(), answers)[0].name == first


@pytest.mark.parametrize(
    ("done", "answers", "told"),
    [
        (History(), {}, []),
        (
            History(reports=3, comments=1),
            {"likes": ["testing"], "knows": None},
            ["3 reports", "1 comment on others' bugs"],
        ),
        (
            History(changes=2, files=Counter({"harbour/a.py": 2, "README.md": 1})),
            {"likes": ["programming"], "knows": ["python"]},
            ["2 changes"],
        ),
        (
            History(changes=4, reviews=1, files=Counter({"docs/a.rst": 3, "po/pt.po": 3})),
            {"likes": ["writing"], "knows": ["languages"]},
            ["4 changes", "1 word on others' changes"],
        ),
        (History(triage=5, reviews=4), {"likes": ["testing", "people"], "knows": None}, ["4 words on others' changes"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_history_tells_what_somebody_likes_and_knows(done: History, answers: dict[str, Any], told: list[str]) -> None:
    assert inferred(done) == (answers, told)
