"""Agreeing: submit, send back, approve. An approval is bound to the exact content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import Details, Entry, issue_thing
from topthree.domain.ids import IssueId
from topthree.domain.issue import IssueEvent, missing_from, next_status
from topthree.domain.permission import Permission, require
from topthree.domain.plain_text import normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotAllowed, Problem
from topthree.services.audit import record
from topthree.services.compose_issue import issue_to_change, keep_for_good, void_approval
from topthree.services.read_desk import IssueView, view
from topthree.services.sign_in import EditorView
from topthree.store.issues import IssueRow

_REASON_LIMIT = 500


def submit_issue(
    session: Session, issue_id: IssueId, editor: EditorView, now: datetime
) -> IssueView:
    """Ask a second person to approve the issue.

    :raises Invalid: if it still lacks something.
    """
    require(editor.role, Permission.WRITE)
    issue = issue_to_change(session, issue_id)
    issue.status = next_status(issue.status, IssueEvent.SUBMIT)
    _require_complete(issue)
    issue.submitted_by = editor.id
    keep_for_good(session, issue)
    issue.returned_because = ""
    session.flush()
    _record(session, issue, (editor, Act.ISSUE_SUBMITTED), {}, now)
    return view(session, issue)


def send_back_issue(
    session: Session, issue_id: IssueId, reason: str, editor: EditorView, now: datetime
) -> IssueView:
    """Give the issue back to its writers with a reason.

    :raises Invalid: without a reason.
    """
    require(editor.role, Permission.APPROVE)
    issue = issue_to_change(session, issue_id)
    why = normalise_line(reason)[:_REASON_LIMIT]
    if not why:
        problem = Problem(field="reason", message="Say what has to change, in one sentence.")
        raise Invalid(problem)
    issue.status = next_status(issue.status, IssueEvent.SEND_BACK)
    issue.returned_because = why
    void_approval(issue)
    session.flush()
    _record(session, issue, (editor, Act.ISSUE_SENT_BACK), {"reason": why}, now)
    return view(session, issue)


def approve_issue(
    session: Session, issue_id: IssueId, digest: str, editor: EditorView, now: datetime
) -> IssueView:
    """Approve the content with this digest: what the approver has read, and nothing else.

    :raises NotAllowed: if the approver made the last change, or may not approve at all.
    :raises Conflict: if the content is not what they read any more.
    :raises Invalid: if the issue still lacks something.
    """
    require(editor.role, Permission.APPROVE)
    issue = issue_to_change(session, issue_id)
    issue.status = next_status(issue.status, IssueEvent.APPROVE)
    if issue.edited_by == editor.id:
        message = "You made the last change to this issue, so somebody else has to approve it."
        raise NotAllowed(message)
    if issue.content.digest() != digest:
        message = "The issue was changed after you opened it. Read it again, then approve it."
        raise Conflict(message)
    _require_complete(issue)
    issue.approved_by, issue.approved_at, issue.approved_digest = editor.id, now, digest
    keep_for_good(session, issue)
    session.flush()
    _record(session, issue, (editor, Act.ISSUE_APPROVED), {"digest": digest}, now)
    return view(session, issue)


def _require_complete(issue: IssueRow) -> None:
    missing = missing_from(issue.content)
    if missing:
        raise Invalid(*missing)


def _record(
    session: Session,
    issue: IssueRow,
    done: tuple[EditorView, Act],
    details: Details,
    now: datetime,
) -> None:
    editor, act = done
    about = issue_thing(issue.id, issue.content.subject)
    record(session, Entry(who=editor.who, act=act, about=about, details=details), now)
