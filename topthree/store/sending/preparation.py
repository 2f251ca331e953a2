"""Writing a run's audience into the ledger, a part at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.subscribers.subscription import SubscriptionStatus
from topthree.store.base import rows_changed
from topthree.store.sending.audience import of_audience
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SubscriptionRow,
    is_suppressed,
    mailable_subscribers,
)


def last_subscriber(session: Session) -> SubscriberId:
    """Return the subscriber who came last, 0 if there is none."""
    return SubscriberId(session.scalar(select(func.max(SubscriberRow.id))) or 0)


def end_of_part(session: Session, run: RunRow, size: int) -> SubscriberId:
    """Return the last of so many subscribers after those for whom the run is prepared."""
    part = select(SubscriberRow.id).where(
        SubscriberRow.id > run.prepared_to, SubscriberRow.id <= run.prepare_until
    )
    part = part.order_by(SubscriberRow.id).limit(size)
    end = session.scalar(select(func.max(part.subquery().c.id)))
    return run.prepare_until if end is None else SubscriberId(end)


def queue_part(
    session: Session, run: RunRow, until: SubscriberId, due_at: ColumnElement[datetime]
) -> int:
    """Queue a delivery for each of this part who may be mailed, and return how many that is."""
    chosen = _of_part(mailable_subscribers(), run, until).add_columns(
        literal(run.id),
        literal(DeliveryStatus.QUEUED.value),
        literal(0),
        due_at,
        literal(0),
        literal(""),
    )
    columns = ["subscriber_id", "run_id", "status", "attempts", "due_at", "code", "reply"]
    queue = insert(DeliveryRow).from_select(columns, chosen)
    return rows_changed(session.execute(queue.execution_options(preserve_rowcount=True)))


def count_part(session: Session, run: RunRow, until: SubscriberId) -> tuple[int, int]:
    """Count the confirmed subscribers of this part, and those of them who must not be mailed."""
    confirmed = (
        select(func.count())
        .select_from(SubscriptionRow)
        .join(SubscriberRow, SubscriberRow.id == SubscriptionRow.subscriber_id)
        .where(SubscriptionRow.status == SubscriptionStatus.CONFIRMED)
    )
    must_not = confirmed.where(or_(SubscriberRow.address.is_(None), is_suppressed()))
    return (
        session.scalars(_of_part(confirmed, run, until)).one(),
        session.scalars(_of_part(must_not, run, until)).one(),
    )


def count_prepared(session: Session, run_id: RunId) -> int:
    """Count the deliveries of the run, whatever became of them."""
    return session.scalars(select(func.count()).where(DeliveryRow.run_id == run_id)).one()


def due_at_once(at: datetime) -> ColumnElement[datetime]:
    """Say, of every delivery, that it is due at this moment."""
    return literal(at, DeliveryRow.due_at.type)


def _of_part(query: Select[Any], run: RunRow, until: SubscriberId) -> Select[Any]:
    # Both tables are told, or PostgreSQL reads one of them from its beginning for each part.
    return of_audience(query, run.audience_of).where(
        SubscriberRow.id > run.prepared_to,
        SubscriberRow.id <= until,
        SubscriptionRow.subscriber_id > run.prepared_to,
        SubscriptionRow.subscriber_id <= until,
    )
