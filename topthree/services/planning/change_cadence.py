"""Departing from the rule: a slot is skipped, moved or added, the letter paused, or begun anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Entry, slot_thing
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.planning.cadence import (
    Cadence,
    CadenceException,
    ExceptionKind,
    is_slot,
    slots_from,
)
from topthree.domain.refusal import Conflict, Invalid, Problem
from topthree.domain.years import is_plausible
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView, who_of
from topthree.services.planning.schedule_issue import has_come, put_on_day, require_plannable
from topthree.services.writing.compose_issue import issue_to_change
from topthree.store.planning.slots import (
    CadenceExceptionRow,
    cadence_exceptions,
)
from topthree.store.subscribers.subscribers import take_turn
from topthree.store.writing.issue_lists import issues_on_slots
from topthree.store.writing.issues import IssueRow, find_issue_of_slot

_NOTE_LIMIT = 120
_TURN = "cadence"
#: These speak of a slot that is there already.
_OF_A_SLOT = (ExceptionKind.SKIP, ExceptionKind.MOVE)


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
    # Whoever comes second sees what the first has decided.
    take_turn(session, _TURN)
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
        put_on_day(session, issue, change.until)
    session.flush()
    _require_no_stranded_issue(session, cadence, before, now)
    entry = Entry(
        who=who_of(editor),
        act=Act.CALENDAR_CHANGED,
        about=slot_thing(change.on),
        details={"change": change.kind, "until": str(change.until or ""), "note": change.note},
    )
    record(session, entry, now)


def _moving_along(session: Session, change: CadenceException) -> IssueRow | None:
    """Return the issue on the slot that is moved; a run of it waits for us, or we for the run."""
    issue = find_issue_of_slot(session, change.on)
    if change.kind is not ExceptionKind.MOVE or issue is None:
        return None
    issue = issue_to_change(session, issue.id)
    require_plannable(issue)
    return issue


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
        is_over = has_come(session, cadence, change.on, now)
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
    if has_come(session, cadence, change.until, now):
        message = f"{change.until} has passed. Choose a day ahead."
        return [Problem(field="until", message=message)]
    return []


def _require_no_stranded_issue(
    session: Session, cadence: Cadence, before: tuple[CadenceException, ...], now: datetime
) -> None:
    """Refuse a change after which an issue that stood on a slot would stand on none."""
    after = cadence_exceptions(session)
    days = [slot.day for slot in slots_from(cadence, before, cadence.day_at(now), 30)]
    for day, (issue, _) in issues_on_slots(session, days).items():
        if issue.status.is_published or is_slot(cadence, after, day):
            continue
        message = (
            f"“{issue.subject or 'An issue'}” stands on {day}."
            " Put it on another slot first, or move the slot with it."
        )
        raise Conflict(message)
