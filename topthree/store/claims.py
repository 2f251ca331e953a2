"""Claiming: taking in hand what is due, in order, and giving back what was not tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVarTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Result,
    Select,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.run import RunStatus
from topthree.store.deliveries import IS_WAITING, WAITING_INDEX, ClaimRow, DeliveryRow
from topthree.store.runs import RunRow

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


def claim_due(
    session: Session, claim: ClaimRow, *, now: datetime, limit: int
) -> Sequence[SubscriberId]:
    """Put the run's next due deliveries under this claim and return whose they are.

    In the order of the index: who has waited longest first, and those who have waited equally
    long, as everybody has when a run opens, by subscriber.
    """
    _read_in_order(session)
    reached = _reached(session, claim.run_id)
    chosen = _lock_due(session, claim.run_id, now=now, limit=limit, reached=reached)
    if reached and len(chosen) < limit:
        # Of what was passed, something may wait again: a claim that was never committed.
        chosen = _lock_due(session, claim.run_id, now=now, limit=limit)
    if not chosen:
        return []
    subscriber_ids = [subscriber_id for _, subscriber_id in chosen]
    held = {"run_id": claim.run_id, "status": DeliveryStatus.CLAIMED, "claim_id": claim.id}
    # One by one by key: for a list of keys PostgreSQL reads the whole run while it has no
    # statistics of it.
    session.execute(
        update(DeliveryRow),
        [{**held, "subscriber_id": subscriber_id} for subscriber_id in subscriber_ids],
    )
    _note_reached(session, claim.run_id, chosen[-1])
    return subscriber_ids


def release_claims(session: Session, *, worker: str, now: datetime) -> int:
    """Queue again what dead claims hold: this worker's own of before, and any whose lease ended."""
    return _release(session, or_(ClaimRow.worker == worker, ClaimRow.lease_until < now))


def release_expired_claims(session: Session, now: datetime) -> int:
    """Queue again what claims hold whose lease has ended."""
    return _release(session, ClaimRow.lease_until < now)


def release_claim(session: Session, claim_id: ClaimId) -> int:
    """Queue again what this claim still holds, and end it."""
    return _release(session, ClaimRow.id == claim_id)


def _lock_due(
    session: Session,
    run_id: RunId,
    *,
    now: datetime,
    limit: int,
    reached: _Place | None = None,
) -> Sequence[_Place]:
    place = (DeliveryRow.due_at, DeliveryRow.subscriber_id)
    due = _waiting(select(*place), run_id).where(DeliveryRow.due_at <= now)
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


def _release(session: Session, which: ColumnElement[bool]) -> int:
    chosen = select(ClaimRow.id).where(which)
    released = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.status == DeliveryStatus.CLAIMED, DeliveryRow.claim_id.in_(chosen))
        .values(status=DeliveryStatus.QUEUED, claim_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(ClaimRow).where(which).execution_options(synchronize_session=False))
    if _row_count(released):
        _look_from_the_beginning(session)
    return _row_count(released)


def _row_count(result: Result[Any]) -> int:
    """Return how many rows an UPDATE changed; its result is a cursor's, whatever its type says."""
    return cast("CursorResult[Any]", result).rowcount
