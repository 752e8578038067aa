"""What an operator tries first when the bot is quiet: the way to the network, the sources, the store."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mentorbot.chat.bot import Bot
from mentorbot.chat.login import password
from mentorbot.chat.patience import Patience
from mentorbot.chat.wire import dial, tls_context
from mentorbot.clock import Clock
from mentorbot.config import Config, Irc
from mentorbot.errors import ConfigError, MentorbotError
from mentorbot.store import Store
from mentorbot.text import age, shorten
from mentorbot.values import Server

SECONDS = 15.0
"""How long one step of a look may take."""


@dataclass(frozen=True)
class Finding:
    """How one thing is: `well`, or `said` tells what is wrong with it."""

    what: str
    well: bool
    said: str


def findings(config: Config, clock: Clock) -> Iterator[Finding]:
    """Look at each thing the bot needs, one after the other; what fails keeps nothing else from being looked at."""
    for what, look in _looks(config, clock):
        try:
            yield Finding(what, True, look())
        except (MentorbotError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            yield Finding(what, False, shorten(reason or type(error).__name__, 300))


def _looks(config: Config, clock: Clock) -> Iterator[tuple[str, Callable[[], str]]]:
    irc = config.irc
    for server in irc.servers:
        yield f"DNS {server.host}", partial(_dns, server)
        yield f"TLS {server}", partial(_tls, irc, server, clock)
    yield "NickServ" if irc.nickserv else "SASL", partial(_login, irc, clock)
    for project in config.launchpad.projects:
        yield f"Launchpad {project}", partial(_launchpad, config, project, clock)
    for project in config.gerrit.projects:
        yield f"Gerrit {project}", partial(_gerrit, config, project, clock)
    yield f"store {config.store.path}", partial(_store, config)


def _dns(server: Server) -> str:
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    return ", ".join(dict.fromkeys(str(address[0]) for *_, address in found))


def _tls(irc: Irc, server: Server, clock: Clock) -> str:
    with closing(dial(server, tls_context(irc), SECONDS)) as sock:
        if not isinstance(sock, ssl.SSLSocket):
            return "connected; not encrypted, for [irc] tls is false"
        certificate = sock.getpeercert() or {}
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
        return f"verified, {sock.version()}; its certificate is good for {age(clock(), until)} more"


def _login(irc: Irc, clock: Clock) -> str:
    if irc.sasl == "none" and not irc.nickserv:
        return "not configured"
    password(irc)
    tls_context(irc)
    # Under its own nick it would be taken for the running bot's ghost, or the other way round.
    settings = irc.model_copy(update={"nick": f"{irc.nick[:7]}-d", "channels": ()})
    until, known = time.monotonic() + SECONDS * len(irc.servers), False

    def look() -> None:
        nonlocal known
        known = bot.connected
        if known or time.monotonic() > until:
            bot.quit("I only had a look.")

    bot = Bot(settings, lambda _: None, clock, look, patience=Patience(connect=SECONDS, login=SECONDS))
    bot.run()
    if not known:
        raise ConfigError(f"no login in {SECONDS * len(irc.servers):.0f} seconds; the log above may say why")
    return f"services know the bot{f' as {irc.account}' if irc.account else ''}"


def _launchpad(config: Config, project: str, clock: Clock) -> str:
    from mentorbot.sources import launchpad
    from mentorbot.sources.launchpad_wire import Timeouts

    launchpad.check(launchpad.Service(config.launchpad, clock, timeouts=Timeouts(SECONDS, SECONDS)), project)
    return "there"


def _gerrit(config: Config, project: str, clock: Clock) -> str:
    from mentorbot.sources import gerrit
    from mentorbot.sources.gerrit_wire import Timeouts

    gerrit.check(config.gerrit, project, clock, Timeouts(SECONDS, SECONDS, SECONDS))
    return "there"


def _store(config: Config) -> str:
    path = Path(config.store.path)
    if not path.exists():
        return "not there yet; run and sync make it"
    with closing(Store(path)) as store:
        store.check()
    return f"sound and writable, {path.stat().st_size / 1e6:,.1f} MB"
