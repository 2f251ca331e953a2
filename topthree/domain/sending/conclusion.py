"""What an attempt comes to: the delivery's next state, why, and when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.backoff import jitter_of, retry_delay
from topthree.domain.sending.cause import Cause, cause_of_expiry
from topthree.domain.sending.delivery import DELIVERY_TRANSITIONS, DeliveryEvent, DeliveryStatus
from topthree.domain.sending.relay_reply import Fate, Ruling
from topthree.domain.sending.run import UncertainPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a delivery."""

    run_id: RunId
    to: SubscriberId
    #: The how-many-eth it is, from 1.
    number: int
    #: The part of the address after the "@"; empty: it has none any more.
    domain: str = ""
    #: What the one before came to; None: there was none.
    last_cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a delivery stands after an attempt, or instead of one."""

    status: DeliveryStatus
    attempts: int
    due_at: datetime
    ended_at: datetime | None
    #: None: it was not tried, and that is nobody's fault.
    cause: Cause | None


_EVENTS: Mapping[tuple[Fate, UncertainPolicy], DeliveryEvent] = MappingProxyType(
    {
        (Fate.ACCEPT, UncertainPolicy.RESEND): DeliveryEvent.ACCEPT,
        (Fate.ACCEPT, UncertainPolicy.HOLD): DeliveryEvent.ACCEPT,
        (Fate.TRY_AGAIN, UncertainPolicy.RESEND): DeliveryEvent.DEFER,
        (Fate.TRY_AGAIN, UncertainPolicy.HOLD): DeliveryEvent.DEFER,
        (Fate.GIVE_UP, UncertainPolicy.RESEND): DeliveryEvent.REFUSE,
        (Fate.GIVE_UP, UncertainPolicy.HOLD): DeliveryEvent.REFUSE,
        (Fate.UNKNOWN, UncertainPolicy.RESEND): DeliveryEvent.DEFER,
        (Fate.UNKNOWN, UncertainPolicy.HOLD): DeliveryEvent.HOLD,
    }
)


def conclude(
    attempt: Attempt,
    ruling: Ruling,
    *,
    now: datetime,
    give_up_at: datetime,
    policy: UncertainPolicy,
) -> Conclusion:
    """Return what the relay's answer makes of a claimed delivery."""
    event = _EVENTS[ruling.fate, policy]
    cause, due_at = ruling.cause, now
    if event is DeliveryEvent.DEFER:
        jitter = jitter_of(attempt.run_id, attempt.to, attempt.number)
        due_at += retry_delay(attempt.number, jitter=jitter)
        if due_at > give_up_at:
            event, cause = DeliveryEvent.REFUSE, cause_of_expiry(cause)
    is_waiting = event is DeliveryEvent.DEFER
    return Conclusion(
        status=_after(event),
        attempts=attempt.number,
        due_at=due_at,
        ended_at=None if is_waiting else now,
        cause=cause,
    )


def skip(attempt: Attempt, now: datetime) -> Conclusion:
    """Return what becomes of a delivery to someone who left since the run opened."""
    return _untried(attempt, DeliveryEvent.SKIP, now, ended_at=now)


def give_up(attempt: Attempt, now: datetime) -> Conclusion:
    """Return what becomes of a delivery whose issue has grown too old."""
    cause = cause_of_expiry(attempt.last_cause)
    return _untried(attempt, DeliveryEvent.REFUSE, now, ended_at=now, cause=cause)


def put_off(attempt: Attempt, until: datetime) -> Conclusion:
    """Return what becomes of a delivery that is not tried before then; it costs no attempt."""
    return _untried(attempt, DeliveryEvent.PUT_OFF, until, cause=attempt.last_cause)


def _untried(
    attempt: Attempt,
    event: DeliveryEvent,
    due_at: datetime,
    *,
    ended_at: datetime | None = None,
    cause: Cause | None = None,
) -> Conclusion:
    return Conclusion(
        status=_after(event),
        attempts=attempt.number - 1,
        due_at=due_at,
        ended_at=ended_at,
        cause=cause,
    )


def _after(event: DeliveryEvent) -> DeliveryStatus:
    status = DELIVERY_TRANSITIONS[DeliveryStatus.CLAIMED, event]
    if status is None:
        raise AssertionError(event)
    return status
