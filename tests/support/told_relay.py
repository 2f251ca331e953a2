"""A relay that says what a test tells it to, byte for byte, and remembers what it was told."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from tests.support.network import LOOPBACK

HELLO = (b"", b"220 hello\r\n")
OFFER = (b"\r\n", b"250-relay.example\r\n250 PIPELINING\r\n")

_AT_ONCE = struct.pack("ii", 1, 0)

#: Until the client has said what ends so, and then this is said.
Turn = tuple[bytes, bytes]


class ToldRelay:
    """What was heard before each turn; the last thing heard is what came after all of them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[bytes] = []

    @property
    def url(self) -> str:
        return f"smtp+plain://{LOOPBACK}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Privacy:
    """When a told relay goes on encrypted: after so many turns, at once if after none."""

    certificate: ssl.SSLContext
    turns_before: int = 0


@contextmanager
def told_relay(
    *turns: Turn, privacy: Privacy | None = None, dribble: float = 0, is_rude: bool = False
) -> Iterator[ToldRelay]:
    """Be such a relay for one conversation, and hang up after it, or after a last empty turn.

    :param dribble: seconds between two bytes of the last turn's reply.
    :param is_rude: hang up by a reset, as a machine does that knows nothing of the connection.
    """
    listener = socket.create_server((LOOPBACK, 0))
    relay = ToldRelay(listener.getsockname()[1])

    def serve() -> None:
        # A client that believes nothing of this goes away in the middle of it.
        with suppress(OSError), ExitStack() as stack:
            stream = stack.enter_context(listener.accept()[0])
            for number, (until, reply) in enumerate(turns, start=1):
                if privacy and privacy.turns_before == number - 1:
                    stream = privacy.certificate.wrap_socket(stream, server_side=True)
                    stack.enter_context(stream)
                relay.heard.append(_hear(stream, until))
                _say(stream, reply, dribble if number == len(turns) else 0)
            relay.heard.append(_part(stream, is_rude=is_rude, is_over=not turns[-1][1]))

    thread = threading.Thread(target=serve, name="told relay")
    thread.start()
    try:
        yield relay
    finally:
        with suppress(OSError):
            # Nobody is waited for any more who has not come yet.
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def _part(stream: socket.socket, *, is_rude: bool, is_over: bool) -> bytes:
    if is_rude:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    return b"" if is_rude or is_over else _hear(stream, b"QUIT\r\n")


def _say(stream: socket.socket, reply: bytes, dribble: float) -> None:
    pieces = [bytes([byte]) for byte in reply] if dribble else [reply]
    for piece in pieces:
        stream.sendall(piece)
        time.sleep(dribble)


def _hear(stream: socket.socket, until: bytes) -> bytes:
    heard = b""
    while not heard.endswith(until):
        more = stream.recv(65_536)
        if not more:
            break
        heard += more
    return heard
