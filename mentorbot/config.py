"""The configuration file: what may stand in it, what it means, and what is wrong with it, line by line."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mentorbot import weights
from mentorbot.errors import ConfigError
from mentorbot.faults import faults, no_such, text_of, toml
from mentorbot.models import short
from mentorbot.niches import Niches
from mentorbot.niches import read as read_niches
from mentorbot.values import (
    Channel,
    ClockTime,
    Contact,
    FilePath,
    Host,
    HostAndPort,
    Nick,
    OneWord,
    Prefix,
    Project,
    Root,
    Seconds,
    Server,
    ServerUrl,
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
    ranking: str = Field("", description="a file with points of your own; ranking.toml beside this one, if it is there")
    niches: str = Field("", description="a file with niches of your own; niches.toml beside this one, if it is there")

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
    projects: tuple[Project, ...] = Field((), strict=False, description="the projects to mirror")
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
    url: ServerUrl = Field("", description="the server's address")
    projects: tuple[Project, ...] = Field((), strict=False, description="the projects to mirror")
    robots: tuple[str, ...] = Field(("zuul",), strict=False, description="accounts that are no people")
    approvals_needed: int = Field(2, ge=1, le=10, description="the Code-Review +2 a change needs; not used yet")

    @model_validator(mode="after")
    def _has_a_server(self) -> Gerrit:
        if self.projects and not self.url:
            raise ValueError("projects are named, but not the url of the server they are on")
        return self


class Sync(_Section):
    every: Seconds = Field("5m", description="how often the mirrors ask for news")  # type: ignore[assignment]
    contact: Contact = Field("", description="an address, told to the servers; else where the bot is on IRC")


class StoreFile(_Section):
    path: FilePath = Field("mentorbot.db", min_length=1, description="where the store lives, beside the configuration")


class Shoutout(_Section):
    day: Weekday = Field("friday", description="the day of the weekly shout-out")
    time: ClockTime = Field("15:00", description="its time, in the community's zone")
    channels: tuple[Channel, ...] = Field((), strict=False, description="where it is said")
    consent: Literal["ask", "opt-out"] = Field("ask", description="name only who agreed, or all who did not refuse")


class Web(_Section):
    base_url: Url = Field("", description="where the bot's pages are, for `about` to name")


class Links(_Section):
    """Pages of the community's own to which the guides point; a line that names one without an address is left out."""

    contributing: Url = Field("", description="how one contributes")
    setup: Url = Field("", description="how one sets up a place to work and to test")
    testing: Url = Field("", description="how the tests are run")
    review: Url = Field("", description="how changes are reviewed")
    bugs: Url = Field("", description="how bugs are looked after")
    documentation: Url = Field("", description="how the documentation is written")
    translation: Url = Field("", description="how one translates")
    ci: Url = Field("", description="what CI does, and its results")
    security: Url = Field("", description="how to tell of a security problem in private")
    support: Url = Field("", description="where users ask")
    releases: Url = Field("", description="how releases and stable branches are kept")
    operators: Url = Field("", description="where those who run the software meet")
    meetings: Url = Field("", description="when and where people meet")


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
    links: Links = Links()
    plugins: Plugins = Plugins()

    @property
    def contact(self) -> str:
        """Where those who run the sources' servers find those who run the bot."""
        return self.sync.contact or f"{self.irc.nick} in {', '.join(self.irc.channels) or 'IRC'} on {self.irc.server}"

    @property
    def projects(self) -> list[str]:
        """The short names of all projects."""
        return list(dict.fromkeys([*self.launchpad.projects, *map(short, self.gerrit.projects)]))

    @cached_property
    def weights(self) -> weights.Weights:
        """The points of each signal; the first look raises ConfigError where the community's own file has faults."""
        return weights.read(Path(self.community.ranking) if self.community.ranking else None)

    @cached_property
    def niches(self) -> Niches:
        """Ours, and the community's own; the first look at them raises ConfigError where its files have faults."""
        return read_niches(Path(self.community.niches) if self.community.niches else None, Links.model_fields)

    @property
    def robots(self) -> frozenset[str]:
        return frozenset(self.launchpad.robots) | frozenset(self.gerrit.robots)


def parse(text: str, name: str = "mentorbot.toml") -> Config:
    """Read a configuration; raises ConfigError with one line for each fault."""
    raw = toml(text, name)
    try:
        return Config.model_validate(raw)
    except ValidationError as errors:
        raise ConfigError("\n".join(faults(errors, text, name, _no_such))) from None


def load(path: Path) -> Config:
    """Read the configuration file; the paths in it are taken from the file's folder."""
    if not path.exists():
        raise ConfigError(f"There is no {path}; name another with --config.")
    config = parse(text_of(path), str(path))
    folder = path.resolve().parent
    community, irc, plugins = config.community, config.irc, config.plugins
    beside = {name: _beside(folder, getattr(irc, name)) for name in ("tls_ca", "tls_cert", "password_file")}
    own = {
        name: getattr(community, name) or (f"{name}.toml" if (folder / f"{name}.toml").exists() else "")
        for name in ("niches", "ranking")
    }
    config = config.model_copy(
        update={
            "community": community.model_copy(update={name: _beside(folder, file) for name, file in own.items()}),
            "irc": irc.model_copy(update=beside),
            "store": StoreFile(path=_beside(folder, config.store.path)),
            "plugins": plugins.model_copy(update={"folder": _beside(folder, plugins.folder)}),
        }
    )
    _ = config.niches, config.weights  # their faults are the configuration's
    return config


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


def _no_such(keys: list[str]) -> str:
    """What to say of a setting or section that there is not."""
    if len(keys) > 1:
        return no_such("setting", keys[-1], [name for section, name, *_ in settings() if section == keys[0]])
    if homes := [section for section, name, *_ in settings() if name == keys[0]]:
        return f"there is no such section; did you mean {keys[0]} under [{homes[0]}]?"
    return no_such("section", keys[0], list(Config.model_fields))


CHANGEABLE = (
    *("channels", "prefix", "admins", "organisers", "welcome_off"),
    *("flood_rate", "flood_burst", "ask_rate", "ask_burst"),
)
"""What of [irc] may change while the bot is connected."""


def changed(old: Config, new: Config) -> tuple[Config, list[str]]:
    """What may change while the bot runs, and the names of the settings that would, but may not.

    The connection stays, so what made it does, too; and so does the store.
    """
    ours = old.irc.model_copy(update={name: getattr(new.irc, name) for name in CHANGEABLE})
    fixed = [f"[irc] {name}" for name in type(new.irc).model_fields if getattr(new.irc, name) != getattr(ours, name)]
    fixed += ["[store] path"] if new.store != old.store else []
    return new.model_copy(update={"irc": ours, "store": old.store}), fixed
