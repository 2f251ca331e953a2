"""Verdicts: what second persons said about an issue, and about which content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.agreeing.approval import VerdictKind
from topthree.domain.ids import EditorId, IssueId, VerdictId
from topthree.store.base import Table


class VerdictRow(Table, kw_only=True, repr=False):
    """That somebody approved an issue or sent it back; such rows are never changed."""

    __tablename__ = "verdicts"

    id: Mapped[VerdictId] = mapped_column(primary_key=True, init=False)
    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[VerdictKind]
    by: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    at: Mapped[datetime]
    #: The content that it is about: which save it was, and its digest.
    version: Mapped[int]
    digest: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")


def newest_verdict(session: Session, issue_id: IssueId, kind: VerdictKind) -> VerdictRow | None:
    """Return the last verdict of this kind about the issue."""
    query = select(VerdictRow).where(VerdictRow.issue_id == issue_id, VerdictRow.kind == kind)
    return session.scalars(query.order_by(VerdictRow.id.desc()).limit(1)).one_or_none()
