"""One GET from Launchpad: anonymous, bounded in time, tried again where that may help, and every failure a sentence."""

from __future__ import annotations

import http.client
import threading
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

import httplib2
from launchpadlib.credentials import AnonymousAccessToken, Credentials
from launchpadlib.launchpad import LaunchpadOAuthAwareHttp
from launchpadlib.uris import lookup_service_root
from lazr.restfulclient._browser import Browser
from lazr.restfulclient.errors import HTTPError

from mentorbot import config
from mentorbot.clock import Clock
from mentorbot.errors import SourceError
from mentorbot.sources import bounds
from mentorbot.sources.manners import AGENT, cause, patiently, retry_after, server_time
from mentorbot.text import shorten

VERSION = "1.0"
LARGEST_PAGE, SMALLEST_PAGE = 300, 25
REDIRECTS = 5
"""In a row: a project that was renamed is one."""


class Timeouts(NamedTuple):
    """Seconds for the next byte, and for the whole answer (a steady drip of bytes is never late)."""

    read: float = 60
    whole: float = 180


class Answer(NamedTuple):
    """The JSON, and the moment by the server's clock; by ours where it does not tell."""

    json: Any
    date: datetime


class Missing(SourceError):
    """Launchpad shows nothing there: it never was, is private now, or is gone."""


class Refused(SourceError):
    """Somebody does not want this shown to us: Launchpad, since it is not for everybody, or what stands before it."""


class Unreachable(SourceError):
    """Launchpad is not there at all, or asks to be left alone: the other projects need not be tried."""


class _Passing(SourceError):
    """A failure that a second try may mend; `cause` is what to raise where it does not."""

    def __init__(self, cause: SourceError) -> None:
        super().__init__(str(cause), cause.retry_after)
        self.cause = cause


class Service:
    """Launchpad's web service, read as nobody in particular.

    Of launchpadlib this takes the signing, the addresses and the connections, not its objects: those read 75 rows at a
    time at most, ask once more for every link that is touched, give wrong bugs to threads that share them, and cost two
    requests and 1.5 MB of description at each start. `wait` is given the seconds to let pass before another try.
    """

    def __init__(
        self,
        settings: config.Launchpad,
        clock: Clock,
        wait: Callable[[float], None] = lambda _: None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008
        agent: str = AGENT,
    ) -> None:
        self.settings = settings
        self.root = lookup_service_root(settings.service_root) + f"{VERSION}/"
        self.devel = lookup_service_root(settings.service_root) + "devel/"
        """Where questions and blueprints are: the versions that are released do not have them."""
        self.size = LARGEST_PAGE
        self.clock, self._wait, self._timeouts, self._agent = clock, wait, timeouts, agent
        self._own = threading.local()
        self._browsers: list[Browser] = []

    def get(self, address: str, query: Mapping[str, str] | None = None) -> Answer:
        """What stands at an address, absolute or below the root; with a query a page as large as the server bears.

        Raises SourceError: Missing for Launchpad's own 404, Unreachable where nothing else will answer either.
        """
        try:
            return patiently(_may_pass, self._wait)(self._once, address, query)
        except _Passing as passing:
            raise passing.cause from None

    def close(self) -> None:
        """End the connections; the next request opens its own."""
        for browser in self._browsers:
            browser._connection.close()
        self._browsers.clear()
        self._own = threading.local()
        self.size = LARGEST_PAGE

    def _once(self, address: str, query: Mapping[str, str] | None) -> Answer:
        url = address if "://" in address else self.root + address
        what = shorten(url.removeprefix(self.root).removeprefix(self.devel).split("?")[0], 80)
        if query is not None:
            url += "?" + urlencode({**query, "ws.size": self.size})
        try:
            response, content = self._followed(url, what)
            found = bounds.parsed(content.decode("utf-8", "replace"))
        except HTTPError as error:
            raise self._refusal(error, what, query is not None) from None
        except (ConnectionRefusedError, httplib2.ServerNotFoundError) as error:
            raise _Passing(Unreachable(f"Launchpad cannot be reached: {cause(error)}.")) from None
        except bounds.TooLarge:
            self._ask_for_less(query is not None)
            raise _Passing(SourceError(f"Launchpad's answer for {what} is too large.")) from None
        except (OSError, EOFError, zlib.error, httplib2.HttpLib2Error, http.client.HTTPException) as error:
            self._ask_for_less(query is not None)
            raise _Passing(SourceError(f"Launchpad did not give {what}: {cause(error)}.")) from None
        except ValueError:
            raise _Passing(SourceError(f"Launchpad's answer for {what} was cut off, or is not its own.")) from None
        if not isinstance(found, dict):
            raise SourceError(f"Launchpad's answer for {what} is not what its description says.")
        return Answer(found, server_time(response.get("date", "")) or self.clock())

    def _followed(self, url: str, what: str) -> tuple[Any, bytes]:
        """The answer at an address, or where Launchpad says it is now, which is nowhere but with itself."""
        for _ in range(REDIRECTS + 1):
            if not url.startswith((self.root, self.devel)):
                raise SourceError(f"Launchpad says that {what} is on another server; nobody looks there.")
            response, content = self._browser().get(url, return_response=True)
            if response.status // 100 != 3:
                return response, content
            url = urljoin(url, response.get("location", ""))
        raise SourceError(f"Launchpad sends in a circle whoever asks for {what}.")

    def _refusal(self, error: HTTPError, what: str, paged: bool) -> SourceError:
        status = int(error.response.status)
        rest = retry_after(error.response.get("retry-after", ""), self.clock)
        # What stands before Launchpad may not know the way either; only Launchpad's own word makes us forget things.
        if status in (404, 410) and "html" not in error.response.get("content-type", ""):
            return Missing(f"Launchpad shows no {what}.")
        if status == 429:
            return _Passing(Unreachable("Launchpad asks for fewer requests.", rest))
        said = error.content.decode("utf-8", "replace") if error.response.get("content-type") == "text/plain" else ""
        words = f"Launchpad answered {status} for {what}" + (f": {shorten(said, 120)}" if said else ".")
        if status in (401, 403):
            return Refused(words, rest)
        if status < 500:
            return SourceError(words, rest)
        # A search that takes too long is a 503 with a Retry-After of 15 minutes, but a smaller page mends it now.
        smaller = status in (503, 504) and self._ask_for_less(paged)
        return _Passing(SourceError(words, None if smaller else rest))

    def _ask_for_less(self, paged: bool) -> bool:
        if not paged or self.size <= SMALLEST_PAGE:
            return False
        self.size = max(self.size // 2, SMALLEST_PAGE)
        return True

    def _browser(self) -> Browser:
        """This thread's connection: one that is shared gives a thread the answer to another's question."""
        if not hasattr(self._own, "browser"):
            credentials = Credentials("mentorbot", access_token=AnonymousAccessToken())
            # What httplib2 would keep it would keep for ever, a half answer too; into an empty dict it writes nothing.
            self._own.browser = Browser(
                self, credentials, cache={}, timeout=self._timeouts.read, user_agent=self._agent, max_retries=0,
                proxy_info=httplib2.proxy_info_from_environment,
            )  # fmt: skip
            self._browsers.append(self._own.browser)
        return self._own.browser

    def httpFactory(self, credentials: Credentials, cache: object, timeout: float, proxy: object) -> httplib2.Http:
        """What a lazr Browser asks its service for."""
        return _Http(self._timeouts.whole, credentials, cache, timeout, proxy)


class _Http(LaunchpadOAuthAwareHttp):  # type: ignore[misc]
    """Connections whose whole answer has a deadline and a size, and that go nowhere by themselves."""

    def __init__(self, whole: float, *args: object) -> None:
        super().__init__(None, None, *args)
        self._whole = whole
        self.follow_redirects = False

    def _conn_request(self, conn: http.client.HTTPConnection, *args: object) -> Any:
        conn.response_class = bounds.Response
        with bounds.deadline(self._whole) as late:
            try:
                answer = super()._conn_request(conn, *args)
            except Exception:
                conn.close()  # what is left of an answer would be taken for the next one
                if late.is_set():
                    raise TimeoutError from None
                raise
            if late.is_set():
                raise TimeoutError
            return answer


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, _Passing)
