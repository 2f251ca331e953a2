"""The messages that tell editors what is theirs to do: whether still wanted, and what they say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.calendar_words import day_words, moment_words
from topthree.domain.notice import NoticeKind
from topthree.domain.planning.cadence import instant_of, is_slot
from topthree.domain.writing.issue import IssueStatus
from topthree.render.turns import TurnMail, render_turn
from topthree.render.values import RenderedMessage
from topthree.services.notices.turns import is_told
from topthree.services.wiring import Wiring
from topthree.store.editors.editors import find_editor, name_of_editor
from topthree.store.notices.turns import TurnRow, find_turn, is_newest_turn
from topthree.store.planning.slots import cadence_exceptions, find_slot
from topthree.store.writing.issues import IssueRow, find_issue, find_issue_of_slot

_WARNINGS = {NoticeKind.NOTHING_APPROVED, NoticeKind.APPROVED_BUT_STOPPED}
_AFTER_APPROVAL = {IssueStatus.APPROVED, IssueStatus.SENDING, IssueStatus.SENT}


def is_turn_wanted(session: Session, wiring: Wiring, about: int, now: datetime) -> bool:
    """Tell whether things still are as the message will say, and its reader still at the desk."""
    turn = find_turn(session, about)
    editor = None if turn is None else find_editor(session, turn.editor_id)
    if turn is None or editor is None or not is_told(editor, turn.kind):
        return False
    if not is_newest_turn(session, turn):
        return False
    if turn.kind in _WARNINGS:
        return _is_still_in_trouble(session, wiring, turn, now)
    issue = None if turn.issue_id is None else find_issue(session, turn.issue_id)
    return issue is not None and _is_still_so(turn, issue)


def render_turn_notice(
    session: Session, wiring: Wiring, about: int, now: datetime
) -> RenderedMessage:
    """Return the message of this turn."""
    del now
    turn = find_turn(session, about)
    if turn is None:
        raise LookupError(about)
    issue = _issue_of(session, turn)
    newsletter = wiring.newsletter
    return render_turn(
        newsletter,
        TurnMail(
            kind=turn.kind,
            issue=_name_of(issue),
            day=_day_of(turn, issue),
            moment=moment_words(instant_of(wiring.cadence, turn.day)) if turn.day else "",
            by=name_of_editor(session, turn.by),
            is_named=issue is not None and issue.asked == turn.editor_id,
            words=turn.words,
            state=issue.status.value if issue else "",
            url=newsletter.review_url(issue.id) if issue else newsletter.desk_url,
        ),
    )


def _is_still_so(turn: TurnRow, issue: IssueRow) -> bool:
    if turn.kind is NoticeKind.ASKED_TO_APPROVE:
        is_for_them = issue.asked is None or issue.asked == turn.editor_id
        return issue.status is IssueStatus.IN_REVIEW and is_for_them
    if turn.kind is NoticeKind.ISSUE_APPROVED:
        return issue.status in _AFTER_APPROVAL
    if turn.kind is NoticeKind.ISSUE_SENT_BACK:
        return issue.status is IssueStatus.DRAFT and issue.returned_because == turn.words
    if turn.kind is NoticeKind.NOT_SENT:
        return not issue.status.is_published
    return issue.status not in _AFTER_APPROVAL


def _is_still_in_trouble(session: Session, wiring: Wiring, turn: TurnRow, now: datetime) -> bool:
    if turn.day is None or instant_of(wiring.cadence, turn.day) <= now:
        return False
    if find_slot(session, turn.day) is not None:
        return False
    if not is_slot(wiring.cadence, cadence_exceptions(session), turn.day):
        return False
    issue = find_issue_of_slot(session, turn.day)
    if turn.kind is NoticeKind.APPROVED_BUT_STOPPED:
        return issue is not None and issue.id == turn.issue_id and issue.status in _AFTER_APPROVAL
    return issue is None or issue.status not in _AFTER_APPROVAL


def _issue_of(session: Session, turn: TurnRow) -> IssueRow | None:
    """Return the issue it is about; for a warning, what stands on the slot at this moment."""
    if turn.kind in _WARNINGS and turn.day is not None:
        return find_issue_of_slot(session, turn.day)
    return None if turn.issue_id is None else find_issue(session, turn.issue_id)


def _name_of(issue: IssueRow | None) -> str:
    return (issue.subject or "Untitled issue") if issue else ""


def _day_of(turn: TurnRow, issue: IssueRow | None) -> str:
    day = turn.day or (issue.slot_day if issue else None)
    return day_words(day) if day else ""
