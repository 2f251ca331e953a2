"""Subscribing: someone typed an address, and a message to it asks whether it is theirs."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from topthree.domain.address import EmailAddress
from topthree.domain.ids import SubscriptionId
from topthree.domain.notice import NoticeKind
from topthree.domain.subscription import (
    ConsentKind,
    SubscriptionEvent,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.domain.wording import SUBSCRIBE
from topthree.services.consent import Step, record
from topthree.store.installation import hash_address
from topthree.store.notices import NoticeRow, count_notices_about
from topthree.store.subscribers import (
    SignUpRow,
    SubscriberRow,
    SubscriptionRow,
    count_sign_ups,
    find_suppression,
    lock_subscriber_by_key,
    newest_subscription,
)

_log = logging.getLogger(__name__)

_KINDS = (NoticeKind.CONFIRM_SUBSCRIPTION, NoticeKind.ALREADY_SUBSCRIBED)
#: At most so many messages to one address within each span (standards R-120).
_ADDRESS_CAPS = ((timedelta(minutes=10), 1), (timedelta(hours=24), 3), (timedelta(days=30), 5))
_NETWORK_CAP_PER_HOUR = 20
_GLOBAL_CAP_PER_HOUR = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What came with a use of the form."""

    address: EmailAddress
    #: The page, for the record of consent.
    source: str
    #: The caller's IP address, of which only the network is kept.
    ip: str


def subscribe(session: Session, sign_up: SignUp, now: datetime) -> None:
    """Queue the message that this address should get, if any.

    Returns nothing and takes the same path whoever asks, so that the answer tells nobody whether
    an address is known (standards R-119). The limits live in the database: every process shares
    them.
    """
    if not _is_within_limits(session, _network(sign_up.ip), now):
        return
    subscriber = _known_or_new(session, sign_up.address, now)
    if _must_not_be_written_to(session, subscriber):
        return
    subscription = newest_subscription(session, subscriber.id)
    if subscription is None or subscription.status is SubscriptionStatus.ENDED:
        subscription = _request(session, subscriber, sign_up, now)
    kind = (
        NoticeKind.ALREADY_SUBSCRIBED
        if subscription.status is SubscriptionStatus.CONFIRMED
        else NoticeKind.CONFIRM_SUBSCRIPTION
    )
    if _may_write_again(session, subscription.id, now):
        notice = NoticeRow(
            kind=kind,
            about=subscription.id,
            recipient=str(sign_up.address),
            queued_at=now,
            due_at=now,
        )
        session.add(notice)


def _is_within_limits(session: Session, network: str, now: datetime) -> bool:
    hour_ago = now - timedelta(hours=1)
    session.add(SignUpRow(at=now, network=network))
    session.flush()
    if count_sign_ups(session, hour_ago) > _GLOBAL_CAP_PER_HOUR:
        _log.warning("sign-ups over the hourly ceiling of %d", _GLOBAL_CAP_PER_HOUR)
        return False
    return count_sign_ups(session, hour_ago, network) <= _NETWORK_CAP_PER_HOUR


def _network(ip: str) -> str:
    """Return the network that one household or school shares: IPv4 /24, IPv6 /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    prefix = 24 if address.version == 4 else 64  # noqa: PLR2004 - versions of IP
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def _known_or_new(session: Session, address: EmailAddress, now: datetime) -> SubscriberRow:
    """Return the subscriber's row, which another use of the form waits for."""
    known = lock_subscriber_by_key(session, address.key)
    if known is not None:
        return known
    subscriber = SubscriberRow(
        address=str(address),
        address_key=address.key,
        address_hash=hash_address(session, address.key),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(subscriber)
    except IntegrityError:
        # The same address was typed at the same moment, and the other was first.
        first = lock_subscriber_by_key(session, address.key)
        if first is None:
            raise
        return first
    return subscriber


def _must_not_be_written_to(session: Session, subscriber: SubscriberRow) -> bool:
    """Tell whether the address is suppressed for a reason that a new sign-up does not lift."""
    suppression = find_suppression(session, subscriber.address_hash)
    return suppression is not None and suppression.reason is not SuppressionReason.HARD_BOUNCE


def _request(
    session: Session, subscriber: SubscriberRow, sign_up: SignUp, now: datetime
) -> SubscriptionRow:
    subscription = SubscriptionRow(
        subscriber_id=subscriber.id,
        status=SubscriptionStatus.PENDING,
        source=sign_up.source,
        requested_at=now,
    )
    session.add(subscription)
    session.flush()
    step = Step(
        event=SubscriptionEvent.CONFIRM,
        kind=ConsentKind.REQUESTED,
        wording=SUBSCRIBE,
        source=sign_up.source,
    )
    record(session, subscription, step, now)
    return subscription


def _may_write_again(session: Session, subscription_id: SubscriptionId, now: datetime) -> bool:
    return all(
        count_notices_about(session, _KINDS, subscription_id, now - span) < cap
        for span, cap in _ADDRESS_CAPS
    )
