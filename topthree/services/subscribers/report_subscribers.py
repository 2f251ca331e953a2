"""Who subscribes: counts, one person's history, and the list as rows for a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.refusal import NotFound
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.spreadsheet import inert
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.store.sending.deliveries import deliveries_of
from topthree.store.subscribers.subscribers import (
    consent_history,
    count_by_status,
    count_suppressions,
    find_subscriber_by_key,
    find_suppression,
    newest_subscription,
    subscribers_with_newest_subscription,
)

#: The columns of an export.
EXPORT_COLUMNS = ("address", "status", "source", "requested_at", "confirmed_at", "ended_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberStats:
    """How many there are."""

    by_status: dict[SubscriptionStatus, int]
    suppressed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStep:
    """One step of a person's history."""

    at: datetime
    kind: ConsentKind
    wording: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStep:
    """One issue that was meant for a person, and what came of it."""

    day: date
    status: DeliveryStatus
    attempts: int
    ended_at: datetime | None
    code: int
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberHistory:
    """Everything kept about one person."""

    address: str
    status: SubscriptionStatus
    suppression: SuppressionReason | None
    consent: tuple[ConsentStep, ...]
    deliveries: tuple[DeliveryStep, ...]


def subscriber_stats(session: Session) -> SubscriberStats:
    """Return how many subscribe, wait or have left."""
    return SubscriberStats(
        by_status=count_by_status(session), suppressed=count_suppressions(session)
    )


def show_subscriber(session: Session, address: EmailAddress) -> SubscriberHistory:
    """Return everything kept about this address.

    :raises NotFound: if nothing is.
    """
    subscriber = find_subscriber_by_key(session, address.key)
    subscription = None if subscriber is None else newest_subscription(session, subscriber.id)
    if subscriber is None or subscription is None:
        message = f"Nothing is kept about {address}."
        raise NotFound(message)
    suppression = find_suppression(session, subscriber.address_hash)
    return SubscriberHistory(
        address=subscriber.address or "",
        status=subscription.status,
        suppression=suppression.reason if suppression else None,
        consent=tuple(
            ConsentStep(at=row.at, kind=row.kind, wording=row.wording, source=row.source)
            for row in consent_history(session, subscriber.id)
        ),
        deliveries=tuple(
            DeliveryStep(
                day=day,
                status=row.status,
                attempts=row.attempts,
                ended_at=row.ended_at,
                code=row.code,
                reply=row.reply,
            )
            for day, row in deliveries_of(session, subscriber.id)
        ),
    )


def export_subscribers(session: Session) -> Iterator[tuple[str, ...]]:
    """Yield one row a subscriber, in the order of ``EXPORT_COLUMNS``, safe for a spreadsheet."""
    for subscriber, subscription in subscribers_with_newest_subscription(session):
        moments = (subscription.requested_at, subscription.confirmed_at, subscription.ended_at)
        yield (
            inert(subscriber.address or ""),
            subscription.status,
            inert(subscription.source),
            *(moment.isoformat() if moment else "" for moment in moments),
        )
