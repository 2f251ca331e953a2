"""Moving a subscription on and recording the step, which always go together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.subscribers.subscription import (
    SUBSCRIPTION_TRANSITIONS,
    ConsentKind,
    EndReason,
    SubscriptionEvent,
    SubscriptionStatus,
)
from topthree.store.subscribers.subscribers import ConsentRow, SubscriptionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of consent: what happens, what the person read, and where."""

    event: SubscriptionEvent
    kind: ConsentKind
    wording: str
    source: str
    end_reason: EndReason | None = None


def take_step(session: Session, subscription: SubscriptionRow, step: Step, now: datetime) -> bool:
    """Move the subscription and record it; tell whether the state allows the step.

    A repeated step changes nothing and records nothing, so clicking twice is harmless, and two
    steps at the same moment come one after the other.
    """
    session.flush()
    session.refresh(subscription, with_for_update=True)
    before = subscription.status
    after = SUBSCRIPTION_TRANSITIONS[before, step.event]
    if after is None or after is before:
        return after is not None
    subscription.status = after
    if after is SubscriptionStatus.CONFIRMED:
        subscription.confirmed_at = now
        subscription.ended_at = subscription.ended_reason = None
    else:
        subscription.ended_at, subscription.ended_reason = now, step.end_reason
    record(session, subscription, step, now)
    return True


def record(session: Session, subscription: SubscriptionRow, step: Step, now: datetime) -> None:
    """Add the step to the subscription's history."""
    session.add(
        ConsentRow(
            subscription_id=subscription.id,
            kind=step.kind,
            at=now,
            wording=step.wording,
            source=step.source,
        )
    )
