"""Closing addresses that have bounced softly for issue after issue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import SERVICE
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.soft_bounces import SOFT_CAUSES, has_bounced_for_long
from topthree.domain.subscribers.subscription import SuppressionReason
from topthree.services.subscribers.close_address import close_address
from topthree.services.wiring import Wiring
from topthree.store.sending.feedback import recent_endings, softly_failed
from topthree.store.subscribers.subscribers import find_subscriber

#: As many as half a year has: enough for three that bounced among others that say nothing.
_RUNS = 12
#: So many are looked at in one transaction: nobody waits long for the database.
_PART = 200


def close_if_bouncing_for_long(
    session: Session, subscriber_id: SubscriberId, now: datetime
) -> bool:
    """Close the address if it took none of the last issues; tell whether it did not."""
    endings = recent_endings(session, subscriber_id, _RUNS)
    subscriber = find_subscriber(session, subscriber_id)
    if subscriber is None or not has_bounced_for_long(endings):
        return False
    close_address(session, subscriber, SuppressionReason.SOFT_BOUNCES, SERVICE, now)
    return True


def close_those_bouncing_for_long(wiring: Wiring, run_id: RunId) -> int:
    """Look at everybody whom this run did not reach for their mailbox; return how many are closed.

    Twice is harmless; what a process that is killed leaves out, the next run makes up for.
    """
    closed, last = 0, SubscriberId(0)
    while True:
        # Looked for while nobody waits: it may take a look at the whole run to find the next.
        with wiring.reading() as session:
            part = softly_failed(session, run_id, SOFT_CAUSES, last, _PART)
        if not part:
            return closed
        with wiring.writing() as session:
            now = wiring.clock()
            closed += sum(close_if_bouncing_for_long(session, each, now) for each in part)
        last = part[-1]
