"""Writing: one page with all of an issue, saved so that nobody's work is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.ids import IssueId
from topthree.domain.issue import PREHEADER_LIMIT, SUBJECT_LIMIT, IssueStatus
from topthree.domain.length import count_letter_words
from topthree.domain.permission import Permission
from topthree.domain.refusal import Conflict, Problem
from topthree.services.compose_issue import ChangedMeanwhile, Save, save_issue
from topthree.services.correct_issue import corrected
from topthree.services.preflight_issue import Preflight, preflight_issue
from topthree.services.read_desk import IssueView, read_issue
from topthree.services.suggest_next_line import suggest_next_line
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.checked_links import check_links_of
from topthree.web.desk.compose_form import FIELDS, ComposeForm, form_of, label_of, sent_form
from topthree.web.desk.going import gone_to
from topthree.web.desk.item_form import ItemChoices
from topthree.web.desk.look import LOOKS
from topthree.web.desk.trouble import NO_TROUBLE, Difference, Trouble, counted, sent_version
from topthree.web.length_words import length_of_letter
from topthree.web.site import site

_MOVE = re.compile(r"move-([123])-([123])")
_PICTURE = re.compile(r"item-([123])-(picture|portrait)")
_SAVED = "Your text is saved, but it is not ready to be approved."


@desk(Permission.READ_DESK)
def compose(issue_id: int) -> ResponseReturnValue:
    """Show the issue in its form; or, once it is published, what became of it."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        stands = corrected(session, issue.id)
    if issue.status.is_published:
        return render_template("desk/published.html", issue=issue, stands=stands)
    return _page(issue, form_of(issue.content), Trouble(preflight=_preflight(issue)))


@desk(Permission.WRITE)
def save(issue_id: int) -> ResponseReturnValue:
    """Keep what was typed, then do what the button says."""
    wish = request.form.get("do", "save")
    form = _as_wished(IssueId(issue_id), sent_form(request.form), wish)
    problems = form.problems()
    if problems:
        trouble = Trouble(title=counted(len(problems)), problems=problems)
        return _again(issue_id, form, trouble, HTTPStatus.UNPROCESSABLE_ENTITY)
    had_approval = _is_approved(IssueId(issue_id))
    try:
        issue = _keep(IssueId(issue_id), form)
    except ChangedMeanwhile as changed:
        return _side_by_side(changed, form)
    except Conflict as conflict:
        trouble = Trouble(title="This cannot be saved any more", message=str(conflict))
        return _again(issue_id, form, trouble, HTTPStatus.CONFLICT)
    if wish == "submit":
        return _submit(issue)
    if wish == "check-links":
        return check_links_of(issue, "desk.compose")
    return _saved(issue, wish, had_approval=had_approval)


def _as_wished(issue_id: IssueId, form: ComposeForm, wish: str) -> ComposeForm:
    """Return the form as the pressed button changes it before it is saved."""
    move = _MOVE.fullmatch(wish)
    if move is not None:
        return form.moved(int(move[1]), int(move[2]))
    return _with_next_line(issue_id, form) if wish == "next-line" else form


def _saved(issue: IssueView, wish: str, *, had_approval: bool) -> ResponseReturnValue:
    """Go on to where the button leads, and say what was done."""
    move, picture = _MOVE.fullmatch(wish), _PICTURE.fullmatch(wish)
    if picture is not None:
        place, part = int(picture[1]), picture[2]
        return gone_to(url_for("desk.picture", issue_id=issue.id, place=place, part=part))
    page, word, anchor = "desk.compose", "saved", None
    if move is not None:
        word, anchor = "moved", f"item-{move[2]}"
    elif wish == "next-line":
        word, anchor = wish, "greeting"
    elif had_approval and issue.status is IssueStatus.DRAFT:
        word = "unapproved"
    if wish == "preview":
        page = "desk.preview"
    return gone_to(url_for(page, issue_id=issue.id, said=word, _anchor=anchor))


def _with_next_line(issue_id: IssueId, form: ComposeForm) -> ComposeForm:
    """Return the form with the line about the next letter at the greeting's end, once."""
    with read_only() as session:
        slot_day = read_issue(session, issue_id).slot_day
        suggested = suggest_next_line(session, site().cadence, form.content(), slot_day)
    return form if suggested is None or suggested.is_said else form.greeting_with(suggested.line)


def _is_approved(issue_id: IssueId) -> bool:
    with read_only() as session:
        return read_issue(session, issue_id).status is IssueStatus.APPROVED


def _keep(issue_id: IssueId, form: ComposeForm) -> IssueView:
    wanted = Save(issue_id=issue_id, version=sent_version(), content=form.content())
    with transaction() as session:
        return save_issue(session, wanted, current_editor(), site().clock())


def _submit(issue: IssueView) -> ResponseReturnValue:
    if issue.status is not IssueStatus.DRAFT:
        return gone_to(url_for("desk.review", issue_id=issue.id, said="in-review"))
    stops = _preflight(issue).stops
    if stops:
        problems = tuple(Problem(field=each.field, message=each.words) for each in stops)
        trouble = Trouble(title=counted(len(stops)), problems=problems, message=_SAVED)
        page = _page(issue, form_of(issue.content), trouble)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return gone_to(url_for("desk.review", issue_id=issue.id, said="to-ask", _anchor="seal"))


def _preflight(issue: IssueView) -> Preflight:
    wiring = site()
    with read_only() as session:
        return preflight_issue(session, wiring, issue, wiring.clock())


def _side_by_side(changed: ChangedMeanwhile, form: ComposeForm) -> ResponseReturnValue:
    """Show both texts; the form carries their version now, so saving again is a decision."""
    trouble = Trouble(
        title="Somebody else saved this issue",
        message=str(changed),
        differences=tuple(_differences(form, form_of(changed.theirs.content))),
    )
    return _page(changed.theirs, form, trouble), HTTPStatus.CONFLICT


def _differences(mine: ComposeForm, theirs: ComposeForm) -> Iterator[Difference]:
    tidied = form_of(mine.content())
    for field in FIELDS:
        if tidied[field] != theirs[field]:
            yield Difference(field=field, mine=tidied[field], theirs=theirs[field])


def _again(
    issue_id: int, form: ComposeForm, trouble: Trouble, status: HTTPStatus
) -> ResponseReturnValue:
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
    return _page(issue, form, trouble, version=sent_version()), status


def _page(
    issue: IssueView,
    form: ComposeForm,
    trouble: Trouble = NO_TROUBLE,
    *,
    version: int | None = None,
) -> str:
    with read_only() as session:
        next_line = suggest_next_line(session, site().cadence, form.content(), issue.slot_day)
    return render_template(
        "desk/compose.html",
        next_line=next_line,
        issue=issue,
        form=form,
        version=issue.version if version is None else version,
        trouble=trouble,
        checks_links=site().fetcher is not None,
        label_of=label_of,
        looks=LOOKS,
        whole=length_of_letter(count_letter_words(form.content())),
        limits={"subject": SUBJECT_LIMIT, "preheader": PREHEADER_LIMIT},
        choices=ItemChoices(zone=site().cadence.zone.key),
    )
