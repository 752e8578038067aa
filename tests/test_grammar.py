"""Tests of mentorbot/backlog/grammar.py: words to a query, and back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.backlog import grammar
from mentorbot.errors import UserError
from mentorbot.models import OPEN_STATUSES
from mentorbot.store.backlog import Query

PROJECTS = ("harbour", "harbour-client")
DAY = timedelta(days=1)


def read(text: str) -> Query:
    return grammar.read(text, PROJECTS)


def refusal(text: str) -> str:
    with pytest.raises(UserError) as error:
        read(text)
    return str(error.value)


def test_no_words_mean_every_open_bug_of_every_project() -> None:
    assert read("") == Query(PROJECTS)


def test_all_keys_together() -> None:
    assert read(
        "harbour status:New,Confirmed importance:High tag:doc,api -tag:wontdo age:>30d age:<1y unassigned untouched"
        ' anchor title:"lost at sea"'
    ) == Query(
        projects=("harbour",),
        statuses=frozenset({"New", "Confirmed"}),
        importances=frozenset({"High"}),
        tags=frozenset({"doc", "api"}),
        without=frozenset({"wontdo"}),
        older=30 * DAY,
        younger=365 * DAY,
        assignee="",
        untouched=True,
        title=frozenset({"anchor", "lost at sea"}),
    )


@pytest.mark.parametrize(
    "text",
    [
        "status:In-Progress",
        "status:inprogress",
        'status:"in progress"',
        "STATUS:IN_PROGRESS",
        'status="In Progress"',
        "status: inprogress",
    ],
)
def test_a_status_of_two_words_can_be_written_as_people_do(text: str) -> None:
    assert read(text) == Query(PROJECTS, statuses=frozenset({"In Progress"}))


@pytest.mark.parametrize(
    "text",
    [
        "HARBOUR status:new status:triaged tag:Doc age:>2w",
        "age:>14d tag:doc status:Triaged,New harbour",
        "tag:doc harbour status:new , triaged age>2w",
        "status:triaged,new,new age:>=2weeks age:>1d harbour tag:doc",
    ],
)
def test_order_case_commas_and_repetition_do_not_matter(text: str) -> None:
    assert read(text) == Query(
        ("harbour",), statuses=frozenset({"New", "Triaged"}), tags=frozenset({"doc"}), older=14 * DAY
    )


@pytest.mark.parametrize(("age", "days"), [("3d", 3), ("2w", 14), ("6m", 180), ("2y", 730), ("0d", 0), ("1year", 365)])
def test_ages_are_days_weeks_months_and_years(age: str, days: int) -> None:
    assert read(f"age:<{age}") == Query(PROJECTS, younger=days * DAY)


def test_of_two_bounds_on_one_side_the_narrower_counts() -> None:
    assert read("age:>30d age:>2d age:<60d age:<90d") == Query(PROJECTS, older=30 * DAY, younger=60 * DAY)


def test_a_status_left_out_leaves_the_others() -> None:
    assert read("-status:incomplete,in-progress").statuses == {*OPEN_STATUSES} - {"Incomplete", "In Progress"}
    assert read("status:new,incomplete -status:incomplete").statuses == {"New"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "status:confirmd",
            'I know no open status "confirmd". Did you mean Confirmed?'
            " There are New, Incomplete, Confirmed, Triaged, In Progress, Deferred, Fix Committed.",
        ),
        (
            "importance:urgent",
            'I know no importance "urgent". There are Critical, High, Medium, Low, Wishlist, Undecided, Unknown.',
        ),
        (
            "statsu:New",
            'I know no "statsu:". Did you mean status? I understand status:New,Confirmed, importance:High, tag:doc,'
            " age:>30d, assigned:NAME, title:WORD, unassigned, untagged, untouched.",
        ),
        (
            "age:30d",
            'I cannot read the age "30d": say age:>30d for older or age:<2w for younger'
            " (d, w, m and y are days, weeks, months and years).",
        ),
        ("age:>101y", ">101y is more than a hundred years; say less."),
        ("-age:>30d", "To leave out an age turn its sign: age:<30d is younger, age:>30d is older."),
        ("-assigned:bob", "I can leave out a status, an importance or a tag (-tag:doc), but not assigned:."),
        ("tag:", "tag: needs a value, for example tag:doc."),
        ('tag:"a b"', '"a b" cannot be the name of a tag in Launchpad.'),
        ("assigned:$me", '"$me" cannot be the name of a person in Launchpad.'),
        ("status:new -status:new", "You leave out every status you ask for, so there is nothing to look for."),
        ("unassigned assigned:bob", "A bug cannot be both unassigned and assigned; say one of them."),
        ("assigned:bob,ann", "A bug has one assignee; ask for ann and bob one after the other."),
        ('title:"lost', 'A quotation mark (") is opened but not closed.'),
        ("-anchor", 'I cannot leave out "-anchor"; -status:, -importance: and -tag: leave out.'),
        ("new", "Say status:new if you mean the status, or title:new for the word in titles."),
        ("high", "Say importance:high if you mean the importance, or title:high for the word in titles."),
        ("harbor", "Do you mean harbour? To look for the word in titles, say title:harbor."),
        ("unasigned", "Do you mean unassigned? To look for the word in titles, say title:unasigned."),
    ],
)
def test_what_cannot_be_understood_is_named_with_what_is_possible(text: str, said: str) -> None:
    assert refusal(text) == said


def test_without_any_project_it_says_so() -> None:
    with pytest.raises(UserError, match="No project is read here"):
        grammar.read("", ())


def test_an_apostrophe_is_a_letter_of_a_title() -> None:
    assert read("can't boot") == Query(PROJECTS, title=frozenset({"can't", "boot"}))


def test_a_quoted_title_keeps_its_commas_and_colons() -> None:
    assert read('title:"error: not found, retry"') == Query(PROJECTS, title=frozenset({"error: not found, retry"}))


def test_chosen_projects_are_all_where_none_is_named() -> None:
    assert grammar.chosen("", PROJECTS) == ["harbour", "harbour-client"]
    assert grammar.chosen("Harbour-Client", PROJECTS) == ["harbour-client"]
    assert grammar.chosen("harbour Harbour", PROJECTS) == ["harbour"]
    with pytest.raises(UserError) as error:
        grammar.chosen("harbuor", PROJECTS)
    assert str(error.value) == 'I know no project "harbuor". Did you mean harbour? I read harbour, harbour-client.'


NAMES = st.from_regex(r"[a-z0-9][a-z0-9+.-]{0,9}", fullmatch=True)
AGES = st.none() | st.integers(0, 36_500).map(lambda days: timedelta(days=days))
QUERIES = st.builds(
    Query,
    projects=st.sampled_from([("harbour",), ("harbour-client",), PROJECTS]),
    statuses=st.frozensets(st.sampled_from(OPEN_STATUSES)),
    importances=st.frozensets(st.sampled_from(grammar.IMPORTANCES)),
    tags=st.frozensets(NAMES, max_size=3),
    without=st.frozensets(NAMES, max_size=3),
    older=AGES,
    younger=AGES,
    assignee=st.none() | st.just("") | NAMES,
    untagged=st.booleans(),
    untouched=st.booleans(),
    title=st.frozensets(st.text("abc'ü-:=<> ,.9", min_size=1).map(str.strip).filter(len), max_size=3),
)


@given(QUERIES)
def test_a_query_in_its_own_words_reads_as_itself(query: Query) -> None:
    assert read(grammar.written(query)) == query


@given(st.text(max_size=60) | st.text("stauge:-=<>,\" 'dnw3", max_size=30))
def test_any_words_give_a_query_or_a_sentence(text: str) -> None:
    try:
        assert read(grammar.written(read(text))) == read(text)
    except UserError as error:
        assert str(error)
