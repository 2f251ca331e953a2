"""Putting an issue on a slot, and taking it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId
from topthree.domain.planning.cadence import (
    Cadence,
    instant_of,
    is_slot,
)
from topthree.domain.refusal import Conflict
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.compose_issue import issue_to_change
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.planning.slots import (
    cadence_exceptions,
    find_slot,
)
from topthree.store.writing.issues import IssueRow, find_issue_of_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Which issue goes on the slot of which day; without a day, it is taken off its slot."""

    issue_id: IssueId
    day: date | None


def schedule_issue(
    session: Session, cadence: Cadence, placing: Placing, editor: EditorView, now: datetime
) -> IssueView:
    """Put the issue on the slot of a day, or take it off its slot.

    A draft may be planned; only what is approved when the slot comes is sent. Twice is harmless.

    :raises Conflict: if the day is not a slot ahead, or another issue stands there.
    """
    require(editor.role, Permission.SCHEDULE)
    issue = issue_to_change(session, placing.issue_id)
    require_plannable(issue)
    if placing.day is not None:
        _require_slot_ahead(session, cadence, placing.day, now)
    before = issue.slot_day
    if before == placing.day:
        return issue_view(session, issue)
    put_on_day(session, issue, placing.day)
    act = Act.ISSUE_PLANNED if placing.day else Act.ISSUE_UNPLANNED
    details = {"before": str(before or ""), "after": str(placing.day or "")}
    record(session, about_issue(editor.who, act, issue, details), now)
    return issue_view(session, issue)


def require_plannable(issue: IssueRow) -> None:
    """Let the issue be put on another slot only while it waits for one."""
    if issue.corrects is not None:
        raise Conflict("A correction waits for no slot. Send it as soon as it is approved.")
    if issue.status.is_published:
        raise Conflict("This issue has gone out; it cannot be put on another slot.")


def _require_slot_ahead(session: Session, cadence: Cadence, day: date, now: datetime) -> None:
    if not is_slot(cadence, cadence_exceptions(session), day):
        message = f"No letter goes out on {day}. Choose one of the slots, or add an extra one."
        raise Conflict(message)
    if has_come(session, cadence, day, now):
        message = f"The slot of {day} has passed. Choose a later one."
        raise Conflict(message)


def has_come(session: Session, cadence: Cadence, day: date, now: datetime) -> bool:
    """Tell whether it is too late for anything to go out on this day by itself."""
    return instant_of(cadence, day) <= now or find_slot(session, day) is not None


def put_on_day(session: Session, issue: IssueRow, day: date | None) -> None:
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
