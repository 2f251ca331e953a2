"""Whom a run is for: everybody who subscribes, or, of a correction, those who got the first."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow, mailable_subscribers

_Asked = TypeVar("_Asked", bound=Select[Any])


def of_audience(query: _Asked, run_id: RunId | None) -> _Asked:
    """Keep, of a query over subscribers, those from whom the relay took that run's letter.

    :param run_id: None: everybody.
    """
    if run_id is None:
        return query
    accepted = exists().where(
        DeliveryRow.run_id == run_id,
        DeliveryRow.subscriber_id == SubscriberRow.id,
        DeliveryRow.status == DeliveryStatus.SENT,
    )
    return query.where(accepted)


def count_audience_of(session: Session, run_id: RunId) -> int:
    """Count those who got that run's letter and may still be mailed."""
    meant = of_audience(mailable_subscribers(), run_id).subquery()
    return session.scalars(select(func.count()).select_from(meant)).one()
