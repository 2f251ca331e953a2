"""A draft, shown to a colleague without an account who came with a link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.agreeing.comment import tidy_commenter
from topthree.domain.refusal import Conflict, Invalid, NotFound
from topthree.services.agreeing.share_draft import SharedDraft, ShareEnded, look_at_share
from topthree.services.proofing.preview_issue import Preview, preview_issue
from topthree.services.subscribers.form_limits import Form, may_use
from topthree.services.writing.comments import Said, Speaker, add_comment, list_comments_by_link
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import public
from topthree.web.database import read_only, transaction
from topthree.web.framed_mail import framed_mail
from topthree.web.page_values import page_values
from topthree.web.public.token_pages import useless_link
from topthree.web.site import site
from topthree.web.typed_text import lines_shown_again

_PLACES = ("0", "1", "2", "3")
_TOO_MANY = "That was a lot at once. Wait a while, then send it again; it is still here."


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentForm:
    """What somebody typed, and what is wrong with it."""

    name: str = ""
    place: str = "0"
    comment: str = ""
    field: str = ""
    message: str = ""

    def of(self, field: str) -> tuple[str, ...]:
        """Return what is wrong with the field."""
        return (self.message,) if self.field == field else ()


@public
def show_shared(token: str) -> ResponseReturnValue:
    """Show the page of the draft as it is now."""
    return _page(token, CommentForm())


@public
def show_shared_mail(token: str) -> ResponseReturnValue:
    """Show the mail of the draft as it is now."""
    try:
        _, issue, shown = _look(token)
    except NotFound as refused:
        return _useless(refused)
    return render_template("public/shared_mail.html", token=token, work=issue, shown=shown)


@public
def shared_mail(token: str) -> ResponseReturnValue:
    """Give the HTML of the mail, locked into a frame."""
    try:
        return framed_mail(_look(token)[2].html)
    except NotFound as refused:
        return _useless(refused)


@public
def say_by_link(token: str) -> ResponseReturnValue:
    """Take a comment, if the link lets its reader comment."""
    form = CommentForm(
        name=lines_shown_again(request.form.get("name", "")),
        place=request.form.get("place", "0")[:1],
        comment=lines_shown_again(request.form.get("comment", "")),
    )
    try:
        _say(token, form)
    except NotFound as refused:
        return _useless(refused)
    except Invalid as invalid:
        first = invalid.problems[0]
        slip = replace(form, field=first.field, message=first.message)
        return _page(token, slip, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        return _page(token, replace(form, message=str(conflict)), HTTPStatus.CONFLICT)
    except _TooMany:
        return _page(token, replace(form, message=_TOO_MANY), HTTPStatus.TOO_MANY_REQUESTS)
    return redirect(url_for("public.show_shared", token=token, said="thanks"), HTTPStatus.SEE_OTHER)


class _TooMany(Exception):
    """The form was used too often from one network."""


def _say(token: str, form: CommentForm) -> None:
    wiring = site()
    now = wiring.clock()
    with transaction() as session:
        is_within_limit = may_use(session, Form.COMMENT, request.remote_addr or "", now)
    if not is_within_limit:
        raise _TooMany
    with transaction() as session:
        draft = look_at_share(session, wiring.tokens, token, now)
        if not draft.may_comment:
            message = "This link is for reading only. Answer whoever sent it to you."
            raise Conflict(message)
        said = Said(
            issue_id=draft.issue_id,
            place=int(form.place) if form.place in _PLACES else -1,
            text=request.form.get("comment", ""),
            form=request.form.get("form", ""),
        )
        name = tidy_commenter(request.form.get("name", ""))
        add_comment(session, said, Speaker(link_id=draft.link_id, name=name), now)


def _page(token: str, form: CommentForm, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    try:
        draft, issue, shown = _look(token)
    except NotFound as refused:
        return _useless(refused)
    if issue.key is not None:
        return redirect(url_for("public.issue", key=issue.key))
    with read_only() as session:
        comments = list_comments_by_link(session, draft.link_id)
    values = page_values(issue.content, shown.page)
    page = render_template(
        "public/shared.html",
        **values,
        work=issue,
        token=token,
        draft=draft,
        comments=comments,
        form=form,
        form_mark=secrets.token_urlsafe(12),
        is_thanked=request.args.get("said") == "thanks",
    )
    return make_response(page, status)


def _look(token: str) -> tuple[SharedDraft, IssueView, Preview]:
    wiring = site()
    now = wiring.clock()
    with read_only() as session:
        draft = look_at_share(session, wiring.tokens, token, now)
        issue = read_issue(session, draft.issue_id)
        return draft, issue, preview_issue(session, wiring, issue.id, now)


def _useless(refused: NotFound) -> ResponseReturnValue:
    if isinstance(refused, ShareEnded):
        return useless_link(str(refused), HTTPStatus.GONE, title="This link has ended")
    return useless_link(str(refused), HTTPStatus.NOT_FOUND)
