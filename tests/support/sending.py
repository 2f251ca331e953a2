"""Sending from a test, in its own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.support.installation import Clock
from topthree.domain.ids import RunId
from topthree.services.sending.claim_batch import Batch, claim_batch
from topthree.services.sending.send_batch import Way
from topthree.services.sending.send_run import send_run
from topthree.services.wiring import Wiring


def never() -> bool:
    return False


class Patience:
    """Waits by letting the test's clock go on; stops when it is told to."""

    def __init__(self, wiring: Wiring, should_stop: Callable[[], bool] = never) -> None:
        self._clock = wiring.clock
        self._should_stop = should_stop
        #: Each wait, in seconds.
        self.waits: list[float] = []

    def is_set(self) -> bool:
        return self._should_stop()

    def wait(self, timeout: float) -> bool:
        assert isinstance(self._clock, Clock), "Only a test's clock can be let go on."
        self.waits.append(timeout)
        self._clock.advance(timedelta(seconds=timeout))
        return self._should_stop()


def send_what_is_due(
    wiring: Wiring, run_id: RunId, should_stop: Callable[[], bool] = never
) -> None:
    """Send all of the run that is due, over one connection."""
    with wiring.ledger() as ledger:
        send_run(wiring, ledger, run_id, Patience(wiring, should_stop))


def claim(wiring: Wiring, run_id: RunId) -> Batch:
    """Take the run's next due deliveries in hand."""
    with wiring.writing() as session:
        batch = claim_batch(session, wiring, run_id)
    assert batch is not None
    return batch


@contextmanager
def opened_way(wiring: Wiring) -> Iterator[Way]:
    """Open what a sending thread has open."""
    with wiring.transport.connect() as connection, wiring.ledger() as ledger:
        yield Way(connection=connection, ledger=ledger)
