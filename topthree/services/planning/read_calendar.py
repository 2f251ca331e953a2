"""What the calendar shows besides its slots: how it came to be, and where it meets breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.planning.cadence import CadenceException
from topthree.domain.planning.school_calendar import SchoolBreak, day_beside
from topthree.services.planning.school_calendar import breaks_on, list_breaks
from topthree.services.planning.slots_ahead import PlannedSlot
from topthree.store.planning.slots import decided_exceptions

_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceChange:
    """A departure from the rule, and who decided on it."""

    change: CadenceException
    decided_at: datetime
    #: Empty: at the terminal.
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """That a slot falls into a school break, and where its issue could go instead."""

    found: SchoolBreak
    #: None: no day beside the break is free.
    better: date | None


def list_cadence_changes(session: Session) -> tuple[CadenceChange, ...]:
    """Return the latest departures from the rule, newest first."""
    return tuple(
        CadenceChange(
            change=CadenceException(kind=row.kind, on=row.on, until=row.until, note=row.note),
            decided_at=row.decided_at,
            decided_by=name,
        )
        for row, name in decided_exceptions(session, _SHOWN)
    )


def clashes(session: Session, planned: tuple[PlannedSlot, ...], today: date) -> dict[date, Clash]:
    """Return, by its day, each of these slots that falls into a school break."""
    days = [each.slot.day for each in planned]
    breaks = [each.found for each in list_breaks(session, today)]
    return {
        day: Clash(found=found, better=day_beside(day, breaks, after=today, taken=days))
        for day, found in breaks_on(session, days).items()
    }
