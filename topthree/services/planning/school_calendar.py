"""The school calendar: which breaks there are, taking a calendar over, and removing a break."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, Thing, ThingKind
from topthree.domain.editors.permission import Permission, require
from topthree.domain.planning.school_calendar import (
    NAME_LIMIT,
    SchoolBreak,
    break_problems,
    breaks_by_day,
    days_of_school_year,
    school_year,
    tidy_name,
)
from topthree.domain.refusal import Invalid, NotFound, Problem
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.store.planning.school_breaks import (
    SchoolBreakRow,
    find_school_break,
    lock_school_breaks,
    school_breaks_between,
)

#: What has no file it came from.
PASTED = "pasted"
#: So many breaks fit into the calendar: twenty a year would take twenty years.
LIMIT = 400
_AHEAD = timedelta(days=4 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBreak:
    """A break of the calendar, and where it came from."""

    id: int
    found: SchoolBreak
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """Breaks that an editor chose to take over."""

    breaks: tuple[SchoolBreak, ...]
    source: str
    #: Whether the breaks of their school years that were there before are removed.
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What taking a calendar over changed."""

    added: int
    removed: int


def breaks_on(session: Session, days: Collection[date]) -> dict[date, SchoolBreak]:
    """Return the break that each of these days falls into; days with school are left out."""
    if not days:
        return {}
    rows = school_breaks_between(session, min(days), max(days))
    return breaks_by_day([row.value for row in rows], days)


def list_breaks(session: Session, today: date) -> tuple[KeptBreak, ...]:
    """Return the breaks that are not over, soonest first."""
    rows = school_breaks_between(session, today, today + _AHEAD)
    return tuple(KeptBreak(id=row.id, found=row.value, source=row.source) for row in rows)


def take_over_breaks(
    session: Session, takeover: Takeover, editor: EditorView, now: datetime
) -> TakenOver:
    """Add the breaks to the calendar, or put them in the place of those of their school years.

    Twice is harmless: a break that is there already stays.

    :raises Invalid: if one of them is none, or there would be too many.
    """
    require(editor.role, Permission.SCHEDULE)
    chosen = _checked(takeover.breaks)
    before = lock_school_breaks(session)
    leaving = [row for row in before if takeover.replaces and _is_replaced(row, chosen)]
    for row in leaving:
        session.delete(row)
    known = {row.value for row in before}
    new = [each for each in chosen if each not in known]
    if len(before) - len(leaving) + len(new) > LIMIT:
        message = f"At most {LIMIT} breaks fit into the calendar. Choose fewer, or replace."
        raise Invalid(Problem(field="breaks", message=message))
    session.add_all(
        SchoolBreakRow(
            first_day=each.first,
            last_day=each.last,
            name=each.name,
            source=tidy_name(takeover.source)[:NAME_LIMIT] or PASTED,
            added_at=now,
            added_by=editor.id,
        )
        for each in new
    )
    session.flush()
    taken = TakenOver(added=len(new), removed=len(leaving))
    details: Details = {"source": takeover.source, "added": taken.added, "removed": taken.removed}
    about = Thing(kind=ThingKind.CALENDAR)
    record(
        session, Entry(who=editor.who, act=Act.BREAKS_TAKEN_OVER, about=about, details=details), now
    )
    return taken


def remove_break(session: Session, break_id: int, editor: EditorView, now: datetime) -> SchoolBreak:
    """Take a break out of the calendar, and return what it was.

    :raises NotFound: if it is not there any more.
    """
    require(editor.role, Permission.SCHEDULE)
    row = find_school_break(session, break_id)
    if row is None:
        raise NotFound("This break is not in the calendar any more.")
    removed = row.value
    session.delete(row)
    session.flush()
    details = {"name": removed.name, "first": str(removed.first), "last": str(removed.last)}
    about = Thing(kind=ThingKind.CALENDAR)
    record(session, Entry(who=editor.who, act=Act.BREAK_REMOVED, about=about, details=details), now)
    return removed


def _checked(breaks: Sequence[SchoolBreak]) -> tuple[SchoolBreak, ...]:
    problems = [problem for each in breaks for problem in break_problems("breaks", each)]
    if not breaks:
        problems = [Problem(field="breaks", message="Choose at least one break.")]
    if problems:
        raise Invalid(*problems[:20])
    return tuple(dict.fromkeys(breaks))


def _is_replaced(row: SchoolBreakRow, chosen: Sequence[SchoolBreak]) -> bool:
    """Tell whether a break of before begins in a school year of the new ones, and is none."""
    years = {school_year(each.first) for each in chosen}
    spans = [days_of_school_year(year) for year in years]
    is_in_them = any(first <= row.first_day <= last for first, last in spans)
    return is_in_them and row.value not in chosen
