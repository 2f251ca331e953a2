"""Comments on issues, by editors and by colleagues who came with a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, case, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import CommentId, EditorId, IssueId, ShareLinkId
from topthree.store.base import Table


class CommentRow(Table, kw_only=True, repr=False):
    """What somebody said about an issue, or about the item at one of its places."""

    __tablename__ = "comments"

    id: Mapped[CommentId] = mapped_column(primary_key=True, init=False)
    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    #: 1 to 3; 0 for the issue as a whole.
    place: Mapped[int]
    text: Mapped[str]
    #: The editor who wrote it; None for somebody who came with a link, and gave a name.
    by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"))
    link_id: Mapped[ShareLinkId | None] = mapped_column(ForeignKey("share_links.id"))
    name: Mapped[str]
    at: Mapped[datetime]
    #: Names the form it was sent with, so that sending that twice adds it once.
    form: Mapped[str] = mapped_column(unique=True)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)


def find_comment(session: Session, comment_id: CommentId) -> CommentRow | None:
    """Return the comment with this id."""
    return session.get(CommentRow, comment_id)


def find_comment_of_form(session: Session, form: str) -> CommentRow | None:
    """Return the comment that this form has added already."""
    return session.scalars(select(CommentRow).where(CommentRow.form == form)).one_or_none()


def comments_of(session: Session, issue_id: IssueId) -> Sequence[CommentRow]:
    """Return every comment on the issue, oldest first."""
    query = select(CommentRow).where(CommentRow.issue_id == issue_id)
    return session.scalars(query.order_by(CommentRow.id)).all()


def comments_by_link(session: Session, link_id: ShareLinkId) -> Sequence[CommentRow]:
    """Return the comments of those who came with this link, oldest first."""
    query = select(CommentRow).where(CommentRow.link_id == link_id)
    return session.scalars(query.order_by(CommentRow.id)).all()


def count_comments(session: Session, issue_id: IssueId) -> int:
    """Count the comments on the issue, resolved or not."""
    query = select(func.count()).select_from(CommentRow).where(CommentRow.issue_id == issue_id)
    return session.scalars(query).one()


def count_open_comments(session: Session, issue_id: IssueId) -> dict[int, int]:
    """Count the comments that are not resolved, by the place they concern."""
    query = select(CommentRow.place, func.count()).where(
        CommentRow.issue_id == issue_id, CommentRow.resolved_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(CommentRow.place))}


def move_comments(session: Session, issue_id: IssueId, moves: Mapping[int, int]) -> None:
    """Let the comments of each place (1 to 3) concern another one, all at once."""
    place = case(dict(moves), value=CommentRow.place, else_=CommentRow.place)
    session.execute(update(CommentRow).where(CommentRow.issue_id == issue_id).values(place=place))
