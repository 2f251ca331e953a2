"""The slots ahead and what stands on each, and those that came and sent nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.planning.cadence import (
    Cadence,
    Slot,
    SlotFate,
    slots_from,
)
from topthree.services.writing.read_issue import IssueSummary, summary_of
from topthree.store.planning.slots import (
    cadence_exceptions,
    slots_noted_since,
)
from topthree.store.writing.issue_lists import issues_on_slots


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlot:
    """A slot ahead, and the issue planned for it, if any."""

    slot: Slot
    issue: IssueSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSlot:
    """What became of a slot whose time has come."""

    day: date
    fate: SlotFate
    note: str
    issue: IssueSummary | None


def slots_ahead(session: Session, cadence: Cadence, now: datetime, count: int) -> tuple[Slot, ...]:
    """Return the next slots, soonest first; what stands on them takes no query here."""
    today = cadence.day_at(now)
    slots = slots_from(cadence, cadence_exceptions(session), today, count + 1)
    return tuple(slot for slot in slots if slot.at > now)[:count]


def next_slot_day(session: Session, cadence: Cadence, now: datetime) -> date | None:
    """Return the day on which the next letter comes, if the calendar has one."""
    ahead = slots_ahead(session, cadence, now, 1)
    return ahead[0].day if ahead else None


def upcoming_slots(
    session: Session, cadence: Cadence, now: datetime, count: int = 6
) -> tuple[PlannedSlot, ...]:
    """Return the next slots, soonest first, with what is planned for each."""
    ahead = slots_ahead(session, cadence, now, count)
    issues = _issues_on(session, [slot.day for slot in ahead])
    return tuple(PlannedSlot(slot=slot, issue=issues.get(slot.day)) for slot in ahead)


def slots_without_a_letter(session: Session, now: datetime) -> tuple[PastSlot, ...]:
    """Return the slots of the last weeks that came and sent nothing, newest first."""
    since = (now - timedelta(days=28)).date()
    past = [row for row in slots_noted_since(session, since) if row.fate is not SlotFate.RAN]
    issues = _issues_on(session, [row.day for row in past])
    return tuple(
        PastSlot(day=row.day, fate=row.fate, note=row.note, issue=issues.get(row.day))
        for row in reversed(past)
    )


def slot_choices(session: Session, cadence: Cadence, now: datetime) -> tuple[Slot, ...]:
    """Return the slots ahead on which nothing stands yet."""
    ahead = slots_ahead(session, cadence, now, 12)
    taken = issues_on_slots(session, [slot.day for slot in ahead])
    return tuple(slot for slot in ahead if slot.day not in taken)


def next_slot_after(session: Session, cadence: Cadence, day: date) -> date | None:
    """Return the day of the slot after this one, if the calendar has one."""
    following = slots_from(cadence, cadence_exceptions(session), day + timedelta(days=1), 1)
    return following[0].day if following else None


def _issues_on(session: Session, days: Sequence[date]) -> dict[date, IssueSummary]:
    standing = issues_on_slots(session, days)
    return {day: summary_of(issue, edited_by) for day, (issue, edited_by) in standing.items()}
