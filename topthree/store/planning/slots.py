"""What became of each slot, and how the calendar departs from the rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId
from topthree.domain.planning.cadence import CadenceException, ExceptionKind, SlotFate
from topthree.store.base import Table
from topthree.store.editors.editors import EditorRow


class SlotRow(Table, kw_only=True, repr=False):
    """A slot whose time has come, keyed by its civil date: it comes once, whatever clocks do."""

    __tablename__ = "slots"

    day: Mapped[date] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    fate: Mapped[SlotFate]
    noted_at: Mapped[datetime]
    #: In words, for the desk: why nothing went out, or by how much it was late.
    note: Mapped[str] = mapped_column(default="")


class CadenceExceptionRow(Table, kw_only=True, repr=False):
    """One departure from the rule, in the order in which it was decided."""

    __tablename__ = "cadence_exceptions"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    kind: Mapped[ExceptionKind]
    on: Mapped[date] = mapped_column("on_day")
    until: Mapped[date | None] = mapped_column("until_day")
    note: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)


def find_slot(session: Session, day: date) -> SlotRow | None:
    """Return what became of the slot of this day, if its time has come."""
    return session.get(SlotRow, day)


def slots_noted_since(session: Session, since: date) -> Sequence[SlotRow]:
    """Return the slots that have come on or after this day, oldest first."""
    query = select(SlotRow).where(SlotRow.day >= since).order_by(SlotRow.day)
    return session.scalars(query).all()


def cadence_exceptions(session: Session) -> tuple[CadenceException, ...]:
    """Return every departure from the rule, in the order in which they were decided."""
    rows = session.scalars(select(CadenceExceptionRow).order_by(CadenceExceptionRow.id))
    return tuple(
        CadenceException(kind=row.kind, on=row.on, until=row.until, note=row.note) for row in rows
    )


def decided_exceptions(session: Session, count: int) -> Sequence[tuple[CadenceExceptionRow, str]]:
    """Return the latest departures from the rule, newest first, each with who decided on it."""
    query = (
        select(CadenceExceptionRow, func.coalesce(EditorRow.name, ""))
        .outerjoin(EditorRow, EditorRow.id == CadenceExceptionRow.decided_by)
        .order_by(CadenceExceptionRow.id.desc())
        .limit(count)
    )
    return [(row, name) for row, name in session.execute(query)]
