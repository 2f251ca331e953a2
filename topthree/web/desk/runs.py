"""How the sending goes: every run, and one of them in figures."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import RunId
from topthree.domain.permission import Permission
from topthree.services.report_run import list_runs, read_run
from topthree.web.access import desk
from topthree.web.database import read_only
from topthree.web.site import site

#: What each state is called, and what it means for the people in it.
FIGURES = (
    (DeliveryStatus.SENT, "Accepted by the relay", "whether it arrived, we learn from bounces"),
    (DeliveryStatus.QUEUED, "Not tried yet", "still to come"),
    (DeliveryStatus.CLAIMED, "Being tried", "with the sender at this moment"),
    (DeliveryStatus.DEFERRED, "Asked to wait", "tried again later"),
    (DeliveryStatus.FAILED, "Refused", "will not be tried again"),
    (DeliveryStatus.SKIPPED, "Left since the run opened", "skipped, not mailed"),
)


@desk(Permission.READ_DESK)
def runs() -> ResponseReturnValue:
    """List every run, newest first."""
    with read_only() as session:
        every = list_runs(session)
    return render_template("desk/runs.html", runs=every, status=DeliveryStatus)


@desk(Permission.READ_DESK)
def run(run_id: int) -> ResponseReturnValue:
    """Show one run as it stands now."""
    with read_only() as session:
        shown = read_run(session, RunId(run_id))
    return render_template(
        "desk/run.html", run=shown, figures=FIGURES, status=DeliveryStatus, now=site().clock()
    )
