"""What a server or a bouncer plays back of earlier talk is old, and answered by nobody a second time."""

from __future__ import annotations

from pathlib import Path

from mentorbot.config import Config
from tests import people
from tests.ircds import inspircd
from tests.people import Person, a_bot, an_app, quiet

HISTORY = """
<module name="chanhistory"><module name="ircv3_batch"><module name="ircv3_servertime"><module name="ircv3_ctctags">
<module name="botmode"><chanhistory maxlines="50" sendtobots="yes">
<options defaultmodes="nH 20:1h">
"""


def test_on_a_real_server_what_is_played_back_is_not_answered_again(tmp_path: Path, config: Config) -> None:
    with inspircd(tmp_path, HISTORY, ['<options defaultmodes="n">']) as server, Person(server.port, "alice") as alice:
        alice.send("PRIVMSG #mentors :!why 1", "PRIVMSG #mentors :good morning")
        with an_app(config, server.port):
            alice.until("^:mentorbot!.* JOIN ")
            assert quiet(alice, 1)
            alice.send("PRIVMSG #mentors :!why 1")
            assert alice.words("PRIVMSG #mentors").startswith("alice: I have not suggested")


def test_a_line_in_a_batch_is_not_heard(server: people.Server) -> None:
    """Play-back is the only batch of lines that are said: a bouncer's and a server's differ in their names only."""
    with a_bot(server.port, channels=("#c",)) as (_, heard), server.welcome() as peer:
        peer.send(
            ":srv BATCH +7 chathistory #c",
            "@batch=7;account=boss :boss!b@h PRIVMSG #c :!quit",
            ":srv BATCH -7",
            ":alice!a@h PRIVMSG #c :!why 1",
        )
        assert heard.get(timeout=people.DEADLINE).text == "!why 1"
