"""Subscribing: someone typed an address, and a message to it asks whether it is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.ids import SubscriptionId
from topthree.domain.notice import NoticeKind
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    EndReason,
    SubscriptionEvent,
    SubscriptionStatus,
)
from topthree.domain.subscribers.wording import SUBSCRIBE
from topthree.services.subscribers.consent import Step, record, take_step
from topthree.services.subscribers.form_limits import Form, may_use
from topthree.store.base import add_once
from topthree.store.installation import hash_address
from topthree.store.notices.notices import count_notices_about, queue_notice
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SubscriptionRow,
    find_suppression,
    lock_subscriber_by_key,
    newest_subscription,
)

_KINDS = (NoticeKind.CONFIRM_SUBSCRIPTION, NoticeKind.ALREADY_SUBSCRIBED)
#: At most so many messages to one address within each span (standards R-120).
_ADDRESS_CAPS = ((timedelta(minutes=10), 1), (timedelta(hours=24), 3), (timedelta(days=30), 5))
#: What was confirmed leads nowhere any more: the address has to show anew that it takes mail.
_BEGUN_ANEW = Step(
    event=SubscriptionEvent.LEAVE,
    kind=ConsentKind.BEGUN_ANEW,
    wording=SUBSCRIBE,
    source="sign-up for an address whose mail had come back",
    end_reason=EndReason.BEGUN_ANEW,
)


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
    if not may_use(session, Form.SUBSCRIBE, sign_up.ip, now):
        return
    subscriber = _known_or_new(session, sign_up.address, now)
    suppression = find_suppression(session, subscriber.address_hash)
    if suppression is not None and not suppression.reason.ends_by_confirming:
        return
    subscription = newest_subscription(session, subscriber.id)
    if suppression and subscription and subscription.status is SubscriptionStatus.CONFIRMED:
        take_step(session, subscription, _BEGUN_ANEW, now)
    if subscription is None or subscription.status is SubscriptionStatus.ENDED:
        subscription = _new_subscription(session, subscriber, sign_up, now)
    if not _may_write_again(session, subscription.id, now):
        return
    kind = NoticeKind.ALREADY_SUBSCRIBED
    if subscription.status is SubscriptionStatus.PENDING:
        kind = NoticeKind.CONFIRM_SUBSCRIPTION
        _ask_once_more(session, subscription, sign_up, now)
    queue_notice(session, kind, subscription.id, str(sign_up.address), now)


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
    return add_once(session, subscriber, lambda: lock_subscriber_by_key(session, address.key))


def _new_subscription(
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
    return subscription


def _ask_once_more(
    session: Session, subscription: SubscriptionRow, sign_up: SignUp, now: datetime
) -> None:
    """Let link, code and the time to confirm begin anew with the message that is about to go."""
    subscription.requested_at, subscription.tries = now, 0
    step = Step(
        event=SubscriptionEvent.CONFIRM,
        kind=ConsentKind.REQUESTED,
        wording=SUBSCRIBE,
        source=sign_up.source,
    )
    record(session, subscription, step, now)


def _may_write_again(session: Session, subscription_id: SubscriptionId, now: datetime) -> bool:
    return all(
        count_notices_about(session, _KINDS, subscription_id, now - span) < cap
        for span, cap in _ADDRESS_CAPS
    )
