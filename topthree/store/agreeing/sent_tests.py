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
    #: How many addresses the mail server took it for; 0 while it is being sent.
    addresses: Mapped[int]
    digest: Mapped[str]
    #: Unique: a form that is sent twice sends one test.
    form: Mapped[str] = mapped_column(unique=True)


def newest_sent_test(session: Session, issue_id: IssueId) -> SentTestRow | None:
    """Return the last test send of the issue."""
    query = select(SentTestRow).where(SentTestRow.issue_id == issue_id, SentTestRow.addresses > 0)
    return session.scalars(query.order_by(SentTestRow.id.desc()).limit(1)).one_or_none()


def find_sent_test_of_form(session: Session, form: str) -> SentTestRow | None:
    """Return the test send that came from this form."""
    return session.scalars(select(SentTestRow).where(SentTestRow.form == form)).one_or_none()
