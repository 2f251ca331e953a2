"""Planning: the slots ahead, what stands on each, and departures from the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import TERMINAL, Details, Entry, issue_thing, slot_thing
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
from topthree.domain.ids import IssueId
from topthree.domain.permission import Permission, require
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.domain.years import is_plausible
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import issue_to_change
from topthree.services.writing.read_desk import IssueSummary, IssueView, summarise, view
from topthree.store.issues import IssueRow, find_issue_of_slot
from topthree.store.slots import (
    CadenceExceptionRow,
    cadence_exceptions,
    find_slot,
    slots_noted_since,
)

_NOTE_LIMIT = 120
#: These speak of a slot that is there already.
_OF_A_SLOT = (ExceptionKind.SKIP, ExceptionKind.MOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Which issue goes on the slot of which day; without a day, it is taken off its slot."""

    issue_id: IssueId
    day: date | None


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
    return tuple(
        PlannedSlot(slot=slot, issue=_planned(session, slot.day))
        for slot in slots_ahead(session, cadence, now, count)
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
    session: Session, cadence: Cadence, placing: Placing, editor: EditorView, now: datetime
) -> IssueView:
    """Put the issue on the slot of a day, or take it off its slot.

    A draft may be planned; only what is approved when the slot comes is sent.

    :raises Conflict: if the day is not a slot ahead, or another issue stands there.
    """
    require(editor.role, Permission.SCHEDULE)
    issue = issue_to_change(session, placing.issue_id)
    _require_plannable(issue)
    if placing.day is not None:
        _require_slot_ahead(session, cadence, placing.day, now)
    before = issue.slot_day
    _put(session, issue, placing.day)
    act = Act.ISSUE_PLANNED if placing.day else Act.ISSUE_UNPLANNED
    about = issue_thing(issue.id, issue.content.subject)
    details: Details = {"before": str(before or ""), "after": str(placing.day or "")}
    record(session, Entry(who=editor.who, act=act, about=about, details=details), now)
    return view(session, issue)


def change_cadence(
    session: Session,
    cadence: Cadence,
    change: CadenceException,
    editor: EditorView | None,
    now: datetime,
) -> None:
    """Record a departure from the rule; an issue on a slot that is moved moves with it.

    :raises Invalid: if the dates make no sense.
    :raises Conflict: if it would leave an issue on a day that is no slot, or two on one.
    """
    issue = _moving_along(session, change)
    _require_sense(session, cadence, change, now)
    before = cadence_exceptions(session)
    session.add(
        CadenceExceptionRow(
            kind=change.kind,
            on=change.on,
            until=change.until,
            note=normalise_line(change.note),
            decided_at=now,
            decided_by=editor.id if editor else None,
        )
    )
    if issue is not None:
        _put(session, issue, change.until)
    session.flush()
    _require_no_stranded_issue(session, cadence, before, now)
    entry = Entry(
        who=editor.who if editor else TERMINAL,
        act=Act.CALENDAR_CHANGED,
        about=slot_thing(change.on),
        details={"change": change.kind, "until": str(change.until or ""), "note": change.note},
    )
    record(session, entry, now)


def slot_choices(session: Session, cadence: Cadence, now: datetime) -> tuple[Slot, ...]:
    """Return the slots ahead on which nothing stands yet."""
    ahead = slots_ahead(session, cadence, now, 12)
    return tuple(slot for slot in ahead if find_issue_of_slot(session, slot.day) is None)


def next_slot_after(session: Session, cadence: Cadence, day: date) -> date | None:
    """Return the day of the slot after this one, if the calendar has one."""
    following = slots_from(cadence, cadence_exceptions(session), day + timedelta(days=1), 1)
    return following[0].day if following else None


def _planned(session: Session, day: date) -> IssueSummary | None:
    issue = find_issue_of_slot(session, day)
    return None if issue is None else summarise(session, issue)


def _moving_along(session: Session, change: CadenceException) -> IssueRow | None:
    """Return the issue on the slot that is moved; a run of it waits for us, or we for the run."""
    issue = find_issue_of_slot(session, change.on)
    if change.kind is not ExceptionKind.MOVE or issue is None:
        return None
    issue = issue_to_change(session, issue.id)
    _require_plannable(issue)
    return issue


def _require_plannable(issue: IssueRow) -> None:
    if issue.corrects is not None:
        raise Conflict("A correction waits for no slot. Send it as soon as it is approved.")
    if issue.status.is_published:
        raise Conflict("This issue has gone out; it cannot be put on another slot.")


def _require_slot_ahead(session: Session, cadence: Cadence, day: date, now: datetime) -> None:
    if not is_slot(cadence, cadence_exceptions(session), day):
        message = f"No letter goes out on {day}. Choose one of the slots, or add an extra one."
        raise Conflict(message)
    if _has_come(session, cadence, day, now):
        message = f"The slot of {day} has passed. Choose a later one."
        raise Conflict(message)


def _has_come(session: Session, cadence: Cadence, day: date, now: datetime) -> bool:
    """Tell whether it is too late for anything to go out on this day by itself."""
    return instant_of(cadence, day) <= now or find_slot(session, day) is not None


def _put(session: Session, issue: IssueRow, day: date | None) -> None:
    """Let the issue stand on the day.

    :raises Conflict: if another one does, even since a moment ago.
    """
    _require_nobody_else(session, issue, day)
    try:
        with session.begin_nested():
            issue.slot_day = day
    except IntegrityError as error:
        _require_nobody_else(session, issue, day)
        message = f"Another issue was put on {day} at this moment. Choose another slot."
        raise Conflict(message) from error


def _require_nobody_else(session: Session, issue: IssueRow, day: date | None) -> None:
    other = find_issue_of_slot(session, day) if day else None
    if other is not None and other is not issue:
        message = f"“{other.subject or 'Another issue'}” stands on {day}. Choose another slot."
        raise Conflict(message)


def _require_sense(
    session: Session, cadence: Cadence, change: CadenceException, now: datetime
) -> None:
    problems = line_problems("note", "The note", normalise_line(change.note), _NOTE_LIMIT)
    problems += _slips(change)
    if not problems:
        problems += _problems_of_on(session, cadence, change, now)
        problems += _problems_of_until(session, cadence, change, now)
    if problems:
        raise Invalid(*problems)


def _slips(change: CadenceException) -> list[Problem]:
    """Say which dates cannot be meant."""
    days = {"on": change.on, "until": change.until}
    return [
        Problem(field=name, message=f"The year {day.year} is a slip. Check the date.")
        for name, day in days.items()
        if day is not None and not is_plausible(day)
    ]


def _problems_of_on(
    session: Session, cadence: Cadence, change: CadenceException, now: datetime
) -> list[Problem]:
    if change.kind is ExceptionKind.PAUSE:
        # Half of today may be over already: what has come stays as it is.
        is_over = change.on < cadence.day_at(now)
    else:
        is_over = _has_come(session, cadence, change.on, now)
    problems = []
    if is_over:
        problems.append(Problem(field="on", message=f"{change.on} has passed. Choose a day ahead."))
    is_on_grid = is_slot(cadence, cadence_exceptions(session), change.on)
    if change.kind in _OF_A_SLOT and not is_on_grid:
        message = f"{change.on} is not a slot. See “topthree cadence show”."
        problems.append(Problem(field="on", message=message))
    return problems


def _problems_of_until(
    session: Session, cadence: Cadence, change: CadenceException, now: datetime
) -> list[Problem]:
    if change.kind not in (ExceptionKind.MOVE, ExceptionKind.PAUSE):
        return []
    if change.until is None:
        return [Problem(field="until", message="Say until when, or to which day.")]
    if change.kind is ExceptionKind.PAUSE:
        message = "The pause ends before it begins."
        return [Problem(field="until", message=message)] if change.until < change.on else []
    if _has_come(session, cadence, change.until, now):
        message = f"{change.until} has passed. Choose a day ahead."
        return [Problem(field="until", message=message)]
    return []


def _require_no_stranded_issue(
    session: Session, cadence: Cadence, before: tuple[CadenceException, ...], now: datetime
) -> None:
    """Refuse a change after which an issue that stood on a slot would stand on none."""
    after = cadence_exceptions(session)
    today = cadence.day_at(now)
    for slot in slots_from(cadence, before, today, 30):
        issue = find_issue_of_slot(session, slot.day)
        if issue is None or issue.status.is_published or is_slot(cadence, after, slot.day):
            continue
        message = (
            f"“{issue.subject or 'An issue'}” stands on {slot.day}."
            " Put it on another slot first, or move the slot with it."
        )
        raise Conflict(message)
