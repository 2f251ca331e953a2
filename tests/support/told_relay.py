"""A relay that says what a test tells it to, byte for byte, and remembers what it was told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.network import LOOPBACK

HELLO = (b"", b"220 hello\r\n")
OFFER = (b"\r\n", b"250-relay.example\r\n250 PIPELINING\r\n")

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


@contextmanager
def told_relay(
    *turns: Turn, certificate: ssl.SSLContext | None = None, dribble: float = 0
) -> Iterator[ToldRelay]:
    """Be such a relay for one conversation, and hang up after it, or after a last empty turn.

    :param dribble: seconds between two bytes of the last turn's reply.
    """
    listener = socket.create_server((LOOPBACK, 0))
    relay = ToldRelay(listener.getsockname()[1])

    def serve() -> None:
        client = listener.accept()[0]
        with suppress(OSError), client:
            stream = certificate.wrap_socket(client, server_side=True) if certificate else client
            with stream:
                for until, reply in turns[:-1]:
                    relay.heard.append(_hear(stream, until))
                    stream.sendall(reply)
                until, reply = turns[-1]
                relay.heard.append(_hear(stream, until))
                _say(stream, reply, dribble)
                relay.heard.append(_hear(stream, b"QUIT\r\n") if reply else b"")

    thread = threading.Thread(target=serve, name="told relay")
    thread.start()
    try:
        yield relay
    finally:
        thread.join()
        listener.close()


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
