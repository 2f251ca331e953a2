"""Links that show a draft to a colleague without an account: making them and ending them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.how_many import how_many
from topthree.domain.ids import IssueId, ShareLinkId
from topthree.domain.refusal import Conflict, Invalid
from topthree.services.agreeing.share_draft import (
    DAYS,
    Sharing,
    end_share_link,
    list_share_links,
    make_share_link,
)
from topthree.services.writing.read_issue import read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site
from topthree.web.typed_text import shown_again

_LENGTHS = {str(days): how_many(days, "day") for days in sorted(DAYS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareForm:
    """The link that was asked for, and why there is none."""

    whom: str = ""
    days: str = str(DAYS[0])
    may_comment: bool = True
    #: The field that is wrong; empty with a message means that something else is.
    field: str = ""
    message: str = ""

    def of(self, field: str) -> tuple[str, ...]:
        """Return what is wrong with the field."""
        return (self.message,) if self.field == field else ()


@desk(Permission.READ_DESK)
def show_sharing(issue_id: int) -> ResponseReturnValue:
    """List the links to the draft, and offer another."""
    return _page(issue_id, ShareForm())


@desk(Permission.SHARE)
def share(issue_id: int) -> ResponseReturnValue:
    """Make a link."""
    days = request.form.get("days", "")
    form = ShareForm(
        whom=shown_again(request.form.get("whom", "")),
        days=days if days in _LENGTHS else str(DAYS[0]),
        may_comment="may-comment" in request.form,
    )
    sharing = Sharing(
        issue_id=IssueId(issue_id),
        days=int(days) if days in _LENGTHS else 0,
        may_comment=form.may_comment,
        whom=form.whom,
        form=request.form.get("form", ""),
    )
    try:
        with transaction() as session:
            make_share_link(session, sharing, current_editor(), site().clock())
    except Invalid as invalid:
        first = invalid.problems[0]
        slip = replace(form, field=first.field, message=first.message)
        return _page(issue_id, slip), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        return _page(issue_id, replace(form, message=str(conflict))), HTTPStatus.CONFLICT
    return gone_to(url_for("desk.show_sharing", issue_id=issue_id, said="shared"))


@desk(Permission.SHARE)
def end_sharing(issue_id: int, link_id: int) -> ResponseReturnValue:
    """End a link at once."""
    with transaction() as session:
        end_share_link(session, ShareLinkId(link_id), current_editor(), site().clock())
    return gone_to(url_for("desk.show_sharing", issue_id=issue_id, said="share-ended"))


def _page(issue_id: int, form: ShareForm) -> str:
    wiring = site()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        links = list_share_links(session, wiring, issue.id, wiring.clock())
    return render_template(
        "desk/agreeing/share.html",
        issue=issue,
        links=links,
        form=form,
        lengths=list(_LENGTHS.items()),
        form_mark=secrets.token_urlsafe(12),
    )
