"""The bytes between us and a relay: groups of commands out, replies in, nothing without an end."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress

from topthree.mail.transports.smtp_replies import Reply, ReplyReader, said
from topthree.mail.waiting import current_waiting

_CHUNK = 8_192
# What TLS encrypts at a time (RFC 8446 §5.1). The other side reads all of a record or nothing.
_RECORD = 16_384


class Unwritten(ConnectionError):
    """Not everything was written; `sent` bytes of it may have left."""

    def __init__(self, error: OSError, sent: int) -> None:
        super().__init__(said(error))
        self.sent = sent


class Wire:
    """A connected socket, in the clear or encrypted; how it waits is for the thread to say."""

    def __init__(self, sock: socket.socket, patience_seconds: float) -> None:
        self.sock = sock
        self._patience = patience_seconds
        self._replies = ReplyReader()
        self._is_encrypted = isinstance(sock, ssl.SSLSocket)
        self.take_over()
        with suppress(OSError):
            # Each write is a whole group, which nothing is gained by holding back.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing has come but the replies that were taken."""
        return self._replies.is_empty

    def take_over(self) -> None:
        """Wait as this thread does from now on; nobody else reads or writes the socket."""
        self._waiting = current_waiting()
        self.sock.settimeout(0)

    def write(self, *pieces: bytes) -> None:
        """Write the pieces as one.

        :raises Unwritten: if that fails, or is not done within the patience given.
        """
        size, sent = sum(map(len, pieces)), 0
        deadline = time.monotonic() + self._patience
        try:
            if not self._is_encrypted:
                with suppress(BlockingIOError):
                    sent = self.sock.sendmsg(pieces)
            if sent < size:
                rest = memoryview(b"".join(pieces))
                while sent < size:
                    sent += self._send(rest[sent : sent + _RECORD], deadline)
        except OSError as error:
            raise Unwritten(error, sent) from error

    def reply(self, patience_seconds: float | None = None) -> Reply:
        """Return the next reply, however many pieces it comes in.

        :raises OSError: if it does not come in time, or at all, or is none.
        """
        reply = self._replies.take()
        if reply is not None:
            return reply
        patience = self._patience if patience_seconds is None else patience_seconds
        deadline = time.monotonic() + patience
        while reply is None:
            data = self._receive(deadline)
            if not data:
                raise ConnectionResetError("The connection was closed.")
            self._replies.feed(data)
            reply = self._replies.take()
        return reply

    def close(self) -> None:
        """Close the socket; never raises, and may be called twice."""
        with suppress(OSError):
            self.sock.close()

    def _send(self, piece: memoryview, deadline: float) -> int:
        while True:
            left = _until(deadline)
            try:
                return self.sock.send(piece)
            except ssl.SSLWantReadError:
                self._waiting.until_readable(self.sock, left)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._waiting.until_writable(self.sock, left)

    def _receive(self, deadline: float) -> bytes:
        # What is encrypted may have come with what was read before, where no system call sees it.
        is_waiting = not self._is_encrypted
        while True:
            if is_waiting:
                self._waiting.until_readable(self.sock, _until(deadline))
            try:
                return self.sock.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError):
                is_waiting = True
            except ssl.SSLWantWriteError:
                self._waiting.until_writable(self.sock, _until(deadline))


def _until(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
