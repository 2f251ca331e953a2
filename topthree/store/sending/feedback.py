"""Feedback: the bounces and complaints that came back, once for each delivery and kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.feedback import FeedbackKind
from topthree.domain.sending.soft_bounces import Ending
from topthree.store.base import Table
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow


class FeedbackRow(Table, kw_only=True, repr=False):
    """What came back about one delivery. The key is why a report that comes twice counts once."""

    __tablename__ = "feedback"

    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    subscriber_id: Mapped[SubscriberId] = mapped_column(
        ForeignKey("subscribers.id"), primary_key=True
    )
    kind: Mapped[FeedbackKind] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: How often the run had been resumed by then: whoever resumes it has looked.
    resumptions: Mapped[int]
    #: None: a complaint gives no reason.
    cause: Mapped[Cause | None]
    #: The last server's own words, without addresses.
    said: Mapped[str]


class HeededMessageRow(Table, kw_only=True, repr=False):
    """A message that came in and that something followed from, so that it never does again.

    Who left by mail and has signed up since must not leave again because a mailbox is read anew.
    """

    __tablename__ = "heeded_messages"

    #: SHA-256 of its bytes.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    at: Mapped[datetime]


def was_heeded(session: Session, digest: bytes) -> bool:
    """Tell whether something has followed from this message before."""
    return session.get(HeededMessageRow, digest) is not None


def find_feedback(
    session: Session, run_id: RunId, subscriber_id: SubscriberId, kind: FeedbackKind
) -> FeedbackRow | None:
    """Return what is known of this kind about the delivery."""
    return session.get(FeedbackRow, (run_id, subscriber_id, kind))


def count_feedback(
    session: Session, run_id: RunId, resumptions: int | None = None
) -> dict[tuple[FeedbackKind, Cause | None], int]:
    """Count what came back about the run, by kind and cause; of one stretch of it, or of all."""
    query = select(FeedbackRow.kind, FeedbackRow.cause, func.count())
    query = query.where(FeedbackRow.run_id == run_id)
    if resumptions is not None:
        query = query.where(FeedbackRow.resumptions == resumptions)
    counted = session.execute(query.group_by(FeedbackRow.kind, FeedbackRow.cause))
    return {(kind, cause): count for kind, cause, count in counted}


def recent_endings(session: Session, subscriber_id: SubscriberId, runs: int) -> list[Ending]:
    """Return how this person's deliveries of the newest so many runs ended, newest first."""
    newest = select(RunRow.id).order_by(RunRow.id.desc()).limit(runs)
    query = (
        select(
            RunRow.id,
            RunRow.opened_at,
            DeliveryRow.status,
            DeliveryRow.cause,
            FeedbackRow.kind,
        )
        .join(DeliveryRow, DeliveryRow.run_id == RunRow.id)
        .outerjoin(
            FeedbackRow,
            and_(
                FeedbackRow.run_id == DeliveryRow.run_id,
                FeedbackRow.subscriber_id == DeliveryRow.subscriber_id,
                FeedbackRow.kind == FeedbackKind.SOFT,
            ),
        )
        .where(RunRow.id.in_(newest), DeliveryRow.subscriber_id == subscriber_id)
        .order_by(RunRow.id.desc())
    )
    return [
        Ending(
            run_id=run_id,
            opened_at=opened_at,
            status=status,
            cause=cause,
            came_back=softly is not None,
        )
        for run_id, opened_at, status, cause, softly in session.execute(query)
    ]


def softly_failed(
    session: Session, run_id: RunId, causes: Collection[Cause], after: SubscriberId, limit: int
) -> Sequence[SubscriberId]:
    """Return the next of those whose delivery failed for one of these causes."""
    query = select(DeliveryRow.subscriber_id).where(
        DeliveryRow.run_id == run_id,
        DeliveryRow.subscriber_id > after,
        DeliveryRow.status == DeliveryStatus.FAILED,
        DeliveryRow.cause.in_(causes),
    )
    return session.scalars(query.order_by(DeliveryRow.subscriber_id).limit(limit)).all()
