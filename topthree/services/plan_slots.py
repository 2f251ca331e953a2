"""Planning: the slots ahead, what stands on each, and departures from the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.cadence import (
    Cadence,
    CadenceException,
    ExceptionKind,
    Slot,
    SlotFate,
    instant_of,
    is_slot,
    slots_from,
)
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.permission import Permission, require
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.services.compose_issue import issue_to_change
from topthree.services.read_desk import IssueSummary, IssueView, summarise, view
from topthree.services.sign_in import EditorView
from topthree.store.issues import find_issue_of_slot
from topthree.store.slots import (
    CadenceExceptionRow,
    cadence_exceptions,
    find_slot,
    slots_noted_since,
)

_NOTE_LIMIT = 120


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


def upcoming_slots(
    session: Session, cadence: Cadence, now: datetime, count: int = 6
) -> tuple[PlannedSlot, ...]:
    """Return the next slots, soonest first, with what is planned for each."""
    return tuple(
        PlannedSlot(slot=slot, issue=_planned(session, slot.day))
        for slot in _slots_ahead(session, cadence, now, count)
    )


def slots_without_a_letter(session: Session, now: datetime) -> tuple[PastSlot, ...]:
    """Return the slots of the last weeks that came and sent nothing, newest first."""
    since = (now - timedelta(days=28)).date()
    return tuple(
        PastSlot(day=row.day, fate=row.fate, note=row.note, issue=_planned(session, row.day))
        for row in reversed(slots_noted_since(session, since))
        if row.fate is not SlotFate.RAN
    )


def schedule_issue(
    session: Session,
    cadence: Cadence,
    placing: tuple[IssueId, date | None],
    editor: EditorView,
    now: datetime,
) -> IssueView:
    """Put the issue on the slot of a day, or take it off its slot.

    A draft may be planned; only what is approved when the slot comes is sent.

    :raises Conflict: if the day is not a slot ahead, or another issue stands there.
    """
    require(editor.role, Permission.SCHEDULE)
    issue_id, day = placing
    issue = issue_to_change(session, issue_id)
    if issue.status.is_published:
        message = "This issue has gone out; it cannot be put on another slot."
        raise Conflict(message)
    if day is not None:
        _require_free(session, cadence, day, issue_id, now)
    issue.slot_day = day
    session.flush()
    return view(session, issue)


def change_cadence(
    session: Session,
    cadence: Cadence,
    change: CadenceException,
    editor_id: EditorId | None,
    now: datetime,
) -> None:
    """Record a departure from the rule; an issue on a slot that is moved moves with it.

    :raises Invalid: if the dates make no sense.
    :raises Conflict: if it would leave an issue on a day that is no slot.
    """
    _require_sense(session, cadence, change, now)
    before = cadence_exceptions(session)
    session.add(
        CadenceExceptionRow(
            kind=change.kind,
            on=change.on,
            until=change.until,
            note=normalise_line(change.note),
            decided_at=now,
            decided_by=editor_id,
        )
    )
    issue = find_issue_of_slot(session, change.on)
    if change.kind is ExceptionKind.MOVE and issue is not None:
        issue.slot_day = change.until
    session.flush()
    _require_no_stranded_issue(session, cadence, before, now)


def slot_choices(session: Session, cadence: Cadence, now: datetime) -> tuple[Slot, ...]:
    """Return the slots ahead on which nothing stands yet."""
    ahead = _slots_ahead(session, cadence, now, 12)
    return tuple(slot for slot in ahead if find_issue_of_slot(session, slot.day) is None)


def next_slot_after(session: Session, cadence: Cadence, day: date) -> date | None:
    """Return the day of the slot after this one, if the calendar has one."""
    following = slots_from(cadence, cadence_exceptions(session), day + timedelta(days=1), 1)
    return following[0].day if following else None


def _slots_ahead(session: Session, cadence: Cadence, now: datetime, count: int) -> tuple[Slot, ...]:
    today = now.astimezone(cadence.zone).date()
    slots = slots_from(cadence, cadence_exceptions(session), today, count + 1)
    return tuple(slot for slot in slots if slot.at > now)[:count]


def _planned(session: Session, day: date) -> IssueSummary | None:
    issue = find_issue_of_slot(session, day)
    return None if issue is None else summarise(session, issue)


def _require_free(
    session: Session, cadence: Cadence, day: date, issue_id: IssueId, now: datetime
) -> None:
    if not is_slot(cadence, cadence_exceptions(session), day):
        message = f"No letter goes out on {day}. Choose one of the slots, or add an extra one."
        raise Conflict(message)
    if instant_of(cadence, day) <= now or find_slot(session, day) is not None:
        message = f"The slot of {day} has passed. Choose a later one."
        raise Conflict(message)
    other = find_issue_of_slot(session, day)
    if other is not None and other.id != issue_id:
        message = f"“{other.subject or 'Another issue'}” stands on {day}. Choose another slot."
        raise Conflict(message)


def _require_sense(
    session: Session, cadence: Cadence, change: CadenceException, now: datetime
) -> None:
    today = now.astimezone(cadence.zone).date()
    problems = line_problems("note", "The note", normalise_line(change.note), _NOTE_LIMIT)
    if change.on < today:
        problems.append(Problem(field="on", message=f"{change.on} has passed. Choose a day ahead."))
    if change.kind in (ExceptionKind.MOVE, ExceptionKind.PAUSE) and change.until is None:
        problems.append(Problem(field="until", message="Say until when, or to which day."))
    if change.kind is ExceptionKind.PAUSE and change.until and change.until < change.on:
        problems.append(Problem(field="until", message="The pause ends before it begins."))
    if change.kind is ExceptionKind.MOVE and change.until and change.until < today:
        message = f"{change.until} has passed. Choose a day ahead."
        problems.append(Problem(field="until", message=message))
    is_on_grid = is_slot(cadence, cadence_exceptions(session), change.on)
    if change.kind in (ExceptionKind.SKIP, ExceptionKind.MOVE) and not is_on_grid:
        message = f"{change.on} is not a slot. See “topthree cadence show”."
        problems.append(Problem(field="on", message=message))
    if problems:
        raise Invalid(*problems)


def _require_no_stranded_issue(
    session: Session, cadence: Cadence, before: tuple[CadenceException, ...], now: datetime
) -> None:
    """Refuse a change after which an issue that stood on a slot would stand on none."""
    after = cadence_exceptions(session)
    today = now.astimezone(cadence.zone).date()
    for slot in slots_from(cadence, before, today, 30):
        issue = find_issue_of_slot(session, slot.day)
        if issue is None or issue.status.is_published or is_slot(cadence, after, slot.day):
            continue
        message = (
            f"“{issue.subject or 'An issue'}” stands on {slot.day}."
            " Put it on another slot first, or move the slot with it."
        )
        raise Conflict(message)
