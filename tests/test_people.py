"""Tests of mentorbot/chat/people.py."""

from mentorbot.chat.people import People
from mentorbot.chat.place import Place
from tests.people import HASTY, Linked, settings


def test_it_knows_who_is_in_a_channel(linked: Linked) -> None:
    people = People(Place(linked.reactor, settings(6667), HASTY, regain=lambda *_: False))
    linked.hear(b":s 001 bot :hi\r\n:bot!b@h JOIN #c\r\n:s 353 bot = #c :bot @Alice +bob ~@carol!c@h\r\n")
    assert people.of("#C") == {"bot", "alice", "bob", "carol"}
    linked.hear(b":dave!d@h JOIN #c\r\n:bob!b@h PART #c :bye\r\n:Alice!a@h NICK Alison\r\n:carol!c@h QUIT :split\r\n")
    assert people.of("#c") == {"bot", "alison", "dave"}
    linked.hear(b":s KICK #c Dave :out\r\n:x!x@h JOIN #d\r\n:s 353 bot\r\n")
    assert [sorted(people.of(channel)) for channel in ("#c", "#d", "#e")] == [["alison", "bot"], [], []]
    linked.connection.disconnect()
    assert people.of("#c") == frozenset()
