"""Putting an issue on a slot, taking it off, and sending it by hand."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.calendar_words import span_words
from topthree.domain.ids import IssueId
from topthree.domain.issue import IssueStatus
from topthree.domain.permission import Permission
from topthree.domain.refusal import Conflict
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.school_calendar import breaks_on
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.proofing.preflight_issue import preflight_going, preflight_issue
from topthree.services.sending.announce import announce, announce_by_hand
from topthree.services.sending.send_by_hand import send_by_hand, take_back_send, waiting_send
from topthree.services.writing.read_desk import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_dates import parse_day
from topthree.web.site import site

_NO_DAY = "Choose one of the days."


@desk(Permission.READ_DESK)
def slot(issue_id: int) -> ResponseReturnValue:
    """Show the slots that are free."""
    return _page(issue_id, "")


@desk(Permission.SCHEDULE)
def put_on_slot(issue_id: int) -> ResponseReturnValue:
    """Put the issue on the day that was chosen."""
    day = parse_day(request.form.get("day", ""))
    if day is None:
        return _page(issue_id, _NO_DAY), HTTPStatus.UNPROCESSABLE_ENTITY
    wiring = site()
    try:
        with transaction() as session:
            placing = Placing(issue_id=IssueId(issue_id), day=day)
            schedule_issue(session, wiring.cadence, placing, current_editor(), wiring.clock())
    except Conflict as conflict:
        return _page(issue_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.slot", issue_id=issue_id, said="planned"))


@desk(Permission.SCHEDULE)
def take_off_slot(issue_id: int) -> ResponseReturnValue:
    """Take the issue off its slot; nothing of it is lost."""
    wiring = site()
    with transaction() as session:
        placing = Placing(issue_id=IssueId(issue_id), day=None)
        schedule_issue(session, wiring.cadence, placing, current_editor(), wiring.clock())
    return gone_to(url_for("desk.slot", issue_id=issue_id, said="unplanned"))


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


def _page(issue_id: int, problem: str) -> str:
    wiring = site()
    now = wiring.clock()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        choices = slot_choices(session, wiring.cadence, now)
        in_breaks = breaks_on(session, [slot.day for slot in choices])
        going = announce(session, wiring.cadence, issue)
        waiting = waiting_send(session, issue.id)
        preflight = preflight_issue(session, wiring, issue, now)
    return render_template(
        "desk/planning/slot.html",
        issue=issue,
        stops=preflight.stops if issue.slot_day else (),
        choices=choices,
        in_breaks=in_breaks,
        going=going,
        waiting=waiting,
        problem=problem,
    )
