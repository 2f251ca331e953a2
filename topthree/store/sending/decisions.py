"""What people decide about deliveries: who was missed gets it after all, who got it has got it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DELIVERY_TRANSITIONS, DeliveryEvent, DeliveryStatus
from topthree.store.base import rows_changed
from topthree.store.sending.deliveries import DeliveryRow

_NO_FAULT_OF_THE_ADDRESS = tuple(cause for cause in Cause if cause.can_be_sent_again)


def requeue_missed(session: Session, run_id: RunId, *, now: datetime, limit: int) -> int:
    """Queue again so many of those whom the run missed by now, and return how many it were."""
    missed = _missed(select(DeliveryRow.subscriber_id), run_id)
    chosen = missed.where(DeliveryRow.ended_at <= now).limit(limit)
    requeued = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.run_id == run_id, DeliveryRow.subscriber_id.in_(chosen))
        .values(status=DeliveryStatus.QUEUED, attempts=0, due_at=now, ended_at=None)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(requeued)


def change_held(
    session: Session,
    run_id: RunId,
    decision: DeliveryEvent,
    subscriber_ids: Sequence[SubscriberId],
    *,
    now: datetime,
) -> int:
    """Let the decision hold for those of these deliveries that are held; return how many."""
    status = DELIVERY_TRANSITIONS[DeliveryStatus.HELD, decision]
    changed = session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.run_id == run_id,
            DeliveryRow.subscriber_id.in_(subscriber_ids),
            DeliveryRow.status == DeliveryStatus.HELD,
        )
        .values(
            status=status,
            due_at=now,
            ended_at=now if status is DeliveryStatus.SENT else None,
        )
        .execution_options(synchronize_session=False)
    )
    return rows_changed(changed)


def _missed(query: Select[SubscriberId], run_id: RunId) -> Select[SubscriberId]:
    return query.where(
        DeliveryRow.run_id == run_id,
        or_(
            DeliveryRow.status == DeliveryStatus.CANCELLED,
            and_(
                DeliveryRow.status == DeliveryStatus.FAILED,
                or_(DeliveryRow.cause.is_(None), DeliveryRow.cause.in_(_NO_FAULT_OF_THE_ADDRESS)),
            ),
        ),
    )
