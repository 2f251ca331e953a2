"""The people of a run: one row for each person it was meant for, with what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from topthree.domain.cause import Cause
from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import RunId, SubscriberId
from topthree.store.deliveries import DeliveryRow
from topthree.store.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOfRun:
    """One person, and what came of the issue to them."""

    subscriber_id: SubscriberId
    #: None: erased.
    address: str | None
    status: DeliveryStatus
    cause: Cause | None
    code: int
    reply: str
    attempts: int
    due_at: datetime
    ended_at: datetime | None


def people_of(
    session: Session,
    run_id: RunId,
    status: DeliveryStatus | None,
    *,
    after: SubscriberId,
    limit: int,
) -> tuple[PersonOfRun, ...]:
    """Return so many people of the run that come after this one; None: whatever the status."""
    query = _people(run_id).where(DeliveryRow.subscriber_id > after)
    if status is not None:
        query = query.where(DeliveryRow.status == status)
    query = query.order_by(DeliveryRow.subscriber_id).limit(limit)
    return tuple(PersonOfRun(**row) for row in session.execute(query).mappings())


def find_person(session: Session, run_id: RunId, address_key: str) -> PersonOfRun | None:
    """Return the person with this address, if the run was meant for them."""
    query = _people(run_id).where(SubscriberRow.address_key == address_key)
    found = session.execute(query).mappings().one_or_none()
    return None if found is None else PersonOfRun(**found)


def held_after(
    session: Session, run_id: RunId, after: SubscriberId, limit: int
) -> Sequence[SubscriberId]:
    """Return so many of those whose delivery is held that come after this one."""
    query = select(DeliveryRow.subscriber_id).where(
        DeliveryRow.run_id == run_id,
        DeliveryRow.status == DeliveryStatus.HELD,
        DeliveryRow.subscriber_id > after,
    )
    return session.scalars(query.order_by(DeliveryRow.subscriber_id).limit(limit)).all()


def _people(run_id: RunId) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(
        DeliveryRow.subscriber_id,
        SubscriberRow.address,
        DeliveryRow.status,
        DeliveryRow.cause,
        DeliveryRow.code,
        DeliveryRow.reply,
        DeliveryRow.attempts,
        DeliveryRow.due_at,
        DeliveryRow.ended_at,
    )
    query = query.join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
    return query.where(DeliveryRow.run_id == run_id)
