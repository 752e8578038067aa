"""The configuration file: what may stand in it, what it means, and what is wrong with it, line by line."""

from __future__ import annotations

import difflib
import re
import tomllib
from datetime import time
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from mentorbot.errors import ConfigError
from mentorbot.models import short

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


def _channel(name: str) -> str:
    if not _CHANNEL.fullmatch(name):
        raise ValueError(f'"{name}" is no channel name; write one such as "#mentors"')
    return name


def _nick(name: str) -> str:
    if not _NICK.fullmatch(name):
        raise ValueError(f'"{name}" is no nick: letters, digits and []\\`_^{{|}}- only, no digit first')
    return name


def _host(name: str) -> str:
    if not name or re.search(r"[\s/]", name):
        raise ValueError("write a host name or an address, without a port or a scheme")
    return name


def _url(address: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", address):
        raise ValueError("write an address that starts with https://")
    return address.rstrip("/")


def _no_login(text: str) -> str:
    if text not in ("", "none"):
        raise ValueError("logging in to services is not built yet; leave this out, for the bot would go on unknown")
    return text


def _root(name: str) -> str:
    return name if name in ("production", "staging", "qastaging") else _url(name) + "/"


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


Channel = Annotated[str, AfterValidator(_channel)]
Url = Annotated[str, AfterValidator(lambda address: _url(address) if address else "")]
Seconds = Annotated[int, BeforeValidator(seconds)]
NoLogin = Annotated[str, AfterValidator(_no_login)]
Word = Annotated[str, Field(min_length=1)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Community(_Section):
    name: str = Field("our project", description="how the bot calls the community")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="the zone people see times in")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Irc(_Section):
    server: Annotated[str, AfterValidator(_host)] = Field("irc.oftc.net", description="the server's host name")
    port: int = Field(6697, ge=1, le=65535, description="its port")
    tls: bool = Field(True, description="speak TLS, verified; never turned off by itself")
    tls_ca: str = Field("", description="a file with a private network's CA")
    tls_cert: str = Field("", description="a file with the bot's own certificate and key")
    nick: Annotated[str, AfterValidator(_nick)] = Field("mentorbot", description="the bot's nick")
    channels: tuple[Channel, ...] = Field((), strict=False, description="where the bot sits")
    prefix: Annotated[str, AfterValidator(_prefix)] = Field("!", description="what starts a command in a channel")
    sasl: NoLogin = Field("none", description='how the bot logs in to services; only "none" is built')
    account: NoLogin = Field("", description="its services account; not built yet")
    password_env: NoLogin = Field("", description="the variable that holds its password; not built yet")
    nickserv: NoLogin = Field("", description="who to log in with where there is no SASL; not built yet")
    admins: tuple[Word, ...] = Field((), strict=False, description="services accounts that may do everything")
    flood_rate: float = Field(1.0, gt=0, le=1000, description="lines the bot says a second, and")
    flood_burst: int = Field(4, ge=1, le=1000, description="how many it may say at once")


class Launchpad(_Section):
    service_root: Annotated[str, AfterValidator(_root)] = Field("production", description='"production" or an address')
    projects: tuple[Word, ...] = Field((), strict=False, description="the projects to mirror")
    starter_tags: tuple[str, ...] = Field(
        ("low-hanging-fruit",), strict=False, description="tags that mean: good for a beginner"
    )
    docs_tags: tuple[str, ...] = Field(
        ("doc", "docs", "documentation"), strict=False, description="tags that mean: documentation"
    )
    robots: tuple[str, ...] = Field(
        ("hudson-openstack", "janitor", "bug-watch-updater", "openstack-gerrit"),
        strict=False,
        description="accounts that are no people",
    )


class Gerrit(_Section):
    url: Url = Field("", description="the server's address")
    projects: tuple[Word, ...] = Field((), strict=False, description="the projects to mirror")
    robots: tuple[str, ...] = Field(("zuul",), strict=False, description="accounts that are no people")
    approvals_needed: int = Field(2, ge=1, le=10, description="the Code-Review +2 a change needs; not used yet")

    @model_validator(mode="after")
    def _has_a_server(self) -> Gerrit:
        if self.projects and not self.url:
            raise ValueError("projects are named, but not the url of the server they are on")
        return self


class Sync(_Section):
    every: Seconds = Field("5m", description="how often the mirrors ask for news")  # type: ignore[assignment]


class StoreFile(_Section):
    path: str = Field("mentorbot.db", min_length=1, description="where the store lives, beside the configuration")


class Shoutout(_Section):
    day: Weekday = Field("friday", description="the day of the weekly shout-out")
    time: Annotated[Any, BeforeValidator(_clock_time)] = Field("15:00", description="its time, in the community's zone")
    channels: tuple[Channel, ...] = Field((), strict=False, description="where it is said")
    consent: Literal["ask", "opt-out"] = Field("ask", description="name only who agreed, or all who did not refuse")


class Web(_Section):
    base_url: Url = Field("", description="where the bot's pages are, for `about` to name")


class Plugins(_Section):
    folder: str = Field("", description="a folder with plugin files of your own")
    off: tuple[str, ...] = Field((), strict=False, description="plugins to leave out")


class Config(_Section):
    """All settings; what is not written in the file has its default."""

    community: Community = Community()
    irc: Irc = Irc()
    launchpad: Launchpad = Launchpad()
    gerrit: Gerrit = Gerrit()
    sync: Sync = Sync()
    store: StoreFile = StoreFile()
    shoutout: Shoutout = Shoutout()
    web: Web = Web()
    plugins: Plugins = Plugins()

    @property
    def projects(self) -> list[str]:
        """The short names of all projects."""
        return list(dict.fromkeys([*self.launchpad.projects, *map(short, self.gerrit.projects)]))

    @property
    def robots(self) -> frozenset[str]:
        return frozenset(self.launchpad.robots) | frozenset(self.gerrit.robots)


def parse(text: str, name: str = "mentorbot.toml") -> Config:
    """Read a configuration; raises ConfigError with one line for each fault."""
    try:
        raw = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and what int says of a number with thousands of digits
        raise ConfigError(f"{name}: this is not TOML: {error}") from None
    try:
        return Config.model_validate(raw)
    except ValidationError as errors:
        raise ConfigError("\n".join(_faults(errors, text, name))) from None


def load(path: Path) -> Config:
    """Read the configuration file; the paths in it are taken from the file's folder."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"There is no {path}; name another with --config.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    config = parse(text, str(path))
    folder = path.resolve().parent
    irc, plugins = config.irc, config.plugins
    beside = {"tls_ca": _beside(folder, irc.tls_ca), "tls_cert": _beside(folder, irc.tls_cert)}
    return config.model_copy(
        update={
            "irc": irc.model_copy(update=beside),
            "store": StoreFile(path=_beside(folder, config.store.path)),
            "plugins": plugins.model_copy(update={"folder": _beside(folder, plugins.folder)}),
        }
    )


def _beside(folder: Path, name: str) -> str:
    return str(folder / name) if name else ""


def settings() -> list[tuple[str, str, str, str]]:
    """Every setting as (section, name, default, meaning), for README and the example file."""
    rows = []
    for section, field in Config.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type) and issubclass(kind, _Section)
        for name, setting in kind.model_fields.items():
            rows.append((section, name, _toml(setting.default), setting.description or ""))
    return rows


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(v) for v in value)}]"
    return str(value)


def _faults(errors: ValidationError, text: str, name: str) -> list[str]:
    faults = []
    for error in errors.errors(include_url=False):
        keys = [str(part) for part in error["loc"] if not isinstance(part, int)]
        line = _line_of(text, keys)
        where = f"{name}, line {line}" if line else name
        dotted = f"[{keys[0]}] {' '.join(keys[1:])}".strip() if len(keys) > 1 else f"[{keys[0]}]"
        faults.append(f"{where}: {dotted}: {_said(error, keys)}")
    return faults


_KINDS = {
    "string_type": 'write a text in quotes, such as "text"',
    "tuple_type": 'write a list in brackets, such as ["one", "two"]',
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "string_too_short": "write something, or leave it out",
}
"""What pydantic says in Python's words, in TOML's."""


def _said(error: Any, keys: list[str]) -> str:
    if error["type"] == "extra_forbidden":
        known = list(Config.model_fields)
        if len(keys) > 1:
            known = [name for section, name, *_ in settings() if section == keys[0]]
        elif homes := [section for section, name, *_ in settings() if name == keys[0]]:
            return f"there is no such section; did you mean {keys[0]} under [{homes[0]}]?"
        near = difflib.get_close_matches(keys[-1], known, 1)
        meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}."
        return f"there is no such {'setting' if len(keys) > 1 else 'section'}{meant}"
    if error["type"] == "model_type":
        return f"write it as a section: [{keys[0]}]"
    if error["type"] in _KINDS:
        return _KINDS[error["type"]]
    message: str = error["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


_HEADER = re.compile(r"\s*\[+([^]#]+)\]")
_KEY = re.compile(r"""\s*([\w."'\s-]+?)\s*=""")


def _line_of(text: str, keys: list[str]) -> int | None:
    """Where a setting stands: the first line that names most of it. TOML's parser does not keep the lines."""
    section: list[str] = []
    most, found = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = named = re.findall(r"[\w-]+", header[1])
        elif key := _KEY.match(line):
            named = [*section, *re.findall(r"[\w-]+", key[1])]
        else:
            continue
        agreed = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(named, keys, strict=False)))
        if agreed > most:
            most, found = agreed, number
    return found
