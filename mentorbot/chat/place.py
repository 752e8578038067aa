"""Being where the bot should be: what it is called, which channels it is in, and asking for what is missing."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mentorbot.chat.loop import Reactor
from mentorbot.chat.patience import Patience, doubled
from mentorbot.chat.wire import Connection, folded
from mentorbot.config import Irc

log = logging.getLogger(__name__)

CHANNELS_A_LINE = 8
REFUSED_NICK = ["erroneusnickname", "nicknameinuse", "nickcollision", "unavailresource"]
REFUSED_JOIN = [
    *["nosuchchannel", "toomanychannels", "channelisfull", "inviteonlychan"],
    *["bannedfromchan", "badchannelkey", "badchanmask", "nochanmodes"],
]


class Place:
    """What the bot is called on its network, and where it is. Belongs to the loop's thread.

    `regain` asks services for our nick, each time in another way, and tells whether one was left.
    """

    def __init__(
        self, reactor: Reactor, settings: Irc, patience: Patience, regain: Callable[[Connection, str], bool]
    ) -> None:
        self.reactor = reactor
        self.connection: Connection | None = None
        self.welcomed = False
        self.channels: dict[str, str] = {}
        """By the names as the server compares them."""
        self.user_at_host = ""
        self._settings, self._patience, self._regain = settings, patience, regain
        self._nicks = _nicks(settings.nick)
        self._kicks: dict[str, tuple[int, float]] = {}
        """Of channels we were kicked from lately: how often in a row, and when (in monotonic seconds) to come again."""
        answers = {
            "all_events": self._on_anything,
            "welcome": self._on_welcome,
            "396": self._on_host,
            "nick": self._on_nick,
            "join": self._on_join,
            "part": self._on_part,
            "kick": self._on_kick,
            "quit": self._on_quit,
            **dict.fromkeys(REFUSED_NICK, self._on_nick_refused),
            **dict.fromkeys(REFUSED_JOIN, self._on_join_refused),
        }
        for event, answer in answers.items():
            reactor.add_global_handler(event, answer)

    @property
    def nick(self) -> str:
        """The nick the bot has now, or will ask for."""
        connection = self.connection
        return str(connection.real_nickname) if connection is not None and self.welcomed else self._settings.nick

    def folded(self, name: str) -> str:
        """A nick or channel as the server compares them."""
        return self.connection.folded(name) if self.connection is not None else folded(name)

    def is_me(self, source: str | None) -> bool:
        """Whether a line's source, `nick!user@host` or a server's name, is the bot itself."""
        return source is not None and self.folded(source.partition("!")[0]) == self.folded(self.nick)

    def begin(self, connection: Connection) -> None:
        """Be on this connection from now on."""
        self.connection = connection
        self._nicks = _nicks(self._settings.nick)

    def end(self) -> None:
        """The connection is over: we are nowhere."""
        self.connection = None
        self.welcomed = False
        self.channels.clear()
        self.user_at_host = ""
        self.reactor.forget("wanting")

    def want(self) -> None:
        """Ask for the channels and the nick we should have and have not; again and again, for bans and people go."""
        connection = self.connection
        if connection is None:
            return
        missing = (name for name in self._settings.channels if self.folded(name) not in self.channels)
        for names in _lines(name for name in missing if self._may_come(name)):
            connection.join(names)
        if connection.real_nickname != self._settings.nick:
            connection.nick(self._settings.nick)
        self.reactor.at("wanting", self._patience.wanting, self.want)

    def change(self, settings: Irc, here: bool) -> None:
        """Go by new settings; if we are `here` already, into the channels they add and out of those they drop."""
        wanted = set(map(self.folded, settings.channels))
        dropped = [name for name in self._settings.channels if self.folded(name) not in wanted]
        self._settings = settings
        if here and self.connection is not None:
            # Also where we are not: what asked for the channel may be on its way.
            for names in _lines(dropped):
                self.connection.part(names)
            self.want()

    def be_in(self, channel: str, wanted: bool, here: bool) -> None:
        """Be in this channel or not, whatever the settings say, until there are new ones."""
        others = tuple(name for name in self._settings.channels if self.folded(name) != self.folded(channel))
        # As if the settings had named it: also a channel that we were put into is one to leave.
        self._settings = self._settings.model_copy(update={"channels": (*others, channel)})
        self.change(self._settings if wanted else self._settings.model_copy(update={"channels": others}), here)

    # What we are called

    def _on_welcome(self, _connection: Connection, _event: Any) -> None:
        self.welcomed = True

    def _on_nick_refused(self, connection: Connection, event: Any) -> None:
        if not self.welcomed:
            connection.nick(next(self._nicks))
        elif event.type == "nicknameinuse" and self._regain(connection, self._settings.nick):
            self.reactor.at("wanting", self._patience.rejoin, self.want)

    def _on_nick(self, connection: Connection, event: Any) -> None:
        # The library has put our new nick in place already, unless the server wrote the old one in another case.
        if event.target == connection.real_nickname or self.is_me(event.source):
            connection.real_nickname = event.target
        else:
            self._take_freed(connection, event.source)

    def _on_quit(self, connection: Connection, event: Any) -> None:
        self._take_freed(connection, event.source)

    def _take_freed(self, connection: Connection, source: str | None) -> None:
        wanted = self.folded(self._settings.nick)
        if source and self.folded(source.partition("!")[0]) == wanted != self.folded(self.nick):
            connection.nick(self._settings.nick)

    def _on_anything(self, _connection: Connection, event: Any) -> None:
        """Every line of our own that comes back says how others see us."""
        source = event.source
        if source and "@" in source and self.is_me(source):
            self.user_at_host = source.partition("!")[2]

    def _on_host(self, _connection: Connection, event: Any) -> None:
        """396: our host is shown as another one from now on."""
        user, _, host = str(event.arguments[0]).rpartition("@")
        user = user or self.user_at_host.partition("@")[0]
        self.user_at_host = f"{user}@{host}" if user else ""

    # Where we are

    def _on_join(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.source):
            self.channels[self.folded(event.target)] = event.target

    def _on_part(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.source):
            self._put_out(event.target, "parted")

    def _on_kick(self, _connection: Connection, event: Any) -> None:
        if self.is_me(event.arguments[0]) and self.folded(event.target) in self.channels:
            self._note_kick(self.folded(event.target))
            self._put_out(event.target, f"kicked by {event.source}")

    def _note_kick(self, channel: str) -> None:
        """Who is put out again and again comes back later each time, or the network's staff would have to see to it."""
        now = time.monotonic()
        times, again = self._kicks.get(channel, (0, now))
        times = 1 if now - again > self._patience.forgiven else times + 1
        self._kicks[channel] = times, now + doubled(times - 1, self._patience.rejoin, self._patience.last_rejoin)

    def _may_come(self, channel: str) -> bool:
        _, again = self._kicks.get(self.folded(channel), (0, 0.0))
        return time.monotonic() >= again

    def _put_out(self, channel: str, how: str) -> None:
        if not self.channels.pop(self.folded(channel), None):
            return
        if self.folded(channel) in map(self.folded, self._settings.channels):
            log.warning("No longer in %s: %s.", channel, how)
            self.reactor.at("wanting", self._patience.rejoin, self.want)
        else:
            log.info("Left %s, where I am no longer wanted.", channel)

    def _on_join_refused(self, _connection: Connection, event: Any) -> None:
        log.warning("The server says: %s.", ": ".join(event.arguments).rstrip("."))


def _lines(channels: Iterable[str]) -> Iterator[str]:
    """Channels as JOIN and PART take them, a few in a line."""
    names = list(channels)
    for first in range(0, len(names), CHANNELS_A_LINE):
        yield ",".join(names[first : first + CHANNELS_A_LINE])


def _nicks(wanted: str) -> Iterator[str]:
    """What to be called when `wanted` is taken: first longer, then no longer than the 9 every server allows."""
    yield f"{wanted}_"
    yield f"{wanted}__"
    for number in itertools.count(2):
        yield f"{wanted[: 9 - len(str(number))]}{number}"
