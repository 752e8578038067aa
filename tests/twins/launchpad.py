"""A twin of Launchpad's web service 1.0: real description, invented bugs, counted requests, faults on demand.

By hand: `python -m tests.twins.launchpad FILE.jsonl --port 8085`, a recorded bug a line
(`{"bug": …, "bug_tasks": […], "messages": […], "activity": […]}`).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.twins import launchpad_devel, launchpad_wadl
from tests.twins.launchpad_faults import Fault
from tests.twins.launchpad_http import Answer, Handler, Server
from tests.twins.launchpad_search import BadValue, Row, is_public, read, search

RECORDED_ROOT = "https://api.launchpad.net/1.0/"
PAGE, LARGEST_PAGE = 75, 300


class LaunchpadTwin:
    """A Launchpad on a free loopback port while its `with` lasts.

    `bugs` are recorded dicts, kept as `bugs[number]` and served as they are then; `now` is the time in its Date headers
    and of what `edit`, `edit_task` and `comment` change. `groups` name their projects, `aliases` old names of projects.
    `milestones` are those of each project by name, with whether they are active.
    `people` are fields of persons by name (such as `description`), where they differ from those everybody has.
    `withheld` bugs are taken off a search's page after it was cut. `broken` names rules to break, to see tests notice.
    `spoil` makes of a path and the JSON found there what is sent instead, as JSON or, where it gives a text, as it is.
    `questions` by number and `blueprints` are of the version devel (tests/twins/launchpad_devel.py).
    """

    def __init__(
        self,
        bugs: Iterable[Mapping[str, Any]],
        *,
        projects: Iterable[str] = (),
        groups: Mapping[str, Iterable[str]] | None = None,
        aliases: Mapping[str, str] | None = None,
        suspended: Iterable[str] = (),
        broken: Iterable[str] = (),
        port: int = 0,
    ) -> None:
        self._server = Server(("127.0.0.1", port), Handler)
        self._server.twin = self
        self.service_root = f"http://127.0.0.1:{self._server.server_port}/"
        self.root = self.service_root + "1.0/"
        self.description = launchpad_wadl.described(self.root)
        self.lock = threading.RLock()
        self.ended = threading.Event()
        self.bugs = {record["bug"]["id"]: record for record in map(self._complete, bugs)}
        first_parts = {self._target(task).split("/")[0] for _, task in self._rows()}
        self.projects = first_parts | set(projects)
        self.groups = {name: set(members) for name, members in (groups or {}).items()}
        self.aliases = dict(aliases or {})
        self.suspended, self.broken = set(suspended), frozenset(broken)
        self.withheld: set[int] = set()
        self.people: dict[str, dict[str, Any]] = {}
        self.questions: dict[int, dict[str, Any]] = {}
        self.blueprints: list[dict[str, Any]] = []
        self.milestones: dict[str, dict[str, bool]] = {}
        self.requests: list[str] = []
        self.agents: set[str] = set()
        self.writes_refused = 0
        self.faults: list[Fault] = []
        self.spoil: Callable[[str, dict[str, Any]], Any] = lambda _, found: found
        self._calls: dict[int, Callable[[], object]] = {}
        newest = max((read(r["bug"]["date_last_updated"]) for r in self.bugs.values()), default=read("2026-01-01"))
        self.now: datetime = newest + timedelta(days=1)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Serve until interrupted."""
        with suppress(KeyboardInterrupt):
            self._server.serve_forever()

    def count(self, pattern: str = "") -> int:
        """How many requests came whose path and query match."""
        return sum(bool(re.search(pattern, request)) for request in self.requests)

    @property
    def by_path(self) -> Counter[str]:
        return Counter(request.split("?")[0] for request in self.requests)

    def fault(self, kind: str, path: str = "", **how: Any) -> None:
        self.faults.append(Fault(kind, path, **how))

    def at(self, request: int, call: Callable[[], object]) -> None:
        """Have `call` made just before this request, counted from 1, is answered."""
        self._calls[request] = call

    def settle(self) -> None:
        """No more of the calls that were to come."""
        self._calls.clear()

    def edit(self, number: int, *, by: str = "alice", quietly: bool = False, **fields: Any) -> None:
        """Change a bug's own fields; `quietly` leaves its date, as Launchpad does for heat or a new privacy."""
        with self.lock:
            bug = self.bugs[number]["bug"]
            for name, new in fields.items():
                self._log(number, by, name.removesuffix("_link"), bug[name], new)
            bug.update(fields)
            self._touch(number, quietly)

    def edit_task(self, number: int, project: str, *, by: str = "alice", **fields: Any) -> None:
        """Change a task's fields; an assignee is given as `assignee_link=twin.link("alice")`."""
        with self.lock:
            for task in self.bugs[number]["bug_tasks"]:
                if self._target(task) == project:
                    for name, new in fields.items():
                        self._log(number, by, f"{project}: {name.removesuffix('_link')}", task[name], new)
                    task.update(fields)
            self._touch(number)

    def comment(self, number: int, author: str, text: str) -> None:
        with self.lock:
            messages, bug = self.bugs[number]["messages"], self.bugs[number]["bug"]
            messages.append(
                self._entry("message", f"bugs/{number}/comments/{len(messages)}")
                | {"content": text, "owner_link": self.link(author), "date_created": self.now.isoformat(),
                   "subject": f"Re: {bug['title']}"}
            )  # fmt: skip
            bug["message_count"] = len(messages)
            bug["date_last_message"] = self.now.isoformat()
            self._touch(number)

    def add(self, record: Mapping[str, Any]) -> None:
        """File another bug, as of now where its dates are."""
        with self.lock:
            self.bugs[record["bug"]["id"]] = self._complete(record)

    def shown(self, number: int) -> dict[str, Any]:
        """A whole bug as this twin shows its parts now, as a recording."""
        with self.lock:
            record = self.bugs[number]
            parts = {part: [*map(_with_etag, record[part])] for part in ("bug_tasks", "messages", "activity")}
            return {"bug": _with_etag(record["bug"]), **parts}

    def link(self, person: str) -> str:
        return f"{self.root}~{person}"

    def answer(self, method: str, address: str, headers: Mapping[str, str]) -> Answer:
        with self.lock:
            self.requests.append(address)
            self.agents.add(headers.get("User-Agent", ""))
            if call := self._calls.pop(len(self.requests), None):
                call()
            if method != "GET":
                self.writes_refused += 1
                return _plain(401, "(<twin>, 'write', 'launchpad.Edit')")
            url = urlsplit(address)
            version, _, path = url.path.strip("/").partition("/")
            if version not in ("1.0", "devel"):
                return _plain(404, f"Object: <twin>, name: {url.path!r}")
            if not path and headers.get("Accept") == launchpad_wadl.KIND:
                return Answer(200, launchpad_wadl.KIND, self.description)
            try:
                found = self._found(path, url.query) if version == "1.0" else self._devel(path, url.query)
            except BadValue as wrong:
                return _plain(400, str(wrong))
            except KeyError:
                return _plain(404, f"Object: <twin>, name: '{path}'")
            if isinstance(found, Answer):
                return found
            etag = "" if "etag" in self.broken else found.get("http_etag", "")
            if etag and headers.get("If-None-Match") == etag:
                return Answer(304, "", b"", etag)
            kind = "application/json; charset=utf-8" if "charset" in self.broken else "application/json"
            sent = self.spoil(address, found)
            return Answer(200, kind, (sent if isinstance(sent, str) else json.dumps(sent)).encode(), etag)

    def _found(self, path: str, query: str) -> dict[str, Any] | Answer:
        """What stands at a path below the root; KeyError where there is nothing."""
        asked = parse_qs(query, keep_blank_values=True)
        operation = asked.get("ws.op", [""])[0]
        if operation not in ("", "searchTasks"):
            raise BadValue(f"No such operation: {operation}")
        name, _, rest = path.partition("/")
        other_case = name.lower() if name not in self.projects and name.lower() in self.projects else ""
        if moved := self.aliases.get(name, other_case):
            location = f"{self.root}{moved}{'/' + rest if rest else ''}{'?' + query if query else ''}"
            return Answer(301, "text/plain", b"", location=location)
        if operation:
            return self._page(self._search(path, asked), path, query)
        if not path:
            links = [
                field
                for field in launchpad_wadl.fields(self.description, "service-root-json")
                if field.endswith("_collection_link")
            ]
            return {link: self.root + link.removesuffix("_collection_link") for link in links} | {
                "resource_type_link": self.root + "#service-root"
            }
        if path in ("bugs", "projects", "people"):
            return {"resource_type_link": f"{self.root}#{path}", "start": 0, "total_size": 0, "entries": []}
        if found := re.fullmatch(r"bugs/(\d+)(?:/(bug_tasks|messages|activity))?", path):
            record = self._visible(int(found[1]))
            if not found[2]:
                return _with_etag(record["bug"])
            kind = {"bug_tasks": "bug_task", "messages": "message", "activity": "bug_activity"}[found[2]]
            return self._page(record[found[2]], path, query, kind)
        if found := re.fullmatch(r"(.+)/\+bug/(\d+)", path):
            tasks = {self._target(task): task for task in self._visible(int(found[2]))["bug_tasks"]}
            return _with_etag(tasks[found[1]])
        if path.startswith("~"):
            if path[1:] in self.suspended:
                return _plain(410, f"Object: <twin>, name: '{path}' is suspended")
            about = {"name": path[1:], "display_name": path[1:].title(), "is_team": False, "description": None}
            return _with_etag(self._entry("person", path) | about | self.people.get(path[1:], {}))
        if rest == "all_milestones" and name in self.projects:
            made = [
                self._entry("milestone", f"{name}/+milestone/{called}") | {"name": called, "is_active": active}
                for called, active in self.milestones.get(name, {}).items()
            ]
            return self._page(made, path, query, "milestone")
        kind = "project_group" if path in self.groups else "project"
        if path not in self.groups | dict.fromkeys(self.projects):
            raise KeyError(path)
        return _with_etag(self._entry(kind, path) | {"name": path, "display_name": path.title(), "active": True})

    def _devel(self, path: str, query: str) -> dict[str, Any]:
        """What stands at a path of the version devel, which shows the size of a list on its last page only."""
        asked, root = parse_qs(query), f"{self.service_root}devel/"
        if path.partition("/")[0] not in self.projects:
            raise KeyError(path)
        found = json.loads(
            json.dumps(launchpad_devel.listed(path, asked, self.questions, self.blueprints)).replace(
                launchpad_devel.ROOT, root
            )
        )
        if isinstance(found, dict):
            return _with_etag(found)
        page = self._page(found, path, query, "" if "ws.op" in asked else "specification", root)
        if "next_collection_link" in page:
            page["total_size_link"] = f"{root}{path}?{query}&ws.show=total_size"
            del page["total_size"]
        return page

    def _search(self, path: str, asked: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        inside: Callable[[str], bool]
        if path == "bugs":
            inside = bool
        elif path in self.groups:
            inside = self.groups[path].__contains__
        elif path in self.projects or any(self._target(task) == path for _, task in self._rows()):
            inside = lambda target: target == path or target.startswith(path + "/")  # noqa: E731
        else:
            raise KeyError(path)
        rows = (row for row in self._rows() if inside(self._target(row[1])))
        return [task for _, task in search(rows, asked, self.bugs, self.broken)]

    def _page(
        self, entries: list[dict[str, Any]], path: str, query: str, kind: str = "", root: str = ""
    ) -> dict[str, Any]:
        """One page; a collection reached by link (with a `kind`) says what it is, a named operation's does not."""
        kept = [(key, value) for key, value in parse_qsl(query) if key not in ("ws.size", "ws.start", "memo")]
        asked = dict(parse_qsl(query))
        try:
            size, start = int(asked.get("ws.size", PAGE)), int(asked.get("ws.start", 0))
        except ValueError:
            raise BadValue("ws.size and ws.start are numbers") from None
        if size > LARGEST_PAGE:
            raise BadValue(f"Maximum for ws.size is {LARGEST_PAGE}.")
        shown = [_with_etag(entry) for entry in entries[start : start + size]]
        page = {
            "start": start,
            "total_size": len(entries),
            "entries": [
                e for e in shown if kind or not any(e.get("self_link", "").endswith(f"/{n}") for n in self.withheld)
            ],
        }

        def link(at: int) -> str:
            return f"{root or self.root}{path}?{urlencode([*kept, ('ws.size', size), ('memo', at), ('ws.start', at)])}"

        left = len(entries) - start - size
        if left > 0 and not ("last page" in self.broken and left <= size):
            page["next_collection_link"] = link(start + size)
        if start:
            page["prev_collection_link"] = link(max(0, start - size))
        if kind:
            page["resource_type_link"] = f"{root or self.root}#{kind}-page-resource"
        return page

    def _visible(self, number: int) -> dict[str, Any]:
        record = self.bugs[number]
        if not is_public(record["bug"]) and "private" not in self.broken:
            raise KeyError(number)
        return record

    def _rows(self) -> Iterator[Row]:
        return ((record["bug"], task) for record in self.bugs.values() for task in record["bug_tasks"])

    def _target(self, task: Mapping[str, Any]) -> str:
        link: str = task["target_link"]
        return link.removeprefix(self.root)

    def _complete(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A recorded bug with this twin's addresses and every field the description names."""
        here = json.loads(json.dumps(record).replace(RECORDED_ROOT, self.root))
        number = here["bug"]["id"]
        bug = self._entry("bug", f"bugs/{number}") | here["bug"]
        tasks = [
            self._entry("bug_task", f"{task['target_link'].removeprefix(self.root)}/+bug/{number}") | task
            for task in _entries(here.get("bug_tasks"))
        ]
        messages = [
            self._entry("message", f"bugs/{number}/comments/{place}") | message
            for place, message in enumerate(_entries(here.get("messages")))
        ]
        log = [self._entry("bug_activity", f"bugs/{number}/activity") | line for line in _entries(here.get("activity"))]
        return {"bug": bug, "bug_tasks": tasks, "messages": messages, "activity": log}

    def _entry(self, kind: str, path: str) -> dict[str, Any]:
        link = self.root + path
        known: dict[str, Any] = {
            "self_link": link,
            "web_link": f"https://bugs.launchpad.net/{path}",
            "resource_type_link": f"{self.root}#{kind}",
        }
        for field in launchpad_wadl.fields(self.description, f"{kind}-full"):
            default = f"{link}/{field.removesuffix('_collection_link')}" if field.endswith("_collection_link") else None
            known.setdefault(field, default)
        return known

    def _log(self, number: int, person: str, what: str, old: Any, new: Any) -> None:
        self.bugs[number]["activity"].append(
            self._entry("bug_activity", f"bugs/{number}/activity")
            | {"bug_link": f"{self.root}bugs/{number}", "person_link": self.link(person), "whatchanged": what,
               "oldvalue": str(old), "newvalue": str(new), "datechanged": self.now.isoformat()}
        )  # fmt: skip

    def _touch(self, number: int, quietly: bool = False) -> None:
        if not quietly:
            self.bugs[number]["bug"]["date_last_updated"] = self.now.isoformat()
            self.now += timedelta(minutes=1)


def _entries(part: Any) -> list[dict[str, Any]]:
    return part["entries"] if isinstance(part, dict) else part or []


def _with_etag(entry: dict[str, Any]) -> dict[str, Any]:
    shown = copy.deepcopy(entry)
    text = json.dumps(shown | {"http_etag": None}, sort_keys=True).encode()
    return shown | {"http_etag": f'"{hashlib.sha256(text).hexdigest()}"'}


def _plain(status: int, text: str) -> Answer:
    return Answer(status, "text/plain", text.encode())


def main() -> None:
    told = argparse.ArgumentParser(prog="python -m tests.twins.launchpad", description=__doc__)
    told.add_argument("file", type=Path, help="recorded bugs, one a line")
    told.add_argument("--port", type=int, default=0)
    options = told.parse_args()
    lines = options.file.read_text(encoding="utf-8").splitlines()
    twin = LaunchpadTwin([json.loads(line) for line in lines if line.strip()], port=options.port)
    sys.stdout.write(f"Launchpad's twin, {len(twin.bugs)} bugs, at {twin.service_root}\n")
    sys.stdout.flush()
    twin.serve()


if __name__ == "__main__":
    main()
