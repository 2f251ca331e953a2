"""A test send: the issue as it is now, to one address, marked as a test."""

from __future__ import annotations

from dataclasses import replace

from topthree.domain.address import EmailAddress
from topthree.domain.ids import IssueId, SubscriberId
from topthree.domain.outcome import Outcome
from topthree.domain.refusal import Refusal
from topthree.mail.message import Splicer, freeze_issue
from topthree.mail.transport import Envelope, RelayUnavailable
from topthree.render.issue_message import render_issue
from topthree.services.preview_issue import edition_of
from topthree.services.read_desk import read_issue
from topthree.services.wiring import Wiring
from topthree.tokens import Purpose


def send_test(wiring: Wiring, issue_id: IssueId, address: EmailAddress) -> Outcome:
    """Send the issue to this address at once; the links to leave in it name nobody.

    No transaction is open while the relay is talked to.

    :raises NotFound: if there is no such issue.
    :raises Refusal: if the relay cannot be reached.
    """
    now = wiring.clock()
    with wiring.reading() as session:
        issue = read_issue(session, issue_id)
        edition = edition_of(session, wiring, issue, now)
    rendered = render_issue(edition, wiring.newsletter, time_zone=wiring.cadence.zone)
    marked = replace(rendered, subject=f"[Test] {rendered.subject}")
    message = Splicer(freeze_issue(marked, wiring.newsletter, day=edition.day)).splice(
        recipient=str(address),
        token=wiring.tokens.sign(Purpose.UNSUBSCRIBE, SubscriberId(0), now),
        message_id=f"<test-{int(now.timestamp() * 1_000_000)}@{wiring.newsletter.domain}>",
        date=now,
    )
    envelope = Envelope(sender=wiring.newsletter.sender_address, recipient=str(address))
    try:
        with wiring.transport.connect() as connection:
            return connection.send(envelope, message)
    except RelayUnavailable as error:
        message_for_editor = f"The test was not sent. {error} Nothing else is affected."
        raise Refusal(message_for_editor) from error
