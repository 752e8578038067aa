"""The front door: what each verb prints, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mentorbot.cli import main
from mentorbot.models import Credit
from mentorbot.store import Store, Wait
from tests.builders import NOW, bug
from tests.conftest import CONFIG
from tests.twins.launchpad import LaunchpadTwin


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A verb that runs in this process takes SIGTERM for itself; whoever ends the tests means all of them."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "mentorbot.toml"
    path.write_text(CONFIG)
    return path


def run(config_file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config_file), "--now", NOW.isoformat(), *arguments])


def outcome(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr


def test_check_is_content_with_a_good_configuration(config_file: Path) -> None:
    code, said, _ = outcome(run(config_file, "check"))
    assert code == 0
    assert said.startswith(f"{config_file} is fine: ")


def test_check_names_every_fault_with_its_line(config_file: Path) -> None:
    config_file.write_text('[irc]\nprot = 6667\nnick = "9lives"\n')
    assert outcome(run(config_file, "check")) == (
        2,
        "",
        f'{config_file}, line 3: [irc] nick: "9lives" is no nick:'
        " letters, digits and []\\`_^{|}- only, no digit first\n"
        f"{config_file}, line 2: [irc] prot: there is no such setting; did you mean port?\n",
    )


def test_check_reads_the_files_that_the_connection_needs(config_file: Path) -> None:
    config_file.write_text('[irc]\ntls_ca = "ca.pem"\n')
    code, _, fault = outcome(run(config_file, "check"))
    ca = config_file.parent / "ca.pem"
    assert (code, fault.partition(": [Errno")[0]) == (2, f"[irc] tls_ca: {ca} cannot be used as a CA file")


TIDE = """from mentorbot import command, hookimpl

@command("{command}")
def tide(request, store):
    '''Tell when the tide turns.'''
    return ["Soon."]

@hookimpl
def {hook}(request): ...
"""


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize(
    ("command", "hook", "said"),
    [
        (
            "tide",
            "gret",
            'The plugin "tide" ({file}) has a misspelt hook: there is none called "gret"; did you mean greet?',
        ),
        ("starter", "greet", 'The plugins "starter" and "tide" both bring the command "starter".'),
    ],
)
def test_plugins_that_do_not_fit_stop_the_start_by_name(
    config_file: Path, verb: str, command: str, hook: str, said: str
) -> None:
    file = config_file.parent / "tide.py"
    file.write_text(TIDE.format(command=command, hook=hook))
    config_file.write_text(f'{CONFIG}\n[plugins]\nfolder = "{file.parent}"\n')
    assert outcome(run(config_file, verb)) == (2, "", said.format(file=file) + "\n")


def test_a_missing_configuration_is_wrong_use(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert outcome(run(missing, "check")) == (2, "", f"There is no {missing}; name another with --config.\n")


def test_a_time_that_is_none_is_wrong_use(config_file: Path) -> None:
    result = CliRunner().invoke(main, ["--now", "soon", "check"])
    assert result.exit_code == 2
    assert '"soon" is no time; write one such as 2026-02-13 or 2026-02-13T15:00' in result.stderr


def test_ask_answers_from_the_store_as_somebody(config_file: Path) -> None:
    with_bug(config_file)
    said = run(config_file, "ask", "--nick", "ann", "starter", "fixes", "harbour").stdout.splitlines()
    assert said[1].startswith("1. LP#12 ")
    assert run(config_file, "ask", "why 1", "--nick", "bob").stdout == (
        "I have not suggested anything to you yet; say !starter.\n"
    )


def test_ask_as_json_tells_where_the_reply_goes(config_file: Path) -> None:
    reply = json.loads(run(config_file, "ask", "--json", "--channel", "#mentors", "howto triage").stdout)
    assert (reply["target"], reply["private"], len(reply["lines"])) == ("you", True, 5)


def test_ask_tells_of_a_fault_in_one_sentence_and_debug_where_it_is(config_file: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sink.py").write_text(
        '"""Sinks."""\nfrom mentorbot import command\n@command("sink")\n'
        'def sink(request, store):\n    """Sink."""\n    raise KeyError("tide")\n'
    )
    config_file.write_text(config_file.read_text() + '[plugins]\nfolder = "own"\n')

    def asked(*options: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "mentorbot", "--config", str(config_file), *options, "ask", "sink"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
        return ended.returncode, ended.stdout, re.sub("error [0-9a-f]{6}", "error N", ended.stderr)

    sentence = "Something went wrong on my side. The operators find it in the log as error N.\n"
    assert asked() == (1, "", sentence)
    code, said, log = asked("--debug")
    assert (code, said, 'raise KeyError("tide")' in log, log.endswith(sentence)) == (1, "", True, True)


def test_import_loads_recorded_bugs_and_refuses_a_broken_file_whole(config_file: Path, tmp_path: Path) -> None:
    good = {
        "self_link": "https://api.launchpad.example/1.0/bugs/5",
        "id": 5,
        "title": "The quay map is upside down",
        "owner_link": "https://api.launchpad.example/1.0/~rita",
        "date_created": "2026-01-01T00:00:00+00:00",
        "date_last_updated": "2026-01-01T00:00:00+00:00",
        "tags": [],
        "information_type": "Public",
        "private": False,
        "message_count": 1,
    }
    recorded = tmp_path / "bugs.jsonl"
    recorded.write_text(json.dumps({"bug": good, "bug_tasks": []}) + "\n")
    assert outcome(run(config_file, "import", "launchpad", str(recorded))) == (0, f"{recorded}: 1 bug, no tasks\n", "")
    recorded.write_text(json.dumps({"bug": good | {"id": 6}, "bug_tasks": []}) + '\n{"bug": {\n')
    code, said, fault = outcome(run(config_file, "import", "launchpad", str(recorded)))
    assert (code, said) == (1, "")
    assert fault.startswith(f"{recorded}, line 2: this is not JSON: ")
    with_store = Store(config_file.parent / "mentorbot.db")
    assert [row["id"] for row in with_store.rows("select id from bugs")] == [5]
    with_store.close()


def test_import_of_a_file_that_is_not_there(config_file: Path) -> None:
    tried = run(config_file, "import", "gerrit", "/nowhere.json")
    assert outcome(tried) == (1, "", "There is no file /nowhere.json.\n")


def test_import_of_changes_tells_at_once_how_long_newcomers_wait(config_file: Path, tmp_path: Path) -> None:
    def recorded(number: int, owner: str, created: str) -> dict[str, object]:
        project = {"project": "harbour/harbour", "branch": "master", "change_id": f"I{number:040x}"}
        people = {"owner": {"_account_id": number, "username": owner}, "subject": "Do not sink", "status": "NEW"}
        return (
            {"_number": number, "created": created, "updated": created, "insertions": 1, "deletions": 0}
            | project
            | people
        )

    changes = [recorded(1, "vera", "2025-03-01 10:00:00.000000000")]
    changes += [recorded(n, f"new{n}", "2026-02-01 10:00:00.000000000") for n in range(2, 12)]
    (tmp_path / "changes.json").write_text(json.dumps(changes))
    assert run(config_file, "import", "gerrit", str(tmp_path / "changes.json")).exit_code == 0
    store = Store(tmp_path / "mentorbot.db")
    assert store.waits.usual() == {("harbour", ""): Wait("harbour", "", None, 10)}
    store.close()


def test_plugins_lists_where_each_came_from_and_whether_it_is_on(config_file: Path) -> None:
    config_file.write_text(config_file.read_text() + '[plugins]\noff = ["duplicates"]\n')
    rows = {line.split()[0]: line.split()[1:3] for line in run(config_file, "plugins").stdout.splitlines()}
    assert rows["starter"] == ["on", "mentorbot"]
    assert rows["duplicates"] == ["off", "mentorbot"]


def test_an_unknown_plugin_to_leave_out_is_named(config_file: Path) -> None:
    config_file.write_text(config_file.read_text() + '[plugins]\noff = ["poetry"]\n')
    assert outcome(run(config_file, "check")) == (
        2,
        "",
        "[plugins] off names poetry, but there is no such plugin.\n",
    )


def test_shoutout_prints_the_week_and_posts_it_once(config_file: Path) -> None:
    store = Store(config_file.parent / "mentorbot.db")
    store.credits.add([Credit("account:ann", "ann", "thanks", "explaining tides", "", NOW, given_by="account:bob")])
    store.people.choose("account:ann", "in", NOW)
    lines = [
        "Thanks from Harbour for quiet work that helped this week:",
        "• ann is thanked for explaining tides.",
        "Who helped you? Say !thanks NICK for what they did, and I keep it for next time.",
    ]
    assert run(config_file, "shoutout").stdout.splitlines() == lines
    posted = run(config_file, "shoutout", "--week", "2026-W07", "--post")
    assert outcome(posted) == (
        0,
        "\n".join(lines) + "\n",
        "The bot says it in #mentors as soon as it is there.\n",
    )
    assert outcome(run(config_file, "shoutout", "--week", "2026-W07", "--post")) == (
        1,
        "",
        "The shout-out of 2026-W07 was said already.\n",
    )
    assert [letter.lines for letter in store.outbox.take(NOW)] == [lines]
    store.close()


def test_a_week_that_is_none_is_wrong_use(config_file: Path) -> None:
    code, said, fault = outcome(run(config_file, "shoutout", "--week", "soon"))
    assert (code, said) == (2, "")
    assert fault.endswith('Error: Invalid value for --week: "soon" is no week; write it as 2026-W07.\n')


def test_sync_without_a_source_says_what_to_write(config_file: Path) -> None:
    config_file.write_text('[irc]\nchannels = ["#mentors"]\n')
    assert outcome(run(config_file, "sync", "--once")) == (
        2,
        "",
        "There is nothing to mirror: name projects under [launchpad] or [gerrit].\n",
    )


def test_sync_of_an_unknown_source_names_those_there_are(config_file: Path) -> None:
    assert outcome(run(config_file, "sync", "--once", "--source", "github")) == (
        2,
        "",
        'There is no source "github"; there are launchpad, gerrit.\n',
    )


@pytest.fixture
def not_gerrit(config_file: Path) -> Iterator[str]:
    """The configuration's Gerrit is a server that is none."""
    with LaunchpadTwin([]) as twin:
        url = twin.service_root.rstrip("/")
        config_file.write_text(config_file.read_text().replace("https://review.harbour.example", url))
        yield url


def test_sync_of_a_source_that_fails_ends_in_a_sentence(config_file: Path, not_gerrit: str) -> None:
    code, said, fault = outcome(run(config_file, "sync", "--once", "--source", "gerrit"))
    assert (code, said) == (1, "")
    assert fault.splitlines()[-1].startswith("gerrit: 127.0.0.1 ")
    assert "Traceback" not in fault


def test_sync_in_a_loop_ends_at_once_when_told(config_file: Path, not_gerrit: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mentorbot", "--config", str(config_file), "sync", "--source", "gerrit"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        assert "gerrit: 127.0.0.1 " in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_sync_ends_soon_when_told_in_the_middle_of_a_request(config_file: Path) -> None:
    with LaunchpadTwin([], projects=["harbour", "harbour-client"]) as twin:
        twin.fault("stall", times=99, seconds=30)
        text = config_file.read_text().replace("[launchpad]", f'[launchpad]\nservice_root = "{twin.service_root}"')
        config_file.write_text(text)
        asked = threading.Event()
        twin.at(1, asked.set)
        process = subprocess.Popen(
            [sys.executable, "-m", "mentorbot", "--config", str(config_file), "sync", "--source", "launchpad"]
        )
        try:
            assert asked.wait(20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()


def test_sync_that_is_told_to_end_while_it_begins_ends_without_a_word(config_file: Path) -> None:
    command = [sys.executable, "-m", "mentorbot", "--config", str(config_file), "sync", "--until-eof"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_one_sync_at_a_time_mirrors_into_a_store_and_the_bots_own_waits_for_its_turn(
    config_file: Path, not_gerrit: str
) -> None:
    sync = [sys.executable, "-m", "mentorbot", "--config", str(config_file), "sync"]
    first = subprocess.Popen([*sync, "--source", "gerrit"], stderr=subprocess.PIPE, text=True)
    own = None
    try:
        assert first.stderr and "gerrit: 127.0.0.1 " in first.stderr.readline()
        store = config_file.parent / "mentorbot.db"
        assert outcome(run(config_file, "sync", "--once")) == (
            1,
            "",
            f"Another process mirrors into {store} already, perhaps the running bot's own;"
            " let it go on, or end it first.\n",
        )
        own = subprocess.Popen(
            [*sync, "--source", "gerrit", "--until-eof"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert own.stderr
        assert own.stderr.readline().endswith(f"process mirrors into {store}; this one begins when that ends.\n")
        first.kill()
        assert "gerrit: 127.0.0.1 " in own.stderr.readline()
    finally:
        for process in (first, own):
            if process:
                process.kill()
                process.communicate()


def test_the_store_is_for_its_owner_alone(config_file: Path) -> None:
    run(config_file, "ask", "help")
    assert (config_file.parent / "mentorbot.db").stat().st_mode & 0o077 == 0


def test_a_store_that_is_none_is_named(config_file: Path) -> None:
    (config_file.parent / "mentorbot.db").write_text("this is no database, but it is long enough to look at\n" * 30)
    code, said, fault = outcome(run(config_file, "ask", "help"))
    assert (code, said) == (1, "")
    assert fault == f"The store {config_file.parent / 'mentorbot.db'} cannot be opened: file is not a database.\n"


def with_bug(config_file: Path) -> None:
    store = Store(config_file.parent / "mentorbot.db")
    store.save(bug(12, tags=("low-hanging-fruit",), status="Triaged"))
    store.close()
