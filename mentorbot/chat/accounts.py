"""Who is who: which services account a nick has now, by what the server says of it and by nothing else."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any

from mentorbot.bucket import Bucket
from mentorbot.chat.place import Place
from mentorbot.chat.wire import Connection, safely

log = logging.getLogger(__name__)

NOBODY = ""
"""The account of who is not logged in."""
FRESH = 30.0
"""Seconds for which the answer of a WHOIS is believed, if it named an account."""
WAITING = 50
"""Questions that may wait for their WHOIS; whoever comes then counts as not logged in."""
WAITING_FOR_ONE = 10
"""Lines of one person that may wait for it; in haste somebody counts as not logged in."""
DEAF = 3
"""So many questions in a row that stay unanswered, and nobody waits any more until the server answers one."""
WHOX_TOKEN = "152"  # noqa: S105
"""Tells our own WHO answers from others."""

Then = Callable[[str], None]


@dataclass
class Question:
    """A WHOIS under way: what it has told so far, and who waits for it."""

    source: str
    account: str = NOBODY
    same_person: bool = False
    waiting: list[Then] = field(default_factory=list)


class Accounts:
    """Knows accounts by account-tag, extended-join, account-notify and WHOX, and by WHOIS where those are silent.

    An account is a name, NOBODY for who is not logged in, or None where it is not known. A message's tag goes before
    memory. Memory is believed only where the server tells of every change (extended-join and account-notify) and of
    people who are in a channel with us; a WHOIS is believed for nick!user@host as a whole. So who takes another's
    nick never gets their account.

    `active` holds the IRCv3 capabilities that are in force; each WHOIS has `seconds` for its answer.
    """

    def __init__(self, place: Place, active: Set[str], pace: Bucket, seconds: float) -> None:
        self._place, self._reactor, self._pace, self._seconds = place, place.reactor, pace, seconds
        self._active = active
        # Whoever has an account here has channels with us, and the other way round.
        self._accounts: dict[str, str] = {}
        self._channels: dict[str, set[str]] = {}
        self._found: dict[str, tuple[str, float]] = {}
        self._questions: dict[str, Question] = {}
        self._unsent: deque[str] = deque()
        self._unanswered = 0
        answers = {
            "cap": self._on_cap,
            "join": self._on_join,
            "account": self._on_account,
            "whospcrpl": self._on_whox,
            "nick": self._on_nick,
            "part": self._on_part,
            "kick": self._on_kick,
            "quit": self._on_quit,
            "disconnect": self._on_disconnect,
            "whoisuser": self._on_whois_user,
            "307": self._on_whois_registered,
            "whoisaccount": self._on_whois_account,
            "endofwhois": self._on_whois_end,
            "nosuchnick": self._on_whois_end,
        }
        for event, answer in answers.items():
            self._reactor.add_global_handler(event, answer)

    def of(self, source: Any, tags: Any) -> str | None:
        """The account of who sent a line, by the line itself (`source` is nick!user@host) and what is remembered."""
        tagged = next((tag["value"] for tag in tags or [] if tag["key"] == "account"), None)
        if tagged or "account-tag" in self._active:
            return tagged or NOBODY
        nick = self._folded(source.nick)
        if nick in self._accounts:
            return self._accounts[nick]
        account, until = self._found.get(source, (None, 0.0))
        return account if time.monotonic() < until else None

    def nick_of(self, account: str) -> str | None:
        """A nick that has this account now, by what is remembered; None where nobody is seen to have it."""
        return next((nick for nick, has in self._accounts.items() if has.lower() == account.lower()), None)

    def ask(self, source: str, then: Then) -> None:
        """Ask the server who that is, nick!user@host; `then` gets the account once it answers, or NOBODY if it never
        does, in the loop's thread."""
        question, deaf = self._questions.get(source), self._unanswered >= DEAF
        room = len(self._questions) < (1 if deaf else WAITING)
        if question is None and room and self._place.connection is not None:
            question = self._questions[source] = Question(source)
            self._reactor.at(f"whois {source}", self._seconds, lambda: self._give_up(source))
            self._send(_whois(source))
        if question is None or deaf or len(question.waiting) >= WAITING_FOR_ONE:
            log.info("%s counts as not logged in: the server does not say soon enough who it is.", source)
            then(NOBODY)
        else:
            question.waiting.append(then)

    def _folded(self, nick: str) -> str:
        return self._place.folded(nick)

    def _send(self, line: str) -> None:
        """Send at the pace of all that the bot says, or the server would take it for a flood."""
        self._unsent.append(line)
        self._send_more()

    def _send_more(self) -> None:
        connection = self._place.connection
        while self._unsent and connection is not None and self._pace.take():
            connection.send_raw(self._unsent.popleft())
        if self._unsent:
            self._reactor.at("questions", self._pace.wait(), self._send_more)

    # What is remembered

    @property
    def _is_told_all(self) -> bool:
        return {"account-notify", "extended-join"} <= self._active

    def _on_cap(self, _connection: Connection, event: Any) -> None:
        """Forget what the server no longer keeps true, and ask for what it now does."""
        if not self._is_told_all:
            self._accounts.clear()
            self._channels.clear()
        elif event.arguments[0].upper() in ("ACK", "DEL"):
            for channel in self._place.channels.values():
                self._ask_for_all(channel)

    def _on_join(self, connection: Connection, event: Any) -> None:
        if self._place.is_me(event.source):
            self._ask_for_all(event.target)
        elif event.arguments:
            self._meet(event.source.nick, event.target, event.arguments[0])

    def _ask_for_all(self, channel: str) -> None:
        """Ask who is in a channel, if the server can tell their accounts."""
        features = self._place.connection and self._place.connection.features
        if self._is_told_all and getattr(features, "whox", False):
            self._send(f"WHO {channel} %tcna,{WHOX_TOKEN}")

    def _on_whox(self, _connection: Connection, event: Any) -> None:
        match event.arguments:
            case [token, channel, nick, account] if token == WHOX_TOKEN:
                if self._folded(channel) in self._place.channels:
                    self._meet(nick, channel, account)

    def _meet(self, nick: str, channel: str, account: str) -> None:
        if self._is_told_all and not self._place.is_me(nick):
            self._channels.setdefault(self._folded(nick), set()).add(self._folded(channel))
            self._accounts[self._folded(nick)] = NOBODY if account in ("*", "0") else account

    def _on_account(self, _connection: Connection, event: Any) -> None:
        nick = self._folded(event.source.nick)
        self._found.pop(event.source, None)
        if nick in self._channels:
            self._accounts[nick] = NOBODY if event.target == "*" else event.target

    def _on_nick(self, _connection: Connection, event: Any) -> None:
        before, after = self._folded(event.source.nick), self._folded(event.target)
        channels, account = self._channels.get(before), self._accounts.get(before)
        self._forget(event.source)
        if channels and account is not None and not self._place.is_me(event.target):
            self._channels[after], self._accounts[after] = channels, account

    def _on_part(self, _connection: Connection, event: Any) -> None:
        self._leave(event.source, event.target)

    def _on_kick(self, _connection: Connection, event: Any) -> None:
        self._leave(event.arguments[0], event.target)

    def _leave(self, source: str, channel: str) -> None:
        mine = self._place.is_me(source)
        leavers = list(self._channels) if mine else [self._folded(source.partition("!")[0])]
        for nick in leavers:
            shared = self._channels.get(nick, set())
            shared.discard(self._folded(channel))
            if not shared:
                self._channels.pop(nick, None)
                self._accounts.pop(nick, None)

    def _on_quit(self, _connection: Connection, event: Any) -> None:
        self._forget(event.source)

    def _forget(self, source: Any) -> None:
        self._channels.pop(self._folded(source.nick), None)
        self._accounts.pop(self._folded(source.nick), None)
        self._found.pop(source, None)

    def _on_disconnect(self, _connection: Connection, _event: Any) -> None:
        for remembered in (self._accounts, self._channels, self._found, self._unsent):
            remembered.clear()
        self._unanswered = 0
        for source in list(self._questions):
            self._answer(source, NOBODY)

    # WHOIS

    def _asked(self, nick: str) -> Question | None:
        """The oldest question about that nick: servers answer in order."""
        about = (q for q in self._questions.values() if self._folded(q.source.partition("!")[0]) == self._folded(nick))
        return next(about, None)

    def _on_whois_user(self, _connection: Connection, event: Any) -> None:
        nick, user, host = event.arguments[:3]
        if question := self._asked(nick):
            question.same_person = question.source.partition("!")[2] == f"{user}@{host}"

    def _on_whois_registered(self, _connection: Connection, event: Any) -> None:
        """307: the nick is registered, and its owner has it. The nick is then their account (OFTC and its like)."""
        question = self._asked(event.arguments[0])
        if question and not question.account:
            question.account = event.arguments[0]

    def _on_whois_account(self, _connection: Connection, event: Any) -> None:
        nick, account = event.arguments[:2]
        if question := self._asked(nick):
            question.account = account

    def _on_whois_end(self, _connection: Connection, event: Any) -> None:
        self._unanswered = 0
        question = self._asked(event.arguments[0])
        if question is None:
            return
        # Between the line and the WHOIS the nick may have gone to somebody else.
        account = question.account if question.same_person else NOBODY
        if account:
            now = time.monotonic()
            self._found = {who: known for who, known in self._found.items() if known[1] > now}
            self._found[question.source] = account, now + FRESH
        self._answer(question.source, account)

    def _give_up(self, source: str) -> None:
        log.warning("The server did not say who %s is, who now counts as not logged in.", source)
        if (line := _whois(source)) in self._unsent:  # the pace kept it back
            self._unsent.remove(line)
        else:
            self._unanswered += 1
        self._answer(source, NOBODY)

    def _answer(self, source: str, account: str) -> None:
        self._reactor.forget(f"whois {source}")
        for then in self._questions.pop(source).waiting:
            safely(lambda: then(account))  # noqa: B023


def _whois(source: str) -> str:
    return f"WHOIS {source.partition('!')[0]}"
