"""Sending a run over one connection: batch after batch, until nothing of it is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from topthree.domain.ids import RunId
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.claim_batch import BATCH, Batch, claim_batch, end_batch, is_held_back
from topthree.services.sending.finish_run import finish_run
from topthree.services.sending.pace import seconds_until_turn
from topthree.services.sending.send_batch import ClaimLost, RunRests, Way, send_batch
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import Ledger, LedgerUnavailable
from topthree.store.sending.releases import release_dead_claim

#: Relays hang up after five minutes of silence, and a connection that waits is of use to nobody.
_LONGEST_WAIT_SECONDS = 30.0
#: How often the run is looked at while it waits for its turn, at the least and at the most.
_LOOK_SECONDS = (0.05, 1.0)


class Stop(Protocol):
    """Says when to stop, also to who waits; :class:`threading.Event` is one."""

    def is_set(self) -> bool:
        """Tell whether to stop."""
        ...

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until it is time to stop; tell whether it is."""
        ...


def send_run(wiring: Wiring, ledger: Ledger, run_id: RunId, stop: Stop) -> None:
    """Send all of the run that is due, over one connection, and close it if nothing is left.

    At the pace that is set; no relay is dialed, or kept waiting, for a turn that is far off.
    Deliveries that were claimed and not tried are given back, whatever ends it; after a crash that
    happens when the worker starts again, or when the lease ends.

    :raises RelayUnavailable: if the relay went away.
    :raises ClaimLost: if another worker has what was ours.
    :raises RunRests: if it is only probed for now.
    :raises LedgerUnavailable: if the database went away; see :func:`recover`.
    """
    if seconds_until_turn(wiring, BATCH) > _LONGEST_WAIT_SECONDS:
        return
    with wiring.transport.connect() as connection:
        way = Way(connection=connection, ledger=ledger)
        try:
            for batch in _batches(wiring, ledger, run_id, stop):
                send_batch(wiring, way, batch, stop.is_set)
        except LedgerUnavailable:
            # What was sent is recorded before anything is given back.
            raise
        except (RelayUnavailable, ClaimLost, RunRests):
            _put_down(wiring, ledger)
            raise
        except Exception:
            # A mistake of ours: nobody knows what became of the message in flight.
            _abandon(wiring, ledger)
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


def _batches(wiring: Wiring, ledger: Ledger, run_id: RunId, stop: Stop) -> Iterator[Batch]:
    """Yield one batch after the other as they may leave."""
    while not stop.is_set():
        batch = _next_batch(wiring, ledger, run_id)
        if batch is not None:
            yield batch
        elif not _wait_for_turn(wiring, run_id, stop):
            return


def _wait_for_turn(wiring: Wiring, run_id: RunId, stop: Stop) -> bool:
    """Wait a little if something of the run is due and its turn is near; tell whether it is."""
    if not is_held_back(wiring, run_id):
        return False
    seconds = seconds_until_turn(wiring, BATCH)
    if seconds > _LONGEST_WAIT_SECONDS:
        return False
    shortest, longest = _LOOK_SECONDS
    stop.wait(min(max(seconds, shortest), longest))
    return True


def _next_batch(wiring: Wiring, ledger: Ledger, run_id: RunId) -> Batch | None:
    """End the claim in hand and take the next, with one flush to the disk for both."""
    with _away_is_understood(), wiring.writing() as session:
        if ledger.claim_id is not None:
            end_batch(session, ledger.claim_id, ledger.untried)
        batch = claim_batch(session, wiring, run_id)
        # Before the commit, for its answer may get lost on the way, and the claim be ours.
        ledger.expect(None if batch is None else batch.claim_id)
    if batch is None:
        ledger.take_in_hand(None)
    else:
        ledger.take_in_hand(batch.claim_id, batch.subscriber_ids)
    return batch


def _put_down(wiring: Wiring, ledger: Ledger) -> None:
    if ledger.claim_id is None and ledger.expected is None:
        return
    with _away_is_understood(), wiring.writing() as session:
        if ledger.claim_id is not None:
            end_batch(session, ledger.claim_id, ledger.untried)
        if ledger.expected is not None:
            # Nothing of it was tried: its deliveries never came into our hands.
            end_batch(session, ledger.expected)
    ledger.take_in_hand(None)


def _abandon(wiring: Wiring, ledger: Ledger) -> None:
    if ledger.claim_id is None:
        return
    with _away_is_understood(), wiring.writing() as session:
        release_dead_claim(session, ledger.claim_id, wiring.doubts)
    ledger.take_in_hand(None)


@contextmanager
def _away_is_understood() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise LedgerUnavailable(str(error)) from error
