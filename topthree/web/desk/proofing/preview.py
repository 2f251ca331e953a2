"""Looking before it goes out: the page, the mail, its text, and a test to a real inbox."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import IssueId
from topthree.domain.refusal import Conflict, Invalid, NotFound, Problem, Refusal
from topthree.domain.sending.outcome import Verdict
from topthree.domain.subscribers.address import EmailAddress
from topthree.mail.address_syntax import parse_address
from topthree.services.agreeing.send_test import last_test, send_test
from topthree.services.proofing.preflight_issue import preflight_issue
from topthree.services.proofing.preview_issue import Preview, preview_issue
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.going import gone_to
from topthree.web.page_values import page_values
from topthree.web.site import site
from topthree.web.typed_text import shown_again

#: Bytes at which mail programs begin to cut a message.
CUT_AT = 102_400
_MOST_ADDRESSES = 5
_LONGEST = 2_000
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendForm:
    """The address for a test send, and what came of it."""

    address: str
    problem: str = ""
    #: How the mail server answered, if it did not take it.
    answer: str = ""


@desk(Permission.READ_DESK)
def preview(issue_id: int) -> ResponseReturnValue:
    """Show the mail as it will be sent."""
    return _page(issue_id, "mail", SendForm(address=current_editor().address))


@desk(Permission.READ_DESK)
def preview_text(issue_id: int) -> ResponseReturnValue:
    """Show the mail's text part."""
    return _page(issue_id, "text", SendForm(address=current_editor().address))


@desk(Permission.READ_DESK)
def preview_page(issue_id: int) -> ResponseReturnValue:
    """Show the page as readers will see it, with a line on top that says it is a preview."""
    issue, shown = _read(issue_id)
    return render_template(
        "desk/proofing/preview_page.html", work=issue, **page_values(issue.content, shown.page)
    )


@desk(Permission.WRITE)
def test(issue_id: int) -> ResponseReturnValue:
    """Send the issue as it is to a few addresses, and say in words what came of it."""
    typed = request.form.get("address", "")
    form = SendForm(address=shown_again(typed))
    try:
        addresses = _addresses(typed)
        mark = request.form.get("form", "")
        outcomes = send_test(site(), IssueId(issue_id), addresses, current_editor(), mark)
    except NotFound:
        raise
    except Invalid as invalid:
        form = SendForm(address=form.address, problem=str(invalid))
        return _page(issue_id, "mail", form), HTTPStatus.UNPROCESSABLE_ENTITY
    except Refusal as refusal:
        form = SendForm(address=form.address, answer=str(refusal))
        is_double = isinstance(refusal, Conflict)
        status = HTTPStatus.CONFLICT if is_double else HTTPStatus.BAD_GATEWAY
        return _page(issue_id, "mail", form), status
    answers = [
        f"It did not take the test to {address}. It said: {outcome.code} {outcome.reply}"
        # For a form that was sent before there is none.
        for address, outcome in zip(addresses, outcomes, strict=False)
        if outcome.verdict is not Verdict.ACCEPTED
    ]
    if not answers:
        said = "test-kept" if site().outbox is not None else "test-sent"
        return gone_to(url_for("desk.preview", issue_id=issue_id, said=said))
    form = SendForm(address=form.address, answer=f"The mail server answered. {' '.join(answers)}")
    return _page(issue_id, "mail", form), HTTPStatus.BAD_GATEWAY


def _addresses(typed: str) -> tuple[EmailAddress, ...]:
    """Read the addresses of a field, separated by commas, semicolons or blanks.

    :raises Invalid: if one of them is none, or there are too many.
    """
    parts = [part for part in _BETWEEN.split(typed[:_LONGEST].strip()) if part]
    if len(parts) > _MOST_ADDRESSES:
        message = f"A test goes to at most {_MOST_ADDRESSES} addresses at once."
        raise Invalid(Problem(field="address", message=message))
    found = {address.key: address for address in map(parse_address, parts or [""])}
    return tuple(found.values())


def _read(issue_id: int) -> tuple[IssueView, Preview]:
    wiring = site()
    with read_only() as session:
        issue = read_issue(session, IssueId(issue_id))
        return issue, preview_issue(session, wiring, issue.id, wiring.clock())


def _page(issue_id: int, part: str, form: SendForm) -> Response:
    wiring = site()
    issue, shown = _read(issue_id)
    with read_only() as session:
        tested = last_test(session, issue)
        preflight = preflight_issue(session, wiring, issue, wiring.clock())
    page = render_template(
        "desk/proofing/preview.html",
        tested=tested,
        issue=issue,
        preflight=preflight,
        checks_links=wiring.fetcher is not None,
        preview=shown,
        part=part,
        form=form,
        form_mark=secrets.token_urlsafe(12),
        cut_at=CUT_AT,
        has_outbox=wiring.outbox is not None,
    )
    return make_response(page)
