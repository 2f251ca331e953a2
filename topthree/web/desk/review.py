"""Agreeing: what a second person reads, and their yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.ids import IssueId
from topthree.domain.issue import IssueStatus
from topthree.domain.permission import PERMISSIONS, Permission
from topthree.domain.refusal import Conflict, Invalid
from topthree.services.preview_issue import Preview, preview_issue
from topthree.services.read_desk import IssueView, read_issue
from topthree.services.review_issue import approve_issue, send_back_issue, submit_issue
from topthree.services.sign_in import EditorView
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.going import gone_to
from topthree.web.desk.typed_text import shown_again
from topthree.web.site import site


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was tried on the page, and why it did not work."""

    reason: str = ""
    reason_problem: str = ""
    #: A sentence that concerns the whole page.
    message: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything went wrong."""
        return bool(self.reason_problem or self.message)


@desk(Permission.READ_DESK)
def review(issue_id: int) -> ResponseReturnValue:
    """Show exactly what is approved."""
    return _page(issue_id, Verdict())


@desk(Permission.WRITE)
def submit(issue_id: int) -> ResponseReturnValue:
    """Ask a second person to approve the issue."""
    try:
        with transaction() as session:
            submit_issue(session, IssueId(issue_id), current_editor(), site().clock())
    except Invalid as invalid:
        return _page(issue_id, Verdict(message=str(invalid))), HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.review", issue_id=issue_id, said="submitted"))


@desk(Permission.APPROVE)
def approve(issue_id: int) -> ResponseReturnValue:
    """Approve the content with the digest that the page showed."""
    digest = request.form.get("digest", "")
    try:
        with transaction() as session:
            now = site().clock()
            approve_issue(session, IssueId(issue_id), digest, current_editor(), now)
    except Conflict as conflict:
        return _page(issue_id, Verdict(message=str(conflict))), HTTPStatus.CONFLICT
    except Invalid as invalid:
        return _page(issue_id, Verdict(message=str(invalid))), HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.review", issue_id=issue_id, said="approved"))


@desk(Permission.APPROVE)
def send_back(issue_id: int) -> ResponseReturnValue:
    """Give the issue back to its writers with a reason."""
    reason = request.form.get("reason", "")
    # A reason is one line, and the field may have wrapped it.
    line = " ".join(shown_again(reason.replace("\n", " ")).split())
    try:
        with transaction() as session:
            send_back_issue(session, IssueId(issue_id), line, current_editor(), site().clock())
    except Invalid as invalid:
        verdict = Verdict(reason=line, reason_problem=str(invalid))
        return _page(issue_id, verdict), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        verdict = Verdict(reason=line, message=str(conflict))
        return _page(issue_id, verdict), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.review", issue_id=issue_id, said="sent-back"))


def fingerprint(digest: str) -> str:
    """Return the first digits of a digest in groups that can be compared by eye."""
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def _page(issue_id: int, verdict: Verdict) -> str:
    wiring, editor = site(), current_editor()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        preview = preview_issue(session, wiring, issue.id, wiring.clock())
    return render_template(
        "desk/review.html",
        issue=issue,
        page=preview.page,
        size_problems=preview.problems,
        verdict=verdict,
        fingerprint=fingerprint(issue.digest),
        why_not=_why_not(issue, preview, editor),
    )


def _why_not(issue: IssueView, preview: Preview, editor: EditorView) -> str:
    """Say why this editor cannot approve the issue now; empty if they can."""
    if issue.status is not IssueStatus.IN_REVIEW:
        return "Nobody has asked for an approval yet."
    if Permission.APPROVE not in PERMISSIONS[editor.role]:
        return "A writer may not approve an issue. Ask an editor or a publisher to read it."
    if issue.edited_by_id == editor.id:
        return (
            "You made the last change to this issue, so somebody else has to approve it."
            " Two people have read every letter before it goes out."
        )
    if preview.problems:
        return "It is too large for mail programs. Shorten it first."
    return ""
