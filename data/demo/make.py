"""Invents the demo's community: `python data/demo/make.py [FOLDER]` writes its bugs, changes and people, always the same.

Each bug and each change lives through a story: a function that lets people do things to it, one after the other. The
tables BUGS and CHANGES say how many stories of each kind there are; words.toml has the people and the words.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
NOW = datetime(2026, 2, 13, 14, 30, tzinfo=UTC)
API = "https://api.harbour.example/1.0"
SITE = "https://bugs.harbour.example"
REVIEW = "https://review.harbour.example"
FIRST_BUG, FIRST_CHANGE = 1201, 7001
# As in most communities, the server gets half of everything.
PROJECTS = ("harbour", "harbour-client", "harbour", "harbour-docs", "harbour", "harbour-client", "harbour-docs", "harbour")
CLOSED = ("Fix Released", "Invalid", "Won't Fix", "Expired", "Opinion")
WORDS: dict[str, Any] = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
T = TypeVar("T")

# Only random() promises the same numbers in every Python, so all chance is built on it.
roll = random.Random("Harbour").random


def pick(things: Sequence[T]) -> T:
    return things[int(roll() * len(things))]


def between(low: float, high: float) -> float:
    return low + (high - low) * roll()


def days(low: float, high: float) -> timedelta:
    return timedelta(seconds=int(86400 * between(low, high)))


def minutes(low: int, high: int) -> timedelta:
    return timedelta(seconds=int(60 * between(low, high)))


def moments(count: int, after: datetime, before: datetime) -> list[datetime]:
    """So many moments in order, well apart."""
    part = (before - after).total_seconds() / count
    return [after + timedelta(seconds=int(part * (i + between(0.2, 0.8)))) for i in range(count)]


def fill(template: str, project: str, known: dict[str, str]) -> str:
    """Replace each {name} by one of its words, the same word each time; {Name} gets a capital letter."""

    def word(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in known:
            own = WORDS[project]
            known[name] = fill(pick(own[name] if name in own else WORDS["common"][name]), project, known)
        return known[name][0].upper() + known[name][1:] if match[1][0].isupper() else known[name]

    return re.sub(r"\{(\w+)\}", word, template)


@dataclass(frozen=True)
class Person:
    name: str
    irc: str | None
    launchpad: str | None
    gerrit: str | None
    robot: bool
    consent: str | None
    role: str
    number: int

    @property
    def link(self) -> str:
        return f"{API}/~{self.launchpad}"

    @property
    def account(self) -> dict[str, Any]:
        account = {"_account_id": self.number, "name": self.name, "username": self.gerrit}
        return account | {"tags": ["SERVICE_USER"]} if self.robot else account


def people() -> Iterator[Person]:
    number = 1000
    for group in WORDS["people"]:
        for line in group["who"]:
            name, irc, consent = (part.strip() or None for part in line.split("|"))
            number += 1
            slug = name.lower().replace(" ", "-")
            # Some people have another name on each server, as some people do.
            gerrit = irc if irc and number % 4 == 0 else slug
            yield Person(name, irc, slug, gerrit, False, consent, f"{group['role']}: {group['about']}", number)


PEOPLE = list(people())
CI = Person("Harbour CI", None, None, "harbour-ci", True, None, "robot: tests every patch set and merges", 2001)
JANITOR = Person("Harbour Janitor", None, "harbour-janitor", None, True, None, "robot: lets old reports expire", 2002)
GERRIT = Person("Harbour Gerrit", None, "harbour-gerrit", None, True, None, "robot: tells bugs of their changes", 2003)


def role(*names: str) -> list[Person]:
    return [person for person in PEOPLE if person.role.split(":")[0] in names]


HEROES, REVIEWERS, TRIAGERS, WRITERS = role("hero"), role("reviewer"), role("triager"), role("writer")
CORES = HEROES * 3 + REVIEWERS[:2]
AUTHORS = HEROES * 7 + REVIEWERS + TRIAGERS[:2] + role("contributor")
REPORTERS = role("reporter") * 3 + role("hero", "reviewer", "triager", "writer", "contributor")
newcomers = iter(role("newcomer"))
welcomers = iter(REVIEWERS)


def other(people: Sequence[Person], *but: Person | None) -> Person:
    return pick([person for person in people if person not in but])


class Change:
    """A Gerrit change as it grows; its number comes last, when all of them are known."""

    def __init__(self, project: str, owner: Person, created: datetime, subject: str, files: list[str], bug: Bug | None, footer: str):
        self.number, self.project, self.owner, self.created = 0, project, owner, created
        self.subject, self.status, self.patch_set = subject[:72], "NEW", 0
        self.wip = self.private = False
        self.submitted: datetime | None = None
        self.comments = self.unresolved = 0
        self.votes: dict[tuple[str, Person], tuple[int, datetime]] = {}
        self.messages: list[tuple[datetime, Person, str, str, int]] = []
        small = 8 if len(files) < 3 else 60
        self.files = {file: (int(between(1, small)), int(between(0, small / 2))) for file in files}
        body = fill("{fix_text}" if bug else "{chore_text}", project, {})
        self.change_id = "I" + hashlib.sha1(f"{project} {subject} {created}".encode()).hexdigest()
        footers = [f"{footer}: #{bug.number}"] if bug else []
        self.message = "\n".join([subject[:72], "", body, "", *footers, f"Change-Id: {self.change_id}", ""])
        self.bug = bug
        CHANGE_LIST.append(self)

    @property
    def url(self) -> str:
        return f"{REVIEW}/c/harbour/{self.project}/+/{self.number}"

    @property
    def newest(self) -> datetime:
        return max(message[0] for message in self.messages)

    def note(self, who: Person, when: datetime, text: str, tag: str = "") -> None:
        self.messages.append((when, who, text, tag, self.patch_set))

    def upload(self, when: datetime, passes: bool = True) -> None:
        self.patch_set += 1
        self.votes.clear()
        self.uploaded = when
        self.unresolved = 0
        self.note(self.owner, when, f"Uploaded patch set {self.patch_set}.", "autogenerated:gerrit:newPatchSet")
        self.check(when + minutes(20, 70), 1 if passes else -1)

    def vote(self, who: Person, when: datetime, label: str, value: int) -> None:
        self.votes[label, who] = value, when

    def check(self, when: datetime, value: int, pipeline: str = "check") -> None:
        self.vote(CI, when, "Verified", value)
        outcome, result = ("succeeded", "SUCCESS") if value > 0 else ("failed", "FAILURE")
        text = f"Build {outcome} ({pipeline} pipeline).\n\n- {self.project}-unit : {result} in {int(between(3, 19))}m"
        self.note(CI, when, f"Patch Set {self.patch_set}: Verified{value:+d}\n\n{text}", f"autogenerated:zuul:{pipeline}")

    def review(self, who: Person, when: datetime, value: int, text: str, comments: int = 0, approve: bool = False) -> None:
        header = f"Patch Set {self.patch_set}:"
        if value:
            self.vote(who, when, "Code-Review", value)
            header += f" Code-Review{value:+d}"
        if approve:
            self.vote(who, when, "Workflow", 1)
            header += " Workflow+1"
        inline = f"({comments} comment{'s' * (comments > 1)})" if comments else ""
        self.comments += comments
        self.unresolved += comments if value < 0 else 0
        self.note(who, when, "\n\n".join(part for part in (header, inline, text) if part))

    def live(self, state: str, until: datetime) -> None:
        """Go from the first upload to `until`, and be in `state` then."""
        reviewer, core, second = other(REVIEWERS, self.owner), other(CORES, self.owner), self.owner
        while second in (self.owner, core):
            second = pick(CORES)

        def refused(when: datetime) -> None:
            self.review(other(REVIEWERS, self.owner), when, -1, say("objection", self.project), int(between(1, 4)))

        def praised(when: datetime) -> None:
            self.review(reviewer, when, int(between(0, 2)), say("praise", self.project) or "Looks right.", int(between(0, 3)))

        def approved(when: datetime) -> None:
            self.review(core, when, 2, say("approval", self.project))

        def passed_on(when: datetime) -> None:
            self.review(second, when, 2, say("approval", self.project), approve=True)

        def rechecked(when: datetime) -> None:
            self.note(self.owner, when, f"Patch Set 1:\n\n{say('recheck', self.project)}")
            self.check(when + minutes(20, 40), -1)

        ends: dict[str, list[Callable[[datetime], None]]] = {
            "unreviewed": [], "draft": [], "failing": [rechecked], "conflict": [praised], "disputed": [refused], "liked": [praised],
            "half approved": [praised, approved], "in the gate": [approved, passed_on], "merged": [approved, passed_on], "abandoned": [refused],
        }  # fmt: skip
        steps = ends[state]
        if state in ("merged", "in the gate", "half approved") and roll() < 0.5:
            steps = [refused, self.upload, *([praised] if roll() < 0.5 else []), *steps]
        self.upload(self.created, passes=state != "failing")
        for step, when in zip(steps, moments(len(steps) or 1, self.newest, until), strict=False):
            step(when)
        gate = self.newest + minutes(25, 50)
        if state == "merged":
            self.check(gate, 2, "gate")
            self.status, self.submitted = "MERGED", gate + timedelta(seconds=4)
            self.note(CI, self.submitted, "Change has been successfully merged", "autogenerated:gerrit:merged")
        elif state == "in the gate":
            del self.votes["Verified", CI]
            self.note(CI, self.newest + timedelta(minutes=1), f"Patch Set {self.patch_set}:\n\nStarting gate jobs.", "autogenerated:zuul:gate")
        elif state == "conflict":
            self.vote(CI, gate, "Verified", -1)
            self.note(CI, gate, f"Patch Set {self.patch_set}: Verified-1\n\nMerge Failed.\n\nThis change no longer fits the branch.", "autogenerated:zuul:check")
        elif state == "abandoned":
            self.status = "ABANDONED"
            self.note(self.owner, until, f"Abandoned\n\n{say('abandon', self.project)}", "autogenerated:gerrit:abandon")
        elif state == "draft":
            self.wip = True


class Bug:
    """A bug as it grows: what happens to it is said, logged and dated at once."""

    def __init__(self, number: int, project: str, kind: str, owner: Person, created: datetime):
        self.number, self.project, self.kind, self.owner, self.created = number, project, kind, owner, created
        self.known: dict[str, str] = {}
        self.template = pick([line for line in WORDS[project][kind] if line not in TAKEN] or WORDS[project][kind])
        self.title, self.fix = self.words()
        topics = WORDS[project]["topics"]
        self.tags = [pick(topics)] if roll() < 0.4 else []
        self.tags += {"starter": ["low-hanging-fruit"], "docs": [pick(["docs", "documentation"])]}.get(kind, [])
        text = {"odd": "fault_text", "starter": "starter_text", "docs": "docs_text", "wish": "wish_text"}.get(kind, "fault_text")
        self.description = fill(f"{{{text}}}", project, dict(self.known))
        self.status, self.importance, self.milestone = "New", "Undecided", ""
        self.assignee: Person | None = None
        self.duplicate_of: Bug | None = None
        self.private = False
        self.dates: dict[str, datetime] = {}
        self.also: tuple[str, datetime] | None = None
        self.messages: list[tuple[datetime, Person, str, Change | None]] = [(created, owner, self.description, None)]
        self.activity: list[tuple[datetime, Person, str, str | None, str | None, str]] = []
        self.log(owner, created, "bug", None, None, "added bug")

    def words(self) -> tuple[str, str]:
        """A title and the subject of its mending that no other bug has."""
        if self.kind == "odd":
            TAKEN.add(self.template)
        for _ in range(50):
            known = dict(self.known)
            title, _, fix = fill(self.template, self.project, known).partition(" => ")
            if title not in TAKEN:
                break
            self.template = pick(WORDS[self.project][self.kind])
        TAKEN.add(title)
        self.known = known
        return title, fix

    def say(self, who: Person, when: datetime, text: str, change: Change | None = None) -> None:
        self.messages.append((when, who, text, change))

    def log(self, who: Person, when: datetime, what: str, old: str | None, new: str | None, message: str = "") -> None:
        self.activity.append((when, who, what, old, new, message))

    def move(self, who: Person, when: datetime, status: str) -> None:
        self.log(who, when, f"{self.project}: status", self.status, status)
        if self.status == "New":
            self.dates["left_new"] = when
        if status in CLOSED:
            self.dates["closed"] = when
        self.dates[status.lower().replace(" ", "_")] = when
        self.status = status

    def rate(self, who: Person, when: datetime) -> None:
        levels = ["Wishlist"] if self.kind == "wish" else ["Low", "Medium"] if self.kind in ("starter", "docs") else ["Low", "Medium", "Medium", "High", "Critical"]
        new = pick(levels)
        self.log(who, when, f"{self.project}: importance", self.importance, new)
        self.importance = new

    def assign(self, who: Person, when: datetime, to: Person | None) -> None:
        text = [f"{p.name} ({p.launchpad})" if p else None for p in (self.assignee, to)]
        self.log(who, when, f"{self.project}: assignee", *text)
        self.assignee = to
        self.dates["assigned"] = when

    def triage(self, before: datetime, after: datetime | None = None, status: str = "") -> datetime:
        """Somebody else looks at it and says so, before it goes on."""
        who = other(TRIAGERS * 3 + REVIEWERS, self.owner)
        when = moments(1, after or self.created, before)[0]
        status = status or pick(["Confirmed", "Confirmed", "Triaged"])
        text = {"Confirmed": "confirm", "Triaged": "plan", "Incomplete": "ask"}.get(status, status.lower().replace(" ", "_").replace("'", ""))
        self.say(who, when, say(text, self.project))
        self.move(who, when + timedelta(minutes=2), status)
        if status in ("Confirmed", "Triaged"):
            self.rate(who, when + timedelta(minutes=3))
            self.milestone = "2.5" if roll() < 0.2 else ""
        return when + timedelta(minutes=4)

    def propose(self, owner: Person, when: datetime, footer: str = "Closes-Bug", noticed: bool = True) -> Change:
        change = Change(self.project, owner, when, self.fix, files(self.project, self.kind), self, footer)
        if noticed:
            word = "Related fix" if footer == "Related-Bug" else "Fix"
            self.say(GERRIT, when + timedelta(minutes=2), f"{word} proposed to branch: master\nReview: {{url}}", change)
        if noticed and footer != "Related-Bug":
            if self.status != "In Progress":
                self.move(GERRIT, when + timedelta(minutes=2), "In Progress")
            if self.assignee != owner:
                self.assign(GERRIT, when + timedelta(minutes=2), owner)
        return change

    def finish(self, change: Change, status: str = "Fix Released") -> None:
        when = change.newest + timedelta(minutes=2)
        if change.status == "ABANDONED":
            self.say(GERRIT, when, f"Change abandoned by {change.owner.name} ({change.owner.gerrit}) on branch: master\nReview: {{url}}", change)
            return
        commit = sha(change, change.patch_set)
        text = f'Reviewed:  {{url}}\nCommitted: {REVIEW}/plugins/gitiles/harbour/{self.project}/+/{commit}\nSubmitter: "Harbour CI"\nBranch:    master\n\n'
        self.say(GERRIT, when, f"{text}commit {commit}\n\n    {change.subject}", change)
        if status:
            self.move(GERRIT, when, status)


BUG_LIST: list[Bug] = []
CHANGE_LIST: list[Change] = []
TAKEN: set[str] = set()


def say(name: str, project: str) -> str:
    return fill(pick(WORDS["say"][name]), project, {})


def files(project: str, kind: str) -> list[str]:
    words = WORDS[project]
    if kind in ("docs", "chore_docs") or project == "harbour-docs":
        return [pick(words["pages"])]
    code = [pick(words["files"]) for _ in range(5 if kind == "large" else 1 if kind == "starter" else int(between(1, 4)))]
    return sorted({*code, *("tests/test_" + file.rsplit("/", 1)[1] for file in code)})


def sha(change: Change, patch_set: int) -> str:
    return hashlib.sha1(f"{change.change_id} {patch_set}".encode()).hexdigest()


def until(start: datetime, low: float, high: float) -> datetime:
    """A while after `start`, and well before the end of the world at NOW."""
    return min(start + days(low, high), NOW - minutes(90, 300))


def fixed(bug: Bug, status: str = "Fix Released", author: Person | None = None) -> None:
    start = until(bug.created, 1, 50)
    done = bug.triage(start)
    if roll() < 0.3:
        bug.say(other(REPORTERS, bug.owner), moments(1, done, start)[0], say("chatter", bug.project))
    change = bug.propose(author or pick(WRITERS + AUTHORS[:3] if bug.project == "harbour-docs" else AUTHORS), start)
    change.live("merged", until(start, 0.8, 12))
    bug.finish(change, status)


def closed(bug: Bug, status: str) -> None:
    bug.triage(until(bug.created, 0.5, 60), status=status)


def fixed_by_hand(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 1, 20))
    who, when = other(TRIAGERS, bug.owner), done + days(3, 40)
    bug.say(who, when, say("fixed", bug.project))
    bug.move(who, when + timedelta(minutes=1), "Fix Released")


def expired(bug: Bug) -> None:
    when = bug.triage(until(bug.created, 0.5, 20), status="Incomplete") + days(60, 61)
    bug.say(JANITOR, when, say("expired", bug.project))
    bug.move(JANITOR, when, "Expired")


def duplicate(bug: Bug, after: datetime | None = None) -> None:
    """The report tells the story of an earlier one, in other words."""
    masters = [b for b in BUG_LIST if b.project == bug.project and b.kind == "fault" and "when" in b.known and not b.duplicate_of and not b.private]
    if not masters:
        return closed(bug, "Invalid")
    master = pick(masters[-25:])
    bug.template, bug.known = master.template, {k: v for k, v in master.known.items() if k not in ("when", "mend")}
    bug.title, bug.fix = bug.words()
    who, when = other(TRIAGERS, bug.owner), moments(1, after or bug.created, until(after or bug.created, 0.3, 15))[0]
    bug.say(who, when, say("duplicate", bug.project))
    bug.log(who, when + timedelta(minutes=1), "marked as duplicate", None, str(master.number))
    bug.duplicate_of = master


def discussed(bug: Bug) -> None:
    for when in moments(int(between(1, 4)), bug.created, until(bug.created, 1, 30)):
        bug.say(other(REPORTERS + TRIAGERS, bug.owner), when, say("chatter", bug.project))


def asked(bug: Bug) -> None:
    bug.triage(until(bug.created, 0.5, 5), status="Incomplete")


def answered(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 10), status="Incomplete")
    bug.say(bug.owner, moments(1, done, until(done, 0.5, 15))[0], say("answer", bug.project))


def confirmed(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 25))
    for when in moments(int(between(0, 3)) or 1, done, until(done, 1, 60))[: int(between(0, 3))]:
        bug.say(other(REPORTERS, bug.owner), when, say("chatter", bug.project))
    if roll() < 0.12:
        bug.also = ("harbour" if bug.project != "harbour" else "harbour-client", done)
        bug.log(other(TRIAGERS, bug.owner), done, "bug task added", None, bug.also[0])


def lately(bug: Bug) -> None:
    """Sorted in the last week: what a triager gets thanked for."""
    after = max(bug.created, NOW - timedelta(days=6))
    if roll() < 0.2:
        return duplicate(bug, after)
    bug.triage(NOW - timedelta(hours=2), after, pick(["Confirmed", "Confirmed", "Triaged", "Incomplete", "Invalid"]))


def proposed(bug: Bug, state: str = "", author: Person | None = None) -> None:
    start = until(bug.created, 2, 40)
    bug.triage(start)
    state = state or pick(["liked", "disputed", "failing", "half approved", "unreviewed", "liked", "disputed"])
    bug.propose(author or pick(AUTHORS), start).live(state, until(start, 1, 20))


def newcomer_waits(bug: Bug) -> None:
    start = NOW - days(1, 6)
    bug.triage(start)
    bug.propose(next(newcomers), start).live("unreviewed", NOW)


def newcomer_welcomed(bug: Bug) -> None:
    start = NOW - days(3, 8)
    bug.triage(start)
    welcomed(bug.propose(next(newcomers), start))


def welcomed(change: Change) -> None:
    """A newcomer's first change gets its first human answer within the last three days."""
    change.live("unreviewed", NOW)
    change.review(next(welcomers), NOW - days(0.2, 2.9), int(between(0, 2)), say("welcome", change.project), int(between(1, 3)))


def proposed_unseen(bug: Bug) -> None:
    """The robot was down, so only the change's footer tells that somebody mends it."""
    done = bug.triage(until(bug.created, 1, 5))
    bug.propose(pick(AUTHORS), until(done, 0.5, 3), noticed=False).live("liked", until(done, 4, 7))


def claimed(bug: Bug) -> None:
    bug.triage(NOW - timedelta(days=6))
    bug.say(pick(role("reporter")), NOW - days(4.8, 5.2), say("claim", bug.project))


def claimed_long_ago(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 0.5, 5))
    bug.say(pick(role("reporter")), done + days(1, 8), say("claim", bug.project))


def assigned(bug: Bug, low: float = 20, high: float = 200) -> None:
    when = max(bug.created + timedelta(days=1), NOW - days(low, high))
    bug.triage(when)
    who = pick(AUTHORS)
    bug.assign(who, when, who)


def assigned_lately(bug: Bug) -> None:
    assigned(bug, 1, 3)


def free_again(bug: Bug, footer: str, state: str) -> None:
    """A change was abandoned, or merged and left something to do; then a triager set the bug free."""
    start = until(bug.created, 2, 20)
    bug.triage(start)
    change = bug.propose(pick(AUTHORS), start, footer)
    change.live(state, until(start, 2, 20))
    bug.finish(change, "")
    who, when = other(TRIAGERS, bug.owner), change.newest + days(1, 4)
    bug.say(who, when, WORDS["say"]["again"][state == "abandoned"])
    bug.assign(who, when, None)
    bug.move(who, when + timedelta(minutes=1), "Confirmed")


def related(bug: Bug) -> None:
    done = bug.triage(until(bug.created, 1, 20))
    change = bug.propose(pick(AUTHORS), until(done, 1, 20), "Related-Bug")
    change.live("merged", until(change.created, 1, 10))
    bug.finish(change, "")


def secret(bug: Bug) -> None:
    bug.title, bug.description = WORDS["private"]["title"].pop(), WORDS["private"]["text"][0]
    bug.messages[0] = (bug.created, bug.owner, bug.description, None)
    bug.private = True
    who, when = pick(HEROES), bug.created + minutes(10, 50)
    bug.log(who, when, "information type", "Public", "Private Security")
    bug.move(who, when, "Confirmed")


def by_robot(bug: Bug) -> None:
    bug.owner = GERRIT
    bug.activity[0] = (bug.created, GERRIT, "bug", None, None, "added bug")
    change = pick([c for c in CHANGE_LIST if c.status == "MERGED" and c.submitted and c.submitted < bug.created][-9:])
    bug.title, bug.tags = f"[docs impact] {change.subject}", ["docs"]
    bug.description = f"A change with a note for the documentation was merged into {change.project}.\n\n{change.message}"
    bug.messages[0] = (bug.created, GERRIT, bug.description, None)


# Story, how many, how many days ago the youngest and the oldest were reported, and the kind of report.
BUGS: list[tuple[Callable[[Bug], None], int, float, float, str]] = [
    (fixed, 118, 62, 729, "fault"), (fixed, 16, 62, 700, "wish"), (fixed, 16, 70, 700, "docs"), (fixed, 15, 70, 600, "starter"),
    (lambda bug: fixed(bug, "Fix Committed"), 6, 63, 75, "fault"),
    (lambda bug: fixed(bug, author=next(newcomers)), 2, 16, 24, "starter"),
    (fixed_by_hand, 42, 62, 725, "fault"), (fixed_by_hand, 8, 62, 700, "docs"),
    (lambda bug: closed(bug, "Invalid"), 42, 5, 725, "fault"), (lambda bug: closed(bug, "Won't Fix"), 16, 30, 725, "wish"),
    (expired, 34, 90, 720, "fault"), (duplicate, 42, 12, 700, "fault"), (duplicate, 4, 2, 12, "fault"),
    (lambda bug: None, 44, 0.4, 150, "fault"), (lambda bug: None, 9, 0.4, 90, "docs"), (lambda bug: None, 8, 1, 300, "wish"),
    (lambda bug: None, 3, 3, 60, "odd"), (by_robot, 6, 5, 60, "docs"), (discussed, 12, 8, 240, "fault"),
    (asked, 12, 6, 58, "fault"), (answered, 15, 6, 120, "fault"), (lately, 15, 6.5, 20, "fault"), (lately, 3, 7, 30, "docs"),
    (confirmed, 20, 20, 600, "fault"), (confirmed, 10, 20, 700, "wish"), (confirmed, 15, 10, 400, "docs"), (confirmed, 5, 10, 300, "odd"),
    (confirmed, 24, 4, 260, "starter"), (claimed, 4, 9, 60, "starter"), (claimed_long_ago, 3, 260, 330, "starter"),
    (assigned_lately, 3, 6, 60, "starter"), (assigned, 8, 40, 500, "fault"), (assigned, 2, 40, 200, "docs"),
    (proposed, 16, 8, 120, "fault"), (proposed, 4, 8, 60, "starter"), (proposed, 3, 8, 60, "docs"), (proposed_unseen, 3, 10, 25, "starter"),
    (newcomer_waits, 2, 8, 20, "starter"), (newcomer_welcomed, 1, 10, 20, "starter"), (related, 6, 40, 300, "fault"),
    (lambda bug: free_again(bug, "Closes-Bug", "abandoned"), 3, 60, 300, "starter"),
    (lambda bug: free_again(bug, "Partial-Bug", "merged"), 2, 60, 200, "starter"), (secret, 3, 10, 300, "fault"),
]  # fmt: skip

# How a change without a bug ends, how many, how many days ago the first and the last were sent, and its kind.
CHANGES: list[tuple[str, int, float, float, str]] = [
    ("merged", 18, 16, 720, "chore"), ("merged", 12, 16, 700, "chore_docs"), ("abandoned", 16, 50, 700, "chore"),
    ("unreviewed", 7, 1, 20, "chore"), ("unreviewed", 8, 1, 20, "chore_docs"), ("unreviewed", 2, 2, 30, "large"),
    ("failing", 3, 2, 40, "chore"), ("draft", 5, 2, 60, "chore"), ("conflict", 2, 20, 60, "chore"), ("disputed", 3, 5, 110, "chore"),
    ("liked", 3, 4, 30, "chore"), ("half approved", 2, 4, 20, "chore"), ("in the gate", 2, 1, 3, "chore"), ("private", 1, 5, 9, "chore"),
    ("newcomer waits", 2, 0.5, 6, "chore"), ("newcomer waits", 2, 0.5, 6, "chore_docs"), ("newcomer welcomed", 3, 3, 7, "chore"),
]  # fmt: skip


def tell() -> None:
    """Let all stories happen, in the order in which they begin, so that numbers grow with time."""
    bugs = []
    for story, count, youngest, oldest, kind in BUGS:
        for i in range(count):
            bugs.append((NOW - days(youngest, oldest), PROJECTS[i % len(PROJECTS)], kind, story))
    for number, (created, project, kind, story) in enumerate(sorted(bugs, key=lambda b: b[0]), FIRST_BUG):
        bug = Bug(number, project, kind, pick(REPORTERS), created)
        story(bug)
        BUG_LIST.append(bug)
    for state, count, youngest, oldest, kind in CHANGES:
        for i in range(count):
            project = PROJECTS[i % len(PROJECTS)]
            new = state.startswith("newcomer")
            owner = next(newcomers) if new else pick(WRITERS if kind == "chore_docs" and roll() < 0.6 else AUTHORS)
            words = "chore_docs" if kind == "chore_docs" else "chore"
            subject = fill(pick(WORDS[project][words]), project, {})
            start = NOW - days(youngest, oldest)
            change = Change(project, owner, start, subject, files(project, kind), None, "")
            change.private = state == "private"
            if state == "newcomer welcomed":
                welcomed(change)
            else:
                change.live("unreviewed" if new or change.private else state, until(start, 1, 14))
    CHANGE_LIST.sort(key=lambda change: change.created)
    for number, change in enumerate(CHANGE_LIST, FIRST_CHANGE):
        change.number = number


def stamp(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def launchpad(bug: Bug) -> dict[str, Any]:
    """The bug as Launchpad's web service writes it, with its tasks, messages and log."""
    link = f"{API}/bugs/{bug.number}"
    messages = sorted(bug.messages, key=lambda m: m[0])
    activity = sorted(bug.activity, key=lambda a: a[0])
    updated = max(messages[-1][0], activity[-1][0])
    about = {
        "id": bug.number, "title": bug.title, "description": bug.description, "tags": bug.tags,
        "owner_link": bug.owner.link, "date_created": stamp(bug.created), "date_last_updated": stamp(updated), "date_last_message": stamp(messages[-1][0]),
        "message_count": len(messages), "heat": 6 + 2 * len({m[1] for m in messages}) + 250 * bug.private,
        "duplicate_of_link": f"{API}/bugs/{bug.duplicate_of.number}" if bug.duplicate_of else None,
        "private": bug.private, "information_type": "Private Security" if bug.private else "Public",
        "self_link": link, "web_link": f"{SITE}/bugs/{bug.number}", "http_etag": etag(bug.number, updated),
    }  # fmt: skip
    tasks = [task(bug, bug.project, bug.created, bug.status, bug.dates)]
    if bug.also:
        tasks.append(task(bug, *bug.also, "New", {}))
    return {
        "bug": about,
        "bug_tasks": tasks,
        "messages": [
            {
                "owner_link": who.link,
                "date_created": stamp(when),
                "content": text.replace("{url}", change.url) if change else text,
                "self_link": f"{API}/{bug.project}/+bug/{bug.number}/comments/{number}",
            }
            for number, (when, who, text, change) in enumerate(messages)
        ],
        "activity": [
            {"person_link": who.link, "datechanged": stamp(when), "whatchanged": what, "oldvalue": old, "newvalue": new, "message": message or None}
            for when, who, what, old, new, message in activity
        ],
    }


def task(bug: Bug, project: str, created: datetime, status: str, dates: dict[str, datetime]) -> dict[str, Any]:
    own = project == bug.project
    named = ("confirmed", "triaged", "incomplete", "in_progress", "fix_committed", "fix_released")
    return {
        "bug_link": f"{API}/bugs/{bug.number}", "title": f'Bug #{bug.number} in {project}: "{bug.title}"', "bug_target_name": project,
        "status": status, "importance": bug.importance if own else "Undecided", "is_complete": status in CLOSED,
        "assignee_link": bug.assignee.link if bug.assignee and own else None, "owner_link": bug.owner.link,
        "milestone_link": f"{API}/{project}/+milestone/{bug.milestone}" if bug.milestone and own else None, "target_link": f"{API}/{project}",
        "date_created": stamp(created), "date_left_new": stamp(dates.get("left_new")), "date_closed": stamp(dates.get("closed")),
        "date_assigned": stamp(dates.get("assigned") if bug.assignee else None),
        **{f"date_{name}": stamp(dates[name]) for name in named if name in dates},
        "self_link": f"{API}/{project}/+bug/{bug.number}", "web_link": f"{SITE}/{project}/+bug/{bug.number}",
        "http_etag": etag(project, bug.number, status),
    }  # fmt: skip


def etag(*parts: object) -> str:
    return f'"{hashlib.sha1(repr(parts).encode()).hexdigest()[:12]}"'


def gerrit(change: Change) -> dict[str, Any]:
    """The change as Gerrit's web service writes it (ChangeInfo)."""
    moment = "%Y-%m-%d %H:%M:%S.000000000"
    messages = sorted(change.messages, key=lambda m: m[0])
    current = sha(change, change.patch_set)
    info: dict[str, Any] = {
        "id": f"harbour%2F{change.project}~{FIRST_CHANGE and change.number}", "project": f"harbour/{change.project}", "branch": "master",
        "change_id": change.change_id, "subject": change.subject, "status": change.status, "hashtags": [],
        "created": change.created.strftime(moment), "updated": messages[-1][0].strftime(moment),
        "insertions": sum(plus for plus, _ in change.files.values()), "deletions": sum(minus for _, minus in change.files.values()),
        "total_comment_count": change.comments, "unresolved_comment_count": change.unresolved if change.status == "NEW" else 0, "_number": change.number,
        "owner": change.owner.account, "current_revision": current, "meta_rev_id": sha(change, len(messages) + 1000),
        "labels": {
            label: {"all": [who.account | {"value": value, "date": when.strftime(moment)} for (name, who), (value, when) in change.votes.items() if name == label]}
            for label in ("Verified", "Code-Review", "Workflow")
        },
        "messages": [
            {"id": sha(change, 2000 + number), **({"tag": tag} if tag else {}), "author": who.account, "date": when.strftime(moment), "message": text, "_revision_number": patch_set}
            for number, (when, who, text, tag, patch_set) in enumerate(messages)
        ],
        "revisions": {
            current: {
                "_number": change.patch_set, "created": change.uploaded.strftime(moment), "uploader": change.owner.account,
                "commit": {"subject": change.subject, "message": change.message},
                "files": {file: {"lines_inserted": plus, "lines_deleted": minus} for file, (plus, minus) in change.files.items()},
            }
        },
    }  # fmt: skip
    if change.bug and change.number % 3 == 0:
        info["topic"] = f"bug/{change.bug.number}"
    if change.submitted:
        info |= {"submitted": change.submitted.strftime(moment), "submitter": CI.account}
    info |= {"work_in_progress": True} if change.wip else {}
    return info | ({"is_private": True} if change.private else {})


def main(folder: Path) -> None:
    tell()
    lines = {"launchpad.jsonl": map(launchpad, BUG_LIST), "gerrit.jsonl": map(gerrit, CHANGE_LIST)}
    for name, things in lines.items():
        text = "".join(json.dumps(thing, separators=(",", ":")) + "\n" for thing in things)
        (folder / name).write_bytes(text.encode())
    everybody = [{k: v for k, v in asdict(person).items() if k != "number"} for person in [*PEOPLE, CI, JANITOR, GERRIT]]
    (folder / "people.json").write_bytes((json.dumps(everybody, indent=1) + "\n").encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
