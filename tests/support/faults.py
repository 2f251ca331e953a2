"""How the tests' relay is told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ANYONE = "*"


class Phase(StrEnum):
    """Where in the conversation something happens."""

    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA, before the text"
    FINAL_DOT = "after the final dot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the relay does instead of accepting, in one phase, for one recipient or for anyone.

    A refusal is a full reply such as ``"451 4.3.0 Try again later"``. Dropping at DATA cuts the
    connection before the message is whole, so it is not accepted; dropping at FINAL_DOT keeps
    the message and cuts before the reply, so the sender cannot know. A delay comes first.
    """

    phase: Phase
    recipient: str = ANYONE
    refuse: str | None = None
    drop: bool = False
    delay_seconds: float = 0
    times: int | None = None


class Script:
    """The faults still to come; the oldest that fits is the one that happens."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._happened: dict[int, int] = {}
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._happened.clear()

    def take(self, phase: Phase, recipients: Sequence[str]) -> Fault | None:
        with self._lock:
            for place, fault in enumerate(self._faults):
                fits = fault.recipient == ANYONE or fault.recipient in recipients
                if fault.phase is phase and fits and self._count(place, fault):
                    return fault
            return None

    def _count(self, place: int, fault: Fault) -> bool:
        happened = self._happened.get(place, 0)
        self._happened[place] = happened + 1
        return fault.times is None or happened < fault.times
