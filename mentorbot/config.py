"""The configuration file: what may stand in it, what it means, and what is wrong with it, line by line."""

from __future__ import annotations

import difflib
import re
import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mentorbot.errors import ConfigError
from mentorbot.models import short
from mentorbot.values import (
    Channel,
    ClockTime,
    FilePath,
    Host,
    HostAndPort,
    Nick,
    OneWord,
    Prefix,
    Root,
    Seconds,
    Server,
    Url,
    Weekday,
    Word,
    Zone,
)

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Community(_Section):
    name: str = Field("our project", description="how the bot calls the community")
    timezone: Zone = Field("UTC", description="the zone people see times in")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Irc(_Section):
    server: Host = Field("irc.oftc.net", description="the server's host name")
    port: int = Field(6697, ge=1, le=65535, description="its port")
    more_servers: tuple[HostAndPort, ...] = Field(
        (), strict=False, description='others of the network, tried in turn when one fails: a host, or "host:port"'
    )
    tls: bool = Field(True, description="speak TLS, verified; never turned off by itself")
    tls_ca: FilePath = Field("", description="a file with a private network's CA")
    tls_cert: FilePath = Field("", description="a file with the bot's own certificate and key")
    nick: Nick = Field("mentorbot", description="the bot's nick")
    channels: tuple[Channel, ...] = Field((), strict=False, description="where the bot sits")
    prefix: Prefix = Field("!", description="what starts a command in a channel")
    sasl: Literal["none", "plain", "external"] = Field("none", description="how the bot logs in to services")
    account: OneWord = Field("", description="its services account")
    password_env: str = Field("", description="the variable that holds the account's password, or")
    password_file: FilePath = Field("", description="the file that holds it")
    nickserv: OneWord = Field("", description="who to log in with where there is no SASL, such as NickServ")
    admins: tuple[Word, ...] = Field((), strict=False, description="services accounts that may do everything")
    organisers: tuple[Word, ...] = Field(
        (), strict=False, description="services accounts that may look after the shout-out"
    )
    flood_rate: float = Field(1.0, gt=0, le=1000, description="lines the bot says a second, and")
    flood_burst: int = Field(4, ge=1, le=1000, description="how many it may say at once")
    ask_rate: float = Field(0.5, gt=0, le=1000, description="questions a second the bot takes from one person, and")
    ask_burst: int = Field(8, ge=1, le=1000, description="how many at once")
    welcome_off: tuple[Channel, ...] = Field(
        (), strict=False, description="channels in which nobody is welcomed in private"
    )

    @model_validator(mode="after")
    def _can_log_in(self) -> Irc:
        """A login that cannot be, or would not be used, is told at start: the bot never goes on unknown."""
        has_password = bool(self.password_env or self.password_file)
        needs_password = self.sasl == "plain" or (self.sasl == "none" and bool(self.nickserv))
        if self.password_env and self.password_file:
            raise ValueError("password_env and password_file are both set; leave one out")
        if self.sasl == "plain" and not self.account:
            raise ValueError('sasl = "plain" needs the account')
        if needs_password and not has_password:
            raise ValueError("the login needs a password; set password_env or password_file")
        if (has_password and not needs_password) or (self.account and self.sasl == "none" and not self.nickserv):
            raise ValueError('an account or a password is set that no login uses; set sasl = "plain", or nickserv')
        if self.sasl == "external" and not (self.tls and self.tls_cert):
            raise ValueError('sasl = "external" needs tls and a tls_cert')
        if needs_password and not self.tls and not {server.host for server in self.servers} <= LOOPBACK:
            raise ValueError("without tls everybody on the way could read the password")
        return self

    def is_admin(self, account: str | None) -> bool:
        """Whether this services account may do everything; nobody is without one."""
        return account is not None and account.lower() in map(str.lower, self.admins)

    def is_organiser(self, account: str | None) -> bool:
        """Whether this services account may do what organisers may, as every admin may."""
        return self.is_admin(account) or (account or "").lower() in map(str.lower, self.organisers)

    @property
    def servers(self) -> list[Server]:
        """All servers of the network, each once, in the order in which they are tried."""
        named = [Server(self.server, self.port), *(Server.read(text, self.port) for text in self.more_servers)]
        return list(dict.fromkeys(named))


class Launchpad(_Section):
    service_root: Root = Field("production", description='"production" or an address')
    projects: tuple[Word, ...] = Field((), strict=False, description="the projects to mirror")
    starter_tags: tuple[Word, ...] = Field(
        ("low-hanging-fruit",), strict=False, description="tags that mean: good for a beginner"
    )
    docs_tags: tuple[Word, ...] = Field(
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
    path: FilePath = Field("mentorbot.db", min_length=1, description="where the store lives, beside the configuration")


class Shoutout(_Section):
    day: Weekday = Field("friday", description="the day of the weekly shout-out")
    time: ClockTime = Field("15:00", description="its time, in the community's zone")
    channels: tuple[Channel, ...] = Field((), strict=False, description="where it is said")
    consent: Literal["ask", "opt-out"] = Field("ask", description="name only who agreed, or all who did not refuse")


class Web(_Section):
    base_url: Url = Field("", description="where the bot's pages are, for `about` to name")


class Plugins(_Section):
    folder: FilePath = Field("", description="a folder with plugin files of your own")
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
    except (ValueError, RecursionError) as error:  # of thousands of digits or brackets Python speaks in its own words
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
    beside = {name: _beside(folder, getattr(irc, name)) for name in ("tls_ca", "tls_cert", "password_file")}
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
