"""Claiming: taking in hand what is due, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TypeVarTuple

from sqlalchemy import (
    BindParameter,
    Select,
    Update,
    bindparam,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.store.base import rows_changed
from topthree.store.engine import is_postgresql
from topthree.store.sending.deliveries import (
    IS_WAITING,
    WAITING_INDEX,
    ClaimRow,
    DeliveryRow,
    named_under,
    one_delivery,
)
from topthree.store.sending.runs import RunRow

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
    reached = _reached(session, claim.run_id) if is_postgresql(session) else None
    chosen = _lock_due(session, claim, limit=limit, reached=reached)
    if reached and len(chosen) < limit:
        # Of what was passed, something may wait again: a claim that was never committed.
        chosen = _lock_due(session, claim, limit=limit)
    if not chosen:
        return ()
    claim.subscriber_ids = [subscriber_id for _, subscriber_id in chosen]
    session.add(claim)
    session.flush()
    session.execute(_take_one(), named_under(claim, claim.subscriber_ids))
    _note_reached(session, claim.run_id, chosen[-1])
    return tuple(claim.subscriber_ids)


def begin_claim(session: Session, claim_id: ClaimId) -> ClaimRow | None:
    """Return the claim if nobody has begun it; whoever else wants to waits for us."""
    query = select(ClaimRow).where(ClaimRow.id == claim_id, ClaimRow.worker == "")
    return session.scalars(query.with_for_update()).one_or_none()


def cancel_waiting(session: Session, run_id: RunId, *, now: datetime, limit: int) -> int:
    """Cancel so many of the run's waiting deliveries and return how many it were."""
    chosen = _waiting(select(DeliveryRow.subscriber_id), run_id).limit(limit)
    # What a claim is taking at this moment comes back; waiting for it could be waiting for us.
    chosen = chosen.with_for_update(skip_locked=True)
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
    values: dict[str, object] = {"run": claim.run_id, "now": claim.claimed_at, "most": limit}
    query = _due()
    if reached is not None:
        query = _due_after()
        values["after_due_at"], values["after_id"] = reached
    return [(due_at, subscriber_id) for due_at, subscriber_id in session.execute(query, values)]


def _reached(session: Session, run_id: RunId) -> _Place | None:
    query = select(RunRow.reached_due_at, RunRow.reached_id).where(RunRow.id == run_id)
    due_at, subscriber_id = session.execute(query).one()
    return None if due_at is None or subscriber_id is None else (due_at, subscriber_id)


def _note_reached(session: Session, run_id: RunId, place: _Place) -> None:
    """Let the next claim begin where this one ends, if the database needs to be told.

    PostgreSQL steps over every entry that has left the index until a vacuum takes it away;
    SQLite takes it away at once, and would write the whole message anew to keep this.
    """
    if not is_postgresql(session):
        return
    due_at, subscriber_id = place
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(reached_due_at=due_at, reached_id=subscriber_id)
        .execution_options(synchronize_session=False)
    )


def _read_in_order(session: Session) -> None:
    """Keep PostgreSQL, for this transaction, from sorting a whole run to find its first rows.

    It does so while it has no statistics of a run yet, which is when everything still waits.
    """
    if is_postgresql(session):
        session.execute(sql("SET LOCAL enable_sort = off"))


def _waiting(query: Select[*_Selected], run_id: RunId | BindParameter[RunId]) -> Select[*_Selected]:
    """Narrow the query to what waits in this run, by way of the index that holds nothing else."""
    of_run = query.where(DeliveryRow.run_id == run_id, sql(IS_WAITING))
    return of_run.with_hint(DeliveryRow, f"INDEXED BY {WAITING_INDEX}", "sqlite")


def _has_claimed(session: Session, run_id: RunId) -> bool:
    query = select(ClaimRow.id).where(ClaimRow.run_id == run_id)
    return session.scalars(query.limit(1)).first() is not None


@cache
def _due() -> Select[datetime, SubscriberId]:
    place = (DeliveryRow.due_at, DeliveryRow.subscriber_id)
    due = _waiting(select(*place), bindparam("run")).where(DeliveryRow.due_at <= bindparam("now"))
    due = due.order_by(*place).limit(bindparam("most"))
    return due.with_for_update(skip_locked=True)


@cache
def _due_after() -> Select[datetime, SubscriberId]:
    after = tuple_(bindparam("after_due_at"), bindparam("after_id"))
    return _due().where(tuple_(DeliveryRow.due_at, DeliveryRow.subscriber_id) > after)


@cache
def _take_one() -> Update:
    return one_delivery().values(status=DeliveryStatus.CLAIMED, claim_id=bindparam("held_by"))
