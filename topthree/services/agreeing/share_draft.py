"""Showing a draft to a colleague without an account: by a link that ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, Thing, ThingKind
from topthree.domain.editors.permission import Permission, require
from topthree.domain.ids import IssueId, ShareLinkId
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Conflict, Invalid, NotFound, Problem
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import issue_there
from topthree.store.agreeing.share_links import (
    ShareLinkRow,
    find_share_link,
    find_share_link_of_form,
    share_links_of,
)
from topthree.store.base import add_once
from topthree.store.editors.editors import find_editor_at_desk
from topthree.store.writing.issues import find_issue
from topthree.tokens import Purpose, TokenExpired, TokenRefused, Tokens

#: How many days a link may last, the usual number first.
DAYS = (7, 1, 30)
_WHOM_LIMIT = 80
_FORM_LIMIT = 60
#: Links to one issue that work at the same time.
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """The link that somebody wants."""

    issue_id: IssueId
    days: int
    may_comment: bool
    #: For whom it is; may be empty.
    whom: str
    #: Names the form: sent twice, it makes one link.
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLinkView:
    """A link as the desk lists it."""

    id: ShareLinkId
    url: str
    whom: str
    may_comment: bool
    made_by: str
    made_at: datetime
    ends_at: datetime
    #: Whether it still shows the draft.
    is_open: bool
    #: None unless somebody ended it before its time.
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDraft:
    """What a link shows."""

    link_id: ShareLinkId
    issue_id: IssueId
    may_comment: bool
    shared_by: str
    ends_at: datetime


class ShareEnded(NotFound):
    """The link was good once."""

    def __init__(self) -> None:
        super().__init__(
            "This link has ended: links to a draft last some days only, and their maker can end"
            " them. Ask whoever sent it to you for a fresh one."
        )


def make_share_link(
    session: Session, sharing: Sharing, editor: EditorView, now: datetime
) -> ShareLinkId:
    """Make a link that shows the issue as it is whenever somebody looks; it changes nothing else.

    :raises Invalid: if the form asks for what there is not.
    :raises Conflict: if the issue has gone out, or too many links to it work already.
    """
    require(editor.role, Permission.SHARE)
    whom = _checked(sharing)
    subject = _require_shareable(session, sharing.issue_id, now)
    form = sharing.form[:_FORM_LIMIT] or secrets.token_urlsafe()
    known = find_share_link_of_form(session, form)
    if known is not None:
        return known.id
    row = ShareLinkRow(
        issue_id=sharing.issue_id,
        whom=whom,
        may_comment=sharing.may_comment,
        made_by=editor.id,
        made_at=now,
        ends_at=now + timedelta(days=sharing.days),
        form=form,
    )
    kept = add_once(session, row, lambda: find_share_link_of_form(session, form))
    if kept is not row:
        return kept.id
    about = Thing(kind=ThingKind.SHARE_LINK, id=str(row.id), label=subject)
    details: Details = {"days": sharing.days, "may_comment": sharing.may_comment, "whom": whom}
    entry = Entry(who=editor.who, act=Act.SHARE_LINK_MADE, about=about, details=details)
    record(session, entry, now)
    return row.id


def end_share_link(
    session: Session, link_id: ShareLinkId, editor: EditorView, now: datetime
) -> IssueId:
    """Let the link show nothing any more, at once; twice is harmless.

    :raises NotFound: if there is no such link.
    """
    require(editor.role, Permission.SHARE)
    row = find_share_link(session, link_id)
    if row is None:
        message = "There is no such link."
        raise NotFound(message)
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, editor.id
        issue = find_issue(session, row.issue_id)
        label = issue.subject if issue else ""
        about = Thing(kind=ThingKind.SHARE_LINK, id=str(row.id), label=label)
        record(session, Entry(who=editor.who, act=Act.SHARE_LINK_ENDED, about=about), now)
    return row.issue_id


def list_share_links(
    session: Session, wiring: Wiring, issue_id: IssueId, now: datetime
) -> tuple[ShareLinkView, ...]:
    """Return every link to the issue, newest first."""
    return tuple(
        ShareLinkView(
            id=row.id,
            url=wiring.newsletter.share_url(wiring.tokens.sign(Purpose.SHARE, row.id, row.made_at)),
            whom=row.whom,
            may_comment=row.may_comment,
            made_by=_maker(session, row),
            made_at=row.made_at,
            ends_at=row.ends_at,
            is_open=_is_open(session, row, now),
            ended_at=row.ended_at,
        )
        for row in share_links_of(session, issue_id)
    )


def look_at_share(session: Session, tokens: Tokens, token: str, now: datetime) -> SharedDraft:
    """Return what the link shows; looking changes nothing.

    A link ends with its time, when somebody ends it, and when its maker leaves the desk.

    :raises ShareEnded: if it was good once.
    :raises NotFound: if it never was.
    """
    try:
        row = find_share_link(session, ShareLinkId(tokens.read(Purpose.SHARE, token, now)))
    except TokenExpired as error:
        raise ShareEnded from error
    except TokenRefused as error:
        message = "This link does not work. It may be cut short: copy it whole from the message."
        raise NotFound(message) from error
    if row is None or not _is_open(session, row, now):
        raise ShareEnded
    return SharedDraft(
        link_id=row.id,
        issue_id=row.issue_id,
        may_comment=row.may_comment,
        shared_by=_maker(session, row),
        ends_at=row.ends_at,
    )


def _checked(sharing: Sharing) -> str:
    whom = normalise_line(sharing.whom)
    problems = line_problems("whom", "The note", whom, _WHOM_LIMIT)
    if sharing.days not in DAYS:
        problems.append(Problem(field="days", message="Choose one of the three lengths."))
    if problems:
        raise Invalid(*problems)
    return whom


def _require_shareable(session: Session, issue_id: IssueId, now: datetime) -> str:
    """Return what the issue is called, if a link to it makes sense."""
    issue = issue_there(session, issue_id)
    if issue.status.is_published:
        message = "This issue has gone out: everybody can read it in the archive."
        raise Conflict(message)
    links = share_links_of(session, issue_id)
    if sum(_is_open(session, row, now) for row in links) >= _MOST:
        message = f"{_MOST} links to this issue work already. End those that nobody needs."
        raise Conflict(message)
    return issue.subject


def _is_open(session: Session, row: ShareLinkRow, now: datetime) -> bool:
    return row.ended_at is None and now < row.ends_at and bool(_maker(session, row))


def _maker(session: Session, row: ShareLinkRow) -> str:
    """Return the name of who made the link; empty once they are not at the desk any more."""
    editor = find_editor_at_desk(session, row.made_by)
    return "" if editor is None else editor.name
