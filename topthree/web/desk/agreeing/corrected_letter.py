"""The corrected letter of a run: what a second person reads before it goes to who has none yet."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import RunId
from topthree.domain.refusal import Conflict
from topthree.services.agreeing.corrected_letter import (
    approve_corrected_letter,
    read_corrected_letter,
)
from topthree.services.sending.report_run import read_run
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.sending.recent_figures import counts_of
from topthree.web.site import site


@desk(Permission.READ_DESK)
def show_corrected_letter(run_id: int) -> ResponseReturnValue:
    """Show what is not as it was sent, and offer to approve it."""
    return _page(run_id)


@desk(Permission.APPROVE)
def approve_letter(run_id: int) -> ResponseReturnValue:
    """Let the run send the letter with the digest that the page showed."""
    digest = request.form.get("digest", "")
    try:
        approve_corrected_letter(site(), RunId(run_id), digest, current_editor())
    except Conflict as conflict:
        return _page(run_id, str(conflict)), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.run", run_id=run_id, said="letter-approved"))


def _page(run_id: int, problem: str = "") -> str:
    with read_only() as session:
        run = read_run(session, RunId(run_id), counts_of)
        letter = read_corrected_letter(session, site().approval, run.id, current_editor())
    return render_template(
        "desk/agreeing/corrected_letter.html", run=run, letter=letter, problem=problem
    )
