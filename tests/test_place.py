"""What the bot is called and which channels it is in: asked for until it has them, and changed while it runs."""

from __future__ import annotations

import dataclasses
import logging
import time

import pytest

from mentorbot.chat.place import _nicks
from mentorbot.models import Heard, Who
from tests import people
from tests.ircds import Ircd
from tests.people import HASTY, Person, a_bot


def test_a_taken_nick_is_replaced_and_won_back(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",), nick="mentorbot") as (bot, heard), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv 433 * mentorbot :taken")
        assert peer.until("^NICK") == "NICK mentorbot_"
        peer.send(":srv 432 * mentorbot_ :too long")
        assert peer.until("^NICK") == "NICK mentorbot__"
        peer.send(":srv 432 * mentorbot__ :too long")
        assert peer.until("^NICK") == "NICK mentorbo2"
        peer.send(":srv 437 * mentorbo2 :not now")
        assert peer.until("^NICK") == "NICK mentorbo3"
        peer.send(":srv 001 mentorbo3 :hi")
        assert peer.until("^NICK") == "NICK mentorbot"
        peer.send(":srv 433 mentorbo3 mentorbot :taken", ":Mentorbot!x@h PRIVMSG mentorbo3 :I am another")
        assert heard.get(timeout=people.DEADLINE).text == "I am another"
        assert bot.nick == "mentorbo3"
        peer.send(":mentorbot!x@h QUIT :bye")
        assert peer.until("^NICK") == "NICK mentorbot"
        peer.send(":MENTORBO3!x@h NICK :mentorbot", ":a!b@h PRIVMSG mentorbot :hi")
        assert heard.get(timeout=people.DEADLINE) == Heard(Who("a"), None, "hi")
        assert bot.nick == "mentorbot"


def test_many_channels_are_joined_in_few_lines(server: people.Server) -> None:
    channels = tuple(f"#{'x' * 47}{number:02}" for number in range(10))
    with a_bot(server.port, channels=channels), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv 001 bot :hi")
        assert [peer.until("^JOIN"), peer.line()] == [
            f"JOIN {','.join(channels[:8])}",
            f"JOIN {','.join(channels[8:])}",
        ]


def test_it_comes_back_after_a_kick_and_keeps_asking_after_a_ban(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, _), server.welcome() as peer:
        peer.send(":srv 437 bot #x :not now", ":op!o@h KICK #C Bot :out")
        peer.until("^JOIN #c")
        peer.send(":srv 474 bot #c :you are banned")
        peer.until("^JOIN #c")
        bot.say("#c", ["at last"])
        peer.send(":bot!b@h JOIN #c")
        assert peer.until("PRIVMSG") == "PRIVMSG #c :at last"


def test_who_is_kicked_again_comes_back_later_each_time(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, rejoin=0.2, wanting=0.05, last_rejoin=0.8)
    with a_bot(server.port, patience=patience, channels=("#c", "#d")), server.welcome() as peer:
        waits = []
        for _ in range(4):
            peer.send(":bot!b@h JOIN #c", ":bot!b@h JOIN #d", "PING :here")
            peer.until("^PONG")  # it wants nothing more, though it may have asked twice
            peer.send(":op!o@h KICK #c bot :out")
            began = time.monotonic()
            peer.until("^JOIN #c$")
            waits.append(time.monotonic() - began)
    assert all(wait >= least for wait, least in zip(waits, (0.2, 0.4, 0.8, 0.8), strict=True)), waits


def test_a_kick_of_long_ago_is_forgiven(server: people.Server) -> None:
    patience = dataclasses.replace(HASTY, rejoin=0.01, forgiven=0.0, last_rejoin=30)
    with a_bot(server.port, patience=patience, channels=("#c",)), server.welcome() as peer:
        for _ in range(15):
            peer.send(":bot!b@h JOIN #c", ":op!o@h KICK #c bot :out")
            peer.until("^JOIN #c$")


def test_names_for_itself_run_out_never() -> None:
    names = _nicks("mentorbot")
    assert [next(names) for _ in range(12)][2:] == [f"mentorbo{n}" for n in range(2, 10)] + ["mentorb10", "mentorb11"]


def test_on_a_real_server_channels_come_and_go_on_the_same_connection(
    ircd: Ircd, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        Person(ircd.port, "alice") as alice,
        Person(ircd.port, "bob", "#new") as bob,
        a_bot(ircd.port, patience=dataclasses.replace(HASTY, wanting=60), channels=("#mentors", "#Old")) as (
            bot,
            heard,
        ),
        caplog.at_level(logging.INFO, "mentorbot.chat.place"),
    ):
        alice.until("^:bot!.* JOIN ")
        bot.change(people.settings(ircd.port, channels=("#MENTORS", "#new", "#old")))
        bob.until("^:bot!.* JOIN :?#new")
        bot.change(people.settings(ircd.port, channels=("#new",)))
        alice.until("^:bot!.* PART :?#mentors")
        bot.say("#new", ["still here"])
        assert bob.words() == "still here"
        bob.send("PRIVMSG #new :good")
        assert heard.get(timeout=people.DEADLINE).text == "good"
        assert bot.channels == ["#new"]
    assert sorted(record.getMessage() for record in caplog.records) == [
        "Left #Old, where I am no longer wanted.",
        "Left #mentors, where I am no longer wanted.",
    ]


def test_it_goes_where_it_is_told_until_there_are_new_settings(ircd: Ircd) -> None:
    with (
        Person(ircd.port, "alice") as alice,
        Person(ircd.port, "bob", "#new") as bob,
        a_bot(ircd.port, patience=dataclasses.replace(HASTY, wanting=60)) as (bot, heard),
    ):
        alice.until("^:bot!.* JOIN ")
        assert bot.part("#NEW") is False
        bot.join("#new")
        bob.until("^:bot!.* JOIN :?#new")
        bob.send("PRIVMSG #new :hello")
        assert heard.get(timeout=people.DEADLINE).text == "hello"
        assert bot.part("#Mentors") is True
        alice.until("^:bot!.* PART :?#mentors")
        bot.change(people.settings(ircd.port))
        bob.until("^:bot!.* PART :?#new")
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #mentors :good")
        assert heard.get(timeout=people.DEADLINE).text == "good"
        assert bot.channels == ["#mentors"]


def test_channels_that_change_while_it_is_away_are_those_it_comes_back_to(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c", "#d")) as (bot, _):
        server.welcome("#c,#d").close()
        bot.change(people.settings(server.port, channels=("#e",)))
        with server.accept() as peer:
            peer.until("^USER ")
            peer.send(":srv CAP * LS :", ":srv 001 bot :Welcome")
            peer.until("^JOIN")
            peer.send("PING :x")
            assert peer.line() == "PONG :x"


def test_who_left_while_it_was_out_of_a_channel_is_not_there(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, heard), server.welcome() as peer:
        peer.send(":op!o@h KICK #c bot :out")
        peer.until("^JOIN #c")
        assert bot.people("#c") == frozenset()
        peer.send(":bot!b@h JOIN #c", ":srv 353 bot = #c :bot @op", ":op!o@h PRIVMSG #c :welcome back")
        assert heard.get(timeout=people.DEADLINE).text == "welcome back"
        assert sorted(bot.people("#c")) == ["bot", "op"]
