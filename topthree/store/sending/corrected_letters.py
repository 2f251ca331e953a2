"""Corrected letters: the bytes that a run sends to whoever has not got the ones it began with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId, RunId
from topthree.store.base import Table
from topthree.store.sending.runs import RunRow


class CorrectedLetterRow(Table, kw_only=True, repr=False):
    """The letter as its page says after a correction, approved to be sent. Rows are only added."""

    __tablename__ = "corrected_letters"

    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    #: Of the correction up to which it is corrected.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    approved_by: Mapped[EditorId] = mapped_column(ForeignKey("editors.id"))
    approved_at: Mapped[datetime]
    message_digest: Mapped[str]
    # The large ones come last, as those of runs do.
    message: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    html: Mapped[str] = mapped_column(deferred=True)
    text: Mapped[str] = mapped_column(deferred=True)


def corrected_letters(session: Session, run_id: RunId) -> Sequence[CorrectedLetterRow]:
    """Return the corrected letters of this run, newest first."""
    query = select(CorrectedLetterRow).where(CorrectedLetterRow.run_id == run_id)
    return session.scalars(query.order_by(CorrectedLetterRow.number.desc())).all()


def newest_letter(session: Session, run: RunRow) -> CorrectedLetterRow | None:
    """Return the corrected letter that goes out; None: the one that the run began with does."""
    if not run.corrected_to:
        return None
    return session.get_one(CorrectedLetterRow, (run.id, run.corrected_to))


def keep_letter(session: Session, run: RunRow, letter: CorrectedLetterRow) -> None:
    """Let the run send this letter from now on."""
    session.add(letter)
    run.corrected_to = letter.number
