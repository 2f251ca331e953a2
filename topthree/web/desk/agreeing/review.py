"""Agreeing: what a second person reads, and their yes or no."""

from __future__ import annotations

from http import HTTPStatus

from flask import request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import EditorId, IssueId
from topthree.domain.refusal import Conflict, Invalid, NotAllowed
from topthree.services.agreeing.review_issue import (
    Asking,
    Reading,
    approve_issue,
    send_back_issue,
    submit_issue,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import transaction
from topthree.web.desk.agreeing.review_page import Tried, review_page, slip
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.site import site
from topthree.web.typed_text import one_line, shown_again


@desk(Permission.READ_DESK)
def review(issue_id: int) -> ResponseReturnValue:
    """Show exactly what is approved."""
    return review_page(issue_id, Tried())


@desk(Permission.WRITE)
def submit(issue_id: int) -> ResponseReturnValue:
    """Ask a colleague, or whoever may, to approve the issue."""
    chosen, words = request.form.get("colleague", ""), one_line(request.form.get("words", ""))
    asking = Asking(issue_id=IssueId(issue_id), colleague=_editor_id(chosen), words=words)
    try:
        with transaction() as session:
            wiring = site()
            submit_issue(session, wiring, asking, current_editor(), wiring.clock())
    except Invalid as invalid:
        tried = slip(invalid, ("colleague", "words"), colleague=shown_again(chosen), words=words)
        return review_page(issue_id, tried), HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.review", issue_id=issue_id, said="submitted"))


@desk(Permission.APPROVE)
def approve(issue_id: int) -> ResponseReturnValue:
    """Approve the content with the digest that the page showed."""
    reading = Reading(issue_id=IssueId(issue_id), digest=request.form.get("digest", ""))
    try:
        with transaction() as session:
            wiring = site()
            approve_issue(session, wiring, reading, current_editor(), wiring.clock())
    except Conflict as conflict:
        return review_page(issue_id, Tried(message=str(conflict))), HTTPStatus.CONFLICT
    except Invalid as invalid:
        tried = Tried(message=str(invalid))
        return review_page(issue_id, tried), HTTPStatus.UNPROCESSABLE_ENTITY
    except NotAllowed as refused:
        tried = Tried(message=f"{refused} Nothing was approved.")
        return review_page(issue_id, tried), HTTPStatus.FORBIDDEN
    return gone_to(url_for("desk.review", issue_id=issue_id, said="approved"))


@desk(Permission.APPROVE)
def send_back(issue_id: int) -> ResponseReturnValue:
    """Give the issue back to its writers with a reason."""
    reason = one_line(request.form.get("reason", ""))
    try:
        with transaction() as session:
            now = site().clock()
            send_back_issue(session, IssueId(issue_id), reason, current_editor(), now)
    except Invalid as invalid:
        tried = slip(invalid, ("reason",), reason=reason)
        return review_page(issue_id, tried), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        tried = Tried(typed=(("reason", reason),), message=str(conflict))
        return review_page(issue_id, tried), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.review", issue_id=issue_id, said="sent-back"))


def _editor_id(chosen: str) -> EditorId | None:
    if not chosen:
        return None
    # No editor has the id 0, so that what is no number is nobody.
    return EditorId(parse_number(chosen) or 0)
