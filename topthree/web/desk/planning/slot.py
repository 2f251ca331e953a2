"""An issue's slot: putting it on one, and taking it off."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.school_calendar import breaks_on
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.proofing.preflight_issue import preflight_issue
from topthree.services.sending.announce import announce
from topthree.services.sending.send_by_hand import waiting_send
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_dates import NO_DAY_CHOSEN, parse_day
from topthree.web.site import site


@desk(Permission.READ_DESK)
def slot(issue_id: int) -> ResponseReturnValue:
    """Show the slots that are free."""
    return _page(issue_id, "")


@desk(Permission.SCHEDULE)
def put_on_slot(issue_id: int) -> ResponseReturnValue:
    """Put the issue on the day that was chosen."""
    day = parse_day(request.form.get("day", ""))
    if day is None:
        return _page(issue_id, NO_DAY_CHOSEN), HTTPStatus.UNPROCESSABLE_ENTITY
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
