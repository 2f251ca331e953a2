"""The lock of an instance folder: one process of it sends at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


def lock_instance(instance: Path) -> IO[str] | None:
    """Return the open file that holds the lock, or None if another process has it.

    The lock is the kernel's: it is free as soon as a killed process is gone.
    """
    opened = (instance / "worker.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        opened.close()
        return None
    return opened
