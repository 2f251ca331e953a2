"""Working copies: what an editor typed and has not put into the issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.store.base import Table


class WorkingCopyRow(Table, kw_only=True, repr=False):
    """The fields of one page's form, as they were typed, whether or not they make sense."""

    __tablename__ = "working_copies"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), primary_key=True)
    #: Tells the pages of one editor from each other.
    tab: Mapped[str] = mapped_column(primary_key=True)
    #: The version of the issue that it began with.
    version: Mapped[int]
    #: A JSON object of names and texts.
    fields: Mapped[str]
    saved_at: Mapped[datetime]


def find_working_copy(
    session: Session, issue_id: IssueId, editor_id: EditorId, tab: str
) -> WorkingCopyRow | None:
    """Return what the editor typed on this page."""
    return session.get(WorkingCopyRow, (issue_id, editor_id, tab), populate_existing=True)


def working_copies_of(
    session: Session, issue_id: IssueId, editor_id: EditorId
) -> Sequence[WorkingCopyRow]:
    """Return the editor's working copies of the issue, newest first."""
    query = select(WorkingCopyRow).where(
        WorkingCopyRow.issue_id == issue_id, WorkingCopyRow.editor_id == editor_id
    )
    newest_first = (WorkingCopyRow.saved_at.desc(), WorkingCopyRow.tab)
    return session.scalars(query.order_by(*newest_first)).all()


def forget_working_copy(session: Session, issue_id: IssueId, editor_id: EditorId, tab: str) -> None:
    """Delete what the editor typed on this page."""
    session.execute(
        delete(WorkingCopyRow).where(
            WorkingCopyRow.issue_id == issue_id,
            WorkingCopyRow.editor_id == editor_id,
            WorkingCopyRow.tab == tab,
        )
    )
