"""Correcting the page of an issue that went out."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.archive.correction import NOTE_LIMIT
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, Invalid
from topthree.domain.writing.issue import PLACES, PREHEADER_LIMIT, SUBJECT_LIMIT
from topthree.services.archive.begin_correction import begin_correction
from topthree.services.archive.correct_issue import Corrected, Correcting, correct_issue, corrected
from topthree.services.sending.report_run import list_open_runs
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import NO_TROUBLE, Trouble, sent_version, slips
from topthree.web.desk.sending.recent_figures import counts_of
from topthree.web.desk.writing.compose_form import ComposeForm, form_of, sent_form
from topthree.web.desk.writing.item_form import ItemChoices
from topthree.web.site import site
from topthree.web.typed_text import one_line


@desk(Permission.CORRECT)
def show_correcting(issue_id: int) -> ResponseReturnValue:
    """Show what the page says now, in the fields of the compose page, and ask for a note."""
    return _page(IssueId(issue_id))


@desk(Permission.CORRECT)
def correct(issue_id: int) -> ResponseReturnValue:
    """Let the page say what was typed, with the note."""
    form, note = sent_form(request.form), one_line(request.form.get("note", ""))
    try:
        _require_readable(form)
        correcting = Correcting(
            issue_id=IssueId(issue_id),
            based_on=sent_version(),
            content=form.content(),
            note=note,
        )
        with transaction() as session:
            correct_issue(session, correcting, current_editor(), site().clock())
    except Invalid as invalid:
        trouble = slips(invalid.problems)
        page = _page(IssueId(issue_id), form, note, trouble)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        trouble = Trouble(title="The page was not corrected", message=str(conflict))
        return _page(IssueId(issue_id), form, note, trouble), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.compose", issue_id=issue_id, said="corrected"))


@desk(Permission.WRITE)
def write_correction(issue_id: int) -> ResponseReturnValue:
    """Begin a small issue for those who got this one; or go on with the one that is in hand."""
    with transaction() as session:
        correction = begin_correction(session, IssueId(issue_id), current_editor(), site().clock())
    return gone_to(url_for("desk.compose", issue_id=correction.id, said="correction"))


def _require_readable(form: ComposeForm) -> None:
    problems = [problem for place in PLACES for problem in form.item(place).unparsed()]
    if problems:
        raise Invalid(*problems)


def _page(
    issue_id: IssueId,
    form: ComposeForm | None = None,
    note: str = "",
    trouble: Trouble = NO_TROUBLE,
) -> str:
    with read_only() as session:
        issue = read_issue(session, issue_id)
        stands = corrected(session, issue_id)
        open_runs = list_open_runs(session, counts_of)
    return render_template(
        "desk/archive/correct.html",
        issue=issue,
        going_out=next((run for run in open_runs if run.issue_id == issue_id), None),
        form=form or form_of(stands.content),
        note=note,
        corrections=stands.corrections,
        based_on=_based_on(stands, trouble),
        trouble=trouble,
        limits={"subject": SUBJECT_LIMIT, "preheader": PREHEADER_LIMIT, "note": NOTE_LIMIT},
        choices=ItemChoices(zone=site().cadence.zone.key),
    )


def _based_on(stands: Corrected, trouble: Trouble) -> int:
    """Return what the form is based on; after a conflict, saving again is a decision."""
    is_slip = bool(trouble.problems)
    return sent_version() if is_slip else len(stands.corrections)
