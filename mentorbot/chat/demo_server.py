"""The demo's own IRC server: the `irc` library's, on loopback, made good enough for irssi, weechat and the bot.

Everybody counts as logged in under their nick, so that what needs a services account can be tried.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from irc.message import Arguments
from irc.server import IRCChannel, IRCClient, IRCServer

from mentorbot.chat import demo_questions
from mentorbot.chat.wire import LONGEST_LINE, decoded, folded
from mentorbot.errors import MentorbotError

log = logging.getLogger(__name__)

SEND_SECONDS = 5
LONGEST_UNFINISHED = 2**13
_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}")
_CHANNEL = re.compile(r"#[^\x00-\x20,\x07:]{0,49}")
_LINE = re.compile(r"(?:@\S* +)?(?::\S* +)?(?P<command>[A-Za-z]+)(?P<arguments>(?: .*)?)")
_BEFORE_WELCOME = frozenset({"cap", "nick", "user", "pass", "ping", "pong", "quit"})


class Client(IRCClient):  # type: ignore[misc]
    """One person's connection. Each line is answered under the server's lock, so that rooms stay consistent."""

    server: Server
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(SEND_SECONDS)
        self.nick = self.user = self.realname = self.away = ""
        self.host = self.client_address[0]
        self.capabilities: set[str] = set()
        self.negotiating = self.welcome = False
        with self.server.lock:
            self.server.sockets.add(self.request)

    def _handle_one(self) -> None:
        try:
            data = self.request.recv(2**14)
        except TimeoutError:
            return
        except OSError:
            raise self.Disconnect from None
        self.buffer.feed(data)
        for line in self.buffer:
            self._handle_line(decoded(line))
        if not data or len(self.buffer) > LONGEST_UNFINISHED:
            raise self.Disconnect

    def _handle_line(self, line: str) -> None:
        match = _LINE.fullmatch(re.sub(r"[\r\n\0]", "", line.lstrip(" ")))
        if not match:
            return
        command, arguments = match["command"].lower(), Arguments.from_group(match["arguments"])
        with self.server.lock:
            answer = _ANSWERS.get(command)
            if not self.welcome and command not in _BEFORE_WELCOME:
                self.reply("451", ":You have not registered")
            elif answer is None:
                self.reply("421", f"{command.upper()} :Unknown command")
            else:
                answer(self, *arguments)

    def finish(self) -> None:
        with self.server.lock:
            self._leave("Connection closed")
            self.server.sockets.discard(self.request)

    def client_ident(self) -> str:
        return f"{self.nick or '*'}!{self.user or '*'}@{self.host}"

    # Sending

    def tell(self, line: str, sender: Client | None = None) -> None:
        """Send a line; where it is a person's, with their account for those who asked for it."""
        tag = f"@account={sender.nick} " if sender and "account-tag" in self.capabilities else ""
        cut = line.encode()[:LONGEST_LINE].decode("utf-8", "ignore")
        try:
            self.request.sendall(f"{tag}{cut}\r\n".encode())
        except OSError:
            # Its own thread sees the end and takes it out of the rooms.
            self._hang_up()

    def reply(self, number: str, words: str) -> None:
        self.tell(f":{self.server.servername} {number} {self.nick or '*'} {words}")

    def lacks(self, command: str) -> None:
        self.reply("461", f"{command} :Not enough parameters")

    def neighbours(self) -> set[Client]:
        """All who share a channel with this one, and this one."""
        return {self}.union(*(channel.clients for channel in self.channels.values()))

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)

    def _leave(self, reason: str) -> None:
        if self.welcome:
            for client in self.neighbours() - {self}:
                client.tell(f":{self.client_ident()} QUIT :{reason}", self)
        for channel in list(self.channels.values()):
            self._take_out(channel)
        if self.server.clients.get(folded(self.nick)) is self:
            del self.server.clients[folded(self.nick)]
        self.welcome = False

    def _take_out(self, channel: IRCChannel) -> None:
        channel.clients.discard(self)
        self.channels.pop(folded(channel.name), None)
        if not channel.clients:
            self.server.channels.pop(folded(channel.name), None)

    # Coming in

    def cap(self, verb: str = "", *rest: str) -> None:
        match verb.upper():
            case "LS":
                self.negotiating = not self.welcome
                self.reply("CAP", "LS :account-tag")
            case "LIST":
                self.reply("CAP", f"LIST :{' '.join(self.capabilities)}")
            case "REQ":
                self.negotiating = not self.welcome
                asked = " ".join(rest).split()
                known = {name.removeprefix("-") for name in asked} <= {"account-tag"}
                if known:
                    self.capabilities |= {name for name in asked if not name.startswith("-")}
                    self.capabilities -= {name.removeprefix("-") for name in asked if name.startswith("-")}
                self.reply("CAP", f"{'ACK' if known else 'NAK'} :{' '.join(asked)}")
            case "END":
                self.negotiating = False
                self._welcome()
            case _:
                self.reply("410", f"{verb or '*'} :Invalid CAP command")

    def change_nick(self, nick: str = "", *_: str) -> None:
        if not nick:
            self.reply("431", ":No nickname given")
        elif not _NICK.fullmatch(nick):
            self.reply("432", f"{nick} :Erroneous nickname")
        elif self.server.clients.get(folded(nick), self) is not self:
            self.reply("433", f"{nick} :Nickname is already in use")
        else:
            before = self.client_ident()
            self.server.clients.pop(folded(self.nick), None)
            if self.welcome:
                for client in self.neighbours():
                    client.tell(f":{before} NICK :{nick}", self)
            self.nick = nick
            self.server.clients[folded(nick)] = self
            self._welcome()

    def introduce(self, *arguments: str) -> None:
        if self.user:
            self.reply("462", ":You may not register again")
        elif len(arguments) < 4:
            self.lacks("USER")
        else:
            self.user = re.sub(r"[^\w.-]", "", arguments[0])[:10] or "user"
            self.realname = arguments[3]
            self._welcome()

    def _welcome(self) -> None:
        if self.welcome or self.negotiating or not (self.nick and self.user):
            return
        self.welcome = True
        self.reply("001", f":Welcome to the demo, {self.client_ident()}")
        self.reply("002", f":Your host is {self.server.servername}")
        self.reply("003", ":This server lives as long as the demo")
        self.reply("004", f"{self.server.servername} mentorbot i nt")
        self.reply("005", f"{demo_questions.FEATURES} :are supported by this server")
        demo_questions.motd(self)

    def ping(self, *words: str) -> None:
        token = words[0] if words else ""
        self.tell(f":{self.server.servername} PONG {self.server.servername} :{token}")

    def quit(self, *words: str) -> None:
        self.tell(f"ERROR :Closing link ({words[0] if words else 'goodbye'})")
        self._leave(f"Quit: {words[0]}" if words else "Quit")
        raise self.Disconnect

    def keep_still(self, *_: str) -> None:
        """PASS and PONG need no answer."""

    # Channels

    def join(self, names: str = "", *_: str) -> None:
        for name in filter(None, names.split(",")):
            if folded(name) in self.channels:
                continue
            if not _CHANNEL.fullmatch(name):
                self.reply("403", f"{name} :No such channel")
                continue
            channel = self.server.channels.setdefault(folded(name), IRCChannel(name, topic=""))
            channel.clients.add(self)
            self.channels[folded(name)] = channel
            for client in channel.clients:
                client.tell(f":{self.client_ident()} JOIN {channel.name}", self)
            if channel.topic:
                self.topic(channel.name)
            demo_questions.names(self, channel.name)

    def part(self, names: str = "", reason: str = "", *_: str) -> None:
        for name in filter(None, names.split(",")):
            if channel := self._own(name):
                for client in channel.clients:
                    client.tell(f":{self.client_ident()} PART {channel.name} :{reason}", self)
                self._take_out(channel)

    def topic(self, name: str = "", *words: str) -> None:
        channel = self._own(name)
        if channel and words:
            channel.topic = words[0][:300]
            for client in channel.clients:
                client.tell(f":{self.client_ident()} TOPIC {channel.name} :{channel.topic}", self)
        elif channel:
            self.reply("332" if channel.topic else "331", f"{channel.name} :{channel.topic or 'No topic is set'}")

    def _own(self, name: str) -> Any:
        """The channel of that name, if we are in it; else the person is told."""
        channel = self.channels.get(folded(name))
        if channel is None:
            self.reply("442" if folded(name) in self.server.channels else "403", f"{name or '*'} :You are not there")
        return channel

    # Talking

    def privmsg(self, *arguments: str) -> None:
        self._relay("PRIVMSG", arguments)

    def notice(self, *arguments: str) -> None:
        self._relay("NOTICE", arguments)

    def _relay(self, command: str, arguments: tuple[str, ...]) -> None:
        if len(arguments) < 2 or not arguments[1]:
            self.reply("412", ":No text to send")
            return
        for target in arguments[0].split(",")[:4]:
            to_whom = self._listeners(target)
            if to_whom is None:
                self.reply("401", f"{target or '*'} :There is nobody of that name here")
            for client in to_whom or ():
                client.tell(f":{self.client_ident()} {command} {target} :{arguments[1]}", self)

    def _listeners(self, target: str) -> set[Client] | None:
        if channel := self.channels.get(folded(target)):
            return set(channel.clients) - {self}
        client = self.server.clients.get(folded(target))
        return {client} if client and client.welcome else None


_ANSWERS: dict[str, Callable[..., None]] = {
    "cap": Client.cap,
    "nick": Client.change_nick,
    "user": Client.introduce,
    "pass": Client.keep_still,
    "pong": Client.keep_still,
    "ping": Client.ping,
    "quit": Client.quit,
    "join": Client.join,
    "part": Client.part,
    "topic": Client.topic,
    "privmsg": Client.privmsg,
    "notice": Client.notice,
    **demo_questions.ANSWERS,
}


class Server(IRCServer):  # type: ignore[misc]
    """The rooms and who is in them."""

    channels: dict[str, IRCChannel]
    clients: dict[str, Client]

    def __init__(self, port: int) -> None:
        self.lock = threading.RLock()
        self.sockets: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Client)
        self.servername = demo_questions.SERVER

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("A fault while answering %s:", client_address)


@contextmanager
def serve(port: int = 0) -> Iterator[tuple[str, int]]:
    """An IRC server on loopback while the block lasts, as (host, port); port 0 takes a free one."""
    try:
        server = Server(port)
    except OSError as error:
        raise MentorbotError(f"The demo's chat cannot use port {port} ({error.strerror}); name another.") from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="demo-irc", daemon=True)
    thread.start()
    try:
        yield server.server_address
    finally:
        server.shutdown()
        server.server_close()
        with server.lock:
            for sock in server.sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        thread.join()
