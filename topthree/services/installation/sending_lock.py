"""Keeping everything that sends from this instance off, while its database is replaced or read."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topthree.domain.refusal import Conflict

#: Held by whoever sends for this instance.
LOCK_FILE = "worker.lock"


@contextmanager
def nobody_sends(instance: Path) -> Iterator[None]:
    """Hold the lock of whoever sends during the block.

    :raises Conflict: if somebody does.
    """
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Not emptied: it is the sender's.
    with (instance / LOCK_FILE).open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                "topthree is running on this database. Stop it first; it ends within the messages"
                " under way, and what was not sent stays queued."
            )
            raise Conflict(message) from None
        yield
