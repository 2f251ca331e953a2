"""Corrections of published issues: what their pages say now; the issue stays as it was sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.domain.writing.content_json import read_content
from topthree.domain.writing.issue import IssueContent
from topthree.store.base import Table
from topthree.store.editors.editors import EditorRow


class CorrectionRow(Table, kw_only=True, repr=False):
    """One correction; the latest is what the page says. Rows are only added."""

    __tablename__ = "corrections"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    #: Counts the corrections of its issue, from one on.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str]
    #: The corrected content's canonical JSON.
    written: Mapped[str]
    corrected_at: Mapped[datetime]
    #: None: it came from the files of the record.
    corrected_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)

    @property
    def content(self) -> IssueContent:
        """The content as the frozen value that everything else works with."""
        return read_content(self.written)


def latest_corrections(
    session: Session, issue_ids: Collection[IssueId] | None = None
) -> dict[IssueId, CorrectionRow]:
    """Return the latest correction of each of these issues, or of all, that has any."""
    query = select(CorrectionRow).order_by(CorrectionRow.number)
    if issue_ids is not None:
        query = query.where(CorrectionRow.issue_id.in_(issue_ids))
    return {row.issue_id: row for row in session.scalars(query)}


def corrections_of(session: Session, issue_id: IssueId) -> Sequence[tuple[CorrectionRow, str]]:
    """Return the corrections of this issue, newest first, each with who made it."""
    query = (
        select(CorrectionRow, func.coalesce(EditorRow.name, ""))
        .outerjoin(EditorRow, EditorRow.id == CorrectionRow.corrected_by)
        .where(CorrectionRow.issue_id == issue_id)
        .order_by(CorrectionRow.number.desc())
    )
    return [(row, name) for row, name in session.execute(query)]
