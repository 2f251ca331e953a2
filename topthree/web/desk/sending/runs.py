"""How the sending goes: every run, and one of them in figures."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from topthree.domain.calendar_words import second_words
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run_words import DELIVERY_WORDS, FEEDBACK_WORDS, reason_words
from topthree.services.agreeing.corrected_letter import read_corrected_letter
from topthree.services.sending.report_run import count_came_back, list_runs, read_run
from topthree.services.sending.run_progress import outlook, resting
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.sending.domain_words import domain_state
from topthree.web.desk.sending.recent_figures import counts_of, domains_of, figures_of
from topthree.web.site import site

#: The states that are named even if nobody is in them.
ALWAYS_SHOWN = (DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.FAILED)


@desk(Permission.READ_DESK)
def runs() -> ResponseReturnValue:
    """List every run, newest first."""
    with read_only() as session:
        every = list_runs(session, counts_of)
    return render_template("desk/sending/runs.html", runs=every, status=DeliveryStatus)


@desk(Permission.READ_DESK)
def run(run_id: int) -> ResponseReturnValue:
    """Show one run as it stands now."""
    with read_only() as session:
        shown = read_run(session, RunId(run_id), counts_of)
        figures = figures_of(session, shown)
        domains = domains_of(session, shown)
        at_rest = resting(session, site().clock())
        letter = read_corrected_letter(session, site().approval, shown.id, current_editor())
        came_back = count_came_back(session, shown.id)
    zone = site().cadence.zone
    return render_template(
        "desk/sending/run.html",
        run=shown,
        letter=letter,
        figures=figures,
        domains=domains,
        at_rest=at_rest,
        outlook=outlook(shown, figures, zone),
        words=DELIVERY_WORDS,
        came_back=came_back,
        feedback_words=FEEDBACK_WORDS,
        always_shown=ALWAYS_SHOWN,
        reason_words=reason_words,
        status=DeliveryStatus,
        domain_state=domain_state,
        second_words=second_words,
        now=figures.at.astimezone(zone),
        domains_at=domains.at.astimezone(zone),
    )
