"""From a line to a request, to a command, to the lines of its answer. Knows nothing of IRC."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from queue import SimpleQueue

from mentorbot import assent
from mentorbot.clock import Clock
from mentorbot.commands import TIMEOUT, Command, Reply, Request, Running
from mentorbot.config import Config
from mentorbot.errors import StoreError, UserError, WriteError
from mentorbot.loader import Loaded
from mentorbot.logs import wordless
from mentorbot.manners import Manners, calls_many
from mentorbot.models import Heard
from mentorbot.store import FAULTS, Store
from mentorbot.text import meant, plain, shorten
from mentorbot.workers import Crowded, Overran

log = logging.getLogger(__name__)

IN_CHANNEL = 4
"""An answer of more lines than this goes to the asker in private."""
PAGE = 8
"""Lines said in private before the reader is asked to say `more`."""
KEPT = 400
"""Lines of one answer that are kept in all."""
LONGEST = 1000
"""Characters of a line."""
LOOKED_AT = 10 * LONGEST
"""Characters of a line that are looked at: a text of many megabytes would keep all threads waiting."""
REMEMBERED = 20_000
"""People of a channel who are known to have spoken."""
IN_PRIVATE = "I answered you in private."
_HELLO = frozenset({"hello", "hi", "hey", "hullo", "greetings", "good"})
_THANKS = frozenset({"thank", "thankyou", "thx", "ty", "cheers"})


@dataclass(frozen=True)
class Answer:
    """What to say, and where: `target` is the channel or the asker's nick; `private_note` is a line for the channel
    when the answer itself went to private. `refused` tells that it is no answer to what was asked, and `error` under
    which number the log has the fault that was in the way."""

    target: str
    lines: list[str]
    channel: str | None = None
    private_note: str = ""
    refused: bool = field(default=False, compare=False)
    error: str = field(default="", compare=False)


class Dispatch:
    """Answers lines with the loaded plugins' commands, a few of each plugin at a time.

    `present` gives the nicks in a channel, in lower case; `bot` is the one that runs, for commands that steer it.
    """

    def __init__(
        self,
        config: Config,
        loaded: Loaded,
        store: Store,
        clock: Clock,
        present: Callable[[str], Collection[str]] = lambda channel: (),
        bot: Running | None = None,
    ) -> None:
        self._config = config
        self._loaded = loaded
        self._store = store
        self._clock = clock
        self._present = present
        self._bot = bot
        self._manners = Manners(config.irc, store)
        self._met: set[tuple[str, str | None]] = set()
        self._begun: set[Future[Reply]] = set()
        self._handed_over = threading.Condition()
        self._ending = False

    def change(self, config: Config, loaded: Loaded) -> None:
        """Go by a new configuration and its plugins; what is begun, and who is known, stays; from any thread."""
        self._config, self._loaded = config, loaded
        self._manners.change(config.irc)

    def start(self, heard: Heard, nick: str, then: Callable[[Answer], None]) -> bool:
        """Answer in a worker: `then` is called once with the answer, in whatever thread; it is quick and never fails.

        False if the line was not meant for the bot, whose nick is `nick`, or is from somebody it does not hear. Who
        asks too much, or was told the same too often, is answered with no lines.
        """
        called = self._called(heard, nick)
        if called is None or not self._manners.hears(heard.who, self._clock()):
            return False
        self._meet(heard)
        held_back = self._manners.hold_back(heard.who)
        if held_back is not None:
            then(_said(heard, *held_back))
            return True

        def unless_it_goes_round(answer: Answer) -> None:
            if answer.lines and self._manners.goes_round(heard.who, heard.text, answer.lines, answer.refused):
                log.info("%s was just told the same; nothing is said.", heard.who.nick)
                answer = replace(answer, lines=[], private_note="")
            then(answer)

        self._begin(heard, called, unless_it_goes_round)
        return True

    def greet(self, heard: Heard, then: Callable[[Answer], None]) -> bool:
        """Have who speaks in a channel for the first time greeted; False, and no answer, where nobody is."""
        if not heard.where or not self._meet(heard) or not self._manners.hears(heard.who, self._clock()):
            return False
        if self._manners.hold_back(heard.who) is not None:  # who changes nicks to be greeted again and again
            return False
        request = self._request(heard, heard.text)

        def greeting() -> list[str]:
            return self._loaded.hooks.greet(request=request, store=self._store) or []

        def say(done: Future[list[str]]) -> None:
            failed = done.cancelled() or done.exception()
            then(Answer(heard.who.nick, [] if failed else done.result()))

        self._loaded.workers.submit("greetings", greeting, TIMEOUT).add_done_callback(say)
        return True

    def is_asked(self, heard: Heard, nick: str) -> bool:
        """Whether a line calls a command of the bot, whose nick is `nick`."""
        called = self._called(heard, nick)
        return called is not None and isinstance(called[0], Command)

    def answer(self, heard: Heard, nick: str = "mentorbot") -> Answer | None:
        """Answer a line and wait for it, without manners; None where it was not meant for the bot, called `nick`."""
        called = self._called(heard, nick)
        if called is None:
            return None
        answers: SimpleQueue[Answer] = SimpleQueue()
        self._begin(heard, called, answers.put)
        return answers.get()

    def finish(self, seconds: float) -> None:
        """Wait until nothing is begun, so many seconds at most; it is the beginning of the end."""
        self._ending = True
        with self._handed_over:
            self._handed_over.wait_for(lambda: not self._begun, seconds)

    def close(self) -> None:
        """Finish what was begun, as far as it comes to an end; begin nothing more."""
        for begun in list(self._begun):
            begun.cancel()
        self.finish(TIMEOUT)

    def _meet(self, heard: Heard) -> bool:
        """Note that somebody spoke in a channel; whether that is new since the start."""
        met = heard.who.key, heard.where
        if met in self._met:
            return False
        if len(self._met) >= REMEMBERED:
            self._met.clear()
        self._met.add(met)
        return True

    def _begin(self, heard: Heard, called: tuple[Command | str, str], then: Callable[[Answer], None]) -> None:
        command, text = called
        if isinstance(command, str):
            then(_said(heard, self._unknown(command, text)))
            return
        work = partial(self._reply, heard, command.name, text)
        begun = self._loaded.workers.submit(command.plugin, work, command.timeout)
        self._begun.add(begun)
        begun.add_done_callback(partial(self._hand_over, heard, command, then))

    def _hand_over(self, heard: Heard, command: Command, then: Callable[[Answer], None], done: Future[Reply]) -> None:
        try:
            then(self._discreet(self._outcome(heard, command, done), heard))
        except Exception:  # the answer was made but could not be handed over
            log.exception("an answer for %s was lost", heard.who.nick)
        finally:
            with self._handed_over:
                self._begun.discard(done)
                self._handed_over.notify_all()

    def _outcome(self, heard: Heard, command: Command, done: Future[Reply]) -> Answer:
        if done.cancelled():
            return _said(heard, f"I had to leave before I came to {command.name}; please ask me again.")
        error = done.exception()
        if error is None:
            try:
                return self._page(done.result(), heard)
            except FAULTS as fault:
                error = fault
        if isinstance(error, UserError):
            return _said(heard, str(error), private=error.private)
        if isinstance(error, Crowded):
            log.warning("too many commands wait; %s is asked to come back", heard.who.nick)
            return _said(heard, "I have more questions than I can answer now; ask me again in a minute.")
        told = error if heard.where or isinstance(error, FAULTS) else wordless(error)
        number = self._loaded.failed(command.plugin, command.name, told)
        sorry = "Something went wrong on my side."
        if isinstance(error, Overran):
            sorry = f"This takes too long; I gave up after {command.timeout:g} seconds, sorry."
        elif isinstance(error, WriteError):
            sorry = "I cannot write anything down just now, and this needs it; please ask me again later."
        return replace(_said(heard, f"{sorry} The operators find it in the log as error {number}."), error=number)

    def _called(self, heard: Heard, nick: str) -> tuple[Command | str, str] | None:
        """The command (or the word that is none) and the words after it; None where the line is not for the bot."""
        text = plain(heard.text)
        prefix = self._config.irc.prefix
        by_name = re.match(rf"@?{re.escape(nick)}\s*[:,]\s*", text, re.IGNORECASE)
        if by_name:
            text = text[by_name.end() :]
        by_prefix = text.startswith(prefix)
        name, _, rest = text.removeprefix(prefix).lstrip().partition(" ")
        name = name.lower().rstrip(".,;:?!")
        found = self._loaded.commands.get(name) or self._loaded.asleep.get(name)
        if heard.where and not by_name:
            # Other bots share our prefix: a word we do not know is theirs, and not ours to comment.
            return (found, rest) if by_prefix and found else None
        if not (heard.where or by_prefix or by_name) and (talk := self._talk(heard, text, found, rest)):
            return talk, text
        return found or name, rest

    def _talk(self, heard: Heard, text: str, found: Command | None, rest: str) -> Command | None:
        """The command whose question the words in private answer: they begin with none, or with one that takes none.

        "about 30 minutes" is an answer, "about" alone a command; answers are "help people" and "why not", too.
        """
        words, known = rest.lower().removeprefix(self._config.irc.prefix).split(), self._loaded.commands
        is_assent = bool(assent.said(text)[0])
        takes = found and (not words or (found.usage != found.name and (found.name != "help" or words[0] in known)))
        if takes and not is_assent:
            return None
        return known.get(self._store.talks.listening(heard.who.keys, yes_or_no=is_assent) or "")

    def _reply(self, heard: Heard, name: str, text: str) -> Reply:
        # Looked up only now: while it waited, its plugin may have been read anew or switched off.
        command = self._loaded.commands.get(name)
        if command is None:
            raise UserError(f"{name} is switched off at the moment.")
        request = self._request(heard, text)
        self._allow(command, request)
        with self._store.lent():
            reply = command.function(request, self._store)
        if isinstance(reply, list):
            reply = Reply(reply)
        if not isinstance(reply, Reply) or not all(isinstance(line, str) for line in [*reply.lines, *reply.rest]):
            raise TypeError(
                f"a command gives a list of texts or a Reply of texts, and this {type(reply).__name__} is none"
            )
        return reply

    def _request(self, heard: Heard, text: str) -> Request:
        return Request(heard.who, heard.where, text, self._clock(), self._config, self._loaded, self._bot)

    def _page(self, reply: Reply, heard: Heard) -> Answer:
        """Decide where the lines go, and keep what is too much for now."""
        lines, rest = ([plain(line[:LOOKED_AT]) for line in part] for part in (reply.lines, reply.rest))
        reply = replace(reply, lines=lines, rest=rest)
        private = reply.private or len(reply.lines) > IN_CHANNEL
        said = [words for line in islice(reply.lines, KEPT) if (words := shorten(line, LONGEST))]
        lines = said if heard.where and not private else said[:PAGE]
        most = KEPT - len(lines)
        rest = [shorten(line, LONGEST) for line in islice(chain(said[len(lines) :], reply.rest), most)]
        if len(reply.lines) + len(reply.rest) > KEPT:
            rest.append("There was more, but so many lines I do not keep; please ask for less at a time.")
        if self._keep(heard, rest) and lines:
            lines = [*lines[:-1], f"{lines[-1]} ({len(rest)} more: say {self._config.irc.prefix}more)"]
        if heard.where and not private:
            return Answer(heard.where, lines, heard.where)
        return Answer(heard.who.nick, lines, heard.where, IN_PRIVATE if heard.where and lines else "")

    def _discreet(self, answer: Answer, heard: Heard) -> Answer:
        """Neither a question nor a title has the bot call a channel by name: such an answer is for its asker alone."""
        if answer.target == heard.where and calls_many(answer.lines, heard.who.nick, self._present(heard.where)):
            return replace(answer, target=heard.who.nick, private_note=IN_PRIVATE)
        return answer

    def _keep(self, heard: Heard, rest: list[str]) -> bool:
        """Keep the rest for `more`; False if there is none, or a full or locked store cannot hold it."""
        key = heard.who.key
        # At the end there may be answers that could not be said: a new one does not take their place.
        keep = self._store.unsaid.owe if self._ending else self._store.unsaid.keep
        try:
            if rest or self._store.unsaid.of(key):
                keep(key, rest, self._clock())
        except StoreError as error:
            log.error("the rest of an answer for %s is lost: %s", heard.who.nick, error)
            return False
        return bool(rest)

    def _allow(self, called: Command, request: Request) -> None:
        account, irc = request.who.account, request.config.irc
        trusted = {"admin": irc.is_admin, "organiser": irc.is_organiser}.get(called.access)
        if trusted and not trusted(account):
            known = "" if account else " If you are one, please log in to the network's services and ask again."
            raise UserError(f"{called.name} is for this bot's {called.access}s.{known}")
        if called.access == "account" and not account:
            raise UserError(
                f"{called.name} changes what I remember of you, so I must be sure who you are:"
                " please log in to the network's services (/msg NickServ HELP) and ask again."
            )

    def _unknown(self, name: str, rest: str) -> str:
        if name in _HELLO:
            return "Hello! I am only a program: say starter and I name three things to do, or help to see the rest."
        if name in _THANKS:
            return "You are welcome."
        niches = self._config.niches
        if niche := niches.named(niches.by_name(f"{name} {rest}").partition(" ")[0].rstrip(".,;:?!")):
            return f"Say starter {niche.name} for something to do there, or howto {niche.name} for how to begin."
        said = f'I am only a program and do not understand "{name[:30]}".' if name else "Yes?"
        others = (known for known in self._loaded.commands if known != "help")  # which is named anyway
        return f"{said}{meant(name, others)} Say starter for something to do, help for the rest."


def _said(heard: Heard, *words: str, private: bool = False) -> Answer:
    """A refusal, where the question was asked, or to the asker alone."""
    lines = [line for text in words for line in text.splitlines() or ["I cannot do that."]]
    if heard.where and not private:
        return Answer(heard.where, lines, heard.where, refused=True)
    return Answer(heard.who.nick, lines, heard.where, IN_PRIVATE if heard.where else "", refused=True)
