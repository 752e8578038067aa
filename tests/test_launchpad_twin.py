"""Launchpad's twin behaves as Launchpad does, to launchpadlib and to plain requests."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from launchpadlib.credentials import AnonymousAccessToken, Credentials
from launchpadlib.launchpad import Launchpad
from lazr.restfulclient.errors import BadRequest, ClientError, NotFound, Unauthorized

from tests.twins import launchpad_wadl
from tests.twins.launchpad import LaunchpadTwin
from tests.twins.launchpad_records import BEGIN, record, task

BUGS = [
    record(1, tags=["docs"], status="Confirmed", importance="High", comments=[("bob", "Me too.")]),
    record(2, tags=["docs", "api"], status="Triaged", importance="Low", assignee="bob"),
    record(3, tags=["api"]),
    record(4, status="Fix Released"),
    record(5, duplicate_of=1),
    record(6, information_type="Private"),
    record(7, status="Incomplete", comments=[("alice", "Here is the log.")]),
    record(8, status="Incomplete"),
    record(9, "harbour/tide"),
    record(10, "lighthouse"),
    record(11, "isle/+source/crane"),
]


@pytest.fixture
def twin() -> Iterator[LaunchpadTwin]:
    with LaunchpadTwin(
        BUGS, groups={"coast": ["harbour", "lighthouse"]}, aliases={"haven": "harbour"}, suspended=["mallory"]
    ) as twin:
        yield twin


@pytest.fixture
def launchpad(twin: LaunchpadTwin) -> Iterator[Any]:
    credentials = Credentials("tests", access_token=AnonymousAccessToken())
    connected = Launchpad(credentials, None, None, service_root=twin.service_root, cache={}, timeout=10)
    connected._browser.max_retries = 0
    with closing(connected._browser._connection):
        yield connected


def get(twin: LaunchpadTwin, path: str, query: Any = (), **headers: str) -> tuple[Any, Message]:
    request = urllib.request.Request(f"{twin.root}{path}?{urlencode(query)}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response), response.headers


def found(twin: LaunchpadTwin, path: str = "harbour", **query: Any) -> list[int]:
    """The numbers of the bugs a search finds, in its order."""
    asked = [("ws.op", "searchTasks"), *query.items()]
    return [int(entry["bug_link"].rsplit("/")[-1]) for entry in get(twin, path, asked)[0]["entries"]]


def status_of(twin: LaunchpadTwin, path: str, query: Any = (), **headers: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as error:
        get(twin, path, query, **headers)
    error.value.close()
    return error.value.code


def test_launchpadlib_reads_projects_bugs_tasks_and_people(twin: LaunchpadTwin, launchpad: Any) -> None:
    assert twin.requests == ["/1.0/", "/1.0/"]
    tasks = launchpad.projects["harbour"].searchTasks(tags=["docs"], order_by="id")
    assert [(t.status, t.importance, t.bug.id) for t in tasks] == [("Confirmed", "High", 1), ("Triaged", "Low", 2)]
    bug = launchpad.bugs[1]
    assert (bug.title, bug.tags, bug.date_created) == ("The crane 1 is stuck", ["docs"], BEGIN + timedelta(hours=1))
    assert [message.content for message in bug.messages] == ["When I lift 1 boxes, it stops.", "Me too."]
    assert [(line.whatchanged, line.message) for line in bug.activity] == [("bug", "added bug")]
    assert launchpad.people["bob"].display_name == "Bob"


def test_the_fields_are_those_of_recorded_answers(twin: LaunchpadTwin, shared: Path) -> None:
    folder = shared / "data" / "lp-api-shapes"

    def recorded(name: str) -> Any:
        return json.loads((folder / name).read_text())

    bug, log = get(twin, "bugs/1")[0], get(twin, "bugs/1/activity")[0]
    tasks = get(twin, "bugs/1/bug_tasks")[0]
    # The service has learned one link since launchpadlib packaged its description.
    assert recorded("launchpadlib-rs/bug2.json").keys() - bug.keys() == {"vulnerabilities_collection_link"}
    assert bug.keys() - recorded("launchpadlib-rs/bug2.json").keys() == set()
    assert tasks["entries"][0].keys() == recorded("launchpadlib-rs/bug_tasks.json")["entries"][0].keys()
    assert tasks.keys() == recorded("launchpadlib-rs/bug_tasks.json").keys()
    assert log["entries"][0].keys() == recorded("perceval/launchpad_issue_1_activities.json")["entries"][0].keys()
    assert log.keys() == recorded("perceval/launchpad_issue_1_activities.json").keys()
    asked = {"ws.op": "searchTasks", "ws.size": "1"}
    assert get(twin, "harbour", asked)[0].keys() == recorded("perceval/launchpad_issues_page_1.json").keys()


def test_a_search_leaves_out_closed_private_and_series_tasks_and_duplicates(twin: LaunchpadTwin) -> None:
    assert found(twin) == [1, 2, 3, 7, 8]
    assert found(twin, omit_duplicates="false", order_by="id") == [1, 2, 3, 5, 7, 8]
    assert found(twin, omit_targeted="false", order_by="id") == [1, 2, 3, 7, 8, 9]
    assert found(twin, status='["Fix Released", "New"]', order_by="id") == [3, 4]
    assert found(twin, "coast", order_by="-id") == [10, 8, 7, 3, 2, 1]
    assert found(twin, "isle") == [11]
    assert found(twin, "bugs", order_by="-id") == [11, 10, 8, 7, 3, 2, 1]


def test_a_list_may_be_json_or_repeated(twin: LaunchpadTwin) -> None:
    repeated = [("ws.op", "searchTasks"), ("status", "New"), ("status", "Triaged"), ("order_by", "id")]
    assert [e["status"] for e in get(twin, "harbour", repeated)[0]["entries"]] == ["Triaged", "New"]


@pytest.mark.parametrize(
    ("tags", "combinator", "bugs"),
    [
        (["docs", "api"], "", [1, 2, 3]),
        (["docs", "api"], "All", [2]),
        (["docs", "-api"], "All", [1]),
        (["docs", "-api"], "Any", [1, 2, 7, 8]),
        (["*"], "", [1, 2, 3]),
        (["-*"], "", [7, 8]),
        (["*", "-docs"], "All", [3]),
    ],
)
def test_tags_combine_as_any_unless_told(
    twin: LaunchpadTwin, tags: list[str], combinator: str, bugs: list[int]
) -> None:
    query = {"tags_combinator": combinator} if combinator else {}
    assert found(twin, tags=json.dumps(tags), order_by="id", **query) == bugs


def test_incomplete_bugs_are_told_apart_by_their_response(twin: LaunchpadTwin) -> None:
    assert found(twin, status="Incomplete", order_by="id") == [7, 8]
    assert found(twin, status="Incomplete (with response)") == [7]
    assert found(twin, status="Incomplete (without response)") == [8]


def test_people_and_words_are_searched_for(twin: LaunchpadTwin) -> None:
    assert found(twin, assignee=twin.link("bob")) == [2]
    assert found(twin, bug_commenter=twin.link("bob")) == [1]
    assert found(twin, search_text="crane 3") == [3]
    assert found(twin, search_text="8") == [8]


def test_modified_since_is_about_the_bug_and_strictly_newer(twin: LaunchpadTwin) -> None:
    now = twin.now
    twin.comment(3, "bob", "I can see this.")
    assert found(twin, modified_since=(now - timedelta(seconds=1)).isoformat()) == [3]
    assert found(twin, modified_since=now.isoformat()) == []


def test_created_since_and_before_are_about_the_task_and_strict(twin: LaunchpadTwin) -> None:
    third = (BEGIN + timedelta(hours=3)).isoformat()
    assert found(twin, created_since=third, order_by="datecreated") == [7, 8]
    assert found(twin, created_before=third, order_by="-datecreated") == [2, 1]


def test_every_order_can_be_turned_round(twin: LaunchpadTwin) -> None:
    assert found(twin, order_by="-importance")[:2] == [1, 2]
    assert found(twin, order_by='["-status", "-id"]') == [2, 3, 8, 7, 1]
    twin.comment(2, "bob", "Soon.")
    assert found(twin, order_by="-date_last_updated")[0] == 2
    assert found(twin, order_by="date_last_updated")[-1] == 2


def test_pages_have_75_rows_and_at_most_300() -> None:
    with LaunchpadTwin([record(number) for number in range(1, 351)]) as twin:
        search = {"ws.op": "searchTasks", "order_by": "id"}
        page = get(twin, "harbour", search)[0]
        assert (page["start"], page["total_size"], len(page["entries"])) == (0, 350, 75)
        page = get(twin, "harbour", search | {"ws.size": 300})[0]
        link = f"{twin.root}harbour?ws.op=searchTasks&order_by=id&ws.size=300&memo=300&ws.start=300"
        assert page["next_collection_link"] == link
        rest = get(twin, "harbour", search | {"ws.size": 300, "ws.start": 300})[0]
        assert ("next_collection_link" in rest, len(rest["entries"]), rest["start"]) == (False, 50, 300)
        assert status_of(twin, "harbour", search | {"ws.size": 301}) == 400


def test_a_page_may_be_short_though_another_follows(twin: LaunchpadTwin) -> None:
    twin.withheld = {1}
    page = get(twin, "harbour", {"ws.op": "searchTasks", "order_by": "id", "ws.size": 2})[0]
    assert [entry["bug_link"][-1] for entry in page["entries"]] == ["2"]
    assert "next_collection_link" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "Openish"},
        {"importance": "Huge"},
        {"tags_combinator": "None"},
        {"order_by": "age"},
        {"modified_since": "soon"},
        {"omit_duplicates": "perhaps"},
        {"ws.size": "many"},
        {"has_cve": "true"},
        {"ws.op": "searchEverything"},
    ],
)
def test_wrong_values_are_400(twin: LaunchpadTwin, wrong: dict[str, str]) -> None:
    assert status_of(twin, "harbour", {"ws.op": "searchTasks"} | wrong) == 400


def test_launchpadlib_meets_every_refusal(twin: LaunchpadTwin, launchpad: Any) -> None:
    with pytest.raises(KeyError):
        launchpad.bugs[6]
    with pytest.raises(KeyError):
        launchpad.projects["nowhere"]
    with pytest.raises(NotFound):
        launchpad.load(f"{twin.root}bugs/6")
    with pytest.raises(BadRequest):
        launchpad.projects["harbour"].searchTasks(order_by="age").total_size  # noqa: B018
    with pytest.raises(ClientError, match="410"):
        launchpad.people["mallory"]
    bug = launchpad.bugs[1]
    bug.title = "Mine"
    with pytest.raises(Unauthorized):
        bug.lp_save()
    assert twin.writes_refused == 1


def test_old_names_and_other_cases_lead_to_the_project_with_their_query(twin: LaunchpadTwin, launchpad: Any) -> None:
    assert launchpad.projects["haven"].name == "harbour"
    assert launchpad.projects["Harbour"].name == "harbour"
    assert found(twin, "haven", order_by="id") == [1, 2, 3, 7, 8]
    assert launchpad.projects["coast"].resource_type_link == f"{twin.root}#project_group"


def test_an_etag_that_still_holds_is_304(twin: LaunchpadTwin) -> None:
    bug, headers = get(twin, "bugs/1")
    assert headers["ETag"] == bug["http_etag"]
    assert status_of(twin, "bugs/1", **{"If-None-Match": bug["http_etag"]}) == 304
    twin.comment(1, "carol", "Still so.")
    assert get(twin, "bugs/1", **{"If-None-Match": bug["http_etag"]})[0]["message_count"] == 3


def test_a_collection_says_what_it_is_and_a_search_does_not(twin: LaunchpadTwin) -> None:
    assert get(twin, "bugs/1/messages")[0]["resource_type_link"] == f"{twin.root}#message-page-resource"
    page, headers = get(twin, "harbour", {"ws.op": "searchTasks"})
    assert ("resource_type_link" in page, headers["Content-Type"]) == (False, "application/json")


def test_changes_are_logged_and_dated_by_the_twins_clock(twin: LaunchpadTwin) -> None:
    now = twin.now
    twin.edit_task(3, "harbour", by="bob", status="Triaged")
    assert [
        (line["person_link"], line["whatchanged"], line["oldvalue"], line["newvalue"], line["datechanged"])
        for line in get(twin, "bugs/3/activity")[0]["entries"][1:]
    ] == [(twin.link("bob"), "harbour: status", "New", "Triaged", now.isoformat())]
    assert get(twin, "bugs/3")[0]["date_last_updated"] == now.isoformat()
    twin.edit(3, heat=99, quietly=True)
    bug, headers = get(twin, "bugs/3")
    assert (bug["heat"], bug["date_last_updated"]) == (99, now.isoformat())
    assert datetime.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=now.tzinfo) == twin.now


def test_requests_are_counted_by_path_and_may_be_answered_after_a_change(twin: LaunchpadTwin) -> None:
    twin.at(2, lambda: twin.edit(3, title="Renamed"))
    titles = [get(twin, "bugs/3")[0]["title"] for _ in range(3)]
    assert titles == ["The crane 3 is stuck", "Renamed", "Renamed"]
    found(twin)
    assert twin.by_path == {"/1.0/bugs/3": 3, "/1.0/harbour": 1}
    assert twin.count("searchTasks") == 1


@pytest.mark.parametrize("status", ["500", "502", "503", "504", "429"])
def test_a_status_can_be_told_for_some_requests(twin: LaunchpadTwin, status: str) -> None:
    twin.fault(status, r"bugs/3", after=1, times=1, retry_after="900")
    assert get(twin, "bugs/3")[0]["id"] == 3
    assert get(twin, "bugs/1")[0]["id"] == 1
    with pytest.raises(urllib.error.HTTPError) as error:
        get(twin, "bugs/3")
    assert (error.value.code, error.value.headers["Retry-After"]) == (int(status), "900")
    error.value.close()
    assert get(twin, "bugs/3")[0]["id"] == 3


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("stall", TimeoutError),
        ("drip", TimeoutError),
        ("truncated", http.client.IncompleteRead),
        ("cut", json.JSONDecodeError),
        ("reset", ConnectionResetError),
        ("garbage", ValueError),
        ("html", json.JSONDecodeError),
        ("empty", json.JSONDecodeError),
    ],
)
def test_a_connection_can_be_spoilt(twin: LaunchpadTwin, kind: str, seen: type[Exception]) -> None:
    twin.fault(kind, seconds=0.3)
    host, port = twin.service_root.removeprefix("http://").rstrip("/").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=0.1)
    with closing(connection), pytest.raises(seen):
        connection.request("GET", "/1.0/bugs/1")
        with connection.getresponse() as response:
            json.loads(response.read())
    assert get(twin, "bugs/1")[0]["id"] == 1


def test_an_unknown_fault_is_refused(twin: LaunchpadTwin) -> None:
    with pytest.raises(ValueError, match="there is no fault 418"):
        twin.fault("418")


def test_it_refuses_a_description_that_names_another_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launchpad_wadl, "DESCRIBED_ROOT", "https://api.elsewhere.test/1.0/")
    with pytest.raises(ValueError, match=r"cannot stand in for it\.$"):
        launchpad_wadl.described("http://127.0.0.1:1/1.0/")


def check_modified_since(twin: LaunchpadTwin) -> None:
    test_modified_since_is_about_the_bug_and_strictly_newer(twin)


def check_tags(twin: LaunchpadTwin) -> None:
    test_tags_combine_as_any_unless_told(twin, ["docs", "api"], "", [1, 2, 3])


def check_pages(twin: LaunchpadTwin) -> None:
    assert "next_collection_link" in get(twin, "harbour", {"ws.op": "searchTasks", "ws.size": 4})[0]


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ("modified_since", check_modified_since),
        ("tags_combinator", check_tags),
        ("private", test_a_search_leaves_out_closed_private_and_series_tasks_and_duplicates),
        ("omit_duplicates", test_a_search_leaves_out_closed_private_and_series_tasks_and_duplicates),
        ("charset", test_a_collection_says_what_it_is_and_a_search_does_not),
        ("etag", test_an_etag_that_still_holds_is_304),
        ("last page", check_pages),
    ],
)
def test_a_broken_twin_is_noticed(broken: str, check: Any) -> None:
    with LaunchpadTwin(BUGS, groups={"coast": ["harbour", "lighthouse"]}) as sound:
        check(sound)
    with (
        LaunchpadTwin(BUGS, groups={"coast": ["harbour", "lighthouse"]}, broken=[broken]) as twin,
        pytest.raises((AssertionError, pytest.fail.Exception)),
    ):
        check(twin)


def test_more_tasks_of_a_bug_are_found_in_their_projects() -> None:
    both = record(1)
    both["bug_tasks"].append(task(1, "lighthouse", status="Invalid"))
    with LaunchpadTwin([both]) as twin:
        assert found(twin) == [1]
        assert found(twin, "lighthouse") == []
        assert found(twin, "lighthouse", status="Invalid") == [1]


def test_it_runs_by_hand_from_a_file(tmp_path: Path) -> None:
    recording = tmp_path / "bugs.jsonl"
    recording.write_text("\n".join(map(json.dumps, BUGS)))
    command = [sys.executable, "-m", "tests.twins.launchpad", str(recording)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("Launchpad's twin, 11 bugs, at http://127.0.0.1:")
            with urllib.request.urlopen(f"{line.split()[-1]}1.0/bugs/1", timeout=10) as response:
                assert json.load(response)["id"] == 1
        finally:
            running.kill()
