"""Who has an issue open at this moment, as far as their browsers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.store.base import Table


class PresenceRow(Table, kw_only=True, repr=False):
    """A page of an editor on which an issue is being written."""

    __tablename__ = "presences"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), primary_key=True)
    #: Tells the pages of one editor from each other.
    tab: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


def find_presence(
    session: Session, issue_id: IssueId, editor_id: EditorId, tab: str
) -> PresenceRow | None:
    """Return what is known of this page."""
    return session.get(PresenceRow, (issue_id, editor_id, tab))


def presences_since(session: Session, issue_id: IssueId, since: datetime) -> Sequence[PresenceRow]:
    """Return the pages with this issue that were heard of since then, the first to come first."""
    query = select(PresenceRow).where(
        PresenceRow.issue_id == issue_id, PresenceRow.seen_at >= since
    )
    return session.scalars(query.order_by(PresenceRow.since, PresenceRow.editor_id)).all()


def forget_presences(session: Session, before: datetime) -> None:
    """Delete the pages that were last heard of before then."""
    session.execute(delete(PresenceRow).where(PresenceRow.seen_at < before))
