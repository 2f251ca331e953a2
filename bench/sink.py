"""The tests' sink in a process of its own, so that taking mail costs the sender nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.support.sink import Manner, Sink


class RemoteSink:
    """Where mail can be sent to, and who got some."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port: int = pipe.recv()

    def take(self) -> list[str]:
        """Return the recipient of every message since the last call."""
        self._pipe.send(None)
        recipients: list[str] = self._pipe.recv()
        return recipients


@contextmanager
def remote_sink() -> Iterator[RemoteSink]:
    """Give a sink that listens on loopback until the end of the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=[theirs], name="sink")
    process.start()
    # The other end is the child's alone, so that its death is seen here.
    theirs.close()
    try:
        yield RemoteSink(ours)
    finally:
        ours.close()
        process.join()


def _serve(pipe: Connection) -> None:
    with Sink(Manner(pipelining=True)) as sink:
        pipe.send(sink.port)
        while _is_asked(pipe):
            recipients = [kept.recipient for kept in sink.accepted]
            sink.accepted.clear()
            pipe.send(recipients)


def _is_asked(pipe: Connection) -> bool:
    """Wait for the next question; there is none once the other end is closed."""
    try:
        pipe.recv()
    except EOFError:
        return False
    return True
