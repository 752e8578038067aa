"""The process that mirrors the sources beside the running bot: begun, looked after, and begun again when it ends."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mentorbot.clock import Clock
from mentorbot.text import age

log = logging.getLogger(__name__)

AGAIN, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
"""How long a mirror process that ended stays down: at first, and at most, doubled each time in between."""
SETTLED = timedelta(minutes=10)
"""One that ran so long was well; what ends it then is new."""
NEVER_BEGAN = 126
"""The exit code of a process that could not be begun, as shells tell it."""


class Mirrors:
    """The process that runs `mentorbot sync`; started again when it ends, later each time that it ends soon."""

    def __init__(self, config_file: Path, clock: Clock, shifted: bool, options: Sequence[str] = ()) -> None:
        self._config_file, self._shifted, self._options = config_file, shifted, options
        self._process: subprocess.Popen[bytes] | None = None
        self._restarting = False
        self._pause = AGAIN
        self._began = clock()
        self.fault: dict[str, Any] = {}
        """While the process is down: `sync_exit`, `sync_ended` and `sync_again`, as in Health."""

    def look_after(self, now: datetime) -> None:
        """Start the process if it does not run; called about once a second."""
        if self._process and self._process.poll() is None:
            return
        if self._process:
            self._ended(self._process, now)
        # A clock that was set back has it start at once: nobody knows how long that pause would be.
        if self.fault and self.fault["sync_ended"] <= now < self.fault["sync_again"]:
            return
        # A bot whose clock was set by --now has mirrors with the same clock.
        time = ["--now", now.isoformat()] if self._shifted else []
        self.fault, self._began = {}, now
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "mentorbot", "--config", str(self._config_file)),
                    *(*self._options, *time, "sync", "--until-eof"),
                ],
                stdin=subprocess.PIPE,  # it closes when this process ends, however that happens
            )
        except OSError as error:  # the machine has no process, memory or file to give now
            self._rest(NEVER_BEGAN, f"could not begin ({error})", now)

    def look_now(self) -> None:
        """Have the process ask for news at once; one that is down begins again at once."""
        self.fault = {}
        if self._process and self._process.stdin:
            with suppress(OSError):  # it may end at this moment
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    def _ended(self, process: subprocess.Popen[bytes], now: datetime) -> None:
        process.communicate()
        self._process = None
        if self._restarting:
            self._restarting = False
            return
        self._rest(process.returncode, f"ended with exit code {process.returncode}", now)

    def _rest(self, exit_code: int, how: str, now: datetime) -> None:
        """Stay down for a while."""
        self._pause = AGAIN if now - self._began >= SETTLED else self._pause
        again = now + self._pause
        log.error("The mirrors %s; they start again in %s.", how, age(now, again))
        self.fault = {"sync_exit": exit_code, "sync_ended": now, "sync_again": again}
        self._pause = min(self._pause * 2, LONGEST)

    def restart(self) -> None:
        """Have the process begin anew, with the configuration as it is now."""
        self.fault, self._pause = {}, AGAIN
        if self._process and self._process.poll() is None:
            self._restarting = True
            self._process.terminate()

    def stop(self) -> None:
        """End the process and wait for it."""
        self.end()
        self.see_it_end()

    def end(self) -> None:
        """Tell the process to end."""
        if self._process:
            self._process.terminate()

    def see_it_end(self) -> None:
        """Wait for the process that was told to end; at last kill it."""
        if self._process:
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
