"""Sending an issue by hand, and taking that back while it waits."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.calendar_words import span_words
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.writing.issue import IssueStatus
from topthree.services.proofing.preflight_issue import preflight_going
from topthree.services.sending.announce import announce_by_hand
from topthree.services.sending.send_by_hand import send_by_hand, take_back_send, waiting_send
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site


@desk(Permission.SCHEDULE)
def show_sending(issue_id: int) -> ResponseReturnValue:
    """Ask once more before an issue goes out by hand; or, while it waits, offer to take it back."""
    wiring = site()
    now = wiring.clock()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        going = announce_by_hand(session, issue)
        waiting = waiting_send(session, issue.id)
        is_ready = issue.status is IssueStatus.APPROVED
        stops = preflight_going(session, wiring, issue, now).stops if is_ready else ()
    return render_template(
        "desk/sending/send_now.html",
        issue=issue,
        stops=stops,
        going=going,
        waiting=waiting,
        is_over=waiting is not None and waiting.opens_at <= now,
        window_words=span_words(wiring.undo_window) if wiring.undo_window else "",
    )


@desk(Permission.SCHEDULE)
def send(issue_id: int) -> ResponseReturnValue:
    """Let the issue go out when the while for taking it back is over."""
    run_id = send_by_hand(site(), IssueId(issue_id), current_editor())
    if run_id is None:
        return gone_to(url_for("desk.show_sending", issue_id=issue_id, said="waiting"))
    return gone_to(url_for("desk.run", run_id=run_id, said="sending"))


@desk(Permission.SCHEDULE)
def take_back(issue_id: int) -> ResponseReturnValue:
    """Let the issue that was to be sent not go."""
    with transaction() as session:
        take_back_send(session, IssueId(issue_id), current_editor(), site().clock())
    return gone_to(url_for("desk.slot", issue_id=issue_id, said="taken-back"))
