"""What people and their clients ask the demo's IRC server: who is there, where, and what the rooms are like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mentorbot.chat.wire import folded

if TYPE_CHECKING:
    from mentorbot.chat.demo_server import Client

SERVER = "demo.mentorbot"
FEATURES = "CASEMAPPING=rfc1459 CHANTYPES=# CHANNELLEN=50 NICKLEN=30 TOPICLEN=300 PREFIX=(ov)@+ NETWORK=demo"
NICKS_A_LINE = 12


def motd(asker: Client, *_: str) -> None:
    asker.reply("375", f":- {SERVER} -")
    asker.reply("372", ":- An invented community. Join #mentors and say !starter")
    asker.reply("376", ":End of MOTD")


def names(asker: Client, name: str = "", *_: str) -> None:
    channel = asker.server.channels.get(folded(name))
    if channel:
        nicks = sorted(client.nick for client in channel.clients)
        for first in range(0, len(nicks), NICKS_A_LINE):
            asker.reply("353", f"= {channel.name} :{' '.join(nicks[first : first + NICKS_A_LINE])}")
    asker.reply("366", f"{channel.name if channel else name or '*'} :End of NAMES")


def rooms(asker: Client, *_: str) -> None:
    for channel in asker.server.channels.values():
        asker.reply("322", f"{channel.name} {len(channel.clients)} :{channel.topic}")
    asker.reply("323", ":End of LIST")


def mode(asker: Client, target: str = "", modes: str = "", *_: str) -> None:
    channel = asker.server.channels.get(folded(target))
    if channel and not modes:
        asker.reply("324", f"{channel.name} +nt")
    elif channel and modes.strip("+-") == "b":
        asker.reply("368", f"{channel.name} :End of ban list")
    elif channel:
        refused(asker, channel.name)
    elif folded(target) == folded(asker.nick):
        asker.reply("221", "+")
    else:
        asker.reply("403", f"{target or '*'} :No such channel")


def refused(asker: Client, name: str = "", *_: str) -> None:
    asker.reply("482", f"{name or '*'} :Nobody is an operator here")


def who(asker: Client, mask: str = "", *_: str) -> None:
    where = mask if mask.startswith("#") else "*"
    for person in _named(asker, mask):
        seen = f"{person.user} {person.host} {SERVER} {person.nick} {'G' if person.away else 'H'}"
        asker.reply("352", f"{where} {seen} :0 {person.realname}")
    asker.reply("315", f"{mask or '*'} :End of WHO")


def whois(asker: Client, *masks: str) -> None:
    mask = masks[-1] if masks else "*"
    people = _named(asker, mask)
    for person in people:
        asker.reply("311", f"{person.nick} {person.user} {person.host} * :{person.realname}")
        if person.channels:
            asker.reply("319", f"{person.nick} :{' '.join(c.name for c in person.channels.values())}")
        asker.reply("312", f"{person.nick} {SERVER} :the demo")
        asker.reply("330", f"{person.nick} {person.nick} :is logged in as")
    if not people:
        asker.reply("401", f"{mask} :There is nobody of that name here")
    asker.reply("318", f"{mask} :End of WHOIS")


def userhost(asker: Client, *nicks: str) -> None:
    found = [person for nick in nicks[:5] for person in _named(asker, nick)]
    asker.reply("302", ":" + " ".join(f"{p.nick}=+{p.user}@{p.host}" for p in found))


def ison(asker: Client, *nicks: str) -> None:
    found = [person.nick for nick in " ".join(nicks).split() for person in _named(asker, nick)]
    asker.reply("303", ":" + " ".join(found))


def away(asker: Client, words: str = "", *_: str) -> None:
    asker.away = words
    asker.reply("306" if words else "305", f":You are {'' if words else 'not '}away")


def _named(asker: Client, mask: str) -> list[Client]:
    """Everybody in that channel, or the one of that nick."""
    if channel := asker.server.channels.get(folded(mask)):
        return sorted(channel.clients, key=lambda person: str(person.nick))
    person = asker.server.clients.get(folded(mask))
    return [person] if person and person.welcome else []


ANSWERS: dict[str, Callable[..., None]] = {
    "motd": motd,
    "names": names,
    "list": rooms,
    "mode": mode,
    "kick": refused,
    "invite": refused,
    "who": who,
    "whois": whois,
    "userhost": userhost,
    "ison": ison,
    "away": away,
}
