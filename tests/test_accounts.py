"""Who is who: an account is what the server says of a line, of a person who is here, or when asked; never a nick."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from mentorbot.config import Config
from mentorbot.models import Heard
from tests import ircds, people, services
from tests.people import HASTY, Person, Wire, a_bot, an_app, company, quiet
from tests.services import Network

DENIED = "shoutout is for this bot's organisers. If you are one, please log in to the network's services and ask again."
GRANTED = "Nothing would be said for 2026-W07: no thanks and no unsung work were recorded in that week."
TOLD = ("account-notify", "extended-join")


def everything(_: Heard) -> bool:
    return True


def accounts(heard: Queue[Heard], count: int) -> list[tuple[str, str | None]]:
    """Who said the next lines, as nick and account."""
    who = [heard.get(timeout=people.DEADLINE).who for _ in range(count)]
    return [(person.nick, person.account) for person in who]


# The whole bot, with real servers


@pytest.fixture(scope="module", params=["account-tag", "account-notify and WHOX", "WHOIS"])
def any_network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Networks that tell who is who in one way only, with the account boss."""
    without = {
        "account-tag": "",
        "account-notify and WHOX": '<module name="ircv3_accounttag">',
        "WHOIS": '<module name="ircv3_accounttag"><module name="ircv3">',
    }
    folder = tmp_path_factory.mktemp("network")
    with services.linked_services(folder, without[request.param].replace("><", ">\n<").split("\n")) as network:
        network.register("boss")
        yield network


def test_an_admin_is_an_account_under_any_nick_and_never_a_nick(any_network: Network, config: Config) -> None:
    """Both are in the channel before the bot is, and one logs in and out under its eyes."""
    with company(any_network.port, "friend", "boss") as (friend, boss):
        services.identify(friend, "boss")
        with an_app(config, any_network.port):
            boss.until("^:mentorbot!.* JOIN ")
            boss.send("PRIVMSG #mentors :!shoutout preview")
            assert boss.words() == f"boss: {DENIED}"
            friend.send("PRIVMSG #mentors :!shoutout preview")
            assert friend.words("PRIVMSG friend") == GRANTED
            friend.send("NICK chum", "PRIVMSG #mentors :!shoutout preview")
            assert friend.words("PRIVMSG chum") == GRANTED
            boss.send("PRIVMSG mentorbot :shoutout preview")
            assert boss.words("PRIVMSG boss") == DENIED
            services.identify(boss, "boss")
            boss.send("PRIVMSG mentorbot :shoutout preview")
            assert boss.words("PRIVMSG boss") == GRANTED
            with Person(any_network.port, "late") as late:
                late.send("PRIVMSG #mentors :!shoutout preview")
                assert late.words() == f"late: {DENIED}"


def test_a_logout_is_noticed(network: Network, config: Config) -> None:
    with Person(network.port, "boss") as boss, an_app(config, network.port):
        boss.until("^:mentorbot!.* JOIN ")
        services.identify(boss, "boss")
        boss.send("PRIVMSG NickServ :LOGOUT")
        boss.until(" 901 ")
        boss.send("PRIVMSG mentorbot :shoutout preview")
        assert boss.words("PRIVMSG boss") == DENIED


def test_where_there_are_no_services_it_answers_and_nobody_is_an_admin(tmp_path: Path, config: Config) -> None:
    with ircds.ngircd(tmp_path) as server, Person(server.port, "boss") as boss, an_app(config, server.port):
        boss.until("^:mentorbot!.* JOIN ")
        boss.send("PRIVMSG #mentors :!shoutout preview", "PRIVMSG #mentors :!why 1")
        assert {boss.words(), boss.words()} == {
            f"boss: {DENIED}",
            "boss: I have not suggested anything to you yet; say !starter.",
        }


# A server that says what the test has it say


def joined(server: people.Server, *capabilities: str, features: str = "") -> Wire:
    """The bot in #c, where the server knows these capabilities."""
    peer = server.accept()
    peer.until("^USER")
    peer.send(f":srv CAP * LS :{' '.join(capabilities)}")
    peer.send(*[f":srv CAP * ACK :{name}" for name in capabilities])
    peer.until("^CAP END")
    peer.send(":srv 001 bot :Welcome", f":srv 005 bot {features} A=1 :are supported")
    peer.until("^JOIN #c")
    peer.send(":bot!b@h JOIN #c * :bot" if "extended-join" in capabilities else ":bot!b@h JOIN #c")
    peer.send("PING :joined")
    if "WHOX" in features:
        peer.until("^WHO #c %tcna,152$")
    peer.until("^PONG :joined")
    return peer


def say(peer: Wire, *lines: str) -> None:
    peer.send(*[line if " " in line else f":{line}!u@h PRIVMSG #c :hi" for line in lines])


def test_extended_join_account_notify_and_whox_tell_who_is_who(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD, features="WHOX") as peer:
        say(peer, ":srv 354 bot 152 #C Here h-account", ":srv 354 bot 152 #c guest 0", ":srv 354 bot 7 #c odd boss")
        say(peer, ":srv 354 bot 152 #c", ":srv 354 bot 152 #elsewhere odd boss")
        say(peer, ":new!u@h JOIN #C n-account :New", ":none!u@h JOIN #c * :None")
        say(peer, "here", "HERE", "guest", "new", "none", "odd")
        assert accounts(heard, 6) == [
            *[("here", "h-account"), ("HERE", "h-account"), ("guest", None)],
            *[("new", "n-account"), ("none", None), ("odd", None)],
        ]
        say(peer, ":none!u@h ACCOUNT later", ":new!u@h ACCOUNT *", ":odd!u@h ACCOUNT boss", "none", "new", "odd")
        assert accounts(heard, 3) == [("none", "later"), ("new", None), ("odd", None)]


@pytest.mark.parametrize(
    "gone",
    [
        [":Ann!u@h QUIT :bye"],
        [":ann!u@h QUIT :a.example.org b.example.org"],
        [":ann!u@h PART #c"],
        [":op!u@h KICK #c ann :out"],
        [":ann!u@h NICK another"],
        [":bot!b@h PART #c"],
        [":srv CAP bot DEL :account-notify"],
    ],
    ids=["quits", "is split off", "parts", "is kicked", "is called another", "we part", "nobody tells us more"],
)
def test_who_goes_is_forgotten_and_their_nick_is_worth_nothing(server: people.Server, gone: list[str]) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD) as peer:
        say(peer, ":ann!u@h JOIN #c boss :Ann", "ann", *gone, ":ann!x@y PRIVMSG bot :it is me")
        assert accounts(heard, 2) == [("ann", "boss"), ("ann", None)]


def test_who_shares_another_channel_with_the_bot_is_still_known(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD) as peer:
        say(peer, ":bot!b@h JOIN #d * :bot", ":ann!u@h JOIN #c boss :Ann", ":ann!u@h JOIN #d boss :Ann")
        say(peer, ":ann!u@h PART #c", ":ann!u@h PRIVMSG bot :one", ":bot!b@h KICK #d ann", ":ann!u@h PRIVMSG bot :two")
        assert accounts(heard, 2) == [("ann", "boss"), ("ann", None)]


def test_an_account_follows_its_nick(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD) as peer:
        say(peer, ":ann!u@h JOIN #c boss :Ann", ":ann!u@h NICK [Ann]", "{ann}", ":{ann}!u@h NICK {aNN}", "[ann]", "ann")
        assert accounts(heard, 3) == [("{ann}", "boss"), ("[ann]", "boss"), ("ann", None)]


def test_nicks_that_the_server_tells_apart_are_two_people(server: people.Server) -> None:
    features = "CASEMAPPING=ascii"
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD, features=features) as peer:
        say(peer, ":ann[]!u@h JOIN #c boss :Ann", "ann[]", "ANN[]", "ann{}")
        assert accounts(heard, 3) == [("ann[]", "boss"), ("ANN[]", "boss"), ("ann{}", None)]


def test_a_tag_goes_before_memory(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *TOLD, "account-tag") as peer:
        say(peer, ":ann!u@h JOIN #c boss :Ann", "ann", "@account=other :ann!u@h PRIVMSG #c :hi")
        say(peer, "@account :ann!u@h PRIVMSG #c :hi", "@account= :ann!u@h PRIVMSG #c :hi")
        assert accounts(heard, 4) == [("ann", None), ("ann", "other"), ("ann", None), ("ann", None)]


@pytest.mark.parametrize("capabilities", [[], ["extended-join"], ["account-notify"]])
def test_memory_is_not_believed_unless_every_change_is_told(server: people.Server, capabilities: list[str]) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, *capabilities, features="A") as peer:
        say(peer, ":ann!u@h JOIN #c boss :Ann", ":srv 354 bot 152 #c ann boss", ":ann!u@h ACCOUNT boss", "ann")
        assert accounts(heard, 1) == [("ann", None)]


def test_when_the_server_begins_to_tell_the_people_here_are_asked_for(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), joined(server, features="A=2") as peer:
        peer.send(":srv 005 bot WHOX :are supported", f":srv CAP bot NEW :{' '.join(TOLD)}")
        peer.send(*[f":srv CAP bot ACK :{name}" for name in TOLD])
        peer.until("^WHO #c %tcna,152")
        say(peer, ":srv 354 bot 152 #c ann boss", "ann")
        assert accounts(heard, 1) == [("ann", "boss")]


# WHOIS


def test_whois_is_asked_for_lines_to_the_bot_only_and_its_answer_is_kept_for_a_while(server: people.Server) -> None:
    def asks(heard: Heard) -> bool:
        return heard.text.startswith("!")

    with a_bot(server.port, channels=("#c",), asks=asks) as (_, heard), joined(server) as peer:
        say(peer, ":ann!u@h PRIVMSG #c :chatter", ":ann!u@h PRIVMSG #c :!one", ":Ann!u@h PRIVMSG #c :!two")
        assert heard.get(timeout=people.DEADLINE).text == "chatter"
        assert [peer.line(), peer.line()] == ["WHOIS ann", "WHOIS Ann"]
        say(peer, ":ann!u@h PRIVMSG #c :!three", "PING :x")
        assert peer.line() == "PONG :x"
        assert heard.empty()
        for nick in ("ann", "Ann"):
            peer.send(f":srv 311 bot {nick} u h * :Ann", f":srv 330 bot {nick} boss :is logged in as")
            peer.send(f":srv 318 bot {nick} :End")
        lines = [heard.get(timeout=people.DEADLINE) for _ in range(3)]
        assert [(line.who.nick, line.who.account, line.text) for line in lines] == [
            *[("ann", "boss", "!one"), ("ann", "boss", "!three"), ("Ann", "boss", "!two")]
        ]
        say(peer, ":ann!u@h PRIVMSG #c :!four", "PING :y")
        assert peer.line() == "PONG :y"
        assert accounts(heard, 1) == [("ann", "boss")]


@pytest.mark.parametrize(
    ("answer", "account"),
    [
        ([":srv 311 bot ann u h * :A", ":srv 307 bot ann :is a registered nick"], "ann"),
        ([":srv 311 bot ann u h * :A", ":srv 307 bot ann :user has identified to services"], "ann"),
        ([":srv 311 bot ann u h * :A", ":srv 307 bot ann :x", ":srv 330 bot ann boss :is logged in as"], "boss"),
        ([":srv 311 bot ann u h * :A", ":srv 330 bot ann boss :is logged in as", ":srv 307 bot ann :x"], "boss"),
        ([":srv 311 bot ann u h * :A"], None),
        ([":srv 311 bot ann x y * :somebody else now", ":srv 330 bot ann boss :is logged in as"], None),
        ([":srv 330 bot ann boss :of nobody seen"], None),
        ([":srv 311 bot ann u h * :A", ":srv 330 bot ben boss :another question's"], None),
        ([":srv 401 bot ann :No such nick"], None),
    ],
)
def test_whois_is_read(server: people.Server, answer: list[str], account: str | None) -> None:
    with a_bot(server.port, channels=("#c",), asks=everything) as (_, heard), joined(server) as peer:
        say(peer, "ann")
        peer.until("^WHOIS ann")
        peer.send(*answer, ":srv 318 bot ann :End of WHOIS", ":srv 318 bot ann :and again")
        assert accounts(heard, 1) == [("ann", account)]


@pytest.mark.parametrize(
    "gone", [":ann!u@h QUIT :bye", ":ann!u@h NICK anna", ":ann!u@h ACCOUNT *"], ids=["quits", "is renamed", "logs out"]
)
def test_what_whois_said_is_not_kept_when_the_person_changes(server: people.Server, gone: str) -> None:
    with a_bot(server.port, channels=("#c",), asks=everything) as (_, heard), joined(server) as peer:
        say(peer, "ann")
        peer.until("^WHOIS ann")
        peer.send(":srv 311 bot ann u h * :A", ":srv 330 bot ann boss :is logged in as", ":srv 318 bot ann :End")
        assert accounts(heard, 1) == [("ann", "boss")]
        say(peer, gone, "ann")
        peer.until("^WHOIS ann")
        peer.send(":srv 311 bot ann u h * :A", ":srv 318 bot ann :End")
        assert accounts(heard, 1) == [("ann", None)]


def test_who_is_not_logged_in_is_asked_about_again_each_time(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",), asks=everything) as (_, heard), joined(server) as peer:
        for account in (None, "ann"):
            say(peer, "ann")
            peer.until("^WHOIS ann")
            peer.send(":srv 311 bot ann u h * :A", *([":srv 330 bot ann ann :is"] if account else []))
            peer.send(":srv 318 bot ann :End")
            assert accounts(heard, 1) == [("ann", account)]


def test_a_line_is_heard_when_whois_stays_unanswered(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, whois=0.1)
    bot = a_bot(server.port, channels=("#c",), asks=everything, patience=patience)
    with bot as (_, heard), joined(server) as peer:
        say(peer, "ann")
        peer.until("^WHOIS ann")
        assert accounts(heard, 1) == [("ann", None)]


def test_nobody_waits_for_a_server_that_answers_no_whois_until_it_answers_one(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, whois=0.3)
    bot = a_bot(server.port, channels=("#c",), asks=everything, patience=patience)
    with bot as (_, heard), joined(server) as peer:
        say(peer, "a", "b", "c")
        assert accounts(heard, 3) == [("a", None), ("b", None), ("c", None)]
        say(peer, "d", "e", "d", "e")
        began = time.monotonic()
        assert accounts(heard, 4) == [("d", None), ("e", None), ("d", None), ("e", None)]
        assert time.monotonic() - began < 0.3
        assert [peer.until("^WHOIS") for _ in range(4)][-1] == "WHOIS d"
        peer.send(":srv 311 bot d u h * :D", ":srv 330 bot d dora :is", ":srv 318 bot d :End", "PING :x")
        assert peer.line() == "PONG :x"
        say(peer, "f")
        assert peer.line() == "WHOIS f"
        peer.send(":srv 311 bot f u h * :F", ":srv 330 bot f flora :is", ":srv 318 bot f :End")
        assert accounts(heard, 1) == [("f", "flora")]


def test_one_person_in_haste_asks_once_and_few_lines_wait(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",), asks=everything) as (_, heard), joined(server) as peer:
        say(peer, *["ann"] * 15)
        assert accounts(heard, 5) == [("ann", None)] * 5
        assert peer.line() == "WHOIS ann"
        peer.send(":srv 311 bot ann u h * :A", ":srv 330 bot ann Ann :is", ":srv 318 bot ann :End", "PING :x")
        assert peer.line() == "PONG :x"
        assert accounts(heard, 10) == [("ann", "Ann")] * 10


def test_what_the_pace_kept_back_too_long_is_not_asked_any_more(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, whois=0.4)
    bot = a_bot(server.port, channels=("#c",), asks=everything, patience=patience, flood_rate=4, flood_burst=1)
    with bot as (_, heard), joined(server) as peer:
        say(peer, *[f"ann{number}" for number in range(20)])
        assert accounts(heard, 20) == [(f"ann{number}", None) for number in range(20)]
        say(peer, "bob")
        asked = list(iter(peer.line, "WHOIS bob"))
        assert asked in (["WHOIS ann0"], ["WHOIS ann0", "WHOIS ann1"])


def test_a_line_is_heard_when_the_server_goes_away_before_it_answers(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",), asks=everything) as (_, heard):
        with joined(server) as peer:
            say(peer, "ann")
            peer.until("^WHOIS ann")
        assert accounts(heard, 1) == [("ann", None)]
        with joined(server) as peer:
            say(peer, "ann")
            assert peer.until("^WHOIS ann")


def test_questions_keep_the_pace_and_are_bounded(server: people.Server) -> None:
    bot = a_bot(server.port, channels=("#c",), asks=everything, flood_rate=0.01, flood_burst=2)
    with bot as (_, heard), joined(server) as peer:
        say(peer, *[f"ann{number}" for number in range(51)])
        assert [peer.line(), peer.line()] == ["WHOIS ann0", "WHOIS ann1"]
        assert accounts(heard, 1) == [("ann50", None)]
        assert quiet(peer, 0.05)
        assert heard.empty()
