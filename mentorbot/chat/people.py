"""Who is in the channels, so that the bot can keep from calling them all by name."""

from __future__ import annotations

from typing import Any

from mentorbot.chat.place import Place


class People:
    """The nicks in each channel, in lower case, by what the server says of them."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._in: dict[str, set[str]] = {}
        answers = {
            "namreply": self._on_names,
            "join": self._on_join,
            "part": lambda _, event: self._leave(event.target, event.source),
            "kick": lambda _, event: self._leave(event.target, event.arguments[0]),
            "quit": lambda _, event: self._rename(_nick(event.source)),
            "nick": lambda _, event: self._rename(_nick(event.source), event.target.lower()),
            "disconnect": lambda *_: self._in.clear(),
        }
        for event, answer in answers.items():
            place.reactor.add_global_handler(event, answer)

    def of(self, channel: str) -> frozenset[str]:
        return frozenset(self._in.get(channel.lower(), ()))

    def _on_join(self, _connection: Any, event: Any) -> None:
        if self._place.is_me(event.source):
            # Who went while we were out is told to nobody; the names that are follow.
            self._in[event.target.lower()] = set()
        self._enter(event.target, _nick(event.source))

    def _on_names(self, _connection: Any, event: Any) -> None:
        channel, names = event.arguments[1:3]
        self._enter(channel, *(_nick(name.lstrip("~&@%+")) for name in names.split()))

    def _enter(self, channel: str, *nicks: str) -> None:
        """Of channels that we are not in, nothing is remembered: nobody would tell us who leaves."""
        if channel.lower() in self._in:
            self._in[channel.lower()].update(nicks)

    def _leave(self, channel: str, source: str) -> None:
        if self._place.is_me(source):
            self._in.pop(channel.lower(), None)
        elif channel.lower() in self._in:
            self._in[channel.lower()].discard(_nick(source))

    def _rename(self, nick: str, new: str = "") -> None:
        for nicks in self._in.values():
            if nick in nicks:
                nicks.discard(nick)
                if new:
                    nicks.add(new)


def _nick(source: str) -> str:
    return source.partition("!")[0].lower()
