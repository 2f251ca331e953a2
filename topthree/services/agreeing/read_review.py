"""What a second person needs to say yes or no, and what a writer needs to ask them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.agreeing.approval import why_not_approve
from topthree.domain.ids import IssueId
from topthree.domain.writing.issue import IssueStatus
from topthree.services.agreeing.changes_since import Since, changes_since_verdict
from topthree.services.agreeing.review_issue import list_askable
from topthree.services.agreeing.send_test import LastTest, last_test
from topthree.services.identity.editor_view import EditorView
from topthree.services.proofing.preflight_issue import Preflight, preflight_issue
from topthree.services.proofing.preview_issue import Preview, preview_issue
from topthree.services.wiring import Wiring
from topthree.services.writing.comments import CommentView, list_comments
from topthree.services.writing.read_issue import IssueView, issue_there, issue_view
from topthree.store.editors.editors import name_of_editor
from topthree.store.writing.authorship import authorship_of
from topthree.store.writing.issues import IssueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked for the approval, whom, and with which words."""

    by: str
    #: Empty: whoever may.
    colleague: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An issue up for agreement, as one editor finds it."""

    issue: IssueView
    preview: Preview
    preflight: Preflight
    #: Why this editor cannot approve it now; empty if they can.
    why_not: str
    #: The colleagues who could approve what stands there.
    askable: tuple[EditorView, ...]
    #: None unless it is in review.
    asked: Asked | None
    #: None if it is as a second person last read it, or nobody has yet.
    since: Since | None
    comments: tuple[CommentView, ...]
    tested: LastTest | None

    @property
    def open_count(self) -> int:
        """How many comments are not resolved."""
        return sum(comment.resolved_at is None for comment in self.comments)

    def comments_on(self, place: int, *, is_open: bool) -> tuple[CommentView, ...]:
        """Return the comments on one place (0: the whole), open or resolved."""
        return tuple(
            comment
            for comment in self.comments
            if comment.place == place and (comment.resolved_at is None) == is_open
        )


def read_review(
    session: Session, wiring: Wiring, issue_id: IssueId, editor: EditorView, now: datetime
) -> Review:
    """Return the issue as this editor finds it.

    :raises NotFound: if there is no such issue.
    """
    issue = issue_there(session, issue_id)
    shown = issue_view(session, issue)
    preflight = preflight_issue(session, wiring, shown, now)
    return Review(
        issue=shown,
        preview=preview_issue(session, wiring, issue_id, now),
        preflight=preflight,
        why_not=_why_not(session, wiring, issue, editor, preflight),
        askable=list_askable(session, wiring.approval, issue_id, editor),
        asked=_asked(session, issue),
        since=None if issue.status.is_published else changes_since_verdict(session, issue),
        comments=list_comments(session, issue_id),
        tested=last_test(session, shown),
    )


def _why_not(
    session: Session, wiring: Wiring, issue: IssueRow, editor: EditorView, preflight: Preflight
) -> str:
    if issue.status is not IssueStatus.IN_REVIEW:
        return "Nobody has asked for an approval yet."
    authorship = authorship_of(session, issue)
    why_not = why_not_approve(wiring.approval, editor.role, editor.id, authorship)
    if not why_not and preflight.stops:
        return "Something stops it: see the list. Send it back, or have it mended first."
    return why_not


def _asked(session: Session, issue: IssueRow) -> Asked | None:
    if issue.status is not IssueStatus.IN_REVIEW:
        return None
    return Asked(
        by=name_of_editor(session, issue.submitted_by),
        colleague=name_of_editor(session, issue.asked),
        words=issue.asked_words,
    )
