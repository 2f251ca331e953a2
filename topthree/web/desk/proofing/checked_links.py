"""Having the links of an issue looked at: in the background, for some sites are slow."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.services.links.check_links import ask_for_links
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import desk
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site

_PAGES = {"review": "desk.review", "preview": "desk.preview"}


@desk(Permission.WRITE)
def check_links(issue_id: int) -> ResponseReturnValue:
    """Ask for the links of the issue as it is saved, and go back to where the button was."""
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
    return check_links_of(issue, _PAGES.get(request.form.get("back", ""), "desk.compose"))


def check_links_of(issue: IssueView, page: str) -> ResponseReturnValue:
    """Ask for the links of this issue, and go to the page that shows what comes of it."""
    wiring, asked = site(), 0
    if wiring.fetcher is not None and not issue.status.is_published:
        with transaction() as session:
            asked = ask_for_links(session, issue.content, wiring.clock())
    said = "links" if asked else "no-links"
    return gone_to(url_for(page, issue_id=issue.id, said=said))
