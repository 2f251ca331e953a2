"""Sending a run over one connection: batch after batch, until nothing of it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from topthree.domain.ids import RunId
from topthree.mail.transport import RelayUnavailable
from topthree.services.claim_batch import Batch, claim_batch, end_batch
from topthree.services.finish_run import finish_run
from topthree.services.send_batch import ClaimLost, RunRests, Way, send_batch
from topthree.services.wiring import Wiring
from topthree.store.ledger import Ledger, LedgerUnavailable


def send_run(
    wiring: Wiring, ledger: Ledger, run_id: RunId, should_stop: Callable[[], bool]
) -> None:
    """Send all of the run that is due, over one connection, and close it if nothing is left.

    Deliveries that were claimed and not tried are given back, whatever ends it; after a crash that
    happens when the worker starts again, or when the lease ends.

    :raises RelayUnavailable: if the relay went away.
    :raises ClaimLost: if another worker has what was ours.
    :raises RunRests: if it is only probed for now.
    :raises LedgerUnavailable: if the database went away; see :func:`recover`.
    """
    with wiring.transport.connect() as connection:
        way = Way(connection=connection, ledger=ledger)
        try:
            while not should_stop() and (batch := _next_batch(wiring, ledger, run_id)):
                send_batch(wiring, way, batch, should_stop)
        except (RelayUnavailable, ClaimLost, RunRests):
            _put_down(wiring, ledger)
            raise
        _put_down(wiring, ledger)
    finish_run(wiring, run_id)


def recover(wiring: Wiring, ledger: Ledger) -> None:
    """Write down again what the database may have forgotten, and give back the rest of the claim.

    Twice is harmless, and so is doing it when nothing is wrong.

    :raises LedgerUnavailable: if the database is still away.
    """
    ledger.recover()
    _put_down(wiring, ledger)


def _next_batch(wiring: Wiring, ledger: Ledger, run_id: RunId) -> Batch | None:
    """End the claim in hand and take the next, with one flush to the disk for both."""
    with _away_is_understood(), wiring.writing() as session:
        if ledger.claim_id is not None:
            end_batch(session, ledger.claim_id)
        batch = claim_batch(session, wiring, run_id)
    ledger.take_in_hand(None if batch is None else batch.claim_id)
    return batch


def _put_down(wiring: Wiring, ledger: Ledger) -> None:
    if ledger.claim_id is None:
        return
    with _away_is_understood(), wiring.writing() as session:
        end_batch(session, ledger.claim_id)
    ledger.take_in_hand(None)


@contextmanager
def _away_is_understood() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise LedgerUnavailable(str(error)) from error
