"""Links that show a draft to somebody without an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId, ShareLinkId
from topthree.store.base import Table


class ShareLinkRow(Table, kw_only=True, repr=False):
    """A link to one issue; its token is derived from its id and the moment it was made."""

    __tablename__ = "share_links"

    id: Mapped[ShareLinkId] = mapped_column(primary_key=True, init=False)
    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    #: For whom it is, as its maker notes it; may be empty.
    whom: Mapped[str]
    may_comment: Mapped[bool]
    made_by: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: Names the form it was made with, so that sending that twice makes one link.
    form: Mapped[str] = mapped_column(unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)


def find_share_link(session: Session, link_id: ShareLinkId) -> ShareLinkRow | None:
    """Return the link with this id, ended or not."""
    return session.get(ShareLinkRow, link_id)


def find_share_link_of_form(session: Session, form: str) -> ShareLinkRow | None:
    """Return the link that this form has made already."""
    return session.scalars(select(ShareLinkRow).where(ShareLinkRow.form == form)).one_or_none()


def share_links_of(session: Session, issue_id: IssueId) -> Sequence[ShareLinkRow]:
    """Return every link to the issue, newest first."""
    query = select(ShareLinkRow).where(ShareLinkRow.issue_id == issue_id)
    return session.scalars(query.order_by(ShareLinkRow.id.desc())).all()
