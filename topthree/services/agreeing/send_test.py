"""A test send: the issue as it is now, to a few addresses, marked as a test, and noted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, issue_thing
from topthree.domain.ids import IssueId, SubscriberId
from topthree.domain.refusal import Conflict, Refusal
from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.domain.subscribers.address import EmailAddress
from topthree.mail.message import Splicer, freeze_issue
from topthree.mail.transport import Connection, Envelope, RelayUnavailable
from topthree.render.issue_message import render_issue
from topthree.services.audit.log import record
from topthree.services.identity.editor_view import EditorView
from topthree.services.proofing.preview_issue import edition_of
from topthree.services.wiring import Wiring
from topthree.services.writing.read_issue import IssueView, read_issue
from topthree.store.agreeing.sent_tests import SentTestRow, find_sent_test_of_form, newest_sent_test
from topthree.store.editors.editors import name_of_editor
from topthree.tokens import Purpose

_FORM_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTest:
    """The last test send of an issue."""

    at: datetime
    by: str
    addresses: int
    #: Whether the content was changed after it.
    is_outdated: bool


def send_test(
    wiring: Wiring,
    issue_id: IssueId,
    addresses: Sequence[EmailAddress],
    editor: EditorView,
    form: str = "",
) -> tuple[Outcome, ...]:
    """Send the issue to these addresses at once; the links to leave in it name nobody.

    No transaction is open while the relay is talked to. What it took is noted, without addresses.

    :param form: names the form; sent twice, it sends one test, and nothing is returned for it.
    :raises NotFound: if there is no such issue.
    :raises Conflict: if the same form is being sent at this moment.
    :raises Refusal: if the relay cannot be reached.
    """
    now = wiring.clock()
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        edition = edition_of(session, wiring, issue, now)
    test_id = _begin(wiring, issue, editor, form[:_FORM_LIMIT])
    if test_id is None:
        return ()
    rendered = render_issue(edition, wiring.newsletter, time_zone=wiring.cadence.zone)
    marked = replace(rendered, subject=f"[Test] {rendered.subject}")
    splicer = Splicer(freeze_issue(marked, wiring.newsletter, key=edition.key))
    outcomes: list[Outcome] = []
    try:
        with wiring.transport.connect() as connection:
            outcomes.extend(_send(wiring, connection, splicer, address) for address in addresses)
    except RelayUnavailable as error:
        missed = ", ".join(str(address) for address in addresses[len(outcomes) :])
        message = f"The test was not sent to {missed}. {error} Nothing else is affected."
        raise Refusal(message) from error
    finally:
        accepted = sum(outcome.verdict is Verdict.ACCEPTED for outcome in outcomes)
        _note(wiring, issue, test_id, accepted, editor)
    return tuple(outcomes)


def last_test(session: Session, issue: IssueView) -> LastTest | None:
    """Return the last test send of the issue; None if there was none."""
    row = newest_sent_test(session, issue.id)
    if row is None:
        return None
    return LastTest(
        at=row.at,
        by=name_of_editor(session, row.by),
        addresses=row.addresses,
        is_outdated=row.digest != issue.digest,
    )


def _send(
    wiring: Wiring, connection: Connection, splicer: Splicer, address: EmailAddress
) -> Outcome:
    now = wiring.clock()
    mark = wiring.tokens.seal(f"test {now.timestamp()} {address.key}")
    message = splicer.splice(
        recipient=str(address),
        token=wiring.tokens.sign(Purpose.UNSUBSCRIBE, SubscriberId(0), now),
        message_id=f"<test-{mark}@{wiring.newsletter.domain}>",
        date=now,
    )
    envelope = Envelope(sender=wiring.newsletter.sender_address, recipient=str(address))
    return connection.send(envelope, message)


def _begin(wiring: Wiring, issue: IssueView, editor: EditorView, form: str) -> int | None:
    """Write down that the form is being sent; None: it was."""
    try:
        with wiring.writing() as session:
            known = find_sent_test_of_form(session, form) if form else None
            if known is not None and known.addresses:
                return None
            row = SentTestRow(
                issue_id=issue.id,
                by=editor.id,
                at=wiring.clock(),
                addresses=0,
                digest=issue.digest,
                form=form or secrets.token_urlsafe(),
            )
            session.add(row)
            session.flush()
            return row.id
    except IntegrityError as error:
        message = (
            "This test is being sent already. If it does not come, open the preview again and send"
            " another."
        )
        raise Conflict(message) from error


def _note(
    wiring: Wiring, issue: IssueView, test_id: int, accepted: int, editor: EditorView
) -> None:
    """Keep how many the relay took it for; if for nobody, the form may be sent once more."""
    now = wiring.clock()
    with wiring.writing() as session:
        row = session.get_one(SentTestRow, test_id)
        if not accepted:
            session.delete(row)
            return
        row.at, row.addresses = now, accepted
        about = issue_thing(issue.id, issue.content.subject)
        details: Details = {"addresses": accepted, "digest": issue.digest}
        entry = Entry(who=editor.who, act=Act.ISSUE_TEST_SENT, about=about, details=details)
        record(session, entry, now)
