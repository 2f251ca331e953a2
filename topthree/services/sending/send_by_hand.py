"""Sending by hand, with a while in which anybody who may send can take it back.

What is asked for is a row, so that it outlives whoever noted it; the ticker begins the run when
the while is over. The run and the end of the asking are one transaction, which taking it back
waits for: either nothing was sent, or it is said that it goes out already.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Who, WhoKind
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId, RunId
from topthree.domain.notice import NoticeKind
from topthree.domain.planning.cadence import Lateness, lateness
from topthree.domain.refusal import Conflict, Refusal
from topthree.domain.writing.issue import IssueEvent, next_status
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.notices.turns import Turn, tell
from topthree.services.proofing.preflight_issue import preflight_going, require_no_stop
from topthree.services.sending.begin_run import VOID, Overtaken
from topthree.services.sending.open_run import (
    day_by_hand,
    open_asked_run,
    require_day_free,
    send_now,
)
from topthree.services.sending.slot_trouble import who_looks_after
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import issue_to_change
from topthree.services.writing.read_issue import issue_view
from topthree.store.sending.waiting_sends import (
    WaitingSendRow,
    all_waiting_sends,
    due_sends,
    find_waiting_send,
    lock_waiting_send,
)
from topthree.store.writing.issues import IssueRow

_log = logging.getLogger(__name__)

_MISSED = (
    "Nothing was running when its time came, and it is late by more than a slot may be."
    " Look at it once more, then send it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSend:
    """A send that somebody asked for."""

    issue_id: IssueId
    subject: str
    asked_by: str
    #: Until then it can be taken back.
    opens_at: datetime
    #: In a sentence, why it did not go; empty while it waits.
    stopped_because: str


def send_by_hand(wiring: Wiring, issue_id: IssueId, editor: EditorView) -> RunId | None:
    """Ask for an approved issue to be sent; return its run where nothing is waited for.

    :raises Conflict: if it is not approved, or the day has its issue already.
    """
    if not wiring.undo_window:
        return send_now(wiring, issue_id, editor)
    with wiring.writing() as session:
        ask_to_send(session, wiring, issue_id, editor)
    return None


def ask_to_send(
    session: Session, wiring: Wiring, issue_id: IssueId, editor: EditorView
) -> WaitingSend:
    """Let an approved issue go out when the while for taking it back is over.

    Twice is harmless: what waits already goes out when it was first said.

    :raises Conflict: if it is not approved, or the day has its issue already.
    :raises Invalid: if something stops it by now.
    """
    require(editor.role, Permission.SCHEDULE)
    issue = issue_to_change(session, issue_id)
    next_status(issue.status, IssueEvent.OPEN_RUN)
    _day(session, wiring, issue)
    require_no_stop(preflight_going(session, wiring, issue_view(session, issue), wiring.clock()))
    row = lock_waiting_send(session, issue_id)
    if row is not None and not row.stopped_because and row.approved_at == issue.approved_at:
        return _view(session, row, _asked_by(session, issue_id))
    now = wiring.clock()
    if row is not None:
        session.delete(row)
        session.flush()
    row = WaitingSendRow(
        issue_id=issue_id,
        asked_by=editor.id,
        asked_at=now,
        opens_at=now + wiring.undo_window,
        approved_at=issue.approved_at,
    )
    session.add(row)
    session.flush()
    details = {"opens_at": str(row.opens_at)}
    record(session, about_issue(editor.who, Act.SEND_ASKED, issue, details), now)
    return _view(session, row, editor.name)


def take_back_send(session: Session, issue_id: IssueId, editor: EditorView, now: datetime) -> None:
    """Let an issue that was to be sent by hand not go; it keeps its text and its approval.

    Twice is harmless, and so it is for one that did not go: then its reason is forgotten.

    :raises Conflict: if it goes out already.
    """
    require(editor.role, Permission.SCHEDULE)
    issue = issue_to_change(session, issue_id)
    if issue.status.is_published:
        message = (
            "It is too late to take it back: it goes out already. Pause its run, and nothing more"
            " leaves."
        )
        raise Conflict(message)
    row = lock_waiting_send(session, issue_id)
    if row is not None:
        session.delete(row)
        session.flush()
        record(session, about_issue(editor.who, Act.SEND_TAKEN_BACK, issue), now)


def waiting_send(session: Session, issue_id: IssueId) -> WaitingSend | None:
    """Return the send that was asked for of this issue, if any."""
    found = find_waiting_send(session, issue_id)
    return None if found is None else _view(session, *found)


def list_waiting_sends(session: Session) -> tuple[WaitingSend, ...]:
    """Return every send that was asked for, those that did not go too, soonest first."""
    return tuple(_view(session, row, name) for row, name in all_waiting_sends(session))


def open_asked_runs(wiring: Wiring) -> tuple[RunId, ...]:
    """Begin the run of every send that nobody took back in time.

    May be called as often as wanted and by several processes at once, like any opening of runs.
    """
    with wiring.reading() as session:
        due = [
            (row.issue_id, row.opens_at, _who(row, name))
            for row, name in due_sends(session, wiring.clock())
        ]
    opened = (_open_one(wiring, *each) for each in due)
    return tuple(run_id for run_id in opened if run_id is not None)


def _who(row: WaitingSendRow, name: str) -> Who:
    return Who(kind=WhoKind.EDITOR, name=name, editor_id=row.asked_by)


def _open_one(wiring: Wiring, issue_id: IssueId, opens_at: datetime, asked_by: Who) -> RunId | None:
    if lateness(opens_at, wiring.clock(), wiring.grace) is Lateness.HELD:
        _stop(wiring, issue_id, _MISSED)
        return None
    try:
        return open_asked_run(wiring, issue_id, asked_by)
    except Overtaken:
        return None
    except Refusal as error:
        _stop(wiring, issue_id, str(error))
        return None
    except Exception:  # noqa: BLE001 - one issue that cannot be served keeps no other waiting
        _log.exception("issue %d, to be sent by hand, failed; it is tried again", issue_id)
        return None


def _stop(wiring: Wiring, issue_id: IssueId, why: str) -> None:
    """Write down why it does not go, unless somebody took it back or it has gone."""
    now = wiring.clock()
    with wiring.writing() as session:
        issue = issue_to_change(session, issue_id)
        row = lock_waiting_send(session, issue_id)
        if row is None or row.stopped_because or row.opens_at > now:
            return
        row.stopped_because = why
        turn = Turn(kind=NoticeKind.NOT_SENT, issue_id=issue_id, words=why)
        tell(session, turn, {row.asked_by, *who_looks_after(session, issue)}, now)
        record(session, about_issue(SERVICE, Act.SEND_STOPPED, issue, {"because": why}), now)
    _log.warning("issue %d was to be sent by hand and was not: %s", issue_id, why)


def _day(session: Session, wiring: Wiring, issue: IssueRow) -> date:
    day = day_by_hand(wiring, issue.slot_day)
    require_day_free(session, issue.id, day)
    return day


def _asked_by(session: Session, issue_id: IssueId) -> str:
    found = find_waiting_send(session, issue_id)
    return found[1] if found else ""


def _view(session: Session, row: WaitingSendRow, asked_by: str) -> WaitingSend:
    issue = session.get_one(IssueRow, row.issue_id)
    is_void = not row.stopped_because and row.approved_at != issue.approved_at
    return WaitingSend(
        issue_id=row.issue_id,
        subject=issue.subject,
        asked_by=asked_by,
        opens_at=row.opens_at,
        stopped_because=VOID if is_void else row.stopped_because,
    )
