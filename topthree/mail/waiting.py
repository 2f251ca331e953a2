"""How a conversation waits for a relay: by itself, or in turn with others in the same thread."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Waiting(Protocol):
    """What to do while there is nothing to do."""

    def until_readable(self, sock: socket.socket, seconds: float) -> None:
        """Return when something has come, or the other side has hung up.

        :raises TimeoutError: if neither happens for so many seconds.
        """
        ...

    def until_writable(self, sock: socket.socket, seconds: float) -> None:
        """Return when more can be written.

        :raises TimeoutError: if nothing can for so many seconds.
        """
        ...

    def apart(self, call: Callable[[], T]) -> T:
        """Return what the call returns, or raise what it raises; it may block for long."""
        ...


class Blocking:
    """Waits by itself, as a thread with one conversation may."""

    def until_readable(self, sock: socket.socket, seconds: float) -> None:
        """Return when something has come, or the other side has hung up.

        :raises TimeoutError: if neither happens for so many seconds.
        """
        _block(sock, select.POLLIN, seconds)

    def until_writable(self, sock: socket.socket, seconds: float) -> None:
        """Return when more can be written.

        :raises TimeoutError: if nothing can for so many seconds.
        """
        _block(sock, select.POLLOUT, seconds)

    def apart(self, call: Callable[[], T]) -> T:
        """Call, and let it block."""
        return call()


_current: ContextVar[Waiting] = ContextVar("waiting", default=Blocking())  # noqa: B039 - it keeps nothing


def current_waiting() -> Waiting:
    """Return how whoever asks waits."""
    return _current.get()


@contextmanager
def waiting_by(waiting: Waiting) -> Iterator[None]:
    """Let whatever is opened during the block wait in this way."""
    token = _current.set(waiting)
    try:
        yield
    finally:
        _current.reset(token)


def _block(sock: socket.socket, event: int, seconds: float) -> None:
    poll = select.poll()
    poll.register(sock, event)
    if not poll.poll(seconds * 1_000):
        raise TimeoutError("timed out")
