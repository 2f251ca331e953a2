"""How the runs of one process go: what the relay's answers add up to, and what follows from it."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from topthree.domain.ids import RunId
from topthree.domain.sending.breaker import Advice, Breaker, Course, Tally
from topthree.domain.sending.relay_reply import Ruling

_PROBE_EVERY_SECONDS = 60.0
#: How often processes tell each other what they have counted, at the most.
_SHARE_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run, from one resumption to the next: whoever resumes it has looked, and it counts anew."""

    run_id: RunId
    resumptions: int


class RunConduct:
    """What is known of one stretch of a run; its senders share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._advice = Advice(course=Course.GOING)
        self._next_probe = 0.0
        self._next_share = 0.0

    @property
    def advice(self) -> Advice:
        """What the run should do."""
        return self._advice

    def record(self, ruling: Ruling) -> Advice:
        """Count an answer of the relay, and return what the run should do now."""
        with self._lock:
            self._breaker.record(ruling)
            return self._look()

    def record_connection(self, *, is_open: bool) -> Advice:
        """Count an attempt to reach the relay, and return what the run should do now."""
        with self._lock:
            self._breaker.record_connection(is_open=is_open)
            return self._look()

    def to_share(self, elapsed: float) -> Tally | None:
        """Return what this process has counted, if it is time to tell the others."""
        with self._lock:
            if elapsed < self._next_share:
                return None
            self._next_share = elapsed + _SHARE_EVERY_SECONDS
            return self._breaker.tally()

    def hear(self, elsewhere: Tally) -> None:
        """Take in what was counted of the run elsewhere."""
        with self._lock:
            self._breaker.hear(elsewhere)
            self._look()

    def is_ready(self, elapsed: float) -> bool:
        """Tell whether anything may be sent at this moment."""
        return self._advice.course is Course.GOING or elapsed >= self._next_probe

    def take_turn(self, elapsed: float) -> bool:
        """Tell whether the next message may leave; of a run that is probed, one does a minute."""
        if self._advice.course is Course.GOING:
            return True
        with self._lock:
            if elapsed < self._next_probe:
                return False
            self._next_probe = elapsed + _PROBE_EVERY_SECONDS
            return True

    def _look(self) -> Advice:
        self._advice = self._breaker.advice()
        return self._advice


class Conduct:
    """The conduct of every run that this process sends."""

    def __init__(self) -> None:
        #: Names this life of this process to the others.
        self.teller = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._stretches: dict[Stretch, RunConduct] = {}

    def of(self, stretch: Stretch) -> RunConduct:
        """Return what is known of this stretch of a run."""
        with self._lock:
            return self._stretches.setdefault(stretch, RunConduct())
