"""Test sends: when, by whom, to how many addresses, and of which content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.store.base import Table


class SentTestRow(Table, kw_only=True, repr=False):
    """One test send; the addresses are not kept."""

    __tablename__ = "sent_tests"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    by: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    at: Mapped[datetime]
    #: How many addresses the mail server took it for.
    addresses: Mapped[int]
    digest: Mapped[str]


def newest_sent_test(session: Session, issue_id: IssueId) -> SentTestRow | None:
    """Return the last test send of the issue."""
    query = select(SentTestRow).where(SentTestRow.issue_id == issue_id)
    return session.scalars(query.order_by(SentTestRow.id.desc()).limit(1)).one_or_none()
