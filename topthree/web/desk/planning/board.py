"""The board: the next six slots, what each still needs, and what went wrong before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.calendar_words import span_words
from topthree.domain.editors.permission import Permission
from topthree.domain.planning.cadence import FORTNIGHT
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.writing.issue import PLACES, IssueStatus
from topthree.services.planning.read_board import BoardSlot, read_board
from topthree.services.planning.school_calendar import breaks_on
from topthree.services.planning.slots_ahead import slots_without_a_letter
from topthree.services.planning.start_issue import start_draft, start_issue
from topthree.services.sending.report_run import list_open_runs
from topthree.services.sending.send_by_hand import list_waiting_sends
from topthree.services.writing.read_issue import list_issues
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.typed_dates import parse_day
from topthree.web.desk.planning.lack_words import lack_words
from topthree.web.desk.sending.recent_figures import counts_of
from topthree.web.site import site, today

#: Issues without a slot that the board shows; the rest stand on their own page.
_MOST_LOOSE = 12
#: In the order of the list: what waits for somebody first.
_STATES = (
    IssueStatus.IN_REVIEW,
    IssueStatus.APPROVED,
    IssueStatus.DRAFT,
    IssueStatus.SENDING,
    IssueStatus.SENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A slot ahead; ``silent_since`` is set if slots of the grid before it send nothing."""

    at: BoardSlot
    #: The rest of the time until it comes: “9 days”.
    span: str
    #: What its issue lacks, in a sentence; empty if that is nothing but items.
    lacks: str
    is_next: bool
    silent_since: date | None


@desk(Permission.READ_DESK)
def board() -> ResponseReturnValue:
    """Show the next six slots, what the bank has for them, and what else lies on the desk."""
    wiring = site()
    now = wiring.clock()
    with read_only() as session:
        shown = read_board(session, wiring.cadence, now)
        silent = slots_without_a_letter(session, now)
        sending = list_open_runs(session, counts_of)
        waiting = list_waiting_sends(session)
        in_breaks = breaks_on(session, [each.slot.day for each in shown.slots])
    late = {past.issue.id for past in silent if past.issue}
    loose = [issue for issue in shown.loose if issue.id not in late]
    return render_template(
        "desk/planning/board.html",
        rows=list(_rows(shown.slots, now.astimezone(wiring.cadence.zone))),
        silent=silent,
        sending=sending,
        waiting=waiting,
        in_breaks=in_breaks,
        now=now,
        today=today(),
        status=DeliveryStatus,
        loose=loose[-_MOST_LOOSE:],
        loose_count=len(loose),
        placeable_count=sum(not issue.is_correction for issue in loose),
        recent=shown.recent,
        shelf=shown.shelf,
        cadence=wiring.cadence,
    )


@desk(Permission.READ_DESK)
def issues() -> ResponseReturnValue:
    """List every issue by state."""
    with read_only() as session:
        every = list_issues(session)
    groups = [(status, [each for each in every if each.status is status]) for status in _STATES]
    return render_template(
        "desk/planning/issues.html", groups=[group for group in groups if group[1]]
    )


@desk(Permission.WRITE)
def write_issue() -> ResponseReturnValue:
    """Begin a draft, once; with a day, on its slot; with a place, to choose from the bank."""
    wiring, editor = site(), current_editor()
    day, number = parse_day(request.form.get("day", "")), request.form.get("place", "")
    with transaction() as session:
        if day is None:
            issue = start_draft(session, editor, wiring.clock())
        else:
            issue = start_issue(session, wiring.cadence, day, editor, wiring.clock())
    if number in {str(each) for each in PLACES}:
        return gone_to(url_for("desk.place", issue_id=issue.id, number=int(number)))
    return gone_to(url_for("desk.compose", issue_id=issue.id, said="created"))


def _rows(slots: tuple[BoardSlot, ...], now: datetime) -> Iterator[BoardRow]:
    before = now.date()
    for index, each in enumerate(slots):
        # A whole fortnight without a slot: somebody skipped it, moved it or paused the letter.
        is_silent = each.slot.day - before >= 2 * FORTNIGHT - timedelta(days=3)
        yield BoardRow(
            at=each,
            span=span_words(each.slot.at - now),
            lacks=lack_words(each.issue.lacks) if each.issue else "",
            is_next=index == 0,
            silent_since=before if is_silent else None,
        )
        before = each.slot.day
