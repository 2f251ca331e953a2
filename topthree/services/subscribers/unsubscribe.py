"""Leaving: by the page's button or by RFC 8058's POST; and coming back when it was a mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.ids import SubscriberId
from topthree.domain.refusal import NotFound
from topthree.domain.subscribers.address import masked
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    EndReason,
    SubscriptionEvent,
    SubscriptionStatus,
)
from topthree.domain.subscribers.wording import (
    COMPLAIN,
    LEAVE,
    LEAVE_BY_MAIL,
    LEAVE_BY_ONE_CLICK,
    UNDO_LEAVING,
)
from topthree.services.subscribers.consent import Step, take_step
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SubscriptionRow,
    find_subscriber,
    newest_subscription,
)
from topthree.tokens import Purpose, TokenRefused, Tokens

#: A slip is noticed within days; after that, whoever has an old letter signs up like anyone.
_UNDO_FOR = timedelta(days=30)
_LEAVING = Step(
    event=SubscriptionEvent.LEAVE,
    kind=ConsentKind.LEFT,
    wording=LEAVE,
    source="link in an issue",
    end_reason=EndReason.UNSUBSCRIBED,
)
_LEAVING_BY_ONE_CLICK = replace(
    _LEAVING,
    kind=ConsentKind.LEFT_BY_ONE_CLICK,
    wording=LEAVE_BY_ONE_CLICK,
    source="one-click request of a mail program (RFC 8058)",
)
_LEAVING_BY_MAIL = replace(
    _LEAVING,
    kind=ConsentKind.LEFT_BY_MAIL,
    wording=LEAVE_BY_MAIL,
    source="message to the address in List-Unsubscribe (RFC 2369)",
)
_COMPLAINING = Step(
    event=SubscriptionEvent.LEAVE,
    kind=ConsentKind.COMPLAINED,
    wording=COMPLAIN,
    source="feedback report of a mail provider (RFC 5965)",
    end_reason=EndReason.COMPLAINED,
)
_COMING_BACK = Step(
    event=SubscriptionEvent.UNDO_LEAVING,
    kind=ConsentKind.CAME_BACK,
    wording=UNDO_LEAVING,
    source="page shown after leaving",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingView:
    """Whose subscription the link names, and whether there is anything left to end."""

    masked_address: str
    is_subscribed: bool
    #: Lets the page offer to undo it; empty when there is nothing to undo, or not any more.
    undo_token: str = ""


def look_at_leaving(session: Session, tokens: Tokens, token: str, now: datetime) -> LeavingView:
    """Say whom the link in an issue concerns; changes nothing.

    :raises NotFound: if the link is not one of ours, in the same words whatever is wrong with it.
    """
    return _view(session, tokens, _named(session, tokens, Purpose.UNSUBSCRIBE, token, now), now)


def unsubscribe(
    session: Session, tokens: Tokens, token: str, *, by_one_click: bool, now: datetime
) -> LeavingView:
    """End the subscription; twice is harmless, and so is having left before.

    :raises NotFound: as above.
    """
    subscriber = _named(session, tokens, Purpose.UNSUBSCRIBE, token, now)
    subscription = newest_subscription(session, subscriber.id)
    if subscription is not None:
        step = _LEAVING_BY_ONE_CLICK if by_one_click else _LEAVING
        take_step(session, subscription, step, now)
    return _view(session, tokens, subscriber, now)


def leave_by_mail(session: Session, subscriber_id: SubscriberId, now: datetime) -> bool:
    """End the subscription of somebody who wrote to the address in List-Unsubscribe.

    Tells whether there was one to end.
    """
    return _end(session, subscriber_id, _LEAVING_BY_MAIL, now)


def complain(session: Session, subscriber_id: SubscriberId, now: datetime) -> None:
    """End the subscription of somebody who called an issue spam; twice is harmless."""
    _end(session, subscriber_id, _COMPLAINING, now)


def undo_leaving(session: Session, tokens: Tokens, token: str, now: datetime) -> LeavingView:
    """Take the leaving back, when the link of the page after it is used; twice is harmless.

    :raises NotFound: as above, or if the link has grown too old.
    """
    subscriber = _named(session, tokens, Purpose.UNDO_LEAVING, token, now)
    subscription = newest_subscription(session, subscriber.id)
    if subscription is not None and _can_be_undone(subscription, now):
        take_step(session, subscription, _COMING_BACK, now)
    return _view(session, tokens, subscriber, now)


def _end(session: Session, subscriber_id: SubscriberId, step: Step, now: datetime) -> bool:
    subscription = newest_subscription(session, subscriber_id)
    if subscription is None or subscription.status is SubscriptionStatus.ENDED:
        return False
    return take_step(session, subscription, step, now)


def _named(
    session: Session, tokens: Tokens, purpose: Purpose, token: str, now: datetime
) -> SubscriberRow:
    try:
        subscriber = find_subscriber(session, SubscriberId(tokens.read(purpose, token, now)))
    except TokenRefused:
        subscriber = None
    if subscriber is None:
        message = "This link is not complete. Copy it whole from the letter, or write to us."
        raise NotFound(message)
    return subscriber


def _can_be_undone(subscription: SubscriptionRow, now: datetime) -> bool:
    """Tell whether this is a slip of the last days, and nothing that stands in for consent."""
    return (
        subscription.ended_reason is EndReason.UNSUBSCRIBED
        and subscription.confirmed_at is not None
        and subscription.ended_at is not None
        and now - subscription.ended_at <= _UNDO_FOR
    )


def _view(
    session: Session, tokens: Tokens, subscriber: SubscriberRow, now: datetime
) -> LeavingView:
    subscription = newest_subscription(session, subscriber.id)
    is_subscribed = subscription is not None and subscription.status is not SubscriptionStatus.ENDED
    undo_token = ""
    if subscription is not None and _can_be_undone(subscription, now):
        undo_token = tokens.sign(Purpose.UNDO_LEAVING, subscriber.id, now)
    return LeavingView(
        masked_address=masked(subscriber.address) if subscriber.address else "",
        is_subscribed=is_subscribed,
        undo_token=undo_token,
    )
