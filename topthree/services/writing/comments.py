"""Comments on an issue: said by whoever may read it, resolved one by one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.agreeing.comment import ABOUT, tidy_comment
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import CommentId, EditorId, IssueId, ShareLinkId
from topthree.domain.refusal import Conflict, Invalid, NotAllowed, NotFound, Problem
from topthree.domain.writing.content_difference import AS_IT_WAS, order_between
from topthree.domain.writing.issue import PLACES, IssueContent
from topthree.services.identity.editor_view import EditorView
from topthree.services.writing.read_issue import issue_there
from topthree.store.agreeing.comments import (
    CommentRow,
    comments_by_link,
    comments_of,
    count_comments,
    find_comment,
    find_comment_of_form,
    move_comments,
)
from topthree.store.base import add_once
from topthree.store.editors.editors import name_of_editor

#: More than any issue needs; somebody with a link and too much time stops here.
_MOST = 500
_FORM_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody wants to say, and about what."""

    issue_id: IssueId
    #: 1 to 3; 0 for the issue as a whole.
    place: int
    text: str
    #: Names the form: the same text, sent twice with it, is said once.
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who says it: an editor, or somebody who came with a link and gave a name."""

    editor_id: EditorId | None = None
    link_id: ShareLinkId | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    """A comment as a page shows it."""

    id: CommentId
    issue_id: IssueId
    place: int
    #: “Ben”, or “Mo (by link)”.
    by: str
    by_id: EditorId | None
    text: str
    at: datetime
    edited_at: datetime | None
    #: None while it is open.
    resolved_at: datetime | None
    resolved_by: str


def add_comment(session: Session, said: Said, speaker: Speaker, now: datetime) -> CommentId:
    """Add a comment; sent twice with the same form, it is there once.

    :raises Invalid: if it cannot be kept.
    :raises Conflict: if the issue has gone out, or has more comments than anybody reads.
    """
    text, form = tidy_comment(said.text), said.form[:_FORM_LIMIT] or secrets.token_urlsafe()
    if said.place not in ABOUT:
        message = "Say what it is about: the whole issue, or one of its three items."
        raise Invalid(Problem(field="place", message=message))
    _require_open(session, said.issue_id)
    known = find_comment_of_form(session, form)
    if known is not None and _says(known, said, text):
        return known.id
    row = CommentRow(
        issue_id=said.issue_id,
        place=said.place,
        text=text,
        by=speaker.editor_id,
        link_id=speaker.link_id,
        name=speaker.name,
        at=now,
        # Somebody went back in the browser and wrote something else into the same form.
        form=form if known is None else secrets.token_urlsafe(),
    )
    return add_once(session, row, lambda: find_comment_of_form(session, form)).id


def change_comment(
    session: Session, comment_id: CommentId, text: str, editor: EditorView, now: datetime
) -> IssueId:
    """Put other words in the place of one's own; return which issue it is about.

    :raises NotAllowed: if it is somebody else's.
    """
    row = _own(session, comment_id, editor)
    tidied = tidy_comment(text)
    if tidied != row.text:
        row.text, row.edited_at = tidied, now
    return row.issue_id


def delete_comment(session: Session, comment_id: CommentId, editor: EditorView) -> IssueId:
    """Take back one's own comment; return which issue it was about.

    :raises NotAllowed: if it is somebody else's.
    """
    row = _own(session, comment_id, editor)
    session.delete(row)
    return row.issue_id


def settle_comment(
    session: Session,
    comment_id: CommentId,
    editor: EditorView,
    now: datetime,
    *,
    is_resolved: bool,
) -> IssueId:
    """Resolve a comment, whosever it is, or open it again; twice is harmless."""
    require(editor.role, Permission.READ_DESK)
    row = _there(session, comment_id)
    if is_resolved and row.resolved_at is None:
        row.resolved_at, row.resolved_by = now, editor.id
    elif not is_resolved:
        row.resolved_at = row.resolved_by = None
    return row.issue_id


def read_own_comment(session: Session, comment_id: CommentId, editor: EditorView) -> CommentView:
    """Return a comment for its writer.

    :raises NotFound: if it is not there any more.
    :raises NotAllowed: if it is somebody else's.
    """
    return _view(session, _own(session, comment_id, editor))


def list_comments(session: Session, issue_id: IssueId) -> tuple[CommentView, ...]:
    """Return every comment on the issue, oldest first."""
    return tuple(_view(session, row) for row in comments_of(session, issue_id))


def list_comments_by_link(session: Session, link_id: ShareLinkId) -> tuple[CommentView, ...]:
    """Return what those said who came with this link, oldest first."""
    return tuple(_view(session, row) for row in comments_by_link(session, link_id))


def carry_comments(
    session: Session, issue_id: IssueId, before: IssueContent, after: IssueContent
) -> None:
    """Let the comments on items that changed places go with them."""
    order = order_between(before, after)
    if order != AS_IT_WAS:
        moves = {was + 1: place for place, was in zip(PLACES, order, strict=True)}
        move_comments(session, issue_id, moves)


def _says(known: CommentRow, said: Said, text: str) -> bool:
    return (known.issue_id, known.place, known.text) == (said.issue_id, said.place, text)


def _require_open(session: Session, issue_id: IssueId) -> None:
    issue = issue_there(session, issue_id)
    if issue.status.is_published:
        message = "This issue has gone out, so a comment would change nothing. Tell somebody."
        raise Conflict(message)
    if count_comments(session, issue_id) >= _MOST:
        message = f"This issue has {_MOST} comments. Settle some of them in talk."
        raise Conflict(message)


def _there(session: Session, comment_id: CommentId) -> CommentRow:
    row = find_comment(session, comment_id)
    if row is None:
        message = "This comment is not there any more. Its writer took it back."
        raise NotFound(message)
    return row


def _own(session: Session, comment_id: CommentId, editor: EditorView) -> CommentRow:
    row = _there(session, comment_id)
    if row.by != editor.id:
        message = "This comment is somebody else’s. You can resolve it, or answer it with another."
        raise NotAllowed(message)
    return row


def _view(session: Session, row: CommentRow) -> CommentView:
    return CommentView(
        id=row.id,
        issue_id=row.issue_id,
        place=row.place,
        by=name_of_editor(session, row.by) if row.by is not None else f"{row.name} (by link)",
        by_id=row.by,
        text=row.text,
        at=row.at,
        edited_at=row.edited_at,
        resolved_at=row.resolved_at,
        resolved_by=name_of_editor(session, row.resolved_by),
    )
