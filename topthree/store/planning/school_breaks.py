"""School breaks, as calendars and people named them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import EditorId
from topthree.domain.planning.school_calendar import SchoolBreak
from topthree.store.base import Table


class SchoolBreakRow(Table, kw_only=True, repr=False):
    """A stretch of days without school. Taking a calendar over twice adds nothing."""

    __tablename__ = "school_breaks"
    __table_args__ = (UniqueConstraint("first_day", "last_day", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    first_day: Mapped[date]
    last_day: Mapped[date] = mapped_column(index=True)
    name: Mapped[str]
    #: The name of the file it came from, or “pasted”.
    source: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[EditorId | None] = mapped_column(ForeignKey("editors.id"), default=None)

    @property
    def value(self) -> SchoolBreak:
        """The break as the frozen value that everything else works with."""
        return SchoolBreak(first=self.first_day, last=self.last_day, name=self.name)


def find_school_break(session: Session, break_id: int) -> SchoolBreakRow | None:
    """Return the break with this id."""
    return session.get(SchoolBreakRow, break_id)


def school_breaks_between(session: Session, first: date, last: date) -> Sequence[SchoolBreakRow]:
    """Return the breaks of which a day lies between these two, soonest first."""
    query = select(SchoolBreakRow).where(
        SchoolBreakRow.last_day >= first, SchoolBreakRow.first_day <= last
    )
    order = (SchoolBreakRow.first_day, SchoolBreakRow.last_day, SchoolBreakRow.id)
    return session.scalars(query.order_by(*order)).all()


def lock_school_breaks(session: Session) -> Sequence[SchoolBreakRow]:
    """Return every break; whoever else changes them waits for us."""
    query = select(SchoolBreakRow).order_by(SchoolBreakRow.id).with_for_update()
    return session.scalars(query).all()
