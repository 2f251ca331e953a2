"""Claiming: taking in hand what is due, in order, and giving back what was not tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.run import RunStatus, UncertainPolicy
from topthree.store.base import rows_changed
from topthree.store.deliveries import IS_WAITING, WAITING_INDEX, ClaimRow, DeliveryRow
from topthree.store.runs import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What is done with deliveries of which nobody knows whether they were accepted."""

    policy: UncertainPolicy
    #: Names this start of the machine.
    machine_boot: str


_Selected = TypeVarTuple("_Selected")
#: Where a delivery stands in the order in which they are claimed.
_Place = tuple[datetime, SubscriberId]


def has_unfinished(session: Session, run_id: RunId) -> bool:
    """Tell whether the run has anything left to do, now or later, here or in other hands."""
    return next_due_at(session, run_id) is not None or _has_claimed(session, run_id)


def next_due_at(session: Session, run_id: RunId) -> datetime | None:
    """Return when the run's next waiting delivery is, or was, due; None: none waits."""
    _read_in_order(session)
    query = _waiting(select(DeliveryRow.due_at), run_id).order_by(DeliveryRow.due_at)
    return session.scalars(query.limit(1)).one_or_none()


def unfinished_due(session: Session, run_id: RunId, now: datetime) -> bool:
    """Tell whether anything of the run may be claimed at this moment."""
    due_at = next_due_at(session, run_id)
    return due_at is not None and due_at <= now


def claim_due(session: Session, claim: ClaimRow, *, limit: int) -> tuple[SubscriberId, ...]:
    """Put what is due of the run at its moment under this claim and return whose it is.

    In the order of the index: who has waited longest first, and those who have waited equally
    long, as everybody has when a run opens, by subscriber. A claim of nothing is not written.
    """
    _read_in_order(session)
    reached = _reached(session, claim.run_id)
    chosen = _lock_due(session, claim, limit=limit, reached=reached)
    if reached and len(chosen) < limit:
        # Of what was passed, something may wait again: a claim that was never committed.
        chosen = _lock_due(session, claim, limit=limit)
    if not chosen:
        return ()
    session.add(claim)
    session.flush()
    subscriber_ids = tuple(subscriber_id for _, subscriber_id in chosen)
    held = {"run_id": claim.run_id, "status": DeliveryStatus.CLAIMED, "claim_id": claim.id}
    # One by one by key: for a list of keys PostgreSQL reads the whole run while it has no
    # statistics of it.
    session.execute(
        update(DeliveryRow),
        [{**held, "subscriber_id": subscriber_id} for subscriber_id in subscriber_ids],
    )
    _note_reached(session, claim.run_id, chosen[-1])
    return subscriber_ids


def begin_claim(session: Session, claim_id: ClaimId) -> ClaimRow | None:
    """Return the claim if nobody has begun it; whoever else wants to waits for us."""
    query = select(ClaimRow).where(ClaimRow.id == claim_id, ClaimRow.worker == "")
    return session.scalars(query.with_for_update()).one_or_none()


def storage_boot(session: Session, machine_boot: str) -> str:
    """Name the start of what keeps our commits until they are flushed to the disk.

    That is this machine for SQLite, and the server for PostgreSQL, whoever asks.
    """
    if not _is_postgresql(session):
        return machine_boot
    return str(session.scalars(select(func.pg_postmaster_start_time())).one())


def claimed_subscribers(session: Session, claim_id: ClaimId) -> tuple[SubscriberId, ...]:
    """Return whose deliveries are under the claim, in the order in which they are sent."""
    query = select(DeliveryRow.subscriber_id).where(DeliveryRow.claim_id == claim_id)
    return tuple(session.scalars(query.order_by(DeliveryRow.due_at, DeliveryRow.subscriber_id)))


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


def release_claim(session: Session, claim_id: ClaimId) -> int:
    """Queue again what this claim still holds, of which nothing was tried, and end it."""
    return _release(session, [claim_id])


def cancel_waiting(session: Session, run_id: RunId, *, now: datetime, limit: int) -> int:
    """Cancel so many of the run's waiting deliveries and return how many it were."""
    chosen = _waiting(select(DeliveryRow.subscriber_id), run_id).limit(limit)
    cancelled = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.run_id == run_id, DeliveryRow.subscriber_id.in_(chosen))
        .values(status=DeliveryStatus.CANCELLED, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(cancelled)


def _lock_due(
    session: Session, claim: ClaimRow, *, limit: int, reached: _Place | None = None
) -> Sequence[_Place]:
    place = (DeliveryRow.due_at, DeliveryRow.subscriber_id)
    due = _waiting(select(*place), claim.run_id).where(DeliveryRow.due_at <= claim.claimed_at)
    if reached is not None:
        due = due.where(tuple_(*place) > tuple_(*reached))
    due = due.order_by(*place).limit(limit).with_for_update(skip_locked=True)
    return [(due_at, subscriber_id) for due_at, subscriber_id in session.execute(due)]


def _reached(session: Session, run_id: RunId) -> _Place | None:
    query = select(RunRow.reached_due_at, RunRow.reached_id).where(RunRow.id == run_id)
    due_at, subscriber_id = session.execute(query).one()
    return None if due_at is None or subscriber_id is None else (due_at, subscriber_id)


def _note_reached(session: Session, run_id: RunId, place: _Place) -> None:
    """Let the next claim begin where this one ends, if the database needs to be told.

    PostgreSQL steps over every entry that has left the index until a vacuum takes it away;
    SQLite takes it away at once, and would write the whole message anew to keep this.
    """
    if not _is_postgresql(session):
        return
    due_at, subscriber_id = place
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(reached_due_at=due_at, reached_id=subscriber_id)
        .execution_options(synchronize_session=False)
    )


def _look_from_the_beginning(session: Session) -> None:
    session.execute(
        update(RunRow)
        .where(RunRow.status == RunStatus.RUNNING, RunRow.reached_due_at.is_not(None))
        .values(reached_due_at=None, reached_id=None)
        .execution_options(synchronize_session=False)
    )


def _read_in_order(session: Session) -> None:
    """Keep PostgreSQL, for this transaction, from sorting a whole run to find its first rows.

    It does so while it has no statistics of a run yet, which is when everything still waits.
    """
    if _is_postgresql(session):
        session.execute(sql("SET LOCAL enable_sort = off"))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _waiting(query: Select[*_Selected], run_id: RunId) -> Select[*_Selected]:
    """Narrow the query to what waits in this run, by way of the index that holds nothing else."""
    of_run = query.where(DeliveryRow.run_id == run_id, sql(IS_WAITING))
    return of_run.with_hint(DeliveryRow, f"INDEXED BY {WAITING_INDEX}", "sqlite")


def _has_claimed(session: Session, run_id: RunId) -> bool:
    query = (
        select(ClaimRow.id)
        .join(DeliveryRow, DeliveryRow.claim_id == ClaimRow.id)
        .where(ClaimRow.run_id == run_id)
    )
    return session.scalars(query.limit(1)).first() is not None


def _release_dead(session: Session, which: ColumnElement[bool], doubts: Doubts) -> int:
    dead = session.scalars(select(ClaimRow).where(which).with_for_update()).all()
    if doubts.policy is UncertainPolicy.HOLD:
        for claim in dead:
            if claim.worker:
                _hold_uncertain(session, claim, doubts)
    return _release(session, [claim.id for claim in dead])


def _hold_uncertain(session: Session, claim: ClaimRow, doubts: Doubts) -> None:
    """Keep for an editor what the dead worker may have sent without recording it.

    One connection sends one claim in order, so that is the first unrecorded delivery
    (reliability §0.2). When the machine went down with it, outcomes may be forgotten that were
    recorded and not flushed; each claim flushes what was recorded before it.
    """
    held = select(DeliveryRow.run_id, DeliveryRow.subscriber_id).where(
        DeliveryRow.claim_id == claim.id, DeliveryRow.status == DeliveryStatus.CLAIMED
    )
    held = held.order_by(DeliveryRow.due_at, DeliveryRow.subscriber_id)
    if claim.boot == storage_boot(session, doubts.machine_boot):
        held = held.limit(1)
    keys = session.execute(held).all()
    if not keys:
        return
    session.execute(
        update(DeliveryRow),
        [
            {
                "run_id": run_id,
                "subscriber_id": subscriber_id,
                "status": DeliveryStatus.HELD,
                "claim_id": None,
                "reply": "The sender ended while this was on its way.",
            }
            for run_id, subscriber_id in keys
        ],
    )


def _release(session: Session, claim_ids: Sequence[ClaimId]) -> int:
    if not claim_ids:
        return 0
    released = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.status == DeliveryStatus.CLAIMED, DeliveryRow.claim_id.in_(claim_ids))
        .values(status=DeliveryStatus.QUEUED, claim_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(ClaimRow)
        .where(ClaimRow.id.in_(claim_ids))
        .execution_options(synchronize_session=False)
    )
    if rows_changed(released):
        _look_from_the_beginning(session)
    return rows_changed(released)
