"""Five made-up people and what they tell the bot, played in private against the running demo or any server it is on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from mentorbot import demo
from tests.people import Person

LAST = "finds you somebody to ask."
"""How the bot's last line ends."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody with what they are, what they say, and the niche that is theirs by common sense."""

    nick: str
    what: str
    says: tuple[str, ...]
    niche: str


PEOPLE = (
    Newcomer("pia", "a Python beginner", ("niche", "I code", "30 minutes", "python", "I don't know"), "code review"),
    Newcomer("wren", "a writer", ("niche", "writing", "2", "none of these", "any"), "documentation"),
    Newcomer("tess", "a tester", ("niche", "2", "an hour", "bash", "any"), "reproducing bugs"),
    Newcomer("otto", "an operator", ("niche", "I run servers", "1", "no code", "any"), "the operator's view"),
    Newcomer("cleo", "a C++ expert", ("niche", "3", "a day", "C++", "any"), "bringing abandoned changes home"),
)  # fmt: skip


def play(port: int, person: Newcomer) -> list[str]:
    """The talk as both sides wrote it: "pia: niche", "mentorbot: What do you like to do? …"."""
    talk: list[str] = []
    with Person(port, person.nick) as connection:
        for text in person.says:
            connection.send(f"PRIVMSG {demo.BOT} :{text}")
            talk.append(f"{person.nick}: {text}")
            talk.append(f"{demo.BOT}: {connection.words(f'PRIVMSG {person.nick}')}")
        while not talk[-1].endswith(LAST):
            talk.append(f"{demo.BOT}: {connection.words(f'PRIVMSG {person.nick}')}")
    return talk


def all_talks() -> list[list[str]]:
    """All five, one after the other, in the demo's community."""
    with demo.community() as here, here.visitor(demo.ONLOOKER):
        return [play(here.address[1], person) for person in PEOPLE]


def shown(talks: list[list[str]]) -> str:
    """The first talk whole, of the others what was said and where it led, as README shows them."""
    lines = list(talks[0])
    for person, talk in zip(PEOPLE[1:], talks[1:], strict=True):
        first = next(line for line in talk if "Your niche: " in line)
        niche = first.partition("Your niche: ")[2].partition(". ")[0]
        words = " · ".join(chain(person.says[1:]))
        lines.append(f"({person.nick}, {person.what}: {words} → {niche})")
    return "\n".join(lines)
