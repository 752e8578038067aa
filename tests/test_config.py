"""Tests of mentorbot/config.py."""

from datetime import time
from pathlib import Path

import pytest

from mentorbot.config import Config, Links, load, parse, settings
from mentorbot.errors import ConfigError
from mentorbot.values import Server

NOBODY = "leave out the name and the password: the bot reads what everybody may, as nobody"
NONE = "no project is called"
ALONE = "write its name alone, without quotes, and no / at its ends"
NO_SERVER = "no server can have this address; write one such as https://review.example.org"
WHOLE = """
[community]
name = "Harbour"
timezone = "Europe/Paris"
niches = ""
[irc]
server = "irc.harbour.example"
port = 6697
more_servers = ["irc2.harbour.example", "[::1]:6698"]
tls = true
tls_ca = "ca.pem"
tls_cert = "bot.pem"
nick = "pilot"
channels = ["#mentors", "#harbour"]
prefix = "."
sasl = "plain"
account = "harbour-pilot"
password_env = ""
password_file = "secret"
nickserv = "NickServ"
admins = ["boss"]
organisers = ["olga"]
flood_rate = 2
flood_burst = 5
ask_rate = 0.25
ask_burst = 4
welcome_off = ["#harbour"]
[launchpad]
service_root = "https://lp.harbour.example"
projects = ["harbour"]
starter_tags = ["first"]
docs_tags = ["words"]
robots = ["janitor"]
[gerrit]
url = "https://review.harbour.example/"
projects = ["quay/harbour", "quay/chart"]
robots = ["ci"]
approvals_needed = 1
[sync]
every = "90s"
contact = "mentors@harbour.example"
[store]
path = "harbour.db"
[shoutout]
day = "monday"
time = "9:30"
channels = ["#mentors"]
consent = "opt-out"
[web]
base_url = "https://harbour.example/mentors/"
[links]
setup = "https://harbour.example/setup"
[plugins]
folder = "own"
off = ["docs"]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        parse(text, "bot.toml")
    return str(refused.value).splitlines()


def test_every_setting_can_be_written() -> None:
    assert parse(WHOLE).model_dump() == {
        "community": {"name": "Harbour", "timezone": "Europe/Paris", "niches": "", "ranking": ""},
        "irc": {
            "server": "irc.harbour.example",
            "port": 6697,
            "more_servers": ("irc2.harbour.example", "[::1]:6698"),
            "tls": True,
            "tls_ca": "ca.pem",
            "tls_cert": "bot.pem",
            "nick": "pilot",
            "channels": ("#mentors", "#harbour"),
            "prefix": ".",
            "sasl": "plain",
            "account": "harbour-pilot",
            "password_env": "",
            "password_file": "secret",
            "nickserv": "NickServ",
            "admins": ("boss",),
            "organisers": ("olga",),
            "flood_rate": 2.0,
            "flood_burst": 5,
            "ask_rate": 0.25,
            "ask_burst": 4,
            "welcome_off": ("#harbour",),
        },
        "launchpad": {
            "service_root": "https://lp.harbour.example/",
            "projects": ("harbour",),
            "starter_tags": ("first",),
            "docs_tags": ("words",),
            "robots": ("janitor",),
        },
        "gerrit": {
            "url": "https://review.harbour.example",
            "projects": ("quay/harbour", "quay/chart"),
            "robots": ("ci",),
            "approvals_needed": 1,
        },
        "sync": {"every": 90, "contact": "mentors@harbour.example"},
        "store": {"path": "harbour.db"},
        "shoutout": {"day": "monday", "time": time(9, 30), "channels": ("#mentors",), "consent": "opt-out"},
        "web": {"base_url": "https://harbour.example/mentors"},
        "links": dict.fromkeys(Links.model_fields, "") | {"setup": "https://harbour.example/setup"},
        "plugins": {"folder": "own", "off": ("docs",)},
    }


def test_all_servers_of_the_network_are_known_in_their_order() -> None:
    assert parse(WHOLE).irc.servers == [
        Server("irc.harbour.example", 6697),
        Server("irc2.harbour.example", 6697),
        Server("::1", 6698),
    ]
    repeated = parse('[irc]\nserver = "[::1]"\nmore_servers = ["::1", "[::1]:6697", "10.0.0.1:1"]').irc.servers
    assert [str(server) for server in repeated] == ["[::1]:6697", "10.0.0.1:1"]


@pytest.mark.parametrize("server", ["", "a b", "a:0", "a:65536", "a:b", ":6697", "g::1", "[a]:1", "irc://a", "[::1]x"])
def test_what_is_no_server_is_refused(server: str) -> None:
    said = f'"{server}" is no server; write one such as "irc.example.net" or "irc.example.net:6697"'
    assert faults(f'[irc]\nmore_servers = ["{server}"]') == [f"bot.toml, line 2: [irc] more_servers: {said}"]


def test_the_whole_file_above_leaves_no_setting_out() -> None:
    written = {(section, name) for section, values in parse(WHOLE).model_dump().items() for name in values}
    assert written == {(section, name) for section, name, _, _ in settings()}


def test_an_empty_file_is_all_defaults() -> None:
    assert parse("") == Config()
    assert Config().sync.every == 300
    assert Config().shoutout.time == time(15)


def test_every_setting_says_what_it_means() -> None:
    assert [(section, name) for section, name, _, meaning in settings() if not meaning] == []
    assert ("irc", "channels", "[]", "where the bot sits") in settings()
    assert ("irc", "tls", "true", "speak TLS, verified; never turned off by itself") in settings()
    assert ("gerrit", "robots", '["zuul"]', "accounts that are no people") in settings()


def test_projects_have_short_names_once() -> None:
    assert parse(WHOLE).projects == ["harbour", "chart"]
    assert parse(WHOLE).robots == {"janitor", "ci"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[irc]\nport = 0", "line 2: [irc] port: input should be greater than or equal to 1"),
        ('[irc]\n\nport = "6697"', "line 3: [irc] port: write a whole number"),
        ("[irc]\nport = 6697.0", "line 2: [irc] port: write a whole number"),
        ('[irc]\ntls = "yes"', "line 2: [irc] tls: write true or false"),
        ('[irc]\nflood_rate = "1"', "line 2: [irc] flood_rate: write a number"),
        ("[irc]\nflood_rate = inf", "line 2: [irc] flood_rate: input should be less than or equal to 1000"),
        ("[irc]\nserver = 3", 'line 2: [irc] server: write a text in quotes, such as "text"'),
        (
            '[irc]\nserver = "a:b c"',
            "line 2: [irc] server: write a host name or an address, without a port or a scheme",
        ),
        (
            '[irc]\nserver = "irc..example.org"',
            "line 2: [irc] server: no host can have this name: between dots stand 1 to 63 letters",
        ),
        ('[irc]\nchannels = "#a"', 'line 2: [irc] channels: write a list in brackets, such as ["one", "two"]'),
        (
            '[sync]\ncontact = "Señor"',
            "line 2: [sync] contact: write an address or a page in plain ASCII, such as mentors@example.org",
        ),
        ('[irc]\nchannels = ["a"]', 'line 2: [irc] channels: "a" is no channel name; write one such as "#mentors"'),
        ("[irc]\nchannels = [3]", 'line 2: [irc] channels: write a text in quotes, such as "text"'),
        ('[irc]\nadmins = [""]', "line 2: [irc] admins: write something, or leave it out"),
        (
            '[irc]\nnick = "2b"',
            'line 2: [irc] nick: "2b" is no nick: letters, digits and []\\`_^{|}- only, no digit first',
        ),
        ('[irc]\nprefix = "bot"', "line 2: [irc] prefix: one to three punctuation characters, such as !"),
        (
            '[community]\ntimezone = "Mars"',
            'line 2: [community] timezone: "Mars" is no time zone; write one such as "UTC" or "Europe/Paris"',
        ),
        (
            '[sync]\nevery = "0m"',
            'line 2: [sync] every: write a time such as "30s", "5m", "2h" or "1d", 7 days at most',
        ),
        (
            '[sync]\nevery = "8d"',
            'line 2: [sync] every: write a time such as "30s", "5m", "2h" or "1d", 7 days at most',
        ),
        ("[sync]\nevery = 5", 'line 2: [sync] every: write a time such as "30s", "5m", "2h" or "1d", 7 days at most'),
        ('[shoutout]\ntime = "24:00"', 'line 2: [shoutout] time: write a time of day such as "15:00"'),
        ("[shoutout]\ntime = 15:00:00", 'line 2: [shoutout] time: write a time of day such as "15:00"'),
        (
            '[launchpad]\nservice_root = ""',
            "line 2: [launchpad] service_root: write an address that starts with https://",
        ),
        *(
            (f'[gerrit]\nurl = "{url}"', f"line 2: [gerrit] url: {said}")
            for url, said in (
                ("https://me:word@review.example.org", NOBODY),
                ("https://@review.example.org", NOBODY),
                ("https://review.example.org/#/q/x", "write the server's address only, without what follows a ? or #"),
                ("https://review.example.org/?q=x", "write the server's address only, without what follows a ? or #"),
                ("https://review.example.org:99999", NO_SERVER),
                ("http://[::1", NO_SERVER),
                ("https://:80", NO_SERVER),
                ("https://?", NO_SERVER),
            )
        ),
        *(
            (f'[launchpad]\nservice_root = "{url}"', f"line 2: [launchpad] service_root: {said}")
            for url, said in (
                ("https://me:word@api.launchpad.net", NOBODY),
                ("https://api.launchpad.net/1.0/", "leave out /1.0: the bot adds the version itself"),
                ("https://launchpad.net/", 'that is for people; write "production"'),
            )
        ),
        *(
            (
                f"[launchpad]\nprojects = ['{name}']",
                f"line 2: [launchpad] projects: no project is called '{name}': {ALONE}",
            )
            for name in ("nova/", "/nova", " nova", 'no"va')
        ),
        ('[web]\nbase_url = "harbour"', "line 2: [web] base_url: write an address that starts with https://"),
        ('[store]\npath = ""', "line 2: [store] path: write something, or leave it out"),
        ('[store]\npath = "a\\u0000.db"', "line 2: [store] path: no file can have this name: a NUL stands in it"),
        ('[irc]\ntls_ca = "\\u0000"', "line 2: [irc] tls_ca: no file can have this name: a NUL stands in it"),
        (
            '[gerrit]\nprojects = ["a"]',
            "line 1: [gerrit]: projects are named, but not the url of the server they are on",
        ),
        ("[irc]\nprot = 3", "line 2: [irc] prot: there is no such setting; did you mean port?"),
        ("[plugins]\nx = 3", "line 2: [plugins] x: there is no such setting; there are folder, off."),
        ("[irk]", "line 1: [irk]: there is no such section; did you mean irc?"),
        ("[web.more]\nx = 1", "line 1: [web] more: there is no such setting; there are base_url."),
        ('nick = "pilot"', "line 1: [nick]: there is no such section; did you mean nick under [irc]?"),
        ("irc = 3", "line 1: [irc]: write it as a section: [irc]"),
        ("[[irc]]\nport = 3", "line 1: [irc]: write it as a section: [irc]"),
        ('irc.nick = "pilot"\nirc.port = 0', "line 2: [irc] port: input should be greater than or equal to 1"),
        ('[launchpad]\ndocs_tags = ["doc", ""]', "line 2: [launchpad] docs_tags: write something, or leave it out"),
        ('[irc]\n"port" = 0', "line 2: [irc] port: input should be greater than or equal to 1"),
        ("irc = {port = 0}", "line 1: [irc] port: input should be greater than or equal to 1"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_write(text: str, fault: str) -> None:
    assert faults(text) == [f"bot.toml, {fault}"]


UNUSED = 'an account or a password is set that no login uses; set sasl = "plain", or nickserv'


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (['sasl = "plain"'], 'sasl = "plain" needs the account'),
        (['sasl = "plain"', 'account = "a"'], "the login needs a password; set password_env or password_file"),
        (['nickserv = "NickServ"'], "the login needs a password; set password_env or password_file"),
        (['sasl = "external"'], 'sasl = "external" needs tls and a tls_cert'),
        (['sasl = "external"', "tls = false", 'tls_cert = "a"'], 'sasl = "external" needs tls and a tls_cert'),
        (['account = "a"'], UNUSED),
        (['password_env = "P"'], UNUSED),
        (['sasl = "external"', 'tls_cert = "a"', 'password_env = "P"'], UNUSED),
        (
            ['nickserv = "NickServ"', 'password_env = "P"', 'password_file = "p"'],
            "password_env and password_file are both set; leave one out",
        ),
        (
            ['nickserv = "NickServ"', 'password_env = "P"', "tls = false"],
            "without tls everybody on the way could read the password",
        ),
        (
            ['server = "::1"', 'more_servers = ["irc2"]', 'nickserv = "N"', 'password_env = "P"', "tls = false"],
            "without tls everybody on the way could read the password",
        ),
    ],
)
def test_a_login_that_cannot_be_is_refused(lines: list[str], fault: str) -> None:
    assert faults("\n".join(["[irc]", *lines])) == [f"bot.toml, line 1: [irc]: {fault}"]


@pytest.mark.parametrize(
    "lines",
    [
        ['sasl = "plain"', 'account = "a"', 'password_env = "P"'],
        ['sasl = "external"', 'tls_cert = "a"'],
        ['sasl = "external"', 'tls_cert = "a"', 'account = "a"'],
        ['nickserv = "NickServ@services.example.org"', 'password_file = "p"', 'account = "a"'],
        ['nickserv = "NickServ"', 'password_file = "p"', "tls = false", 'server = "127.0.0.1"'],
    ],
)
def test_a_login_that_can_be_is_taken(lines: list[str]) -> None:
    assert isinstance(parse("\n".join(["[irc]", *lines])), Config)


def test_names_for_services_are_one_word() -> None:
    assert faults('[irc]\naccount = "a b"\nnickserv = "Nick,Serv"') == [
        "bot.toml, line 2: [irc] account: write one word",
        "bot.toml, line 3: [irc] nickserv: write one word",
    ]


def test_all_faults_are_told_at_once() -> None:
    assert faults('[irc]\nport = 0\nnick = ""\n[snyc]\nevery = "5m"') == [
        "bot.toml, line 2: [irc] port: input should be greater than or equal to 1",
        'bot.toml, line 3: [irc] nick: "" is no nick: letters, digits and []\\`_^{|}- only, no digit first',
        "bot.toml, line 4: [snyc]: there is no such section; did you mean sync?",
    ]


def test_what_is_not_toml_is_said_with_its_line() -> None:
    assert faults("[irc]\nport =") == ["bot.toml: this is not TOML: Invalid value (at end of document)"]
    assert faults("[irc]\nport = yes\n") == ["bot.toml: this is not TOML: Invalid value (at line 2, column 8)"]
    assert len(faults(f"[irc]\nport = {'9' * 5000}")) == 1
    assert faults("a = " + "[" * 5000)[0].startswith("bot.toml: this is not TOML: maximum recursion depth exceeded")


def test_paths_are_taken_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text(WHOLE, encoding="utf-8")
    config = load(tmp_path / "bot.toml")
    assert (config.store.path, config.plugins.folder) == (f"{tmp_path}/harbour.db", f"{tmp_path}/own")
    assert (config.irc.tls_ca, config.irc.tls_cert) == (f"{tmp_path}/ca.pem", f"{tmp_path}/bot.pem")
    assert config.irc.password_file == f"{tmp_path}/secret"


def test_a_path_that_is_not_set_stays_empty_and_an_absolute_one_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text('\ufeff[store]\npath = "/var/lib/bot.db"', encoding="utf-8")
    config = load(tmp_path / "bot.toml")
    assert (config.store.path, config.plugins.folder, config.irc.tls_ca) == ("/var/lib/bot.db", "", "")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"^There is no {tmp_path}/bot.toml; name another with --config.$"):
        load(tmp_path / "bot.toml")
    (tmp_path / "bot.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=f"^{tmp_path}/bot.toml cannot be read: 'utf-8' codec"):
        load(tmp_path / "bot.toml")
    with pytest.raises(ConfigError, match=f"^{tmp_path} cannot be read: .*Is a directory"):
        load(tmp_path)
