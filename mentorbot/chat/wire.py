"""Bytes to lines and back: the `irc` library's connection, made to outlive every line and every peer.

The library's own blocks on writes and on TLS, dies of a strange line and lets a quoted CR out again; each override
below closes one of those. It leans on the library's private names, so tests/test_wire.py holds them to their shape.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import irc.client
import irc.features

from mentorbot.config import Irc
from mentorbot.errors import ConfigError
from mentorbot.values import Server

if TYPE_CHECKING:
    from mentorbot.chat.loop import Reactor

log = logging.getLogger(__name__)

LONGEST_LINE = 510
"""Bytes a client may send in a line, its CR LF not counted (RFC 1459, 2.3)."""
READ = 2**14
UNFINISHED = 2**16
UNREAD = 2**18

# All but the one that CTCP stands between.
_CONTROLS = re.compile(r"[\x00\x02-\x1f\x7f]+")
_WORDS = {"join": 1, "part": 1, "nick": 1, "account": 1, "mode": 2, "cap": 2, "kick": 2, "396": 2, "loggedin": 3} | {
    "endofwhois": 2, "nosuchnick": 2, "307": 2, "whoisaccount": 3, "whoisuser": 4, "namreply": 4
}  # fmt: skip
"""How many words of a line the answers to it lean on."""
_FROM_SOMEBODY = {"join", "part", "nick", "account", "quit"}

Action = Callable[[], None]


def safely(action: Callable[[], Any]) -> Any:
    """Do it; a fault in it is for the log, and the loop goes on."""
    try:
        return action()
    except Exception:
        log.exception("A fault in the chat's loop:")
        return None


_ASCII = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
_CASEMAPPINGS = {
    "ascii": _ASCII,
    "strict-rfc1459": _ASCII | str.maketrans("[]\\", "{}|"),
    "rfc1459": _ASCII | str.maketrans("[]\\^", "{}|~"),
}


def folded(name: str, casemapping: object = "rfc1459") -> str:
    """A nick or channel in the form in which two of them are compared.

    `casemapping` is the server's (ISUPPORT CASEMAPPING); one that is not known is taken for ASCII, which never makes
    one of two.
    """
    return name.translate(_CASEMAPPINGS.get(str(casemapping), _ASCII))


def decoded(line: bytes) -> str:
    """UTF-8, or else cp1252; the five bytes that cp1252 does not know are read as Latin-1."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in line)


def tls_context(settings: Irc) -> ssl.SSLContext | None:
    """What the server is verified against; None without TLS. Raises ConfigError where a file cannot be used."""
    if not settings.tls:
        return None
    context = ssl.create_default_context()
    try:
        if settings.tls_ca:
            context.load_verify_locations(settings.tls_ca)
    except OSError as error:
        raise ConfigError(f"[irc] tls_ca: {settings.tls_ca} cannot be used as a CA file: {error}") from None
    try:
        if settings.tls_cert:
            # Without a callback OpenSSL would ask the terminal for a passphrase, and the bot would stand still.
            context.load_cert_chain(settings.tls_cert, password=lambda: b"")
    except OSError as error:
        raise ConfigError(
            f"[irc] tls_cert: {settings.tls_cert} must hold a certificate and its key, without a passphrase: {error}"
        ) from None
    return context


def dial(server: Server, context: ssl.SSLContext | None, seconds: float) -> socket.socket:
    """A connected socket that never blocks, over IPv6 or IPv4, verified for that host where `context` asks for TLS.

    Blocks up to `seconds` for each address and again for the handshake. Raises OSError.
    """
    sock = socket.create_connection((server.host, server.port), timeout=seconds)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            sock = context.wrap_socket(sock, server_hostname=server.host)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


class Lines(irc.client.buffer.LineBuffer):  # type: ignore[misc]
    """Whole lines as text, in whatever encoding they came; what goes on for ever without a line end is let go."""

    def lines(self) -> Iterator[str]:
        whole = super().lines()
        if len(self) > UNFINISHED:
            log.warning("The server sent %d bytes without a line end; they are dropped.", len(self))
            self.buffer = b""
        return map(decoded, whole)


class Features(irc.features.FeatureSet):  # type: ignore[misc]
    """What the server says it can do; a token that makes no sense is left out."""

    def load_feature(self, feature: str) -> None:
        name, _, value = feature.partition("=")
        if hasattr(type(self), name.lower()):
            return
        try:
            # The library forgets what stands without a value, such as WHOX.
            super().load_feature(feature if value or feature.startswith("-") else f"{name}=")
        except (ValueError, TypeError, IndexError):
            log.debug("The server's feature %r makes no sense.", feature)


class Connection(irc.client.ServerConnection):  # type: ignore[misc]
    """One connection, which never blocks: what cannot be written yet waits in a bounded buffer."""

    buffer_class = Lines
    socket: Any
    connected: bool

    def __init__(self, reactor: Reactor) -> None:
        super().__init__(reactor)
        self.features = Features()
        self.heard_at = time.monotonic()
        self._out = bytearray()
        self._written = 0
        self._marks: deque[tuple[int, Action]] = deque()

    @property
    def has_more_to_write(self) -> bool:
        return bool(self._out)

    def when_written(self, action: Action) -> None:
        """Call `action` as soon as all that was sent until now has left for the socket; never if it does not."""
        if not self.connected:
            return
        if not self._out:
            safely(action)
        else:
            self._marks.append((self._written + len(self._out), action))

    def folded(self, name: str) -> str:
        """A nick or channel as this server compares them."""
        return folded(name, getattr(self.features, "casemapping", "rfc1459"))

    def send_raw(self, string: str, shown: str = "") -> None:
        """Send a line; the log gets `shown` in its place where it holds a secret."""
        if not self.connected:
            return
        self._out += self._prep_message(string)
        log.debug("TO SERVER: %s", shown or string)
        self.flush()
        if len(self._out) > UNREAD:
            self.disconnect("the server reads nothing")

    def flush(self) -> None:
        """Write what the socket takes now."""
        while self.connected and self._out:
            try:
                sent = self.socket.send(self._out)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self.disconnect(f"writing failed: {error}")
                return
            del self._out[:sent]
            self._written += sent
            while self._marks and self._marks[0][0] <= self._written:
                safely(self._marks.popleft()[1])

    def process_data(self) -> None:
        while self.connected:
            try:
                data = self.socket.recv(READ)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self.disconnect(f"reading failed: {error}")
                return
            if not data:
                self.disconnect("the server closed the connection")
                return
            self.heard_at = time.monotonic()
            self.buffer.feed(data)
            for line in self.buffer:
                log.debug("FROM SERVER: %s", line)
                if line.strip() and self.connected:
                    self._process_line(line)
            # select() does not see what TLS has read already; without TLS it tells us again.
            if not (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
                return

    def disconnect(self, message: str = "") -> None:
        if not self.connected:
            return
        sock, self.socket, self.connected = self.socket, None, False
        self._out.clear()
        self._marks.clear()
        sock.close()
        self._handle_event(irc.client.Event("disconnect", self.server, "", [message]))

    def pong(self, target: str, target2: str = "") -> None:
        self.send_raw(f"PONG :{target}")

    def _process_line(self, line: str) -> None:
        try:
            super()._process_line(line)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            log.info("The server sent a line that makes no sense: %r (%s)", line, error)

    def _handle_other(self, arguments: list[str], command: str, source: Any, tags: Any) -> None:
        if len(arguments) < _WORDS.get(command, 0) or (source is None and command in _FROM_SOMEBODY):
            raise ValueError("it lacks words")
        super()._handle_other(arguments, command, source, tags)

    def _handle_message(self, arguments: list[str], command: str, source: Any, tags: Any) -> None:
        """Tell plain words from CTCP, without the quoting of 1994 that smuggles CR and LF in."""
        target, words = arguments[:2]
        notice = command == "notice"
        if words.startswith("\x01"):
            event, said = "ctcpreply" if notice else "ctcp", words.strip("\x01").split(" ", 1)
        else:
            where = "pub" if irc.client.is_channel(target) else "priv"
            event, said = f"{where}{'notice' if notice else 'msg'}", [words]
        self._handle_event(irc.client.Event(event, source, target, said, tags))

    def _prep_message(self, string: str) -> bytes:
        line = _CONTROLS.sub(" ", string).encode("utf-8", "replace")
        if len(line) > LONGEST_LINE:
            log.warning("A line of %d bytes was cut.", len(line))
            line = line[:LONGEST_LINE].decode("utf-8", "ignore").encode()
        return line + b"\r\n"
