"""Agreeing: ask, send back, approve. An approval is bound to the exact content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.agreeing.approval import (
    ApprovalRule,
    VerdictKind,
    may_be_asked,
    why_not_approve,
)
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.notice import NoticeKind
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotAllowed, Problem
from topthree.domain.writing.issue import IssueEvent, IssueStatus, next_status
from topthree.services.audit.entries import about_issue
from topthree.services.audit.log import record
from topthree.services.editors.editor_now import editor_now
from topthree.services.identity.editor_view import EditorView, editor_view
from topthree.services.notices.turns import Turn, tell
from topthree.services.proofing.preflight_issue import preflight_issue, require_no_stop
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import issue_to_change, keep_for_good
from topthree.services.writing.note_change import void_approval
from topthree.services.writing.read_issue import IssueView, issue_view
from topthree.store.agreeing.verdicts import VerdictRow
from topthree.store.editors.editors import all_editors
from topthree.store.writing.authorship import authorship_of
from topthree.store.writing.issues import IssueRow, find_issue

_REASON_LIMIT = 500
_WORDS_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who is asked to approve an issue, and what is said to them."""

    issue_id: IssueId
    #: None: whoever may.
    colleague: EditorId | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an approver has read."""

    issue_id: IssueId
    digest: str


def submit_issue(
    session: Session, wiring: Wiring, asking: Asking, editor: EditorView, now: datetime
) -> IssueView:
    """Ask for an approval, or ask somebody else while the issue is in review; they get mail.

    Without a name, everyone who may approve it gets mail. Asking the same again changes nothing.

    :raises Invalid: if something stops the issue, or the colleague may not approve it.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, asking.issue_id)
    words = _checked_line("words", "What you say to them", asking.words, _WORDS_LIMIT)
    if issue.status is IssueStatus.IN_REVIEW and issue.submitted_by is not None:
        if (asking.colleague, words) == (issue.asked, issue.asked_words):
            return issue_view(session, issue)
    else:
        issue.status = next_status(issue.status, IssueEvent.SUBMIT)
    require_no_stop(preflight_issue(session, wiring, issue_view(session, issue), now))
    askable = [each.id for each in _askable(session, wiring.approval, issue)]
    if asking.colleague is not None and asking.colleague not in askable:
        message = "This colleague may not approve this text. Choose somebody else."
        raise Invalid(Problem(field="colleague", message=message))
    issue.submitted_by, issue.asked, issue.asked_words = editor.id, asking.colleague, words
    issue.returned_because = ""
    keep_for_good(session, issue)
    asked = Turn(kind=NoticeKind.ASKED_TO_APPROVE, issue_id=issue.id, by=editor.id, words=words)
    tell(session, asked, askable if asking.colleague is None else [asking.colleague], now)
    session.flush()
    record(session, about_issue(editor.who, Act.ISSUE_SUBMITTED, issue), now)
    return issue_view(session, issue)


def list_askable(
    session: Session, rule: ApprovalRule, issue_id: IssueId, editor: EditorView
) -> tuple[EditorView, ...]:
    """Return the colleagues of this editor who could approve the issue as it is, by name."""
    issue = find_issue(session, issue_id)
    askable = () if issue is None else _askable(session, rule, issue)
    return tuple(each for each in askable if each.id != editor.id)


def send_back_issue(
    session: Session, issue_id: IssueId, reason: str, editor: EditorView, now: datetime
) -> IssueView:
    """Give the issue back to its writers with a reason, which they get by mail as well.

    :raises Invalid: without a reason.
    """
    role = editor_now(session, editor).role
    require(role, Permission.APPROVE)
    issue = issue_to_change(session, issue_id)
    why = _checked_line("reason", "The reason", reason, _REASON_LIMIT)
    if not why:
        problem = Problem(field="reason", message="Say what has to change, in one sentence.")
        raise Invalid(problem)
    issue.status = next_status(issue.status, IssueEvent.SEND_BACK)
    issue.returned_because = why
    _keep_verdict(session, issue, VerdictKind.SENT_BACK, editor, now)
    _tell_writers(session, issue, NoticeKind.ISSUE_SENT_BACK, editor, now)
    void_approval(issue)
    session.flush()
    record(session, about_issue(editor.who, Act.ISSUE_SENT_BACK, issue, {"reason": why}), now)
    return issue_view(session, issue)


def approve_issue(
    session: Session, wiring: Wiring, reading: Reading, editor: EditorView, now: datetime
) -> IssueView:
    """Approve what the approver has read, and nothing else; its writers get mail.

    Twice is harmless.

    :raises NotAllowed: if the rule excludes the approver, or their role was taken meanwhile.
    :raises Conflict: if the content is not what they read any more.
    :raises Invalid: if something stops the issue.
    """
    role = editor_now(session, editor).role
    require(role, Permission.APPROVE)
    issue = issue_to_change(session, reading.issue_id)
    if (issue.approved_by, issue.approved_digest) == (editor.id, reading.digest):
        return issue_view(session, issue)
    issue.status = next_status(issue.status, IssueEvent.APPROVE)
    why_not = why_not_approve(wiring.approval, role, editor.id, authorship_of(session, issue))
    if why_not:
        raise NotAllowed(why_not)
    if issue.content.digest() != reading.digest:
        message = "The issue was changed after you opened it. Read it again, then approve it."
        raise Conflict(message)
    require_no_stop(preflight_issue(session, wiring, issue_view(session, issue), now))
    issue.approved_by, issue.approved_at = editor.id, now
    issue.approved_digest = reading.digest
    _keep_verdict(session, issue, VerdictKind.APPROVED, editor, now)
    _tell_writers(session, issue, NoticeKind.ISSUE_APPROVED, editor, now)
    session.flush()
    details = {"digest": reading.digest}
    record(session, about_issue(editor.who, Act.ISSUE_APPROVED, issue, details), now)
    return issue_view(session, issue)


def _askable(session: Session, rule: ApprovalRule, issue: IssueRow) -> tuple[EditorView, ...]:
    editors = [editor_view(editor) for editor in all_editors(session)]
    authorship = authorship_of(session, issue)
    may = may_be_asked(rule, [(each.id, each.role) for each in editors], authorship)
    return tuple(each for each in editors if each.id in may)


def _keep_verdict(
    session: Session, issue: IssueRow, kind: VerdictKind, editor: EditorView, now: datetime
) -> None:
    verdict = VerdictRow(
        issue_id=issue.id,
        kind=kind,
        by=editor.id,
        at=now,
        version=issue.version,
        digest=issue.content.digest(),
        reason=issue.returned_because,
    )
    session.add(verdict)
    keep_for_good(session, issue)


def _tell_writers(
    session: Session, issue: IssueRow, kind: NoticeKind, editor: EditorView, now: datetime
) -> None:
    """Tell everyone who wrote what is there, and who asked for the approval."""
    words = issue.returned_because if kind is NoticeKind.ISSUE_SENT_BACK else ""
    turn = Turn(kind=kind, issue_id=issue.id, by=editor.id, words=words)
    writers = authorship_of(session, issue).authors
    tell(session, turn, {*writers, issue.submitted_by}, now)


def _checked_line(field: str, label: str, typed: str, limit: int) -> str:
    line = normalise_line(typed)
    problems = line_problems(field, label, line, limit)
    if problems:
        raise Invalid(*problems)
    return line
