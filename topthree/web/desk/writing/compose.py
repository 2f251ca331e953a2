"""Writing: one page with all of an issue, saved so that nobody's work is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, Problem
from topthree.domain.writing.content_difference import AS_IT_WAS, Order
from topthree.domain.writing.issue import IssueStatus
from topthree.services.archive.correct_issue import corrected
from topthree.services.planning.suggest_next_line import suggest_next_line
from topthree.services.proofing.preflight_issue import Preflight, preflight_issue
from topthree.services.writing.compose_issue import (
    ApprovedMeanwhile,
    ChangedMeanwhile,
    Save,
    save_issue,
)
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.services.writing.working_copies import (
    Sheet,
    drop_working_copy,
    keep_working_copy,
    list_working_copies,
    read_working_copy,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.forms.trouble import NO_TROUBLE, Trouble, sent_version, slips
from topthree.web.desk.proofing.checked_links import check_links_of
from topthree.web.desk.writing.compose_form import ComposeForm, form_of, sent_form
from topthree.web.desk.writing.compose_page import (
    Paper,
    fresh_paper,
    offers_of,
    own_tab,
    reopened_paper,
    sent_tab,
    sheet_of,
    show,
)
from topthree.web.site import site

_MOVE = re.compile(r"move-([123])-([123])")
_PICTURE = re.compile(r"item-([123])-(picture|portrait)")
_ORDER = re.compile(r"(?=.*0)(?=.*1)(?=.*2)[012]{3}")
_PICK = "pick-"
_SAVED = "Your text is saved, but it is not ready to be approved."


@desk(Permission.READ_DESK)
def compose(issue_id: int) -> ResponseReturnValue:
    """Show the issue in its form; or, once it is published, what became of it."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        stands = corrected(session, issue.id)
        sheet = sheet_of(issue.id, sent_tab())
        copy = read_working_copy(session, sheet)
        copies = list_working_copies(session, issue.id, sheet.editor_id)
    if copy is not None:
        return show(issue, reopened_paper(copy))
    if issue.status.is_published:
        offers = offers_of(issue, copies)
        return render_template(
            "desk/writing/published.html", issue=issue, stands=stands, offers=offers
        )
    # That nothing stands there yet needs no list of what is missing.
    trouble = NO_TROUBLE if issue.is_blank else Trouble(preflight=_preflight(issue))
    return show(issue, fresh_paper(issue), trouble)


@desk(Permission.WRITE)
def save(issue_id: int) -> ResponseReturnValue:
    """Keep what was typed, then do what the button says."""
    wish = request.form.get("do", "save")
    form = _as_wished(IssueId(issue_id), sent_form(request.form), wish)
    problems = form.problems()
    if problems:
        trouble = slips(problems)
        return _again(issue_id, form, trouble, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        issue, word = _keep(IssueId(issue_id), form)
    except (ChangedMeanwhile, ApprovedMeanwhile) as meanwhile:
        return _decide(meanwhile, form)
    except Conflict as conflict:
        trouble = Trouble(title="This cannot be saved any more", message=str(conflict))
        return _again(issue_id, form, trouble, HTTPStatus.CONFLICT)
    if wish == "submit":
        return _submit(issue)
    if wish == "check-links":
        return check_links_of(issue, "desk.compose")
    return _saved(issue, wish, word)


@desk(Permission.WRITE)
def throw_away(issue_id: int) -> ResponseReturnValue:
    """Keep no longer what was typed on a page and is not in the issue."""
    with transaction() as session:
        drop_working_copy(session, sheet_of(IssueId(issue_id), sent_tab()))
    return gone_to(url_for("desk.compose", issue_id=issue_id, said="thrown-away"))


def wanted_save(issue_id: IssueId, form: ComposeForm) -> Save:
    """Return what the form asks to be saved."""
    picks = request.form.items()
    taken = {
        name.removeprefix(_PICK)
        for name, choice in picks
        if name.startswith(_PICK) and choice == "theirs"
    }
    return Save(
        issue_id=issue_id,
        version=sent_version(),
        content=form.content(),
        tab=sent_tab(),
        taken=frozenset(taken),
        order=_order(),
        may_end_approval=request.form.get("status") == IssueStatus.APPROVED.value,
    )


def _as_wished(issue_id: IssueId, form: ComposeForm, wish: str) -> ComposeForm:
    """Return the form as the pressed button changes it before it is saved."""
    move = _MOVE.fullmatch(wish)
    if move is not None:
        return form.moved(int(move[1]), int(move[2]))
    return _with_next_line(issue_id, form) if wish == "next-line" else form


def _with_next_line(issue_id: IssueId, form: ComposeForm) -> ComposeForm:
    """Return the form with the line about the next letter at the greeting's end, once."""
    with read_only() as session:
        slot_day = read_issue(session, issue_id).slot_day
        suggested = suggest_next_line(session, site().cadence, form.content(), slot_day)
    return form if suggested is None or suggested.is_said else form.greeting_with(suggested.line)


def _saved(issue: IssueView, wish: str, word: str) -> ResponseReturnValue:
    """Go on to where the button leads, and say what was done."""
    move, picture = _MOVE.fullmatch(wish), _PICTURE.fullmatch(wish)
    if picture is not None:
        place, part = int(picture[1]), picture[2]
        return gone_to(url_for("desk.picture", issue_id=issue.id, place=place, part=part))
    page, anchor = "desk.preview" if wish == "preview" else "desk.compose", None
    if move is not None:
        word, anchor = "moved", f"item-{move[2]}"
    elif wish == "next-line":
        word, anchor = wish, "greeting"
    return gone_to(url_for(page, issue_id=issue.id, said=word, _anchor=anchor))


def _keep(issue_id: IssueId, form: ComposeForm) -> tuple[IssueView, str]:
    """Save the form and return the issue, and which word says what happened."""
    wanted = wanted_save(issue_id, form)
    with transaction() as session:
        before = read_issue(session, issue_id)
        issue = save_issue(session, wanted, current_editor(), site().clock())
        drop_working_copy(session, sheet_of(issue_id, wanted.tab))
    if before.status is IssueStatus.APPROVED and issue.status is IssueStatus.DRAFT:
        return issue, "unapproved"
    sent = replace(wanted.content, corrects=issue.content.corrects)
    is_alone = wanted.taken or issue.content == sent
    return issue, "saved" if is_alone else "merged"


def _order() -> Order:
    typed = request.form.get("order", "")
    if not _ORDER.fullmatch(typed):
        return AS_IT_WAS
    first, second, third = map(int, typed)
    return (first, second, third)


def _submit(issue: IssueView) -> ResponseReturnValue:
    if issue.status is not IssueStatus.DRAFT:
        return gone_to(url_for("desk.review", issue_id=issue.id, said="in-review"))
    stops = _preflight(issue).stops
    if stops:
        problems = [Problem(field=each.field, message=each.words) for each in stops]
        trouble = slips(problems, _SAVED)
        return show(issue, fresh_paper(issue), trouble), HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.review", issue_id=issue.id, said="to-ask", _anchor="seal"))


def _preflight(issue: IssueView) -> Preflight:
    wiring = site()
    with read_only() as session:
        return preflight_issue(session, wiring, issue, wiring.clock())


def _decide(
    meanwhile: ChangedMeanwhile | ApprovedMeanwhile, form: ComposeForm
) -> ResponseReturnValue:
    """Show what happened meanwhile; the form knows of it now, so saving again is a decision."""
    issue, tab = meanwhile.theirs, own_tab()
    _keep_beside(sheet_of(issue.id, tab), form)
    paper, merged = Paper(form=form, version=sent_version(), tab=tab), None
    if isinstance(meanwhile, ChangedMeanwhile):
        merged = meanwhile.merged
        paper = Paper(form=form_of(merged.content), version=issue.version, tab=tab)
    trouble = Trouble(title=meanwhile.title, message=str(meanwhile), merged=merged)
    return show(issue, paper, trouble), HTTPStatus.CONFLICT


def _again(
    issue_id: int, form: ComposeForm, trouble: Trouble, status: HTTPStatus
) -> ResponseReturnValue:
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
    tab = own_tab()
    _keep_beside(sheet_of(issue.id, tab), form)
    return show(issue, Paper(form=form, version=sent_version(), tab=tab), trouble), status


def _keep_beside(sheet: Sheet, form: ComposeForm) -> None:
    """Keep what cannot be saved now, in case the browser is closed over it."""
    with transaction() as session:
        keep_working_copy(session, sheet, sent_version(), form.values, site().clock())
