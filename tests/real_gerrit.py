"""A real Gerrit on loopback, for the tests that want the truth; `python -m tests.real_gerrit install` fetches it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import requests

VERSION = "3.10.0"
JARS = (
    f"com.google.gerrit:gerrit-plugin-api:{VERSION}",
    f"com.google.gerrit:gerrit-acceptance-framework:{VERSION}",
    *(f"org.bouncycastle:{name}-jdk18on:1.78.1" for name in ("bcprov", "bcpg", "bcpkix", "bcutil")),
)
REPOSITORY = Path.home() / ".m2" / "repository"
LAUNCHER = Path(__file__).parent / "twins" / "Launch.java"
START_SECONDS = 120
PASSWORD = "secret"

_SETTINGS = {
    "gerrit.canonicalWebUrl": "http://127.0.0.1:{port}/",
    "httpd.listenUrl": "http://127.0.0.1:{port}/",
    "sshd.listenAddress": "off",
    "auth.type": "DEVELOPMENT_BECOME_ANY_ACCOUNT",
    "sendemail.enable": "false",
}
_LOGGING = (
    "-Dflogger.backend_factory=com.google.common.flogger.backend.log4j.Log4jBackendFactory#getInstance",
    "-Dflogger.logging_context=com.google.gerrit.server.logging.LoggingContext#getInstance",
)


def install() -> None:
    """Fetch the jars (90 MB) into Maven's own repository, those that are not there yet."""
    for jar in JARS:
        if not _file(jar).exists():
            print(f"fetching {jar}", flush=True)
            order = ["mvn", "-B", "-q", "dependency:get", f"-Dartifact={jar}:jar", "-Dtransitive=false"]
            subprocess.run(order, check=True)


def missing() -> str:
    """Why no Gerrit can be started here, in words; "" if it can."""
    if not all(_file(jar).exists() for jar in JARS):
        return "Gerrit's jars are not here: python -m tests.real_gerrit install (it needs mvn)"
    if java() is None:
        return "no JDK from 17 to 23 is here (a JRE is not enough)"
    if shutil.which("git") is None:
        return "git is not here"
    return ""


def java() -> str | None:
    """A Java that Gerrit 3.10 runs on and that can compile the launcher; the one on PATH is preferred."""
    for candidate in ["java", *sorted(map(str, Path("/usr/lib/jvm").glob("*/bin/java")))]:
        try:
            modules = subprocess.run([candidate, "--list-modules"], capture_output=True, text=True, check=False).stdout
        except OSError:
            continue
        version = re.search(r"^jdk\.compiler@(\d+)", modules, re.MULTILINE)
        if version and 17 <= int(version[1]) < 24:
            return candidate
    return None


@contextmanager
def running(folder: Path) -> Iterator[RealGerrit]:
    """A new, empty Gerrit with its site in `folder`; ended when the block is left. About 20 seconds to start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = folder / "site"
    (site / "etc").mkdir(parents=True)
    for key, value in _SETTINGS.items():
        order = ["git", "config", "-f", str(site / "etc/gerrit.config"), key, value.format(port=port)]
        subprocess.run(order, check=True)
    init = [*_program("Init"), "--batch", "--dev", "--no-auto-start", "--skip-all-downloads", "--skip-plugins"]
    subprocess.run([*init, "-d", str(site)], check=True, capture_output=True, timeout=START_SECONDS)
    server = RealGerrit(f"http://127.0.0.1:{port}", site)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _program(name: str) -> list[str]:
    # The best code that Java can make takes it longer than a test lasts.
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g"]
    return [java() or "java", *quick, *_LOGGING, "-cp", ":".join(str(_file(jar)) for jar in JARS), str(LAUNCHER), name]


def _file(jar: str) -> Path:
    group, artifact, version = jar.split(":")
    return REPOSITORY / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"


class RealGerrit:
    """What the tests make on it, over REST. Everybody's password is `secret`; `as_` says who asks, None is nobody."""

    def __init__(self, url: str, site: Path = Path()) -> None:
        self.url, self._site = url, site
        self._process: subprocess.Popen[str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    def start(self) -> None:
        """Start it on its site; returns when it is ready."""
        daemon = [*_program("Daemon"), "-d", str(self._site), "--console-log", "--disable-sshd", "--headless"]
        process = subprocess.Popen(daemon, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said: list[str] = []
        settled = threading.Event()
        self._listener = threading.Thread(target=self._listen, args=(process.stdout, said, settled), daemon=True)
        self._process = process
        self._listener.start()
        if not settled.wait(START_SECONDS) or process.poll() is not None:
            raise RuntimeError("Gerrit did not start:\n" + "".join(said[-40:]))

    def kill(self) -> None:
        """End it without giving it time to put anything in order."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._listener.join()

    def reindex(self) -> None:
        """Have it make its index of changes anew while it does not run, as its operators do after a crash.

        Killed between its data and its index it goes on showing what is deleted or private, and forgets what is new.
        """
        order = [*_program("Reindex"), "-d", str(self._site), "--index", "changes"]
        subprocess.run(order, check=True, capture_output=True, timeout=START_SECONDS)

    @staticmethod
    def _listen(console: IO[str], said: list[str], settled: threading.Event) -> None:
        """Read what Gerrit says, to its end: a full pipe stops it. `settled` is set when it is ready, or dead."""
        with console:
            for line in console:
                said.append(line)
                if "Gerrit Code Review" in line and "ready" in line:
                    settled.set()
        settled.set()

    def ask(self, method: str, path: str, body: Any = None, *, as_: str | None = "admin") -> Any:
        """The JSON answer to one request; a refusal raises AssertionError with the server's words."""
        response = self.raw(method, path, body, as_=as_)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return json.loads(response.text.removeprefix(")]}'")) if response.text.startswith(")]}'") else response.text

    def raw(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        as_: str | None = "admin",
        query: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """The answer as it came."""
        auth = (as_, PASSWORD) if as_ else None
        data = body if isinstance(body, bytes) else None
        words = None if isinstance(body, bytes) else body
        kind = {"Content-Type": "text/plain"} if data is not None else {}
        address = f"{self.url}{'/a' if as_ else ''}{path}"
        return self._session.request(
            method, address, json=words, data=data, headers=kind, auth=auth, params=query, timeout=30
        )

    def project(self, name: str) -> None:
        self.ask("PUT", f"/projects/{quote(name, safe='')}", {"create_empty_commit": True})

    def account(self, name: str, shown: str, *, robot: bool = False) -> int:
        """Make an account; a robot is one of Gerrit's service users. Returns its number."""
        wishes: dict[str, Any] = {"name": shown, "email": f"{name}@example.org", "http_password": PASSWORD}
        if robot:
            wishes["groups"] = ["Service Users"]
        number: int = self.ask("PUT", f"/accounts/{name}", wishes)["_account_id"]
        return number

    def label(self, name: str, values: Mapping[str, str]) -> None:
        """A label in every project that all registered users may vote on."""
        self.ask(
            "PUT",
            f"/projects/All-Projects/labels/{name}",
            {"values": values, "function": "NoBlock", "commit_message": f"Add {name}"},
        )
        numbers = sorted(int(value) for value in values)
        rule = {"action": "ALLOW", "min": numbers[0], "max": numbers[-1]}
        self.allow("All-Projects", "refs/heads/*", f"label-{name}", "global:Registered-Users", rule, label=name)

    def allow(
        self, project: str, ref: str, permission: str, group: str, rule: Mapping[str, Any], *, label: str | None = None
    ) -> None:
        permissions: dict[str, Any] = {permission: {"rules": {group: rule}} | ({"label": label} if label else {})}
        self.ask("POST", f"/projects/{quote(project, safe='')}/access", {"add": {ref: {"permissions": permissions}}})

    def change(self, project: str, subject: str, *, owner: str = "alice", **wishes: Any) -> int:
        """Make an empty change; `wishes` are ChangeInput's (`work_in_progress`, `is_private`, `topic`). Its number."""
        info = {"project": project, "branch": "master", "subject": subject, **wishes}
        number: int = self.ask("POST", "/changes/", info, as_=owner)["_number"]
        return number

    def push(self, folder: Path, project: str, subjects: Iterable[str], *, owner: str = "alice") -> list[int]:
        """Push commits, one upon the other, for review, from a repository made in `folder`. Their changes' numbers."""
        server = self.url.replace("://", f"://{owner}:{PASSWORD}@") + f"/a/{project}"

        def git(*order: str, words: str | None = None) -> str:
            done = subprocess.run(["git", "-C", str(folder), *order], input=words, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return done.stdout + done.stderr

        git("init", "-q", "--bare", ".")
        git("fetch", "-q", server, "master:base")
        commits = ["reset refs/heads/work", "from base^0", ""]
        for place, subject in enumerate(subjects):
            message = f"{subject}\n\nChange-Id: I{hashlib.sha1(f'{project} {place}'.encode()).hexdigest()}\n"
            who = f"{owner.title()} <{owner}@example.org> {1_770_000_000 + place} +0000"
            commits += ["commit refs/heads/work", f"committer {who}", f"data {len(message.encode())}", message]
            commits += [f"M 100644 inline step/{place}.txt", "data 5", "Done.", ""]
        git("fast-import", "--quiet", words="\n".join(commits))
        said = git("push", server, "refs/heads/work:refs/for/master")
        return [int(number) for number in re.findall(r"/\+/(\d+) ", said)]

    def patch_set(self, number: int, path: str, text: str, *, owner: str = "alice") -> None:
        self.ask("PUT", f"/changes/{number}/edit/{quote(path, safe='')}", text.encode(), as_=owner)
        self.ask("POST", f"/changes/{number}/edit:publish", {}, as_=owner)

    def review(self, number: int, who: str, message: str = "", **wishes: Any) -> None:
        """Vote and comment; `wishes` are ReviewInput's (`labels`, `comments`, `tag`)."""
        words = {"message": message, **wishes}
        self.ask("POST", f"/changes/{number}/revisions/current/review", words, as_=who)

    def act(self, number: int, what: str, *, who: str = "admin", **wishes: Any) -> None:
        """`abandon`, `restore`, `wip`, `ready`, `private`, `submit` …"""
        self.ask("POST", f"/changes/{number}/{what}", wishes, as_=who)


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install()
    print(missing() or f"Gerrit {VERSION} can be started here.")
