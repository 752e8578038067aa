"""One GET from a Gerrit server: anonymous, bounded in time, and every failure a sentence."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3

from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.sources.gerrit_shapes import XSSI
from mentorbot.sources.manners import cause, retry_after
from mentorbot.text import shorten

CHUNK = 65536


class Timeouts(NamedTuple):
    """Seconds: to connect, for the next byte, and for the whole answer (a steady drip of bytes is never late)."""

    connect: float
    read: float
    whole: float


PATIENT = Timeouts(connect=5, read=60, whole=180)


class Unanswered(SourceError):
    """A request that failed. `again`: a second try may help; `heavy`: a smaller one may.

    `status` is HTTP's, or 0; `gerrits`: the refusal is in Gerrit's own words, not of something that stands before it.
    """

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        *,
        again: bool = False,
        heavy: bool = False,
        status: int = 0,
        gerrits: bool = False,
    ) -> None:
        super().__init__(message, retry_after)
        self.again = again
        self.heavy = heavy
        self.status = status
        self.gerrits = gerrits


def anonymous(agent: str) -> requests.Session:
    """A session that sends nobody's password: `~/.netrc` and the environment's proxies are not read."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": agent})
    return session


def get(session: requests.Session, url: str, params: Mapping[str, Any], clock: Clock, timeouts: Timeouts) -> Any:
    """The JSON a Gerrit server answers. Raises Unanswered; its text names the server, never the whole address."""
    host = urlsplit(url).hostname
    deadline = time.monotonic() + timeouts.whole
    try:
        with session.get(url, params=params, stream=True, timeout=(timeouts.connect, timeouts.read)) as response:
            body = _body(response, deadline)
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise Unanswered(f"{host} did not answer in time.", again=True, heavy=True) from None
    except requests.exceptions.SSLError as error:
        raise Unanswered(f"{host} has no certificate that can be trusted: {shorten(str(error), 120)}") from None
    except requests.ConnectionError as error:
        raise Unanswered(f"{host} cannot be reached: {cause(error)}.", again=True) from None
    except (OSError, EOFError, ValueError, urllib3.exceptions.HTTPError, zlib.error) as error:
        raise Unanswered(f"{host} broke off its answer: {cause(error)}.", again=True) from None
    text = body.decode("utf-8", "replace")
    if response.status_code != 200:
        raise _refused(host, response, text, clock)
    if not text.startswith(XSSI):
        raise Unanswered(f"{host} answered, but not as Gerrit does: {shorten(text, 60) or 'nothing at all'}")
    try:
        return json.loads(text.removeprefix(XSSI))
    except ValueError:
        raise Unanswered(f"{host} broke off its answer.", again=True) from None


def _body(response: requests.Response, deadline: float) -> bytes:
    chunks = []
    # requests reads until a chunk is full, urllib3 until it unpacks to something: under a drip neither comes back.
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            raise requests.Timeout
    body = b"".join(chunks)
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _refused(host: str | None, response: requests.Response, text: str, clock: Clock) -> Unanswered:
    status = response.status_code
    gerrits = response.headers.get("Content-Type", "").startswith("text/plain")
    said = shorten(text, 200) if gerrits else ""
    reason = f"{host} answered {status} {response.reason or ''}".rstrip() + (f": {said}" if said else ".")
    rest = retry_after(response.headers.get("Retry-After", ""), clock)
    heavy = status >= 500 and rest is None
    return Unanswered(reason, rest, again=status == 429 or status >= 500, heavy=heavy, status=status, gerrits=gerrits)
