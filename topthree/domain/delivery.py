"""A delivery: one issue to one subscriber, and what a try at it can come to."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from topthree.domain.outcome import Verdict


class DeliveryStatus(StrEnum):
    """Sent means accepted by the relay: 250 to the final dot, and nothing more."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    CLAIM = "claim"
    #: The claim ended before the row was tried, or the connection failed before the relay saw it.
    RELEASE = "release"
    ACCEPT = "accept"
    #: A 4xx reply, or no reply after the final dot: tried again later.
    DEFER = "defer"
    #: A 5xx reply, or the issue grew too old to send.
    REFUSE = "refuse"
    #: The person left, or is suppressed, since the run opened.
    SKIP = "skip"


_Q, _C, _F = DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.DEFERRED
_S, _X, _K = DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED

#: Every state and every event; None means that the event says nothing in that state, so a late or
#: doubled one changes no row.
DELIVERY_TRANSITIONS: dict[tuple[DeliveryStatus, DeliveryEvent], DeliveryStatus | None] = {
    (_Q, DeliveryEvent.CLAIM): _C,
    (_Q, DeliveryEvent.RELEASE): None,
    (_Q, DeliveryEvent.ACCEPT): None,
    (_Q, DeliveryEvent.DEFER): None,
    (_Q, DeliveryEvent.REFUSE): None,
    (_Q, DeliveryEvent.SKIP): _K,
    (_C, DeliveryEvent.CLAIM): None,
    (_C, DeliveryEvent.RELEASE): _Q,
    (_C, DeliveryEvent.ACCEPT): _S,
    (_C, DeliveryEvent.DEFER): _F,
    (_C, DeliveryEvent.REFUSE): _X,
    (_C, DeliveryEvent.SKIP): _K,
    (_F, DeliveryEvent.CLAIM): _C,
    (_F, DeliveryEvent.RELEASE): None,
    (_F, DeliveryEvent.ACCEPT): None,
    (_F, DeliveryEvent.DEFER): None,
    (_F, DeliveryEvent.REFUSE): None,
    (_F, DeliveryEvent.SKIP): _K,
    **{
        (final, event): None
        for final in (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED)
        for event in DeliveryEvent
    },
}

#: From these a run still has something to do.
UNFINISHED = (DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.DEFERRED)


#: An unknown end is tried again with the same Message-ID: rather twice than not at all.
EVENT_FOR_VERDICT = {
    Verdict.ACCEPTED: DeliveryEvent.ACCEPT,
    Verdict.DEFERRED: DeliveryEvent.DEFER,
    Verdict.REFUSED: DeliveryEvent.REFUSE,
    Verdict.UNKNOWN: DeliveryEvent.DEFER,
}


#: Postfix's shape: five minutes, doubling, at most 4,000 s (reliability §2.6).
_FIRST_DELAY = timedelta(minutes=5)
_LONGEST_DELAY = timedelta(seconds=4_000)
#: A newsletter is stale after this; what could not be sent until then has failed.
GIVE_UP_AFTER = timedelta(days=3)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after this many attempts (1 or more)."""
    doublings = min(attempts - 1, 10)
    return min(_FIRST_DELAY * (1 << doublings), _LONGEST_DELAY)
