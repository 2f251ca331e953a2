"""Who wrote what is up for approval: everyone who changed an issue since it was approved last."""

from __future__ import annotations

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.agreeing.approval import Authorship
from topthree.domain.ids import EditorId, IssueId
from topthree.store.base import Table
from topthree.store.writing.issues import IssueRow


class IssueAuthorRow(Table, kw_only=True, repr=False):
    """That an editor changed an issue after it was approved last, or since it was begun."""

    __tablename__ = "issue_authors"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"), primary_key=True)


def authorship_of(session: Session, issue: IssueRow) -> Authorship:
    """Return who wrote what is up for approval."""
    query = select(IssueAuthorRow.editor_id).where(IssueAuthorRow.issue_id == issue.id)
    return Authorship(authors=frozenset(session.scalars(query)), last=issue.edited_by)


def add_author(session: Session, issue_id: IssueId, editor_id: EditorId) -> None:
    """Note that the editor changed the issue; twice is harmless."""
    if session.get(IssueAuthorRow, (issue_id, editor_id)) is None:
        session.add(IssueAuthorRow(issue_id=issue_id, editor_id=editor_id))


def begin_authorship(session: Session, issue_id: IssueId, editor_id: EditorId | None) -> None:
    """Let the editor be the only author: what stood there before was approved, whoever wrote it."""
    session.execute(delete(IssueAuthorRow).where(IssueAuthorRow.issue_id == issue_id))
    session.flush()
    if editor_id is not None:
        add_author(session, issue_id, editor_id)
