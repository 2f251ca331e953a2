"""Going through a run's deliveries in order, and counting as sent what was accepted unrecorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.delivery import DeliveryEvent, DeliveryStatus, states_that_answer
from topthree.store.sending.deliveries import DeliveryRow

_OK = 250
_IN_WORDS = "counted as sent: the relay's log says that it was accepted"


def next_deliveries(
    session: Session, run_id: RunId, last: SubscriberId, limit: int
) -> list[tuple[SubscriberId, DeliveryStatus]]:
    """Return so many deliveries of the run that come after this subscriber's, in their order."""
    query = select(DeliveryRow.subscriber_id, DeliveryRow.status)
    query = query.where(DeliveryRow.run_id == run_id, DeliveryRow.subscriber_id > last)
    query = query.order_by(DeliveryRow.subscriber_id).limit(limit)
    return [(to, status) for to, status in session.execute(query)]


def count_as_sent(
    session: Session, run_id: RunId, subscriber_ids: Sequence[SubscriberId], now: datetime
) -> None:
    """Count these as sent; what is in other hands, or ended otherwise meanwhile, is left alone."""
    states = states_that_answer(DeliveryEvent.COUNT_AS_SENT)
    counted = (
        update(DeliveryRow)
        .where(
            DeliveryRow.run_id == run_id,
            DeliveryRow.subscriber_id == bindparam("to"),
            or_(*(DeliveryRow.status == status for status in states)),
        )
        .values(status=DeliveryStatus.SENT, claim_id=None, ended_at=now, code=_OK, reply=_IN_WORDS)
    )
    # One by one by key, on the connection: by the session, each would be read anew.
    session.connection().execute(counted, [{"to": to} for to in subscriber_ids])
