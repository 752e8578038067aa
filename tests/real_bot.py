"""The bot as an operator runs it, for tests that measure or mistreat it: `mentorbot run`, a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.people import DEADLINE


@contextmanager
def run(
    folder: Path, port: int, plugins: Mapping[str, str] | None = None, sections: Any = "", **irc: object
) -> Iterator[subprocess.Popen[bytes]]:
    """In #mentors, with its files in `folder` and what it logs in `folder`/log; ends politely, with exit code 0.

    `plugins` are files of the operator's, `sections` more of the configuration, `irc` settings other than the usual,
    which welcome nobody.
    """
    usual = {"server": "127.0.0.1", "port": port, "tls": False, "nick": "castor", "channels": ["#mentors"]}
    settings = usual | {"welcome_off": ["#mentors"]} | irc
    (folder / "plugins").mkdir(exist_ok=True)
    for name, text in (plugins or {}).items():
        (folder / "plugins" / f"{name}.py").write_text(text)
    lines = ["[irc]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items())]
    (folder / "mentorbot.toml").write_text("\n".join([*lines, "[plugins]", 'folder = "plugins"', sections, ""]))
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mentorbot", "run"], cwd=folder, stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        yield process
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()


def memory(process: subprocess.Popen[bytes], which: str = "VmRSS") -> float:
    """What the process has in memory, in MB; with VmHWM the most it had so far. 0 once it has ended."""
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) / 1024 for line in status if line.startswith(f"{which}:"))
