"""How much preflight found in an issue when it was checked last, for lists that cannot wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import IssueId
from topthree.store.base import Table
from topthree.store.writing.issues import PUBLISHED, IssueRow


class PreflightResultRow(Table, kw_only=True, repr=False):
    """What was found in one version of an issue on one slot; another one is not meant."""

    __tablename__ = "preflight_results"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]
    slot_day: Mapped[date | None]
    stops: Mapped[int]
    advice: Mapped[int]
    checked_at: Mapped[datetime]


def preflight_results(
    session: Session, issues: Collection[IssueRow]
) -> dict[IssueId, PreflightResultRow]:
    """Return what was found in those of these issues that are as they were then."""
    as_they_are = {issue.id: (issue.version, issue.slot_day) for issue in issues}
    query = select(PreflightResultRow).where(PreflightResultRow.issue_id.in_(as_they_are))
    return {
        row.issue_id: row
        for row in session.scalars(query)
        if as_they_are[row.issue_id] == (row.version, row.slot_day)
    }


def issues_to_check(session: Session, today: date, old: datetime, limit: int) -> Sequence[IssueRow]:
    """Return issues on slots ahead, the next first, of which nothing is known, or from before."""
    result = PreflightResultRow
    query = select(IssueRow).outerjoin(result, result.issue_id == IssueRow.id)
    query = query.where(
        IssueRow.slot_day >= today,
        IssueRow.status.not_in(PUBLISHED),
        or_(
            result.checked_at.is_(None),
            result.checked_at < old,
            result.version != IssueRow.version,
            result.slot_day.is_distinct_from(IssueRow.slot_day),
        ),
    )
    return session.scalars(query.order_by(IssueRow.slot_day).limit(limit)).all()
