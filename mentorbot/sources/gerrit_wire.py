"""One GET from a Gerrit server: anonymous, bounded in time, and every failure a sentence."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.sources import bounds
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
    session = _Steady()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Bounded())
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": agent})
    return session


def get(session: requests.Session, url: str, params: Mapping[str, Any], clock: Clock, timeouts: Timeouts) -> Any:
    """The JSON a Gerrit server answers. Raises Unanswered; its text names the server, never the whole address."""
    host = urlsplit(url).hostname
    late = False
    try:
        with bounds.deadline(timeouts.whole) as alarm:
            try:
                with session.get(url, params=params, stream=True, timeout=timeouts[:2]) as response:
                    body = _body(response)
            finally:
                late = alarm.is_set()
        if late:  # what was cut off may look whole
            raise requests.Timeout
    except bounds.TooLarge:
        raise Unanswered(f"{host} sent more than anybody can read at once.", again=True, heavy=True) from None
    except (OSError, EOFError, ValueError, urllib3.exceptions.HTTPError, zlib.error) as error:
        raise _broken(host, error, late) from None
    text = body.decode("utf-8", "replace")
    if response.status_code != 200:
        raise _refused(host, response, text, clock)
    if not text.startswith(XSSI):
        raise Unanswered(f"{host} answered, but not as Gerrit does: {shorten(text[:1000], 60) or 'nothing at all'}")
    try:
        return bounds.parsed(text.removeprefix(XSSI))
    except ValueError:
        raise Unanswered(f"{host} broke off its answer.", again=True) from None


class _Steady(requests.Session):
    """Goes nowhere else: what another server says is not this one's, and may be nobody's business."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Connection(urllib3.connection.HTTPConnection):
    response_class = bounds.Response


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = bounds.Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Bounded(HTTPAdapter):
    """Connections whose answers can be cut off."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def _body(response: requests.Response) -> bytes:
    chunks, size = list[bytes](), 0
    # requests reads until a chunk is full, urllib3 until it unpacks to something: under a drip neither comes back.
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        chunks.append(chunk)
        if (size := size + len(chunk)) > bounds.LARGEST:
            raise bounds.TooLarge
    body = b"".join(chunks)
    return bounds.unpacked(body) if response.headers.get("Content-Encoding") == "gzip" else body


def _broken(host: str | None, error: Exception, late: bool) -> Unanswered:
    if late or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Unanswered(f"{host} did not answer in time.", again=True, heavy=True)
    if isinstance(error, requests.exceptions.SSLError):
        return Unanswered(f"{host} has no certificate that can be trusted: {shorten(str(error), 120)}")
    if isinstance(error, requests.ConnectionError):
        return Unanswered(f"{host} cannot be reached: {cause(error)}.", again=True)
    return Unanswered(f"{host} broke off its answer: {cause(error)}.", again=True)


def _refused(host: str | None, response: requests.Response, text: str, clock: Clock) -> Unanswered:
    status = response.status_code
    if response.is_redirect:
        where = shorten(response.headers["Location"], 200)
        return Unanswered(f"{host} sends us on to {where}; if that is the same Gerrit, write its address as url.")
    gerrits = response.headers.get("Content-Type", "").startswith("text/plain")
    said = shorten(text, 200) if gerrits else ""
    reason = f"{host} answered {status} {response.reason or ''}".rstrip() + (f": {said}" if said else ".")
    rest = retry_after(response.headers.get("Retry-After", ""), clock)
    heavy = status >= 500 and rest is None
    return Unanswered(reason, rest, again=status == 429 or status >= 500, heavy=heavy, status=status, gerrits=gerrits)
