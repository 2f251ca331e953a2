"""Putting off deliveries that were claimed and are not tried now; it costs them no attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import TableClause, bindparam, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.delivery import DELIVERY_TRANSITIONS, DeliveryEvent, DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.store.sending.deliveries import IS_WAITING, WAITING_INDEX, ClaimRow, DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow

_DELIVERIES = cast("TableClause", DeliveryRow.__table__)
_PUT_OFF = DELIVERY_TRANSITIONS[DeliveryStatus.CLAIMED, DeliveryEvent.PUT_OFF]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed delivery, and when its turn is, if a place was reserved for it."""

    to: SubscriberId
    address: str
    turn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """When a delivery is due instead of now."""

    to: SubscriberId
    due_at: datetime
    #: If a place was reserved for it.
    turn_at: datetime | None = None


def waiting_of_claim(session: Session, claim: ClaimRow) -> Sequence[Waiting]:
    """Return the deliveries of the claim to those who have an address, in their order."""
    # One by one by key, which PostgreSQL does by the index whatever it knows of the run.
    turn_at = (
        select(DeliveryRow.turn_at)
        .where(DeliveryRow.run_id == claim.run_id, DeliveryRow.subscriber_id == SubscriberRow.id)
        .scalar_subquery()
    )
    query = select(SubscriberRow.id, SubscriberRow.address, turn_at).where(
        SubscriberRow.id.in_(claim.subscriber_ids)
    )
    found = {to: (address, turn) for to, address, turn in session.execute(query) if address}
    return [
        Waiting(to=to, address=found[to][0], turn_at=found[to][1])
        for to in claim.subscriber_ids
        if to in found
    ]


def put_off_claimed(session: Session, claim: ClaimRow, late: Sequence[PutOff]) -> None:
    """Let these deliveries of the claim wait, with no attempt counted."""
    one = (
        update(_DELIVERIES)
        .where(
            _DELIVERIES.c.run_id == bindparam("of"),
            _DELIVERIES.c.subscriber_id == bindparam("to"),
        )
        .values(
            status=_PUT_OFF,
            claim_id=None,
            due_at=bindparam("due"),
            turn_at=bindparam("turn"),
        )
    )
    session.execute(
        one,
        [
            {"of": claim.run_id, "to": each.to, "due": each.due_at, "turn": each.turn_at}
            for each in late
        ],
    )


def last_due_at(session: Session) -> datetime | None:
    """Return when the last of what waits in any running run is due."""
    running = session.scalars(select(RunRow.id).where(RunRow.status == RunStatus.RUNNING)).all()
    ends = [end for run_id in running if (end := _last_of(session, run_id)) is not None]
    return max(ends, default=None)


def _last_of(session: Session, run_id: RunId) -> datetime | None:
    query = select(DeliveryRow.due_at).where(DeliveryRow.run_id == run_id, sql(IS_WAITING))
    query = query.with_hint(DeliveryRow, f"INDEXED BY {WAITING_INDEX}", "sqlite")
    return session.scalars(query.order_by(DeliveryRow.due_at.desc()).limit(1)).one_or_none()
