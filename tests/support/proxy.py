"""A wire to the database that breaks where a test wants it to: between an act and its answer."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.network import LOOPBACK

_PIECE = 65_536


class Proxy:
    """Passes everything on, in both directions, but for answers that it swallows with the wire.

    What the database answered so has happened, and whoever asked never hears of it.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._swallows: list[bytes] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.swallowed = 0

    def swallow(self, answer: bytes) -> None:
        """Keep back the next answer that holds this, and cut the wire."""
        with self._lock:
            self._swallows.append(answer)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Only this wakes up who accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            _cut(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near = self._listener.accept()[0]
                far = socket.create_connection((LOOPBACK, self._target))
                self._open += [near, far]
                for source, sink, listens in ((near, far, False), (far, near, True)):
                    threading.Thread(
                        target=self._pass_on, args=(source, sink, listens), daemon=True
                    ).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, listens: bool) -> None:  # noqa: FBT001 - of a thread
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if listens and self._is_swallowed(piece):
                    break
                sink.sendall(piece)
        for end in (source, sink):
            _cut(end)

    def _is_swallowed(self, piece: bytes) -> bool:
        with self._lock:
            for answer in self._swallows:
                if answer in piece:
                    self._swallows.remove(answer)
                    self.swallowed += 1
                    return True
        return False


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
