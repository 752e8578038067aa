"""What the text of one setting may be: a nick, a channel, an address, a time."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

_DURATION = re.compile(r"\s*(\d+)\s*([smhd])\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CHANNEL = re.compile(r"[#&+!][^\x00-\x20,\x07:]{0,49}")
_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}")


def seconds(value: object) -> int:
    """Read "30s", "5m", "2h" or "1d" as seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < (found := int(match[1]) * _SECONDS[match[2]]) <= 7 * _SECONDS["d"]:
        raise ValueError('write a time such as "30s", "5m", "2h" or "1d", 7 days at most')
    return found


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'"{name}" is no time zone; write one such as "UTC" or "Europe/Paris"')
    return name


def channel_name(name: str) -> str:
    """A channel's name as it is; raises ValueError where no channel can be called so."""
    if not _CHANNEL.fullmatch(name):
        raise ValueError(f'"{name}" is no channel name; write one such as "#mentors"')
    return name


def _nick(name: str) -> str:
    if not _NICK.fullmatch(name):
        raise ValueError(f'"{name}" is no nick: letters, digits and []\\`_^{{|}}- only, no digit first')
    return name


@dataclass(frozen=True)
class Server:
    """Where a server is; `host` is a name or an address, without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def read(cls, text: str, port: int) -> Server:
        """From "irc.example.net", "irc.example.net:6697", "::1" or "[::1]:6697"; `port` is for who names none."""
        with suppress(ValueError):
            return cls(_host(text), port)
        host, _, own = text.rpartition(":")
        if re.fullmatch(r"[0-9]{1,5}", own) and 0 < int(own) < 2**16:
            with suppress(ValueError):
                return cls(_host(host), int(own))
        raise ValueError(f'"{text}" is no server; write one such as "irc.example.net" or "irc.example.net:6697"')


def _host_and_port(text: str) -> str:
    Server.read(text, 1)
    return text


def _host(name: str) -> str:
    """An IPv6 address may stand in brackets."""
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    with suppress(ValueError):
        ipaddress.IPv6Address(bare)
        return bare
    if not re.fullmatch(r"[^\s/@:,;\[\]]+", name):
        raise ValueError("write a host name or an address, without a port or a scheme")
    try:
        name.encode("idna")  # as Python does before it asks for the address
    except UnicodeError:
        raise ValueError("no host can have this name: between dots stand 1 to 63 letters") from None
    return name


def _url(address: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", address):
        raise ValueError("write an address that starts with https://")
    return address.rstrip("/")


def _server_url(address: str) -> str:
    """The address of a server that is read: nobody's password stands in it, for it is said in every channel."""
    plain = _url(address)
    try:
        parts = urlsplit(plain)
        port, host = parts.port, parts.hostname
    except ValueError:
        host = None
    if host is None or port == 0:
        raise ValueError("no server can have this address; write one such as https://review.example.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("leave out the name and the password: the bot reads what everybody may, as nobody")
    if parts.query or parts.fragment or "?" in plain or "#" in plain:
        raise ValueError("write the server's address only, without what follows a ? or #")
    _host(host)
    return plain


def _project(name: str) -> str:
    if not re.fullmatch(r'[^"\\\x00-\x1f\x7f]+', name) or name != name.strip(" /"):
        raise ValueError(f"no project is called {name!r}: write its name alone, without quotes, and no / at its ends")
    return name


def _path(name: str) -> str:
    if "\0" in name:
        raise ValueError("no file can have this name: a NUL stands in it")
    return name


def _one_word(text: str) -> str:
    if not re.fullmatch(r"[^\s\x00-\x1f:,][^\s\x00-\x1f,]*|", text):
        raise ValueError("write one word")
    return text


def _contact(text: str) -> str:
    if not re.fullmatch(r"[ -~]*", text):
        raise ValueError("write an address or a page in plain ASCII, such as mentors@example.org")
    return text


def _root(name: str) -> str:
    if name in ("production", "staging", "qastaging"):
        return name
    address = _server_url(name)
    if version := re.search(r"/(1\.0|devel|beta)$", address):
        raise ValueError(f"leave out {version[0]}: the bot adds the version itself")
    if urlsplit(address).hostname in ("launchpad.net", "bugs.launchpad.net"):
        raise ValueError('that is for people; write "production"')
    return address + "/"


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[!-/:-@\[-`{-~]{1,3}", text):
        raise ValueError("one to three punctuation characters, such as !")
    return text


def _clock_time(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d\d?:\d\d", value):
        hours, minutes = map(int, value.split(":"))
        if hours < 24 and minutes < 60:
            return time(hours, minutes)
    raise ValueError('write a time of day such as "15:00"')


Channel = Annotated[str, AfterValidator(channel_name)]
Url = Annotated[str, AfterValidator(lambda address: _url(address) if address else "")]
ServerUrl = Annotated[str, AfterValidator(lambda address: _server_url(address) if address else "")]
Seconds = Annotated[int, BeforeValidator(seconds)]
OneWord = Annotated[str, AfterValidator(_one_word)]
Contact = Annotated[str, AfterValidator(_contact)]
Project = Annotated[str, AfterValidator(_project)]
Word = Annotated[str, Field(min_length=1)]
FilePath = Annotated[str, AfterValidator(_path)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Zone = Annotated[str, AfterValidator(_zone)]
Host = Annotated[str, AfterValidator(_host)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
Nick = Annotated[str, AfterValidator(_nick)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Root = Annotated[str, AfterValidator(_root)]
ClockTime = Annotated[Any, BeforeValidator(_clock_time)]
