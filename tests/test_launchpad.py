"""The mirror of Launchpad, on its twin and with a real store."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from importlib.metadata import version

import pytest

from mentorbot import clock, sync
from mentorbot.config import parse
from mentorbot.models import Bug, Gone, Thing
from mentorbot.sources import launchpad_reading
from mentorbot.store import Store
from tests.mirrors import HASTY, PATIENT, TAGS, Mirror, same, served, settings
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import BEGIN, record


def bug_of(things: list[Thing]) -> Bug:
    (bug,) = [thing for thing in things if isinstance(thing, Bug)]
    return bug


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    bugs = [
        record(1, tags=["easy"], status="Confirmed", comments=[("bob", "Me too."), ("carol", "And me.")]),
        record(2, status="In Progress", assignee="bob"),
        record(3, status="Fix Released"),
        record(4, duplicate_of=1),
        record(5, information_type="Private"),
        *(record(number, tags=["easy"] if number % 3 else []) for number in range(6, 19)),
    ]
    with LaunchpadTwin(bugs) as twin:
        yield twin


def test_open_bugs_come_first_then_tags_then_news_then_texts(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    steps = [(page.step, page.done, page.total) for page in mirror.run()]
    assert steps == [
        ("open bugs of harbour", 15, 15),
        ("tags of harbour", 1, 1),
        ("news of harbour", 0, 0),
        ("texts", 9, None),
        ("texts", 15, None),
        ("questions of harbour", 0, None),
        ("blueprints of harbour", 0, None),
        ("blueprints of harbour", 0, None),
    ]
    same(mirror, twin)
    assert mirror.kept().keys() == {1, 2, *range(6, 19)}


def test_many_bugs_and_six_tags_are_mirrored_in_ten_requests_and_an_idle_poll_is_one() -> None:
    bugs = [record(number, tags=[TAGS[number % 9]] if number % 9 < 6 else []) for number in range(1, 323)]
    with LaunchpadTwin(bugs) as twin:
        mirror = Mirror(settings(twin, tags=TAGS))
        mirror.run(8)
        assert len(mirror.kept()) == 322
        assert {number: sorted(bug_of(kept).tags) for number, kept in mirror.kept().items()} == {
            whole["bug"]["id"]: whole["bug"]["tags"] for whole in bugs
        }
        assert len(twin.requests) == 8
        mirror.run()
        same(mirror, twin)
        twin.requests.clear()
        for _ in range(2):
            assert [page.things for page in mirror.run()] == [()]
        assert len(twin.requests) == 2


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("most", range(14))
def test_a_run_killed_at_any_page_goes_on_there(twin: LaunchpadTwin, most: int) -> None:
    mirror = Mirror(settings(twin))
    before = mirror.run(most)
    after = mirror.run()
    same(mirror, twin)
    walked = [page for page in (*before, *after) if page.step.startswith("open")]
    assert [page.done for page in walked] == [4, 7, 10, 13, 15]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("seed", range(12))
def test_what_changes_while_the_mirror_walks_is_there_after_one_further_run(twin: LaunchpadTwin, seed: int) -> None:
    dice = random.Random(seed)
    changes: list[Callable[[int], object]] = [
        lambda number: twin.comment(number, "dave", f"Seen {len(twin.requests)}."),
        lambda number: twin.edit_task(number, "harbour", status=dice.choice(["Triaged", "Invalid", "New"])),
        lambda number: twin.edit_task(number, "harbour", assignee_link=twin.link("dave")),
        lambda number: twin.edit(number, tags=["easy", "api"]),
        lambda number: twin.edit(number, title=f"Renamed {len(twin.requests)}"),
        lambda number: twin.edit(number, duplicate_of_link=f"{twin.root}bugs/1"),
        lambda _: twin.add(record(100 + len(twin.requests), created=twin.now)),
    ]
    for request in range(1, 60):
        if dice.random() < 0.4:
            change, number = dice.choice(changes), dice.choice([1, 2, 3, *range(6, 19)])
            twin.at(request, lambda change=change, number=number: change(number))  # type: ignore[misc]
    mirror = Mirror(settings(twin))
    mirror.run(dice.randrange(20))
    mirror.run()
    twin.settle()
    mirror.run()
    same(mirror, twin)


@pytest.mark.usefixtures("small_pages")
def test_tasks_of_one_moment_are_not_lost_between_pages() -> None:
    with LaunchpadTwin([record(number, created=BEGIN) for number in range(1, 12)]) as twin:
        mirror = Mirror(settings(twin))
        mirror.run()
        same(mirror, twin)


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_is_short_is_not_the_last(twin: LaunchpadTwin) -> None:
    twin.withheld = {15, 16, 17, 18}
    mirror = Mirror(settings(twin))
    mirror.run()
    assert mirror.kept().keys() == {1, 2, *range(6, 15)}


@pytest.mark.usefixtures("small_pages")
def test_more_comments_and_log_lines_than_a_page_are_read(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in range(9):
        twin.comment(2, "bob", f"Try {number}.")
        twin.edit(2, title=f"Crane, try {number}")
    mirror.run()
    same(mirror, twin)
    assert mirror.store.rows("select count(*) n from activity where bug = 2") == [{"n": 10}]


def test_a_change_costs_its_search_the_bug_its_messages_and_its_log(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.now += timedelta(minutes=30)
    twin.requests.clear()
    twin.edit_task(1, "harbour", by="dave", status="Triaged")
    mirror.run()
    assert [request.split("?")[0] for request in twin.requests] == [
        "/1.0/harbour",
        "/1.0/bugs/1",
        "/1.0/bugs/1/messages",
        "/1.0/bugs/1/activity",
    ]
    assert mirror.store.rows(
        "select person, what, old, new from activity where bug = 1 order by date desc limit 1"
    ) == [{"person": "dave", "what": "harbour: status", "old": "Confirmed", "new": "Triaged"}]
    same(mirror, twin)


def test_the_log_is_not_read_for_what_did_not_change(twin: LaunchpadTwin) -> None:
    Mirror(settings(twin)).run()
    assert twin.count("activity") == 0


def test_a_second_comment_on_the_newest_bug_is_seen(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for words in ("First.", "Second.", "Third."):
        twin.comment(6, "bob", words)
        mirror.run()
        same(mirror, twin)


def test_a_change_that_shows_late_is_seen_and_an_hour_later_nothing_is_asked_twice(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.comment(6, "bob", "In time.")
    mirror.run()
    now, twin.now = twin.now, twin.now - timedelta(minutes=10)
    twin.comment(7, "carol", "Ten minutes ago, but it shows only now.")
    twin.now = now
    mirror.run()
    same(mirror, twin)
    twin.now += timedelta(hours=1)
    mirror.run()
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1


def test_a_change_between_the_news_and_the_texts_is_news_once(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    twin.at(4, lambda: twin.comment(6, "bob", "While the texts are read."))
    mirror.run()
    assert twin.count("bugs/6/activity") == 1
    twin.now += timedelta(hours=1)
    mirror.run()
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1
    same(mirror, twin)


def test_a_server_whose_clock_was_wrong_loses_nothing(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    right, twin.now = twin.now, twin.now + timedelta(days=365)
    mirror.run()
    twin.now = right
    twin.comment(6, "bob", "The clock is right again.")
    mirror.run()
    same(mirror, twin)
    twin.now -= timedelta(days=365)
    mirror.run()
    twin.requests.clear()
    mirror.run()
    assert [request.split("?")[0] for request in twin.requests] == ["/1.0/harbour", "/1.0/bugs/6"]


def test_a_store_that_asks_for_the_same_text_again_is_not_heard_twice(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    for page in mirror.pages():
        if page.step != "texts":
            mirror.store.save(page.things)
    assert twin.count("bugs/6$") == 1


def test_what_is_known_is_read_no_further_than_its_etag(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.comment(6, "bob", "Just now.")
    mirror.run()
    twin.requests.clear()
    mirror.run()
    assert [request.split("?")[0] for request in twin.requests] == ["/1.0/harbour", "/1.0/bugs/6"]


def test_a_bug_that_becomes_a_duplicate_is_known_as_one(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.edit(6, duplicate_of_link=f"{twin.root}bugs/1")
    mirror.run()
    assert bug_of(mirror.kept()[6]).duplicate_of == 1


def test_a_bug_that_becomes_private_is_forgotten(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.comment(1, "bob", "My password is swordfish.")
    twin.at(len(twin.requests) + 2, lambda: twin.edit(1, private=True, information_type="Private"))
    assert Gone("bug", 1) in [thing for page in mirror.run() for thing in page.things]
    assert 1 not in mirror.kept()
    assert mirror.store.rows("select * from comments where bug = 1") == []


def test_only_launchpads_own_word_makes_a_bug_forgotten(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.comment(1, "bob", "Still here.")
    twin.fault("html 404", "bugs/1$")
    assert str(mirror.fails()) == "Launchpad answered 404 for bugs/1."
    assert 1 in mirror.kept()
    mirror.run()
    same(mirror, twin)


def test_a_new_tag_of_interest_costs_one_search(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    twin.requests.clear()
    mirror.service.settings = settings(twin, tags=("easy", "docs"))
    mirror.run()
    assert [twin.count("tags="), len(twin.requests)] == [1, 2]


@pytest.mark.parametrize("cursor", ["", "no JSON", "[]", '{"harbour": 7}', '{"harbour": {"walked": true}}'])
def test_a_cursor_of_somebody_else_begins_anew(twin: LaunchpadTwin, cursor: str) -> None:
    mirror = Mirror(settings(twin))
    mirror.store.cursors.set("launchpad", cursor)
    mirror.run()
    same(mirror, twin)


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("", "mentorbot in #mentors on irc.harbour.example"),
        ('[sync]\ncontact = "mentors@harbour.example"', "mentors@harbour.example"),
    ],
)
def test_it_says_who_it_is_and_whom_to_ask_and_writes_nothing(twin: LaunchpadTwin, text: str, whom: str) -> None:
    config = parse(f"""[irc]\nserver = "irc.harbour.example"\nchannels = ["#mentors"]\n{text}
        [launchpad]\nservice_root = "{twin.service_root}"\nprojects = ["harbour"]""")
    store = Store()
    assert sync.once(sync.sources(config, store, clock.system, lambda _: None), store, clock.system) == []
    assert twin.agents == {f"mentorbot/{version('mentorbot')} (IRC bot, reads only; {whom})"}
    assert twin.writes_refused == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "Launchpad knows no project nowhere."),
        ("bugs", "bugs is no project on Launchpad; name those you want instead."),
        ("coast", "coast is a group of projects on Launchpad; name those you want instead."),
        ("haven", "Launchpad calls haven harbour now; write that under [launchpad] projects."),
        ("Harbour", "Launchpad calls Harbour harbour now; write that under [launchpad] projects."),
    ],
)
def test_a_project_that_is_none_is_named_and_stops_no_other(name: str, words: str) -> None:
    bugs = [record(1), record(2, "lighthouse")]
    groups = {"coast": ["harbour", "lighthouse"]}
    with LaunchpadTwin(bugs, groups=groups, aliases={"haven": "harbour"}) as twin:
        mirror = Mirror(settings(twin, name, "lighthouse"))
        assert str(mirror.fails()) == words
        assert mirror.kept().keys() == {2}


@pytest.mark.parametrize(
    "kind", ["500", "502", "503", "504", "429", "slow", "stall", "drip", "truncated", "cut", "reset", "garbage", "html"]
)
@pytest.mark.parametrize("path", ["searchTasks", "bugs/6", "bugs/1/messages"])
def test_a_passing_fault_is_tried_again(twin: LaunchpadTwin, kind: str, path: str) -> None:
    twin.fault(kind, path, seconds=0.01)
    mirror = Mirror(settings(twin), HASTY if kind in ("stall", "drip") else PATIENT)
    mirror.run()
    same(mirror, twin)
    assert len(mirror.waited) == (0 if kind == "slow" else 1)


def test_a_search_the_server_cannot_bear_is_asked_for_in_smaller_pages(twin: LaunchpadTwin) -> None:
    twin.fault("503", "ws.size=300", times=99, retry_after="900")
    mirror = Mirror(settings(twin))
    mirror.run()
    same(mirror, twin)
    assert twin.count("ws.size=150")
    twin.faults.clear()
    twin.requests.clear()
    mirror.run()
    assert twin.count("ws.size=300") == len(twin.requests) == 1


@pytest.mark.parametrize(("kind", "paths"), [("429", "harbour"), ("503", "bugs/1$")])
def test_a_server_that_asks_for_time_gets_it(twin: LaunchpadTwin, kind: str, paths: str) -> None:
    twin.fault(kind, paths, times=99, retry_after="900")
    mirror = Mirror(settings(twin))
    assert mirror.fails().retry_after == 900
    assert (mirror.waited, twin.count(paths)) == ([], 1)


def test_a_time_may_be_a_date(twin: LaunchpadTwin) -> None:
    in_an_hour = format_datetime(clock.system() + timedelta(hours=1), usegmt=True)
    twin.fault("429", retry_after=in_an_hour)
    retry_after = Mirror(settings(twin)).fails().retry_after
    assert retry_after is not None and 3500 < retry_after <= 3600


def test_a_short_time_is_waited_within_the_run(twin: LaunchpadTwin) -> None:
    twin.fault("429", "harbour", retry_after="7")
    mirror = Mirror(settings(twin))
    mirror.run()
    assert mirror.waited == [7.0]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("500", "Launchpad answered 500 for harbour: Something is wrong here."),
        ("stall", "Launchpad did not give harbour: it took too long."),
        ("drip", "Launchpad did not give harbour: it took too long."),
        ("reset", "Launchpad did not give harbour: Connection reset by peer."),
        ("html", "Launchpad's answer for harbour was cut off, or is not its own."),
        ("429", "Launchpad asks for fewer requests."),
    ],
)
def test_a_fault_that_lasts_is_a_sentence(twin: LaunchpadTwin, kind: str, words: str) -> None:
    twin.fault(kind, times=99, seconds=0.01)
    mirror = Mirror(settings(twin), HASTY if kind in ("stall", "drip") else PATIENT)
    assert str(mirror.fails()) == words
    assert len(mirror.waited) == 3
    twin.faults.clear()
    mirror = Mirror(settings(twin))
    mirror.run()
    same(mirror, twin)


def test_a_server_that_is_not_there_is_a_sentence(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin, "harbour", "lighthouse"))
    twin.__exit__()
    assert str(mirror.fails()) == "Launchpad cannot be reached: Connection refused."
    assert len(mirror.waited) == 3


def test_a_bug_that_cannot_be_read_stops_no_other_and_is_read_when_it_can(twin: LaunchpadTwin) -> None:
    twin.fault("500", r"bugs/1(/|$)", times=99)
    mirror = Mirror(settings(twin))
    assert str(mirror.fails()) == "Launchpad answered 500 for bugs/1: Something is wrong here."
    assert mirror.store.bugs.unread(9) == [1]
    twin.faults.clear()
    mirror.run()
    same(mirror, twin)


@pytest.mark.usefixtures("small_pages")
def test_texts_are_given_up_when_none_of_more_than_a_few_can_be_read(
    twin: LaunchpadTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchpad_reading, "FEW", 2)
    twin.fault("500", "bugs/", times=999)
    mirror = Mirror(settings(twin))
    mirror.fails()
    assert sum(path.startswith("/1.0/bugs/") for path in twin.by_path) == 3


def test_news_that_cannot_be_read_stay_news(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in (1, 6, 7):
        twin.comment(number, "bob", "News.")
    twin.fault("500", r"bugs/6(/|$)", times=4)
    mirror.fails()
    assert mirror.kept()[7] == served(twin, 7, True, ["harbour"])
    twin.now += timedelta(hours=1)
    mirror.run()
    same(mirror, twin)


def test_a_bug_that_cannot_be_read_for_an_hour_holds_up_the_news_no_longer(twin: LaunchpadTwin) -> None:
    mirror = Mirror(settings(twin))
    mirror.run()
    for number in (6, 7):
        twin.comment(number, "bob", "News.")
    twin.fault("500", r"bugs/6(/|$)", times=99)
    for minutes in (0, 30, 30):
        twin.now += timedelta(minutes=minutes)
        assert str(mirror.fails()) == "Launchpad answered 500 for bugs/6: Something is wrong here."
    twin.requests.clear()
    mirror.run()
    assert len(twin.requests) == 1
    twin.faults.clear()
    twin.comment(6, "bob", "More news.")
    mirror.run()
    same(mirror, twin)


def test_what_is_no_bug_or_task_is_a_sentence(twin: LaunchpadTwin) -> None:
    twin.bugs[1]["bug"]["date_created"] = "soon"
    words = 'Launchpad\'s bug 1 cannot be understood: "date_created" of a bug (1) is no date: soon.'
    assert str(Mirror(settings(twin)).fails()) == words
    twin.bugs[6]["bug_tasks"][0]["bug_link"] = None
    others = (
        'Launchpad\'s task of bug (it does not say which) cannot be understood: "bug_link" of a bug task names no bug'
    )
    assert str(Mirror(settings(twin)).fails()) == f"{others}: None. {words}"
