"""The bot on a network: what it hears and says, and how it stays, on real servers and on one that plays tricks."""

import dataclasses
import logging
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from mentorbot import clock
from mentorbot.chat.bot import Bot
from mentorbot.chat.demo_server import serve
from mentorbot.chat.presence import Patience, _backoff, _nicks
from mentorbot.models import Heard, Who
from tests import ircds
from tests.ircds import HASTY, Ircd, Person, a_bot


@pytest.fixture(scope="module", params=["ngircd", "inspircd"])
def ircd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    folder = tmp_path_factory.mktemp(request.param)
    with getattr(ircds, request.param)(folder) as server:
        yield server


@pytest.fixture(scope="module")
def inspircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ircd]:
    with ircds.inspircd(tmp_path_factory.mktemp("tls")) as server:
        yield server


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
        who = Who("alice", None, "127.0.0.1")
        assert [heard.get(timeout=ircds.DEADLINE) for _ in range(3)] == [
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


def test_when_a_real_server_is_killed_the_bot_comes_back_to_its_channels(ircd: Ircd) -> None:
    with Person(ircd.port, "alice") as alice, a_bot(ircd.port, channels=("#mentors", "#Docs")) as (bot, heard):
        alice.until("^:bot!.* JOIN ")
        ircd.kill()
        with pytest.raises((EOFError, ConnectionError)):
            alice.until("nothing more")
        ircd.start()
        with Person(ircd.port, "alice") as again:
            again.send("JOIN #docs")
            again.until(" 366 ")
            bot.say("#mentors", ["back again"])
            assert again.words() == "back again"
            again.send("PRIVMSG bot :are you there?")
            assert heard.get(timeout=ircds.DEADLINE).text == "are you there?"
            bot.say("#Docs", ["yes"])
            assert again.words("PRIVMSG #[Dd]ocs") == "yes"


def test_over_verified_tls_it_hears_and_speaks(inspircd: Ircd) -> None:
    tls: dict[str, Any] = {"tls": True, "tls_ca": str(inspircd.folder / "ca.crt"), "server": "localhost"}
    with Person(inspircd.port, "alice") as alice, a_bot(inspircd.tls_port, **tls) as (bot, heard):
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #mentors :hi")
        assert heard.get(timeout=ircds.DEADLINE).text == "hi"
        bot.say("#mentors", ["x" * 5000])
        assert heard_whole(alice, "#mentors", 5000) == "x" * 5000


def test_a_server_whose_certificate_is_for_another_host_is_never_spoken_to(
    inspircd: Ircd, caplog: pytest.LogCaptureFixture
) -> None:
    tls: dict[str, Any] = {"tls": True, "tls_ca": str(inspircd.folder / "ca.crt"), "server": "127.0.0.1"}
    logged: Queue[str] = Queue()
    listener = logging.Handler()
    listener.emit = lambda record: logged.put(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mentorbot.chat").addHandler(listener)
    try:
        with a_bot(inspircd.tls_port, **tls) as (bot, _):
            said = logged.get(timeout=ircds.DEADLINE)
            assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in said
            assert not bot.connected
    finally:
        logging.getLogger("mentorbot.chat").removeHandler(listener)


# On a server that does as it is told


@pytest.fixture
def server() -> Iterator[ircds.Server]:
    with ircds.Server() as it:
        yield it


def test_it_asks_for_accounts_and_knows_them(server: ircds.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard):
        peer = server.accept()
        assert [peer.line() for _ in range(3)] == ["CAP LS 302", "NICK bot", "USER bot 0 * :mentorbot 1.2"]
        peer.send(":srv CAP * LS * :sasl=PLAIN,EXTERNAL multi-prefix", ":srv CAP * LS :account-tag server-time")
        assert peer.line() == "CAP REQ :account-tag"
        peer.send(":srv CAP bot ACK :account-tag ")
        assert peer.line() == "CAP END"
        peer.send(":srv 001 bot :hi", ":bot!b@h JOIN #c")
        peer.send("@account=Alice_2;time=x :alice!a@h PRIVMSG #c :one", ":bob!b@h PRIVMSG bot :two")
        assert [heard.get(timeout=ircds.DEADLINE) for _ in range(2)] == [
            Heard(Who("alice", "Alice_2", "h"), "#c", "one"),
            Heard(Who("bob", None, "h"), None, "two"),
        ]
        peer.close()


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([":srv 421 * CAP :Unknown command"], id="knows no CAP"),
        pytest.param([":srv CAP * LS :"], id="has none"),
        pytest.param([":srv CAP * LS :account-tag", ":srv CAP * NAK :account-tag"], id="refuses"),
        pytest.param([], id="says nothing of it"),
    ],
)
def test_a_server_without_capabilities_does_not_keep_it_out(server: ircds.Server, answers: list[str]) -> None:
    patience = dataclasses.replace(HASTY, capabilities=0.1)
    with a_bot(server.port, patience=patience), server.accept() as peer:
        peer.until("^USER")
        peer.send(*answers)
        if answers[:1] != [":srv 421 * CAP :Unknown command"]:
            peer.until("^CAP END")
        peer.send(":srv 001 bot :hi")
        peer.until("^JOIN #mentors")


def test_what_a_server_or_it_itself_says_is_not_heard(server: ircds.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (_, heard), server.welcome() as peer:
        peer.send(":srv PRIVMSG #c :a server", ":BOT!b@h PRIVMSG #c :an echo", ":a!b@h NOTICE #c :a notice")
        peer.send(":a!b@h PRIVMSG $*.org :to all", ":a!b@h PRIVMSG #c :\x02\x02", ":a!b@h PRIVMSG @#c :to operators")
        assert heard.get(timeout=ircds.DEADLINE) == Heard(Who("a", None, "h"), "#c", "to operators")


def test_what_is_said_from_another_thread_leaves_at_once(server: ircds.Server) -> None:
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


def test_pong_does_not_wait_for_what_is_said(server: ircds.Server) -> None:
    with a_bot(server.port, channels=("#c",), flood_rate=0.001, flood_burst=2) as (bot, _), server.welcome() as peer:
        bot.say("#c", list("abcd"))
        assert [peer.line(), peer.line()] == ["PRIVMSG #c :a", "PRIVMSG #c :b"]
        peer.send("PING :x")
        assert peer.line() == "PONG :x"
        bot.quit("bye\r\nnow")
        assert peer.line() == "QUIT :bye now"


def test_said_is_called_when_all_was_written(server: ircds.Server) -> None:
    done = threading.Event()
    with a_bot(server.port, channels=("#c",)) as (bot, _):
        bot.say("#c", ["one", "two"], said=done.set)
        assert not done.wait(0.05)
        with server.welcome() as peer:
            assert done.wait(ircds.DEADLINE)
            assert [peer.line(), peer.line()] == ["PRIVMSG #c :one", "PRIVMSG #c :two"]


def test_a_fault_in_the_app_is_logged_and_the_bot_goes_on(
    server: ircds.Server, caplog: pytest.LogCaptureFixture
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
        assert [heard.get(timeout=ircds.DEADLINE) for _ in range(2)] == ["one", "two"]
        bot.say("#c", ["hi"], said=said)
        assert peer.line() == "PRIVMSG #c :hi"
        assert [ticks.get(timeout=ircds.DEADLINE) for _ in range(2)] == [1, 1]
        assert bot.connected
    for broken in ("hear", "tick", "said"):
        assert f"RuntimeError: {broken} is broken" in caplog.text


def test_a_taken_nick_is_replaced_and_won_back(server: ircds.Server) -> None:
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
        assert heard.get(timeout=ircds.DEADLINE).text == "I am another"
        assert bot.nick == "mentorbo3"
        peer.send(":mentorbot!x@h QUIT :bye")
        assert peer.until("^NICK") == "NICK mentorbot"
        peer.send(":MENTORBO3!x@h NICK :mentorbot", ":a!b@h PRIVMSG mentorbot :hi")
        assert heard.get(timeout=ircds.DEADLINE) == Heard(Who("a", None, "h"), None, "hi")
        assert bot.nick == "mentorbot"


def test_its_own_mask_is_learned_and_counted(server: ircds.Server) -> None:
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


def test_it_comes_back_after_a_kick_and_keeps_asking_after_a_ban(server: ircds.Server) -> None:
    with a_bot(server.port, channels=("#c",)) as (bot, _), server.welcome() as peer:
        peer.send(":srv 437 bot #x :not now", ":op!o@h KICK #C Bot :out")
        peer.until("^JOIN #c")
        peer.send(":srv 474 bot #c :you are banned")
        peer.until("^JOIN #c")
        bot.say("#c", ["at last"])
        peer.send(":bot!b@h JOIN #c")
        assert peer.until("PRIVMSG") == "PRIVMSG #c :at last"


def test_a_silent_server_is_asked_and_then_left(server: ircds.Server) -> None:
    patience = dataclasses.replace(HASTY, silence=0.2, answer=0.1)
    with a_bot(server.port, patience=patience, channels=("#c",)) as (bot, _):
        with server.welcome() as peer:
            for _ in range(2):
                assert peer.until("^PING") == "PING 127.0.0.1"
                peer.send(":srv PONG srv :127.0.0.1")
            peer.until("^PING")
            with pytest.raises(EOFError):
                peer.line()
        server.welcome().close()


def test_a_server_that_never_welcomes_is_left(server: ircds.Server) -> None:
    patience = dataclasses.replace(HASTY, register=0.1)
    with a_bot(server.port, patience=patience):
        with server.accept() as peer, pytest.raises(EOFError):
            peer.until("nothing more")
        server.accept().close()


def test_tries_come_further_apart_and_near_again_after_a_success() -> None:
    random.seed(1)
    patience = Patience()
    delays = [_backoff(failures, patience) for failures in [*range(12), 10**6]]
    longest = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))
    assert len({_backoff(3, patience) for _ in range(9)}) == 9


def test_after_a_while_on_the_network_the_next_try_is_quick_again(caplog: pytest.LogCaptureFixture) -> None:
    patience = dataclasses.replace(HASTY, first_retry=0.01, last_retry=100, settled=0.05)
    with ircds.Server() as server, a_bot(server.port, patience=patience, channels=("#c",)) as (bot, heard):
        for _ in range(4):
            server.accept().close()
        with server.welcome() as peer:
            assert bot._presence._failures == 4
            while bot._presence._failures:
                peer.send("PING :x")
                peer.until("^PONG")


def test_names_for_itself_run_out_never() -> None:
    names = _nicks("mentorbot")
    assert [next(names) for _ in range(12)][2:] == [f"mentorbo{n}" for n in range(2, 10)] + ["mentorb10", "mentorb11"]


def test_quit_ends_a_bot_that_is_not_connected_or_not_yet_run() -> None:
    port = ircds.free_port()
    with a_bot(port) as (bot, _):
        pass
    assert not bot.connected
    early = Bot(ircds.settings(port), lambda _: None, clock.system)
    early.quit()
    early.run()


def test_quit_does_not_wait_for_a_server_that_never_hangs_up(server: ircds.Server) -> None:
    patience = dataclasses.replace(HASTY, farewell=0.1)
    with a_bot(server.port, patience=patience, channels=("#c",)) as (bot, _):
        peer = server.welcome()
        began = time.monotonic()
        bot.quit("bye")
        assert peer.until("^QUIT") == "QUIT :bye"
        with pytest.raises(EOFError):
            peer.line()
        assert time.monotonic() - began < 2
        peer.close()


def test_a_target_that_would_split_a_line_is_refused() -> None:
    bot = Bot(ircds.settings(1), lambda _: None, clock.system)
    for target in ["", "#c x", "a,b", ":x", "#c\r\nQUIT", "x" * 65]:
        with pytest.raises(ValueError, match="neither a channel nor a nick"):
            bot.say(target, ["hi"])
    bot.quit()
    bot.run()


def test_ctcp_is_answered_a_few_times_only_and_shortly(server: ircds.Server) -> None:
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


def test_a_signal_ends_it_politely(server: ircds.Server) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(server.port)], cwd=Path(__file__).parents[1])
    with server.welcome() as peer:
        process.send_signal(signal.SIGTERM)
        assert peer.until("^QUIT") == "QUIT :told to end"
    assert process.wait(ircds.DEADLINE) == 0


def test_at_rest_it_hardly_wakes(server: ircds.Server) -> None:
    waits: Queue[int] = Queue()

    def tick() -> None:
        waits.put(resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw)

    with a_bot(server.port, tick=tick, channels=("#c",)), server.welcome():
        counted = [waits.get(timeout=ircds.DEADLINE) for _ in range(4)]
    # The first second is that of the welcome; then there are the ticks and HASTY's few timers.
    assert counted[3] - counted[1] <= 20


def test_on_the_demo_server_everybody_has_an_account() -> None:
    with serve() as (_, port), Person(port, "alice") as alice, a_bot(port) as (_, heard):
        alice.until("^:bot!.* JOIN ")
        alice.send("PRIVMSG #MENTORS :hi")
        assert heard.get(timeout=ircds.DEADLINE).who == Who("alice", "alice", "127.0.0.1")
