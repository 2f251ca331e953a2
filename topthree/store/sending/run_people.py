"""The people of a run: one row for each person it was meant for, with what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow


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
    query = _deliveries(run_id).where(DeliveryRow.subscriber_id > after)
    if status is not None:
        query = query.where(DeliveryRow.status == status)
    # Limited before it is joined: PostgreSQL may otherwise join all who follow, and sort them.
    query = query.order_by(DeliveryRow.subscriber_id).limit(limit)
    return tuple(sorted(_people(session, query), key=lambda person: person.subscriber_id))


def find_person(session: Session, run_id: RunId, address_key: str) -> PersonOfRun | None:
    """Return the person with this address, if the run was meant for them."""
    whose = select(SubscriberRow.id).where(SubscriberRow.address_key == address_key)
    query = _deliveries(run_id).where(DeliveryRow.subscriber_id == whose.scalar_subquery())
    return next(_people(session, query), None)


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


def _deliveries(run_id: RunId) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(
        DeliveryRow.subscriber_id,
        DeliveryRow.status,
        DeliveryRow.cause,
        DeliveryRow.code,
        DeliveryRow.reply,
        DeliveryRow.attempts,
        DeliveryRow.due_at,
        DeliveryRow.ended_at,
    )
    return query.where(DeliveryRow.run_id == run_id)


def _people(session: Session, deliveries: Select[*tuple[Any, ...]]) -> Iterator[PersonOfRun]:
    """Yield these with their addresses, in no order."""
    chosen = deliveries.subquery()
    query = select(chosen, SubscriberRow.address).join(
        SubscriberRow, SubscriberRow.id == chosen.c.subscriber_id
    )
    return (PersonOfRun(**row) for row in session.execute(query).mappings())
