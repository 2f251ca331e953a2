"""A site of the web on a loopback address, which answers as a test tells it, well or badly."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Self

from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer
from topthree.fetch.deadline import Deadline
from topthree.fetch.public_addresses import IpAddress

#: Of the loopback network, and not the address that everything of ours listens on.
HOST = "127.0.0.2"
#: What a site says to a request, piece by piece.
Talk = Callable[[str], Iterable[bytes]]


class Website:
    """Serves one connection after the other, each in a thread; closed at the end of a ``with``."""

    def __init__(
        self, talk: Talk, *, host: str = HOST, encryption: ssl.SSLContext | None = None
    ) -> None:
        self._talk = talk
        self._encryption = encryption
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        #: The head of each request, as it came.
        self.requests: list[str] = []
        #: How many connections were made, whether or not anything was asked.
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone would leave the thread that waits for the next visitor waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, plain: socket.socket) -> None:
        with suppress(OSError):
            wire = (
                self._encryption.wrap_socket(plain, server_side=True) if self._encryption else plain
            )
            with wire:
                head = b""
                while b"\r\n\r\n" not in head and (came := wire.recv(65_536)):
                    head += came
                self.requests.append(head.decode("ascii", "replace"))
                for piece in self._talk(self.requests[-1]):
                    wire.sendall(piece)


def page(status: str = "200 OK", *headers: str, body: str = "") -> bytes:
    """Return an answer of HTTP."""
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", body)
    return "\r\n".join(lines).encode()


class WrittenNames:
    """Names as a test wrote them down: each asking gets the next answer, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    def addresses_of(self, host: str, deadline: Deadline) -> tuple[IpAddress, ...]:
        """Return the next answer for this name."""
        deadline.left()
        self.asked.append(host)
        written = self._answers.get(host.partition(".")[0])
        if not written:
            raise NoAnswer(Trouble.NO_SUCH_NAME, host)
        answer = written.pop(0) if len(written) > 1 else written[0]
        return tuple(ip_address(each) for each in answer)
