"""Lines by chance, from a seed: pure noise, and lines that are half right, as a broken or hostile peer has them."""

from __future__ import annotations

import random
from collections.abc import Iterator

VERBS = (
    b"PING PONG NICK JOIN PART KICK MODE TOPIC INVITE PRIVMSG NOTICE ACCOUNT AWAY CHGHOST SETNAME TAGMSG BATCH FAIL"
    b" WALLOPS CAP AUTHENTICATE ERROR KILL QUIT WHO WHOIS NAMES LIST privmsg Join X"
).split()
NUMBERS = [
    b"%03d" % n for n in (1, 2, 4, 5, 5, 5, 307, 311, 318, 330, 332, 352, 353, 354, 366, 376, 396, 401, 403, 421)
]
NUMBERS += [b"%03d" % n for n in (432, 433, 436, 437, 471, 473, 474, 900, 902, 903, 904, 905, 907, 908)]
FEATURES = (
    b"CASEMAPPING= CASEMAPPING=ascii BOT=B BOT= WHOX PREFIX=(ov)@+ PREFIX=( CHANTYPES=# NICKLEN=x -WHOX TARGMAX=:"
).split()
CAPABILITIES = b"LS LS * ACK NAK NEW DEL LIST account-tag extended-join account-notify message-tags sasl".split()
COMMANDS = (
    b"starter why another niches niche howto triage backlog waiting thanks undo iam optin optout help more about status"
    b" plugins plugin reload ignore unignore quiet reviews unsung shoutout echo"
).split()


class Noise:
    """Chance by a seed. `nick` is the bot's, `channel` where it is."""

    def __init__(self, seed: int, nick: bytes = b"castor", channel: bytes = b"#mentors") -> None:
        self._chance = random.Random(seed)
        self._nick, self._channel = nick, channel

    def from_server(self, count: int) -> Iterator[bytes]:
        """What a server sends, each with its line end."""
        for _ in range(count):
            yield (self._bytes(120) if self._once_in(4) else self._from_server()) + b"\r\n"

    def from_user(self, count: int) -> Iterator[bytes]:
        """What a user types past their client, each with its line end."""
        for _ in range(count):
            yield (self._bytes(120) if self._once_in(10) else self._from_user()) + b"\r\n"

    def _from_server(self) -> bytes:
        pick = self._chance.choice
        if self._once_in(3):
            who = b":%s!%s@%s" % (self._name(), self._bytes(6), self._bytes(20))
            return b" ".join([*self._tags(), who, b"PRIVMSG", pick([self._nick, self._channel]), b":" + self._words()])
        verb = pick(NUMBERS) if self._once_in(2) else pick(VERBS)
        parts = [*self._tags(), *self._source(), verb]
        parts += [self._word() for _ in range(self._chance.randrange(5))]
        if self._once_in(2):
            parts.append(b":" + self._words())
        return b" ".join(parts)

    def _from_user(self) -> bytes:
        verb = self._chance.choice(
            [b"PRIVMSG", b"PRIVMSG", b"PRIVMSG", b"PRIVMSG", b"NOTICE", b"TOPIC", b"MODE", b"AWAY"]
        )
        return b" ".join([verb, self._chance.choice([self._nick, self._channel]), b":" + self._words()])

    def _tags(self) -> Iterator[bytes]:
        if self._once_in(4):
            yield b"@" + b";".join(
                self._chance.choice([b"account=", b"bot", b"time=", b"+"]) + self._word() for _ in range(3)
            )

    def _source(self) -> Iterator[bytes]:
        chance = self._chance.randrange(10)
        if chance < 6:
            yield b":%s!%s@%s" % (self._name(), self._bytes(6), self._bytes(20))
        elif chance < 7:
            yield b":%s!b@h" % self._nick
        elif chance < 9:
            yield b":" + self._word()

    def _words(self) -> bytes:
        pick, chance = self._chance.choice, self._chance.randrange(10)
        before = pick(
            [b"!", b"!", b"castor: ", b"castor, ", b"", b"\x01", b"\x01ACTION ", b"\x01PING ", b"\x01VERSION"]
        )
        text = pick(COMMANDS) + b" " if chance < 7 else b""
        return (
            before
            + text
            + b" ".join(self._word() for _ in range(self._chance.randrange(6)))
            + pick([b"", b"", b"\x01"])
        )

    def _word(self) -> bytes:
        pick, chance = self._chance.choice, self._chance.randrange(12)
        if chance < 2:
            return self._nick
        if chance < 4:
            return self._channel
        if chance < 6:
            return self._name()
        known = {6: FEATURES, 7: CAPABILITIES, 8: COMMANDS, 9: [b"+", b"*", b"=", b"+o", b"-", b"0", b"152", b""]}
        return pick(known[chance]) if chance in known else self._bytes(30)

    def _name(self) -> bytes:
        """A nick; often one that was met before."""
        return b"user%d" % self._chance.randrange(500) if not self._once_in(4) else self._bytes(9)

    def _bytes(self, most: int) -> bytes:
        """Any bytes, line ends among them."""
        return self._chance.randbytes(self._chance.randrange(1, most))

    def _once_in(self, times: int) -> bool:
        return self._chance.randrange(times) == 0
