"""The end of claims: what was not tried is queued again, what is uncertain may be held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Delete,
    TableClause,
    Update,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId, SubscriberId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus, UncertainPolicy
from topthree.store.base import rows_changed
from topthree.store.engine import is_postgresql
from topthree.store.sending.deliveries import ClaimRow, DeliveryRow, named_under, one_delivery
from topthree.store.sending.runs import RunRow

_CLAIMS = cast("TableClause", ClaimRow.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What is done with deliveries of which nobody knows whether they were accepted."""

    policy: UncertainPolicy
    #: Names this start of the machine.
    machine_boot: str


def storage_boot(session: Session, machine_boot: str) -> str:
    """Name the start of what keeps our commits until they are flushed to the disk.

    That is this machine for SQLite, and the server for PostgreSQL, whoever asks.
    """
    if not is_postgresql(session):
        return machine_boot
    return str(session.scalars(select(func.pg_postmaster_start_time())).one())


def release_claims(session: Session, doubts: Doubts, *, worker: str, now: datetime) -> int:
    """Queue again what dead claims hold: this worker's own of before, and any whose lease ended."""
    return _release_dead(
        session, or_(ClaimRow.worker == worker, ClaimRow.lease_until < now), doubts
    )


def release_expired_claims(session: Session, now: datetime, doubts: Doubts) -> int:
    """Queue again what claims hold whose lease has ended."""
    return _release_dead(session, ClaimRow.lease_until < now, doubts)


def release_dead_claim(session: Session, claim_id: ClaimId, doubts: Doubts) -> int:
    """Queue again what this claim holds, whose worker is dead."""
    return _release_dead(session, ClaimRow.id == claim_id, doubts)


def release_claim(
    session: Session, claim_id: ClaimId, untried: Collection[SubscriberId] | None = None
) -> int:
    """Queue again what was not tried of this claim, and end it.

    None: whatever it still holds.
    """
    if untried is not None and not untried:
        session.execute(_end_claim(), {"ended": claim_id})
        return 0
    claim = session.get(ClaimRow, claim_id)
    if claim is None:
        return 0
    if untried is not None:
        claim.subscriber_ids = list(untried)
    return _release(session, [claim])


def _look_from_the_beginning(session: Session) -> None:
    session.execute(
        update(RunRow)
        .where(RunRow.status == RunStatus.RUNNING, RunRow.reached_due_at.is_not(None))
        .values(reached_due_at=None, reached_id=None)
        .execution_options(synchronize_session=False)
    )


def _release_dead(session: Session, which: ColumnElement[bool], doubts: Doubts) -> int:
    dead = session.scalars(select(ClaimRow).where(which).with_for_update()).all()
    if doubts.policy is UncertainPolicy.HOLD:
        for claim in dead:
            if claim.worker:
                _hold_uncertain(session, claim, doubts)
    return _release(session, dead)


def _hold_uncertain(session: Session, claim: ClaimRow, doubts: Doubts) -> None:
    """Keep for an editor what the dead worker may have sent without recording it.

    One connection sends one claim in order, so that is the first unrecorded delivery
    (reliability §0.2). When the machine went down with it, outcomes may be forgotten that were
    recorded and not flushed; each claim flushes what was recorded before it.
    """
    unrecorded = [to for to in claim.subscriber_ids if _is_unrecorded(session, claim, to)]
    if claim.boot == storage_boot(session, doubts.machine_boot):
        del unrecorded[1:]
    if unrecorded:
        session.execute(_hold_one(), named_under(claim, unrecorded))


def _is_unrecorded(session: Session, claim: ClaimRow, to: SubscriberId) -> bool:
    delivery = session.get_one(DeliveryRow, (claim.run_id, to), populate_existing=True)
    return delivery.status is DeliveryStatus.CLAIMED and delivery.claim_id == claim.id


def _release(session: Session, claims: Sequence[ClaimRow]) -> int:
    """Queue again what is still under these claims, and end them; return how many it were."""
    released = 0
    for claim in claims:
        if claim.subscriber_ids:
            given_back = session.execute(_give_back_one(), named_under(claim, claim.subscriber_ids))
            released += rows_changed(given_back)
        session.delete(claim)
    session.flush()
    if released:
        _look_from_the_beginning(session)
    return released


@cache
def _end_claim() -> Delete:
    return delete(_CLAIMS).where(ClaimRow.id == bindparam("ended"))


@cache
def _give_back_one() -> Update:
    return _one_that_is_held().values(status=DeliveryStatus.QUEUED, claim_id=None)


@cache
def _hold_one() -> Update:
    reply = "The sender ended while this was on its way."
    return _one_that_is_held().values(status=DeliveryStatus.HELD, claim_id=None, reply=reply)


def _one_that_is_held() -> Update:
    return one_delivery().where(
        DeliveryRow.claim_id == bindparam("held_by"),
        DeliveryRow.status == DeliveryStatus.CLAIMED,
    )
