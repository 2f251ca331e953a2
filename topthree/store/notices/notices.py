"""Notices: single messages that wait to be sent, such as confirmations and sign-in links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import NoticeId
from topthree.domain.notice import NoticeKind, NoticeStatus
from topthree.store.base import Table


class NoticeRow(Table, kw_only=True, repr=False):
    """A message to one person. It holds no link and no code: those are made when it is sent."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_status_due_at", "status", "due_at"),)

    id: Mapped[NoticeId] = mapped_column(primary_key=True, init=False)
    kind: Mapped[NoticeKind]
    #: The subscription or the sign-in that it is about.
    about: Mapped[int] = mapped_column(index=True)
    #: Emptied once the notice is sent or given up.
    recipient: Mapped[str]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[NoticeStatus] = mapped_column(default=NoticeStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str] = mapped_column(default="")


def queue_notice(
    session: Session, kind: NoticeKind, about: int, recipient: str, now: datetime
) -> None:
    """Let a notice wait to be sent at once."""
    row = NoticeRow(kind=kind, about=about, recipient=recipient, queued_at=now, due_at=now)
    session.add(row)
    session.flush()


def due_notices(session: Session, now: datetime, limit: int) -> Sequence[NoticeRow]:
    """Return notices whose time has come, oldest first; other workers pass over these meanwhile."""
    query = (
        select(NoticeRow)
        .where(NoticeRow.status == NoticeStatus.QUEUED, NoticeRow.due_at <= now)
        .order_by(NoticeRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query).all()


def count_notices_about(
    session: Session, kinds: Sequence[NoticeKind], about: int, since: datetime | None = None
) -> int:
    """Count the notices of these kinds about one thing, ever or since then."""
    query = select(func.count()).select_from(NoticeRow)
    query = query.where(NoticeRow.kind.in_(kinds), NoticeRow.about == about)
    if since is not None:
        query = query.where(NoticeRow.queued_at > since)
    return session.scalars(query).one()


def put_off_due_notices(session: Session, now: datetime, *, until: datetime) -> None:
    """Let every notice that is due wait until then."""
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.status == NoticeStatus.QUEUED, NoticeRow.due_at <= now)
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def forget_notices(session: Session, before: datetime) -> None:
    """Delete the notices from before then; those that wait are never that old."""
    session.execute(delete(NoticeRow).where(NoticeRow.queued_at < before))
