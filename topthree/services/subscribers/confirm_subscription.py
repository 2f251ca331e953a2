"""Confirming: the person says, by a link's button or six digits, that the address is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import READER
from topthree.domain.ids import SubscriptionId
from topthree.domain.subscribers.address import EmailAddress, masked
from topthree.domain.subscribers.subscription import (
    CONFIRMATION_VALID,
    ConsentKind,
    EndReason,
    SubscriptionEvent,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.domain.subscribers.wording import CONFIRM_BY_CODE, CONFIRM_BY_LINK, DISOWN
from topthree.services.subscribers.close_address import close_address, open_address
from topthree.services.subscribers.consent import Step, take_step
from topthree.services.subscribers.form_limits import Form, may_use
from topthree.store.subscribers.subscribers import (
    SubscriptionRow,
    find_subscriber,
    find_subscriber_by_key,
    find_subscription,
    find_suppression,
    newest_subscription,
)
from topthree.tokens import Purpose, TokenExpired, TokenRefused, Tokens

#: Wrong codes for one subscription before only the link works: 10 in a million for a guesser.
_MOST_TRIES = 10


class LinkState(StrEnum):
    """What a link in a message is good for."""

    READY = "ready"
    DONE = "done"
    EXPIRED = "expired"
    #: Left, or never existed: the page says the same.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link's state, and whose address it concerns, masked; empty when unknown."""

    state: LinkState
    masked_address: str = ""


def look_at_confirmation(session: Session, tokens: Tokens, token: str, now: datetime) -> LinkView:
    """Say what the link is good for; changes nothing."""
    subscription, state = _find(session, tokens, token, now)
    if subscription is None:
        return LinkView(state=state)
    return LinkView(state=state, masked_address=_masked(session, subscription))


def confirm_by_link(session: Session, tokens: Tokens, token: str, now: datetime) -> LinkView:
    """Confirm what the link names, if it is still good; twice is harmless."""
    subscription, state = _find(session, tokens, token, now)
    if subscription is None or state is not LinkState.READY:
        return look_at_confirmation(session, tokens, token, now)
    _confirm(session, subscription, ConsentKind.CONFIRMED_BY_LINK, now)
    return LinkView(state=LinkState.DONE, masked_address=_masked(session, subscription))


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCode:
    """Six digits, and whose they are said to be."""

    address: EmailAddress
    code: str
    #: The caller's, for the limits.
    ip: str


def confirm_by_code(session: Session, tokens: Tokens, typed: TypedCode, now: datetime) -> bool:
    """Confirm the address if these are its digits; tell whether they are.

    The answer is the same no for an unknown address, a wrong code and too many tries, and so is
    the work, so that the time it takes tells nothing either.
    """
    is_allowed = may_use(session, Form.CODE, typed.ip, now)
    subscriber = find_subscriber_by_key(session, typed.address.key)
    subscription = None if subscriber is None else newest_subscription(session, subscriber.id)
    about = SubscriptionId(0) if subscription is None else subscription.id
    is_right = tokens.is_code(Purpose.CONFIRM, about, typed.code)
    if subscription is None or not is_allowed:
        return False
    # Guesses at the same moment are judged one after the other, or the count would not stop them.
    session.refresh(subscription, with_for_update=True)
    if not _takes_codes(subscription, now):
        return False
    if not is_right:
        subscription.tries += 1
        return False
    _confirm(session, subscription, ConsentKind.CONFIRMED_BY_CODE, now)
    return True


def _takes_codes(subscription: SubscriptionRow, now: datetime) -> bool:
    is_fresh = now - subscription.requested_at <= CONFIRMATION_VALID
    is_pending = subscription.status is SubscriptionStatus.PENDING
    return is_pending and is_fresh and subscription.tries < _MOST_TRIES


def disown(session: Session, tokens: Tokens, token: str, now: datetime) -> LinkView:
    """End what a stranger began and never write to the address again; twice is harmless."""
    view = look_at_disowning(session, tokens, token, now)
    if view.state is not LinkState.READY:
        return view
    subscription = find_subscription(session, _subject(tokens, Purpose.DISOWN, token, now))
    if subscription is None:
        return LinkView(state=LinkState.UNKNOWN)
    step = Step(
        event=SubscriptionEvent.LEAVE,
        kind=ConsentKind.DISOWNED,
        wording=DISOWN,
        source="link in the confirmation message",
        end_reason=EndReason.DISOWNED,
    )
    take_step(session, subscription, step, now)
    subscriber = find_subscriber(session, subscription.subscriber_id)
    if subscriber is not None:
        close_address(session, subscriber, SuppressionReason.DISOWNED, READER, now)
    return LinkView(state=LinkState.DONE, masked_address=view.masked_address)


def may_be_told(session: Session, subscription_id: SubscriptionId) -> bool:
    """Tell whether this subscription is still open, and its address not one to leave alone."""
    subscription = find_subscription(session, subscription_id)
    if subscription is None or subscription.status is SubscriptionStatus.ENDED:
        return False
    subscriber = find_subscriber(session, subscription.subscriber_id)
    if subscriber is None or subscriber.address is None:
        return False
    suppression = find_suppression(session, subscriber.address_hash)
    return suppression is None or suppression.reason.ends_by_confirming


def look_at_disowning(session: Session, tokens: Tokens, token: str, now: datetime) -> LinkView:
    """Say what the "it was not me" link is good for; changes nothing."""
    try:
        subscription = find_subscription(session, _subject(tokens, Purpose.DISOWN, token, now))
    except TokenExpired:
        return LinkView(state=LinkState.EXPIRED)
    except TokenRefused:
        return LinkView(state=LinkState.UNKNOWN)
    if subscription is None:
        return LinkView(state=LinkState.UNKNOWN)
    is_done = subscription.ended_reason is EndReason.DISOWNED
    state = LinkState.DONE if is_done else LinkState.READY
    return LinkView(state=state, masked_address=_masked(session, subscription))


def _find(
    session: Session, tokens: Tokens, token: str, now: datetime
) -> tuple[SubscriptionRow | None, LinkState]:
    try:
        subscription = find_subscription(session, _subject(tokens, Purpose.CONFIRM, token, now))
    except TokenExpired:
        return None, LinkState.EXPIRED
    except TokenRefused:
        return None, LinkState.UNKNOWN
    if subscription is None or subscription.status is SubscriptionStatus.ENDED:
        return None, LinkState.UNKNOWN
    is_done = subscription.status is SubscriptionStatus.CONFIRMED
    return subscription, LinkState.DONE if is_done else LinkState.READY


def _confirm(
    session: Session, subscription: SubscriptionRow, kind: ConsentKind, now: datetime
) -> None:
    by_link = kind is ConsentKind.CONFIRMED_BY_LINK
    step = Step(
        event=SubscriptionEvent.CONFIRM,
        kind=kind,
        wording=CONFIRM_BY_LINK if by_link else CONFIRM_BY_CODE,
        source="link in the confirmation message" if by_link else "code typed on the page",
    )
    take_step(session, subscription, step, now)
    subscriber = find_subscriber(session, subscription.subscriber_id)
    if subscriber is not None:
        open_address(session, subscriber, READER, now)


def _subject(tokens: Tokens, purpose: Purpose, token: str, now: datetime) -> SubscriptionId:
    return SubscriptionId(tokens.read(purpose, token, now))


def _masked(session: Session, subscription: SubscriptionRow) -> str:
    subscriber = find_subscriber(session, subscription.subscriber_id)
    return masked(subscriber.address) if subscriber and subscriber.address else ""
