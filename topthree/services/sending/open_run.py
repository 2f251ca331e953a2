"""Opening runs: of what is due, of what somebody asked for, and of what may not wait."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Entry, Who, slot_thing
from topthree.domain.calendar_words import span_words
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId, RunId
from topthree.domain.notice import NoticeKind
from topthree.domain.planning.cadence import Lateness, SlotFate, instant_of, lateness, slots_from
from topthree.domain.refusal import Conflict, Refusal
from topthree.domain.writing.issue import IssueStatus
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.notices.turns import Turn, tell
from topthree.services.sending.begin_run import Decision, Overtaken, begin_run
from topthree.services.sending.slot_trouble import who_looks_after
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import read_issue
from topthree.store.planning.slots import SlotRow, cadence_exceptions, find_slot
from topthree.store.writing.issues import (
    find_issue,
    find_issue_of_slot,
    find_published_issue,
    unsent_issues_planned_until,
)

_log = logging.getLogger(__name__)


def open_due_runs(wiring: Wiring) -> tuple[RunId, ...]:
    """Act on every slot whose time has come: send, or note why nothing is sent.

    May be called as often as wanted and by several processes at once: a slot is a row keyed by
    its civil date and a run is unique per issue, so that each is acted on once.
    """
    opened = (_act_on_slot(wiring, day) for day in _due_days(wiring))
    return tuple(run_id for run_id in opened if run_id is not None)


def send_now(wiring: Wiring, issue_id: IssueId, editor: EditorView) -> RunId:
    """Open the run of an approved issue at once, because an editor decided so.

    It goes out under the day of its slot if that has come, and under today's date otherwise.

    :raises Conflict: if it is not approved, or the day has its issue already.
    """
    require(editor.role, Permission.SCHEDULE)
    return begin_run(wiring, _decision_by_hand(wiring, issue_id, editor.who, is_asked=False))


def open_asked_run(wiring: Wiring, issue_id: IssueId, asked_by: Who) -> RunId:
    """Open the run of an issue that somebody asked for, now that nobody took it back in time.

    :raises Overtaken: if somebody has taken it back, or another process was first.
    :raises Refusal: if it cannot go; the text says why.
    """
    return begin_run(wiring, _decision_by_hand(wiring, issue_id, asked_by, is_asked=True))


def require_day_free(session: Session, issue_id: IssueId, day: date) -> None:
    """Let the issue go out by hand under this day; a correction may on any day.

    :raises Conflict: if another one has gone out under it, or is planned for it.
    """
    issue = find_issue(session, issue_id)
    if issue is not None and issue.corrects is not None:
        return
    gone = find_published_issue(session, day)
    if gone is not None and gone.id != issue_id:
        message = (
            f"One letter goes out a day, and on {day} it was “{gone.subject}”."
            " Put this one on a slot, or send it tomorrow."
        )
        raise Conflict(message)
    other = find_issue_of_slot(session, day)
    if other is not None and other.id != issue_id:
        message = f"“{other.subject}” stands on {day}. Put it on another slot first."
        raise Conflict(message)


def day_by_hand(wiring: Wiring, slot_day: date | None) -> date:
    """Return the day under which an issue on this slot goes out now: its own, if that has come."""
    today = wiring.cadence.day_at(wiring.clock())
    return min(slot_day or today, today)


def _decision_by_hand(
    wiring: Wiring, issue_id: IssueId, decided_by: Who, *, is_asked: bool
) -> Decision:
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        day = day_by_hand(wiring, issue.slot_day)
        require_day_free(session, issue_id, day)
    return Decision(
        issue_id=issue_id,
        day=day,
        slot_day=issue.slot_day,
        note=f"sent by hand by {decided_by.name}",
        who=decided_by,
        is_asked=is_asked,
    )


def _due_days(wiring: Wiring) -> tuple[date, ...]:
    """Return the days whose slot has come and on which nothing was done about it yet.

    A slot that came while nothing was planned and nobody was running is not worth a word, so
    regular slots count only within the grace; what is planned counts however late it is.
    """
    now = wiring.clock()
    today = wiring.cadence.day_at(now)
    with wiring.reading() as session:
        recent = slots_from(
            wiring.cadence, cadence_exceptions(session), today - timedelta(days=1), 3
        )
        days = {
            slot.day
            for slot in recent
            if lateness(slot.at, now, wiring.grace) is Lateness.DUE
            and find_published_issue(session, slot.day) is None
        }
        days |= {
            issue.slot_day
            for issue in unsent_issues_planned_until(session, today)
            if issue.slot_day and instant_of(wiring.cadence, issue.slot_day) <= now
        }
        return tuple(sorted(day for day in days if find_slot(session, day) is None))


def _act_on_slot(wiring: Wiring, day: date) -> RunId | None:
    with wiring.reading() as session:
        issue = find_issue_of_slot(session, day)
        issue_id = issue.id if issue else None
        is_approved = issue is not None and issue.status is IssueStatus.APPROVED
    at = instant_of(wiring.cadence, day)
    if lateness(at, wiring.clock(), wiring.grace) is Lateness.HELD:
        _note(wiring, day, SlotFate.HELD, f"missed by {span_words(wiring.clock() - at)}")
        return None
    if issue_id is None or not is_approved:
        why = "no issue was planned" if issue_id is None else "the issue was not approved"
        _note(wiring, day, SlotFate.EMPTY, why)
        return None
    late = wiring.clock() - at
    note = f"sent {span_words(late)} late" if late >= timedelta(minutes=1) else ""
    try:
        decision = Decision(issue_id=issue_id, day=day, slot_day=day, note=note)
        return begin_run(wiring, decision)
    except Overtaken:
        return None
    except Refusal as error:
        _note(wiring, day, SlotFate.HELD, str(error))
        return None
    except Exception:  # noqa: BLE001 - one slot that cannot be served keeps no other waiting
        _log.exception("slot %s failed; it is tried again", day)
        return None


def _note(wiring: Wiring, day: date, fate: SlotFate, note: str) -> None:
    """Write down what became of the slot, unless another process has."""
    now = wiring.clock()
    due_at = instant_of(wiring.cadence, day)
    with suppress(IntegrityError):
        with wiring.writing() as session:
            if find_slot(session, day) is not None:
                return
            session.add(SlotRow(day=day, due_at=due_at, fate=fate, noted_at=now, note=note))
            if fate is SlotFate.HELD:
                _tell(session, day, note, now)
            act = Act.SLOT_HELD if fate is SlotFate.HELD else Act.SLOT_EMPTY
            details = {"note": note}
            about = slot_thing(day)
            record(session, Entry(who=SERVICE, act=act, about=about, details=details), now)
        _log.warning("slot %s: %s, %s", day, fate, note)


def _tell(session: Session, day: date, why: str, now: datetime) -> None:
    """Tell whoever looks after the slot that its issue did not go out; the warnings are over."""
    issue = find_issue_of_slot(session, day)
    issue_id = issue.id if issue else None
    turn = Turn(kind=NoticeKind.NOT_SENT, issue_id=issue_id, day=day, words=why)
    tell(session, turn, who_looks_after(session, issue), now)
