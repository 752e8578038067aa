"""The demo's community: made the same every time, consistent, harmless, and with work in every niche."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentorbot.config import load

DEMO = Path(__file__).parents[1] / "data" / "demo"
NOW = datetime(2026, 2, 13, 14, 30, tzinfo=UTC)
PROJECTS = {"harbour", "harbour-client", "harbour-docs"}
CLOSED = {"Fix Released", "Invalid", "Won't Fix", "Expired", "Opinion"}
FOOTER = re.compile(r"^(?:Closes|Partial|Related)-Bug: #(\d+)$", re.MULTILINE)
CLAIM = re.compile(r"I'd like to work on|I'll take this|I am working on|I would like to fix")
Json = dict[str, Any]


def read(name: str) -> list[Json]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


BUGS = read("launchpad.jsonl")
CHANGES = read("gerrit.jsonl")
DEVEL = read("launchpad-devel.jsonl")
PEOPLE: list[Json] = json.loads((DEMO / "people.json").read_text(encoding="utf-8"))
PUBLIC = [bug for bug in BUGS if not bug["bug"]["private"]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def name(link: str) -> str:
    return link.rsplit("~", 1)[1]


def message(change: Json) -> str:
    text: str = change["revisions"][change["current_revision"]]["commit"]["message"]
    return text


def votes(change: Json, label: str) -> dict[str, int]:
    return {vote["username"]: vote["value"] for vote in change["labels"][label]["all"]}


def test_the_script_writes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", str(DEMO / "make.py"), str(tmp_path)], check=True)
    names = {"launchpad.jsonl", "launchpad-devel.jsonl", "gerrit.jsonl", "people.json"}
    assert {file.name for file in tmp_path.iterdir()} == names
    # Not ==, whose report on megabytes takes minutes.
    assert [n for n in sorted(names) if (tmp_path / n).read_bytes() != (DEMO / n).read_bytes()] == []


def test_the_community_has_its_size() -> None:
    assert (len(BUGS), len(CHANGES)) == (600, 300)
    assert Counter(person["robot"] for person in PEOPLE) == {False: 60, True: 3}
    assert {task["bug_target_name"] for bug in BUGS for task in bug["bug_tasks"]} == PROJECTS
    assert {change["project"] for change in CHANGES} == {f"harbour/{project}" for project in PROJECTS}
    assert [bug["bug"]["id"] for bug in BUGS] == list(range(1201, 1801))
    assert [change["_number"] for change in CHANGES] == list(range(7001, 7301))


def test_it_spans_two_years_that_end_on_a_friday_before_the_shout_out() -> None:
    created = [at(bug["bug"]["date_created"]) for bug in BUGS]
    assert created == sorted(created)
    assert NOW - timedelta(days=730) <= created[0] < NOW - timedelta(days=700)
    assert NOW - timedelta(days=3) < created[-1] <= NOW
    assert NOW.strftime("%A") == "Friday"


def test_its_configuration_loads_and_fits_the_data() -> None:
    config = load(DEMO / "mentorbot.toml")
    assert set(config.projects) == PROJECTS
    assert config.robots == {p["launchpad"] or p["gerrit"] for p in PEOPLE if p["robot"]}
    assert (config.shoutout.day, config.shoutout.time.isoformat("minutes")) == ("friday", "15:00")


def test_everybody_who_acts_is_one_of_the_people() -> None:
    launchpad = {person["launchpad"] for person in PEOPLE}
    gerrit = {person["gerrit"] for person in PEOPLE}
    roles = "owner|person|assignee|answerer|drafter|approver"
    links = re.findall(rf'"(?:{roles})_link": "([^"]+)"', json.dumps([BUGS, DEVEL]))
    assert {name(link) for link in links} <= launchpad
    assert {m["author"]["username"] for change in CHANGES for m in change["messages"]} <= gerrit
    assert {change["owner"]["username"] for change in CHANGES} <= gerrit
    for kind in ("name", "irc", "launchpad", "gerrit"):
        names = [person[kind] for person in PEOPLE if person[kind]]
        assert len(names) == len(set(names))


def test_nothing_happens_before_its_bug_or_after_now() -> None:
    for bug in BUGS:
        created, updated = at(bug["bug"]["date_created"]), at(bug["bug"]["date_last_updated"])
        said = [at(message["date_created"]) for message in bug["messages"]]
        logged = [at(line["datechanged"]) for line in bug["activity"]]
        assert said == sorted(said)
        assert logged == sorted(logged)
        assert said[0] == logged[0] == created
        assert max(*said, *logged) == updated <= NOW


def test_nothing_happens_before_its_change_or_after_now() -> None:
    for change in CHANGES:
        dates = [at(message["date"]) for message in change["messages"]]
        assert dates == sorted(dates)
        assert dates[0] == at(change["created"])
        assert dates[-1] == at(change["updated"]) <= NOW
        assert bool(change.get("submitted")) == (change["status"] == "MERGED")


def test_questions_and_plans_have_one_address_each_and_dates_in_order() -> None:
    assert len({thing["self_link"] for thing in DEVEL}) == len(DEVEL) == 36
    for thing in DEVEL:
        dates = [thing.get(f"date_{name}") for name in ("created", "last_response", "solved")]
        known = [at(date) for date in dates if date]
        assert known == sorted(known) and known[-1] <= NOW
        assert thing.get("status") != "Solved" or thing["answerer_link"] != thing["owner_link"]


def test_patch_sets_votes_and_messages_agree() -> None:
    for change in CHANGES:
        current = change["revisions"][change["current_revision"]]["_number"]
        uploads = [m["message"] for m in change["messages"] if m["message"].startswith("Uploaded")]
        assert uploads == [f"Uploaded patch set {n}." for n in range(1, current + 1)]
        said: dict[tuple[str, str], int] = {}
        for m in change["messages"]:
            if m["_revision_number"] != current:
                continue
            header = m["message"].split("\n")[0]
            for label, value in re.findall(r"(Verified|Code-Review|Workflow)([+-]\d)", header):
                said[label, m["author"]["username"]] = int(value)
            if "-Verified" in header:
                del said["Verified", m["author"]["username"]]
        labels = ("Verified", "Code-Review", "Workflow")
        assert said == {(label, who): value for label in labels for who, value in votes(change, label).items()}
        assert set(votes(change, "Verified")) <= {"harbour-ci"}


def test_a_tasks_status_and_dates_are_what_its_log_tells() -> None:
    for bug in BUGS:
        for task in bug["bug_tasks"]:
            moves = [line for line in bug["activity"] if line["whatchanged"] == f"{task['bug_target_name']}: status"]
            assert [m["oldvalue"] for m in moves] == ["New", *(m["newvalue"] for m in moves)][:-1]
            assert task["status"] == (moves[-1]["newvalue"] if moves else "New")
            assert task["date_left_new"] == (moves[0]["datechanged"] if moves else None)
            assert task["date_closed"] == (moves[-1]["datechanged"] if task["status"] in CLOSED else None)
        assert bug["bug"]["message_count"] == len(bug["messages"])
        assert bug["messages"][0]["content"] == bug["bug"]["description"]


def test_a_duplicate_points_to_an_earlier_bug_of_its_project() -> None:
    duplicates = [bug for bug in BUGS if bug["bug"]["duplicate_of_link"]]
    masters = {bug["bug"]["id"]: bug for bug in PUBLIC}
    assert len(duplicates) > 30
    for bug in duplicates:
        master = masters[int(bug["bug"]["duplicate_of_link"].rsplit("/", 1)[1])]
        assert master["bug"]["id"] < bug["bug"]["id"]
        assert master["bug"]["duplicate_of_link"] is None
        assert master["bug_tasks"][0]["bug_target_name"] == bug["bug_tasks"][0]["bug_target_name"]
        assert "marked as duplicate" in [line["whatchanged"] for line in bug["activity"]]


def test_every_footer_names_a_public_bug_of_the_changes_project() -> None:
    projects = {bug["bug"]["id"]: bug["bug_tasks"][0]["bug_target_name"] for bug in PUBLIC}
    named = [(change, int(number)) for change in CHANGES for number in FOOTER.findall(message(change))]
    assert len(named) > 150
    for change, number in named:
        assert change["project"] == f"harbour/{projects[number]}"


def test_every_review_that_a_bug_names_is_a_change_for_it() -> None:
    changes = {change["_number"]: change for change in CHANGES}
    for bug in BUGS:
        for number in re.findall(r"review\.harbour\.example/c/harbour/[\w-]+/\+/(\d+)", json.dumps(bug["messages"])):
            assert FOOTER.findall(message(changes[int(number)])) == [str(bug["bug"]["id"])]


def test_what_is_private_is_told_nowhere_else() -> None:
    private = [bug for bug in BUGS if bug["bug"]["private"]]
    assert [bug["bug"]["information_type"] for bug in private] == ["Private"] * 3
    shown = json.dumps([PUBLIC, [change for change in CHANGES if not change.get("is_private")]])
    for bug in private:
        assert bug["bug"]["title"] not in shown
        assert bug["bug"]["description"] not in shown
        assert not re.search(rf"(?:#|bugs?/){bug['bug']['id']}\b", shown)
    assert [change["subject"] in shown for change in CHANGES if change.get("is_private")] == [False]


def test_there_is_no_address_of_anybody_and_no_real_host() -> None:
    files = ("launchpad.jsonl", "launchpad-devel.jsonl", "gerrit.jsonl", "people.json", "words.toml", "mentorbot.toml")
    text = "\n".join((DEMO / file).read_text(encoding="utf-8") for file in files)
    assert re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*", text) == []
    hosts = {f"{name}.harbour.example" for name in ("api", "answers", "blueprints", "bugs", "review")}
    assert set(re.findall(r"https?://([^/\s\"\\]+)", text)) == hosts


def test_titles_are_many_and_some_are_strange() -> None:
    titles = [bug["bug"]["title"] for bug in BUGS]
    assert len(set(titles)) == 600
    assert max(map(len, titles)) <= 100
    assert sum(not title.isascii() for title in titles) >= 5
    assert sum(not title.isprintable() for title in titles) == 2


def free_of_takers() -> list[Json]:
    """Public open bugs without an assignee, a recent claim or an open change; what is In Progress is taken too."""
    proposed = {n for c in CHANGES if c["status"] == "NEW" for n in FOOTER.findall(message(c))}
    free = []
    for bug in PUBLIC:
        task = bug["bug_tasks"][0]
        claimed = any(
            CLAIM.search(m["content"]) and NOW - at(m["date_created"]) < timedelta(days=90) for m in bug["messages"]
        )
        taken = task["status"] in {*CLOSED, "In Progress", "Fix Committed"} or task["assignee_link"] or claimed
        if not taken and not bug["bug"]["duplicate_of_link"] and str(bug["bug"]["id"]) not in proposed:
            free.append(bug)
    return free


def tagged(*tags: str) -> list[Json]:
    return [bug for bug in free_of_takers() if set(tags) & set(bug["bug"]["tags"])]


def waiting_for_triage() -> list[Json]:
    found = []
    for bug in free_of_takers():
        reporter, authors = name(bug["bug"]["owner_link"]), [name(m["owner_link"]) for m in bug["messages"]]
        status = bug["bug_tasks"][0]["status"]
        answered = status == "Incomplete" and authors[-1] == reporter and len(set(authors)) > 1
        if reporter != "harbour-gerrit" and (answered or (status == "New" and set(authors) == {reporter})):
            found.append(bug)
    return found


def waiting_for_review() -> list[Json]:
    return [
        change
        for change in CHANGES
        if change["status"] == "NEW"
        and not change.get("work_in_progress")
        and not change.get("is_private")
        and votes(change, "Verified") == {"harbour-ci": 1}
        and {m["author"]["username"] for m in change["messages"]} <= {"harbour-ci", change["owner"]["username"]}
        and change["insertions"] + change["deletions"] <= 100
    ]


def docs_only(changes: list[Json]) -> list[Json]:
    return [
        change
        for change in changes
        if all(re.search(r"\.(?:rst|md)$", file) for file in change["revisions"][change["current_revision"]]["files"])
    ]


@pytest.mark.parametrize(
    ("niche", "items"),
    [
        ("starter fixes", tagged("low-hanging-fruit")),
        ("docs", tagged("docs", "documentation")),
        ("triage", waiting_for_triage()),
        ("reviews", waiting_for_review()),
    ],
)
def test_every_niche_has_six_free_items_in_two_projects(niche: str, items: list[Json]) -> None:
    projects = [item["bug_tasks"][0]["bug_target_name"] if "bug" in item else item["project"] for item in items]
    assert sum(number >= 6 for number in Counter(projects).values()) >= 2, niche


def test_some_reviews_are_of_documentation_only() -> None:
    assert len(docs_only(waiting_for_review())) >= 6


def test_some_starter_bugs_only_look_free() -> None:
    free = {bug["bug"]["id"] for bug in free_of_takers()}
    proposed = {n for c in CHANGES if c["status"] == "NEW" for n in FOOTER.findall(message(c))}
    why: Counter[str] = Counter()
    for bug in PUBLIC:
        task = bug["bug_tasks"][0]
        if "low-hanging-fruit" in bug["bug"]["tags"] and task["status"] in ("Confirmed", "Triaged"):
            if task["assignee_link"]:
                why["assigned"] += 1
            elif str(bug["bug"]["id"]) in proposed:
                why["proposed"] += 1
            elif bug["bug"]["id"] not in free:
                why["claimed"] += 1
            elif any(CLAIM.search(m["content"]) for m in bug["messages"]):
                why["claimed long ago"] += 1
    assert why == {"assigned": 3, "proposed": 3, "claimed": 4, "claimed long ago": 3}


def first_changes() -> list[Json]:
    """The first change of each newcomer."""
    newcomers = {person["gerrit"] for person in PEOPLE if person["role"].startswith("newcomer")}
    first: dict[str, Json] = {}
    for change in CHANGES:
        if change["owner"]["username"] in newcomers:
            first.setdefault(change["owner"]["username"], change)
    return list(first.values())


def test_twelve_newcomers_came_in_the_last_month() -> None:
    assert len(first_changes()) == 12
    assert all(NOW - at(change["created"]) < timedelta(days=30) for change in first_changes())


def test_the_week_has_answers_to_newcomers_and_triage_to_thank_for() -> None:
    week = NOW - timedelta(days=7)
    consent = {p[kind]: p["consent"] for p in PEOPLE for kind in ("launchpad", "gerrit") if p[kind]}
    answered: Counter[str | None] = Counter()
    for change in first_changes():
        own = {change["owner"]["username"], "harbour-ci"}
        others = [m for m in change["messages"] if m["author"]["username"] not in own]
        if others and at(others[0]["date"]) > week:
            answered[consent[others[0]["author"]["username"]]] += 1
    assert answered == {"in": 3, None: 1}

    triaged = Counter(
        consent[name(line["person_link"])]
        for bug in PUBLIC
        for line in bug["activity"]
        if at(line["datechanged"]) > week
        and (line["whatchanged"].endswith(": status") or line["whatchanged"] == "marked as duplicate")
        and not name(line["person_link"]).startswith("harbour-")
        and line["person_link"] != bug["bug"]["owner_link"]
    )
    assert triaged["in"] >= 6
    assert triaged["out"] >= 2
