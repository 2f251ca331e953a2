"""One limit of time and of bytes over everything that is asked for one address."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The moment, on a clock that nobody sets, at which patience ends."""

    at: float
    elapsed: Callable[[], float]

    def left(self) -> float:
        """Return the seconds that are left, more than none.

        :raises NoAnswer: if none are.
        """
        seconds = self.at - self.elapsed()
        if seconds <= 0:
            raise NoAnswer(Trouble.TOO_SLOW)
        return seconds


class Incoming(io.RawIOBase):
    """What a connection brings, up to so many bytes and no longer than the deadline allows.

    A timeout of the socket alone would begin anew with each byte.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, limit: int) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline
        self._room = limit

    def readable(self) -> bool:
        """Tell that it is for reading."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - the base class takes any buffer
        """Fill the buffer as far as bytes have come; none, once the limit is reached."""
        view = memoryview(buffer)[: self._room]
        if not view:
            return 0
        self._connection.settimeout(self._deadline.left())
        came = self._connection.recv_into(view)
        self._room -= came
        return came

    def makefile(self, _mode: str) -> IO[bytes]:
        """Return itself, buffered, to the standard library's reader of answers."""
        return io.BufferedReader(self)
