"""Stopping where the system, or Ctrl-C, asks for it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType

_SECONDS_BETWEEN_LOOKS = 0.2


def on_stop_signal(stop: Callable[[], object]) -> None:
    """Have this called in the main thread at SIGINT and SIGTERM, whatever it is doing then."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, handle)


class StopSignal:
    """What the main thread waits for; heard from the moment that this is made."""

    def __init__(self) -> None:
        # An Event would do but for its lock: a signal that comes while it is held waits for itself.
        self._asked = SimpleQueue[None]()
        on_stop_signal(lambda: self._asked.put(None))

    def wait(self) -> None:
        """Return once SIGINT or SIGTERM has come."""
        while True:
            # A signal may reach another thread, and is heard when this one next does something.
            with suppress(Empty):
                return self._asked.get(timeout=_SECONDS_BETWEEN_LOOKS)
