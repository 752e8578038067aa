"""What a process took, in one line: time, computing, memory, requests, disk."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def measured(what: str, command: list[str], folder: Path, requests: Callable[[], int]) -> None:
    """Run a command and print what it took; `requests` are those that its server has had so far."""
    before, began = requests(), time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    size = sum(path.stat().st_size for path in folder.glob("mentorbot.db*"))
    print(
        f"{what}: {time.monotonic() - began:,.1f} s, {usage.ru_utime + usage.ru_stime:,.1f} s of them computing,"
        f" {usage.ru_maxrss / 1024:,.0f} MB at most, {requests() - before:,} requests, {size / 1e6:,.0f} MB on disk"
        f"{'' if process.returncode == 0 else f', and it FAILED with {process.returncode}'}",
        flush=True,
    )
