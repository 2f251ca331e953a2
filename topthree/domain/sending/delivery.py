"""A delivery: one issue to one subscriber, and what a try at it can come to."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """Sent means accepted by the relay: 250 to the final dot, and nothing more."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DEFERRED = "deferred"
    #: It may have been accepted, and an editor decides whether it is sent again.
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    #: Its run was cancelled before it was tried.
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    CLAIM = "claim"
    #: The claim ended before the row was tried, or the connection failed before the relay saw it.
    RELEASE = "release"
    ACCEPT = "accept"
    #: A 4xx reply, or no reply after the final dot: tried again later.
    DEFER = "defer"
    #: Not tried at all now: its provider has asked us to slow down, or we pace ourselves.
    PUT_OFF = "put off"
    #: A 5xx reply, or the issue grew too old to send.
    REFUSE = "refuse"
    #: The person left, or is suppressed, since the run opened.
    SKIP = "skip"
    #: Nobody knows whether it was accepted, and such deliveries wait for an editor.
    HOLD = "hold"
    #: The relay's own log, or an editor, says that it was accepted.
    COUNT_AS_SENT = "count as sent"
    #: An editor wants it sent after all.
    SEND_AGAIN = "send again"
    #: The run was cancelled.
    CANCEL = "cancel"


_Q, _C, _F = DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.DEFERRED
_H, _S, _X = DeliveryStatus.HELD, DeliveryStatus.SENT, DeliveryStatus.FAILED
_K, _N = DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED

#: What each state answers; an event that is not named says nothing in that state, so a late or
#: doubled one changes no row.
_ANSWERS: dict[DeliveryStatus, dict[DeliveryEvent, DeliveryStatus]] = {
    _Q: {
        DeliveryEvent.CLAIM: _C,
        DeliveryEvent.SKIP: _K,
        DeliveryEvent.COUNT_AS_SENT: _S,
        DeliveryEvent.CANCEL: _N,
    },
    _C: {
        DeliveryEvent.RELEASE: _Q,
        DeliveryEvent.ACCEPT: _S,
        DeliveryEvent.DEFER: _F,
        DeliveryEvent.PUT_OFF: _F,
        DeliveryEvent.REFUSE: _X,
        DeliveryEvent.SKIP: _K,
        DeliveryEvent.HOLD: _H,
    },
    _F: {
        DeliveryEvent.CLAIM: _C,
        DeliveryEvent.SKIP: _K,
        DeliveryEvent.COUNT_AS_SENT: _S,
        DeliveryEvent.CANCEL: _N,
    },
    _H: {DeliveryEvent.COUNT_AS_SENT: _S, DeliveryEvent.SEND_AGAIN: _Q},
    _S: {},
    _X: {DeliveryEvent.COUNT_AS_SENT: _S, DeliveryEvent.SEND_AGAIN: _Q},
    _K: {},
    _N: {DeliveryEvent.COUNT_AS_SENT: _S, DeliveryEvent.SEND_AGAIN: _Q},
}

#: Every state and every event; None: the event says nothing in that state.
DELIVERY_TRANSITIONS: dict[tuple[DeliveryStatus, DeliveryEvent], DeliveryStatus | None] = {
    (status, event): _ANSWERS[status].get(event)
    for status in DeliveryStatus
    for event in DeliveryEvent
}

#: From these a run still has something to do.
UNFINISHED = (DeliveryStatus.QUEUED, DeliveryStatus.CLAIMED, DeliveryStatus.DEFERRED)


def states_that_answer(event: DeliveryEvent) -> tuple[DeliveryStatus, ...]:
    """Return the states in which the event changes something."""
    return tuple(status for status in DeliveryStatus if DELIVERY_TRANSITIONS[status, event])


#: A newsletter is stale after this; what could not be sent until then has failed.
GIVE_UP_AFTER = timedelta(days=3)
