"""How often something may be done: so many at once, and then so many a second."""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """So many at once, and then `rate` a second. `now` gives seconds that never go back."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self.rate, self.burst, self._now = rate, burst, now
        self._tokens, self._at = burst, now()

    def take(self) -> bool:
        """Whether one may go now; if so it is counted."""
        if self.wait() > 0:
            return False
        self._tokens -= 1
        return True

    def wait(self) -> float:
        """Seconds until one may go."""
        now = self._now()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        # A hair under one token is one: floats would else have the loop wait for a nanosecond.
        return 0.0 if self._tokens > 1 - 1e-9 else (1 - self._tokens) / self.rate
