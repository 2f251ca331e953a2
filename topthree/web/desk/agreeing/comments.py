"""Comments on an issue: said beside what they concern, and resolved one by one."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.agreeing.comment import COMMENT_LIMIT
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import CommentId, IssueId
from topthree.domain.refusal import Conflict, Invalid
from topthree.services.writing.comments import (
    Said,
    Speaker,
    add_comment,
    change_comment,
    delete_comment,
    read_own_comment,
    settle_comment,
)
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.agreeing.review_page import Tried, review_page
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site
from topthree.web.typed_text import lines_shown_again

_PLACES = ("0", "1", "2", "3")


@desk(Permission.READ_DESK)
def say(issue_id: int) -> ResponseReturnValue:
    """Add a comment on the issue, or on the item at a place."""
    place = request.form.get("place", "0")
    said = Said(
        issue_id=IssueId(issue_id),
        place=int(place) if place in _PLACES else -1,
        text=request.form.get("comment", ""),
        form=request.form.get("form", ""),
    )
    try:
        with transaction() as session:
            editor_id = current_editor().id
            added = add_comment(session, said, Speaker(editor_id=editor_id), site().clock())
    except Invalid as invalid:
        tried = _tried(said, str(invalid))
        return review_page(issue_id, tried), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        return review_page(issue_id, Tried(message=str(conflict))), HTTPStatus.CONFLICT
    return _to_the_review(issue_id, "commented", added)


@desk(Permission.READ_DESK)
def resolve(issue_id: int, comment_id: int) -> ResponseReturnValue:
    """Resolve a comment, or open it again."""
    is_resolved = request.form.get("do") != "reopen"
    with transaction() as session:
        now = site().clock()
        settle_comment(
            session, CommentId(comment_id), current_editor(), now, is_resolved=is_resolved
        )
    return _to_the_review(issue_id, "resolved" if is_resolved else "reopened", comment_id)


@desk(Permission.READ_DESK)
def show_comment(issue_id: int, comment_id: int) -> ResponseReturnValue:
    """Show one's own comment in a field."""
    return _page(issue_id, comment_id, Tried())


@desk(Permission.READ_DESK)
def reword(issue_id: int, comment_id: int) -> ResponseReturnValue:
    """Put other words in the place of one's own."""
    typed = request.form.get("comment", "")
    try:
        with transaction() as session:
            now = site().clock()
            change_comment(session, CommentId(comment_id), typed, current_editor(), now)
    except Invalid as invalid:
        tried = Tried(
            typed=(("comment", lines_shown_again(typed)),),
            field="comment",
            problem=str(invalid),
        )
        return _page(issue_id, comment_id, tried), HTTPStatus.UNPROCESSABLE_ENTITY
    return _to_the_review(issue_id, "commented", comment_id)


@desk(Permission.READ_DESK)
def unsay(issue_id: int, comment_id: int) -> ResponseReturnValue:
    """Delete one's own comment."""
    with transaction() as session:
        delete_comment(session, CommentId(comment_id), current_editor())
    return gone_to(url_for("desk.review", issue_id=issue_id, said="unsaid"))


def _tried(said: Said, problem: str) -> Tried:
    field = f"comment-{max(said.place, 0)}"
    return Tried(typed=((field, lines_shown_again(said.text)),), field=field, problem=problem)


def _page(issue_id: int, comment_id: int, tried: Tried) -> str:
    with read_only() as session:
        comment = read_own_comment(session, CommentId(comment_id), current_editor())
    return render_template(
        "desk/agreeing/comment.html",
        issue_id=issue_id,
        comment=comment,
        tried=tried,
        limit=COMMENT_LIMIT,
    )


def _to_the_review(issue_id: int, said: str, comment_id: int) -> ResponseReturnValue:
    anchor = f"said-{comment_id}"
    return gone_to(url_for("desk.review", issue_id=issue_id, said=said, _anchor=anchor))
