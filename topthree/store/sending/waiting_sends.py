"""Sends that somebody asked for by hand, while they may be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId
from topthree.store.base import Table
from topthree.store.editors.editors import EditorRow


class WaitingSendRow(Table, kw_only=True, repr=False):
    """That an issue is to be sent by hand, unique per issue; it goes when its run begins."""

    __tablename__ = "waiting_sends"

    issue_id: Mapped[IssueId] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    asked_by: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    asked_at: Mapped[datetime]
    #: Until then it can be taken back.
    opens_at: Mapped[datetime]
    #: Of the approval under which it was asked for; another one is not meant.
    approved_at: Mapped[datetime | None]
    #: In a sentence, why it did not go; empty while it waits.
    stopped_because: Mapped[str] = mapped_column(default="")


def find_waiting_send(session: Session, issue_id: IssueId) -> tuple[WaitingSendRow, str] | None:
    """Return the send that was asked for of this issue, and who asked for it."""
    query = _named().where(WaitingSendRow.issue_id == issue_id)
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def lock_waiting_send(session: Session, issue_id: IssueId) -> WaitingSendRow | None:
    """Return the send that was asked for of this issue, as it is now; lock the issue first."""
    return session.get(WaitingSendRow, issue_id, with_for_update=True, populate_existing=True)


def all_waiting_sends(session: Session) -> Sequence[tuple[WaitingSendRow, str]]:
    """Return every send that was asked for, those that did not go too, with who asked for it."""
    return [(row, name) for row, name in session.execute(_named())]


def due_sends(session: Session, now: datetime) -> Sequence[tuple[WaitingSendRow, str]]:
    """Return the sends that cannot be taken back any more, with who asked for each."""
    query = _named().where(WaitingSendRow.opens_at <= now, WaitingSendRow.stopped_because == "")
    return [(row, name) for row, name in session.execute(query)]


def _named() -> Select[WaitingSendRow, str]:
    return (
        select(WaitingSendRow, func.coalesce(EditorRow.name, ""))
        .outerjoin(EditorRow, EditorRow.id == WaitingSendRow.asked_by)
        .order_by(WaitingSendRow.opens_at, WaitingSendRow.issue_id)
    )
