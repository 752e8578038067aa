"""What a server, or anybody through one, may send: the bot stays, hears the next line and lets no line end out."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import people

VERBS = ["PING", "NICK", "QUIT", "MODE", "KICK", "JOIN", "PART", "PRIVMSG", "NOTICE", "CAP", "001"]
FEATURES = ["PREFIX=", "PREFIX=ov", "PREFIX=(", "TARGMAX=x", "CHANLIMIT=#", "MAXLIST=b:x", "-", "=", "LOAD=1", "SET=1"]
ODD = {
    "nothing but spaces": ["   "],
    "a colon": [":"],
    "a source without a command": [":alice!a@h"],
    "tags without a command": ["@account=alice"],
    "empty tags": ["@ :alice!a@h PRIVMSG #c :hi"],
    "commands without their arguments": VERBS,
    "the same with a source": [f":alice!a@h {verb}" for verb in VERBS],
    "the same from ourselves": [f":bot!b@h {verb}" for verb in VERBS],
    "numbers without their arguments": ["001", "005", "353", "366", "396", "433", "437", "471", "904"],
    "a second welcome": [":srv 001 bot :Welcome again"],
    "words without a target": [":alice!a@h PRIVMSG :hi"],
    "words without words": [":alice!a@h PRIVMSG #c :", ":alice!a@h PRIVMSG #c"],
    "a server that talks": ["PRIVMSG #c :hi", ":srv PRIVMSG #c :hi", ":srv NOTICE * :hi"],
    "not UTF-8": [":alice!a@h PRIVMSG #c :\xff\xfe\x81\x8d\x9d"],
    "control codes": [":alice!a@h PRIVMSG #c :\x02\x03\x04\x1f\x16\x00\x07"],
    "a bare CR inside": [":alice!a@h PRIVMSG #c :one\rPRIVMSG #c :two"],
    "CTCP of all sorts": [
        f":mallory!m@h PRIVMSG {target} :{words}"
        for target in ("bot", "#c")
        for words in ("\x01DCC\x01", "\x01\x01", "\x01", "\x01 \x01", "\x01DCC SEND x 1 1 1\x01", "\x01VERSION")
    ],
    "CTCP with quoted line ends": [
        f":mallory!m@h PRIVMSG bot :\x01{verb} \x10{quoted}QUIT :gone\x01"
        for verb in ("PING", "VERSION", "ping")
        for quoted in "rn0"
    ],
    "CTCP replies": [":mallory!m@h NOTICE bot :\x01PING\x01", ":mallory!m@h NOTICE bot :\x01\x01"],
    "channels we are not in": [
        ":a!b@c JOIN #x",
        ":a!b@c PART #x",
        ":a!b@c KICK #x b",
        ":srv 353 bot = #x :a",
        ":a MODE #x +o b",
    ],
    "our own part of one": [":bot!b@h PART #x", ":a!b@c KICK #x bot :out"],
    "our nick in capitals": [":BOT!b@h JOIN #d", ":BOT!b@h PART #d"],
    "features in disorder": [f":srv 005 bot {token} :are supported" for token in FEATURES],
    "capabilities in disorder": [
        ":srv CAP",
        ":srv CAP bot",
        ":srv CAP bot LS",
        ":srv CAP bot ACK : ",
        ":srv CAP bot NEW :x",
    ],
    "modes with more or fewer arguments than letters": [
        ":srv MODE #c +ao bob alice",
        ":srv MODE #c +oooo",
        ":srv MODE #c",
    ],
    "a very long line": [f":alice!a@h PRIVMSG #c :{'x' * 20000}"],
    "very many arguments": [":srv 999 " + "x " * 5000],
    "an error without words": ["ERROR", "ERROR :"],
}


def survives(lines: list[str]) -> None:
    with people.Server() as server, people.a_bot(server.port, channels=("#c",)) as (bot, heard):  # noqa: SIM117
        with server.welcome() as peer:
            peer.send(*lines, encoding="latin-1")
            peer.send(":alice!a@h PRIVMSG #c :after", "PING :done")
            peer.until("^PONG :done")
            while heard.get(timeout=people.DEADLINE).text != "after":
                pass
            assert bot.connected
            for line in peer.raw.split(b"\r\n"):
                assert not set(line) & set(b"\r\n\0")
                assert b"QUIT" not in line.split(b" ", 1)[0]
            bot.quit()
            assert peer.until("^QUIT") == "QUIT"


@pytest.mark.parametrize("lines", ODD.values(), ids=ODD)
def test_the_bot_survives(lines: list[str]) -> None:
    survives(lines)


def test_the_bot_survives_every_recorded_odd_line(shared: Path) -> None:
    recorded = json.loads((shared / "vectors/odd_irc_lines.json").read_text())["cases"]
    assert len(recorded) == 31
    for lines in recorded.values():
        survives(lines)


CONFIG = """
[irc]
server = "127.0.0.1"
port = {port}
tls = false
nick = "bot"
channels = ["#c"]
flood_rate = 1000
flood_burst = 1000
"""
VERBS_SAID = [b"CAP", b"NICK", b"USER", b"JOIN", b"PONG", b"WHOIS", b"PRIVMSG", b"NOTICE", b"QUIT", b""]


def test_the_running_bot_survives_every_recorded_odd_line_in_one_go(
    shared: Path, tmp_path: Path, server: people.Server
) -> None:
    recorded = json.loads((shared / "vectors/odd_irc_lines.json").read_text())["cases"]
    (tmp_path / "mentorbot.toml").write_text(CONFIG.format(port=server.port))
    process = subprocess.Popen([sys.executable, "-m", "mentorbot", "run"], cwd=tmp_path, stdin=subprocess.DEVNULL)
    survived = 0
    try:
        with server.welcome() as peer:
            for number, lines in enumerate(recorded.values()):
                peer.send(*lines, encoding="latin-1")
                peer.send(f":person{number}!p@h{number} PRIVMSG #c :!why 1")
                if peer.until(f"^WHOIS|^PRIVMSG #c :person{number}: ").startswith("WHOIS"):
                    peer.send(f":srv 318 bot person{number} :End of /WHOIS list.")
                    peer.until(f"^PRIVMSG #c :person{number}: I have not suggested anything to you yet; say !starter")
                survived += 1
            process.send_signal(signal.SIGTERM)
            assert peer.until("^QUIT") == "QUIT :Until soon."
            for line in peer.raw.split(b"\r\n"):
                assert not set(line) & set(b"\r\n\0")
                assert line.split(b" ")[0] in VERBS_SAID
        assert process.wait(people.DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
    assert survived == 31
