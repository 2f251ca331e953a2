"""Turns: what an editor is told because something is theirs to do, and the warnings of slots."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, IssueId, TurnId
from topthree.domain.notice import NoticeKind
from topthree.domain.planning.slot_warning import Stage
from topthree.store.base import Table


class TurnRow(Table, kw_only=True, repr=False):
    """What one editor is told by a notice: about an issue, or about a slot without one."""

    __tablename__ = "turns"

    id: Mapped[TurnId] = mapped_column(primary_key=True, init=False)
    kind: Mapped[NoticeKind]
    #: To whom it is told.
    editor_id: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    issue_id: Mapped[IssueId | None] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), index=True
    )
    #: The slot that a warning is about.
    day: Mapped[date | None]
    #: Who asked, approved, sent back or changed it.
    by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"))
    #: What they said about it.
    words: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class SlotWarningRow(Table, kw_only=True, repr=False):
    """That the desk was warned at a stage before a slot; its key is why that happens once."""

    __tablename__ = "slot_warnings"

    day: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[Stage] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def find_turn(session: Session, turn_id: int) -> TurnRow | None:
    """Return the turn with this id."""
    return session.get(TurnRow, turn_id)


def is_newest_turn(session: Session, turn: TurnRow) -> bool:
    """Tell whether the editor was told nothing of this kind about the issue, or the slot, later."""
    later = select(TurnRow.id).where(
        TurnRow.kind == turn.kind,
        TurnRow.editor_id == turn.editor_id,
        TurnRow.issue_id.is_not_distinct_from(turn.issue_id),
        TurnRow.day.is_not_distinct_from(turn.day),
        TurnRow.id > turn.id,
    )
    return session.scalars(later.limit(1)).first() is None


def was_warned(session: Session, day: date, stage: Stage) -> bool:
    """Tell whether the desk was warned at this stage before the slot."""
    return session.get(SlotWarningRow, (day, stage)) is not None


def note_warning(session: Session, day: date, stage: Stage, now: datetime) -> bool:
    """Note that the desk is warned, and tell whether nobody else has done so."""
    # The two databases have the same clause, and the library a class for each.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(SlotWarningRow).values(day=day, stage=stage, at=now)
    noted = statement.on_conflict_do_nothing().returning(SlotWarningRow.day)
    return session.scalars(noted).one_or_none() is not None


def forget_turns(session: Session, before: datetime) -> None:
    """Delete the turns from before then; their notices are gone as well."""
    session.execute(delete(TurnRow).where(TurnRow.at < before))
