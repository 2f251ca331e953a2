"""What a change of an issue's content means for its approval, and for who may give the next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.ids import EditorId
from topthree.domain.notice import NoticeKind
from topthree.services.notices.turns import Turn, tell
from topthree.store.writing.authorship import add_author, begin_authorship
from topthree.store.writing.issues import IssueRow


def note_change(
    session: Session, issue: IssueRow, editor_id: EditorId | None, now: datetime
) -> None:
    """Note who changed the content; an approval of what stood there ends, and that is told."""
    if issue.approved_at is None:
        if editor_id is not None:
            add_author(session, issue.id, editor_id)
        return
    ended = Turn(kind=NoticeKind.APPROVAL_ENDED, issue_id=issue.id, by=editor_id)
    tell(session, ended, (issue.approved_by, issue.submitted_by), now)
    begin_authorship(session, issue.id, editor_id)
    void_approval(issue)


def void_approval(issue: IssueRow) -> None:
    """Forget who approved the issue: it is not what they read any more."""
    issue.approved_by = issue.approved_at = issue.approved_digest = None
