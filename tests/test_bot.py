"""The bot on a network: what it hears and says, and how it stays, on real servers and on one that plays tricks."""

import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from mentorbot import clock
from mentorbot.chat.bot import Bot
from mentorbot.chat.demo_server import serve
from mentorbot.errors import ConfigError
from mentorbot.models import Heard, Who
from tests import people
from tests.ircds import Ircd
from tests.people import Person, a_bot


def heard_whole(person: Person, target: str, length: int) -> str:
    """What comes for that target, joined, until it is as long."""
    words = ""
    while len(words) < length:
        words += person.words(f"PRIVMSG {target}")
    return words


def test_on_a_real_server_it_hears_and_every_character_it_says_arrives(ircd: Ircd) -> None:
    with Person(ircd.port, "alice") as alice, a_bot(ircd.port) as (bot, heard):
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #mentors :\x02!starter\x02   docs", "PRIVMSG bot :help", "NOTICE #mentors :not this")
        alice.send("PRIVMSG #mentors :\x01ACTION waves\x01", "PRIVMSG #mentors :caf\u00e9 ☂")
        who = Who("alice")
        assert [heard.get(timeout=people.DEADLINE) for _ in range(3)] == [
            Heard(who, "#mentors", "!starter docs"),
            Heard(who, None, "help"),
            Heard(who, "#mentors", "café ☂"),
        ]
        for words in ["é" * 1000, "☂ " * 500 + "end", "\U0001f469\U0001f3fd" * 300, "word " * 300 + "end"]:
            bot.say("#mentors", [words])
            assert heard_whole(alice, "#mentors", len(words)) == words
            bot.say("alice", [words])
            assert heard_whole(alice, "alice", len(words)) == words
        assert (bot.connected, bot.nick, bot.channels) == (True, "bot", ["#mentors"])


def test_on_a_real_server_a_quoted_line_end_makes_no_second_line(ircd: Ircd) -> None:
    with Person(ircd.port, "mallory") as mallory, a_bot(ircd.port):
        mallory.until("^:bot!.* JOIN ")
        mallory.send("PRIVMSG bot :\x01PING \x10rPRIVMSG #mentors :X\x01", "PRIVMSG bot :\x01VERSION\x01")
        assert mallory.words("NOTICE mallory") == "\x01PING rPRIVMSG #mentors :X\x01"
        # The next line for mallory is the next answer: nothing was said in the channel between.
        assert mallory.line().split(" ", 1)[1] == "NOTICE mallory :\x01VERSION mentorbot 1.2\x01"


def test_over_verified_tls_it_hears_and_speaks(tls_ircd: Ircd) -> None:
    tls: dict[str, Any] = {"tls": True, "tls_ca": str(tls_ircd.folder / "ca.crt"), "server": "localhost"}
    with Person(tls_ircd.port, "alice") as alice, a_bot(tls_ircd.tls_port, **tls) as (bot, heard):
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #mentors :hi")
        assert heard.get(timeout=people.DEADLINE).text == "hi"
        bot.say("#mentors", ["x" * 5000])
        assert heard_whole(alice, "#mentors", 5000) == "x" * 5000


def test_it_asks_for_accounts_and_knows_them(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard):
        peer = server.accept()
        assert [peer.line() for _ in range(3)] == ["CAP LS 302", "NICK bot", "USER bot 0 * :mentorbot 1.2"]
        peer.send(":srv CAP * LS * :sasl=PLAIN,EXTERNAL multi-prefix", ":srv CAP * LS :account-tag server-time")
        assert peer.line() == "CAP REQ :account-tag"
        peer.send(":srv CAP bot ACK :account-tag ")
        assert peer.line() == "CAP END"
        peer.send(":srv 001 bot :hi", ":bot!b@h JOIN #c")
        peer.send("@account=Alice_2;time=x :alice!a@h PRIVMSG #c :one", ":bob!b@h PRIVMSG bot :two")
        assert [heard.get(timeout=people.DEADLINE) for _ in range(2)] == [
            Heard(Who("alice", "Alice_2"), "#c", "one"),
            Heard(Who("bob"), None, "two"),
        ]
        peer.close()


def test_what_a_server_or_it_itself_says_is_not_heard(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), server.welcome() as peer:
        peer.send(":srv PRIVMSG #c :a server", ":BOT!b@h PRIVMSG #c :an echo", ":a!b@h NOTICE #c :a notice")
        peer.send(":a!b@h PRIVMSG $*.org :to all", ":a!b@h PRIVMSG #c :\x02\x02", ":a!b@h PRIVMSG @#c :to operators")
        assert heard.get(timeout=people.DEADLINE) == Heard(Who("a"), "#c", "to operators")


def test_what_is_said_from_another_thread_leaves_at_once(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, _), server.welcome() as peer:
        peer.send("PING :x")
        peer.until("^PONG")
        took = []
        for number in range(50):
            began = time.monotonic()
            bot.say("#c", [f"line {number}"])
            assert peer.line() == f"PRIVMSG #c :line {number}"
            took.append(time.monotonic() - began)
        assert sorted(took)[25] < 0.005


def test_pong_does_not_wait_for_what_is_said(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",), flood_rate=0.001, flood_burst=2) as (bot, _), server.welcome() as peer:
        bot.say("#c", list("abcd"))
        assert [peer.line(), peer.line()] == ["PRIVMSG #c :a", "PRIVMSG #c :b"]
        peer.send("PING :x")
        assert peer.line() == "PONG :x"
        bot.quit("bye\r\nnow")
        assert peer.line() == "QUIT :bye now"


def test_said_is_called_when_all_was_written(server: people.Server) -> None:
    done = threading.Event()
    with a_bot(server.port, channels=("#c",)) as (bot, _):
        bot.say("#c", ["one", "two"], said=done.set)
        assert not done.wait(0.05)
        with server.welcome() as peer:
            assert done.wait(people.DEADLINE)
            assert [peer.line(), peer.line()] == ["PRIVMSG #c :one", "PRIVMSG #c :two"]


def test_a_fault_in_the_app_is_logged_and_the_bot_goes_on(
    server: people.Server, caplog: pytest.LogCaptureFixture
) -> None:
    ticks: Queue[int] = Queue()
    heard: Queue[str] = Queue()

    def hear(line: Heard) -> None:
        heard.put(line.text)
        raise RuntimeError("hear is broken")

    def tick() -> None:
        ticks.put(1)
        raise RuntimeError("tick is broken")

    def said() -> None:
        raise RuntimeError("said is broken")

    with a_bot(server.port, hear=hear, tick=tick, channels=("#c",)) as (bot, _), server.welcome() as peer:
        peer.send(":a!b@h PRIVMSG #c :one", ":a!b@h PRIVMSG #c :two")
        assert [heard.get(timeout=people.DEADLINE) for _ in range(2)] == ["one", "two"]
        bot.say("#c", ["hi"], said=said)
        assert peer.line() == "PRIVMSG #c :hi"
        assert [ticks.get(timeout=people.DEADLINE) for _ in range(2)] == [1, 1]
        assert bot.connected
    for broken in ("hear", "tick", "said"):
        assert f"RuntimeError: {broken} is broken" in caplog.text


def test_its_own_mask_is_learned_and_counted(server: people.Server) -> None:
    def first_length() -> int:
        peer.send("PING :known")
        peer.until("^PONG :known")
        bot.say("#c", ["x" * 600])
        line = peer.until("PRIVMSG #c :x")
        peer.until("PRIVMSG #c :x")
        return len(line.removeprefix("PRIVMSG #c :"))

    with a_bot(server.port, channels=("#c",)) as (bot, _), server.accept() as peer:
        peer.until("^USER")
        peer.send(":srv 001 bot :hi", ":bot JOIN #c")
        assert first_length() == 510 - len(":bot! PRIVMSG #c :") - (11 + 1 + 64)
        peer.send(":bot!user@host.example.org MODE bot :+i")
        assert first_length() == 510 - len(":bot!user@host.example.org PRIVMSG #c :")
        peer.send(":srv 396 bot hidden.example.org :is now your host")
        assert first_length() == 510 - len(":bot!user@hidden.example.org PRIVMSG #c :")


def test_a_target_that_would_split_a_line_is_refused() -> None:
    bot = Bot(people.settings(1), lambda _: None, clock.system)
    for target in ["", "#c x", "a,b", ":x", "#c\r\nQUIT", "x" * 65, "a\x7f", "a\u202eb", "#c\u200b", "#\x02c"]:
        with pytest.raises(ValueError, match="neither a channel nor a nick"):
            bot.say(target, ["hi"])
    bot.quit()
    bot.run()


def test_a_bot_that_cannot_be_leaves_no_socket_open() -> None:
    login = {"nickserv": "NickServ", "account": "bot", "password_file": "/nowhere/password"}
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    for bad in (login, {"tls": True, "tls_ca": "/nowhere/ca.crt"}):
        for _ in range(5):
            with pytest.raises(ConfigError):
                Bot(people.settings(1, **bad), lambda _: None, clock.system)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_ctcp_is_answered_a_few_times_only_and_shortly(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, _heard), server.welcome() as peer:
        peer.send(f":a!b@h PRIVMSG bot :\x01PING {'é' * 300}\x01")
        assert peer.line() == f"NOTICE a :\x01PING {'é' * 64}\x01"
        peer.send(*[":a!b@h PRIVMSG bot :\x01VERSION\x01"] * 20, "PING :x")
        answers = list(iter(peer.line, "PONG :x"))
        assert answers == ["NOTICE a :\x01VERSION mentorbot 1.2\x01"] * 2


PROGRAM = """
import signal, sys
from mentorbot import clock
from mentorbot.chat.bot import Bot
from mentorbot.config import Irc
port = int(sys.argv[1])
bot = Bot(Irc(server="127.0.0.1", port=port, tls=False, nick="bot", channels=("#c",)), print, clock.system)
signal.signal(signal.SIGTERM, lambda *_: bot.quit("told to end"))
bot.run()
"""


def test_a_signal_ends_it_politely(server: people.Server) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(server.port)], cwd=Path(__file__).parents[1])
    with server.welcome() as peer:
        process.send_signal(signal.SIGTERM)
        assert peer.until("^QUIT") == "QUIT :told to end"
    assert process.wait(people.DEADLINE) == 0


def test_at_rest_it_hardly_wakes(server: people.Server) -> None:
    waits: Queue[int] = Queue()

    def tick() -> None:
        waits.put(resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw)

    with a_bot(server.port, tick=tick, channels=("#c",)), server.welcome():
        counted = [waits.get(timeout=people.DEADLINE) for _ in range(4)]
    # The first second is that of the welcome; then there are the ticks and HASTY's few timers.
    assert counted[3] - counted[1] <= 20


def test_on_the_demo_server_everybody_has_an_account() -> None:
    with serve() as (_, port), Person(port, "alice") as alice, a_bot(port) as (_, heard):
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #MENTORS :hi")
        assert heard.get(timeout=people.DEADLINE).who == Who("alice", "alice")


def test_it_knows_robots_by_the_tag_of_their_lines(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), server.welcome() as peer:
        peer.send(*(f"{tag}:a!b@h PRIVMSG #c :hi" for tag in ("@bot ", "@inspircd.org/bot;time=x ", "@bottle=1 ", "")))
        assert [heard.get(timeout=people.DEADLINE).who.robot for _ in range(4)] == [True, True, False, False]


def test_it_knows_who_is_in_its_channels(server: people.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, heard), server.welcome() as peer:
        peer.send(":Dave!d@h JOIN #c", ":Dave!d@h PRIVMSG #c :hi")
        assert heard.get(timeout=people.DEADLINE).text == "hi"
        assert sorted(bot.people("#C")) == ["alice", "bob", "bot", "dave"]
