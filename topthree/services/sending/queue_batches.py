"""Batches for a queue: set aside ahead of the workers, and replaced one by one as they end."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId, RunId
from topthree.services.sending.claim_batch import Batch, end_batch, queue_batch
from topthree.services.sending.finish_run import has_due
from topthree.services.wiring import Wiring
from topthree.store.sending.claim_queue import (
    claims_of,
    count_waiting_claims,
    waiting_claims,
    worker_of,
)
from topthree.store.sending.ledger import Ledger, LedgerUnavailable
from topthree.store.sending.releases import release_dead_claim

#: Puts a batch into the queue, in the transaction that is given.
Defer = Callable[[Session, ClaimId], None]
#: Tells whether the worker of this name has ended.
IsGone = Callable[[Session, str], bool]


def fill_queue(wiring: Wiring, run_id: RunId, defer: Defer, window: int) -> int:
    """Set aside what is due of the run until so many batches wait; return how many were added.

    Whoever else does the same makes some more of them, and no harm.
    """
    with wiring.reading() as session:
        room = window - count_waiting_claims(session, run_id)
    added = 0
    while added < room and has_due(wiring, run_id):
        with wiring.writing() as session:
            if not _add(session, wiring, run_id, defer):
                break
        added += 1
    return added


def replace_batch(wiring: Wiring, ledger: Ledger, batch: Batch, defer: Defer | None) -> bool:
    """End the batch and set the next one of its run aside, with one flush to the disk for both.

    Without ``defer`` it is only ended. Tells whether there is a next one.

    :raises LedgerUnavailable: if the database is away; the claim is still in hand then.
    """
    try:
        with wiring.writing() as session:
            end_batch(session, batch.claim_id, ledger.untried)
            goes_on = defer is not None and _add(session, wiring, batch.run_id, defer)
    except DBAPIError as error:
        raise LedgerUnavailable(str(error)) from error
    ledger.take_in_hand(None)
    return goes_on


def take_from_the_dead(wiring: Wiring, claim_id: ClaimId, is_gone: IsGone) -> bool:
    """Give back what a worker left behind when it ended; tell whether the claim has ended now.

    What it may have sent without recording it is treated as the uncertain delivery that it is.
    """
    with wiring.writing() as session:
        worker = worker_of(session, claim_id)
        if worker and not is_gone(session, worker):
            return False
        if worker:
            release_dead_claim(session, claim_id, wiring.doubts)
        return True


def give_back_unattended(wiring: Wiring, in_hand: Collection[ClaimId]) -> int:
    """Give back what this worker holds in the ledger and has not in hand; return how many claims.

    Such are left when the database went away just when a batch was to be ended.
    """
    with wiring.writing() as session:
        left = claims_of(session, wiring.worker, but_for=in_hand)
        for claim_id in left:
            release_dead_claim(session, claim_id, wiring.doubts)
        return len(left)


def empty_queue(wiring: Wiring) -> int:
    """Give back every batch that waits, where no queue is used any more; return how many.

    A worker that comes for one all the same finds that it has ended.
    """
    with wiring.writing() as session:
        waiting = waiting_claims(session)
        for claim_id in waiting:
            end_batch(session, claim_id)
        return len(waiting)


def give_back(wiring: Wiring, claim_ids: Collection[ClaimId]) -> None:
    """End these claims, of which nothing was tried."""
    with wiring.writing() as session:
        for claim_id in claim_ids:
            end_batch(session, claim_id)


def _add(session: Session, wiring: Wiring, run_id: RunId, defer: Defer) -> bool:
    claim_id = queue_batch(session, wiring, run_id)
    if claim_id is not None:
        defer(session, claim_id)
    return claim_id is not None
