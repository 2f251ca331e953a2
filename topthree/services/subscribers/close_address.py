"""Closing an address to our mail, and opening it again; each is recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Entry, Thing, ThingKind, Who
from topthree.domain.refusal import Conflict, NotFound
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import SuppressionReason
from topthree.services.audit.log import record
from topthree.store.installation import hash_address
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SuppressionRow,
    find_subscriber_by_key,
    find_suppression,
)

_OF_A_MAILBOX = (SuppressionReason.HARD_BOUNCE, SuppressionReason.SOFT_BOUNCES)


def close_address(
    session: Session,
    subscriber: SubscriberRow,
    reason: SuppressionReason,
    who: Who,
    now: datetime,
) -> None:
    """Never write to this address again; twice is harmless, in whatever order.

    The first reason stays, but for that of a mailbox, which gives way to what a person wants.
    """
    known = find_suppression(session, subscriber.address_hash)
    if known is not None:
        if known.reason not in _OF_A_MAILBOX or reason in _OF_A_MAILBOX:
            return
        session.delete(known)
        session.flush()
    row = SuppressionRow(address_hash=subscriber.address_hash, reason=reason, at=now)
    session.add(row)
    record(session, _entry(Act.SUPPRESSED, subscriber, reason, who), now)


def open_address(session: Session, subscriber: SubscriberRow, who: Who, now: datetime) -> None:
    """Write to this address again, unless it was closed for what confirming does not end.

    Its owner has just confirmed that they want the letter, and that the address takes mail.
    """
    suppression = find_suppression(session, subscriber.address_hash)
    if suppression is None or not suppression.reason.ends_by_confirming:
        return
    session.delete(suppression)
    record(session, _entry(Act.SUPPRESSION_LIFTED, subscriber, suppression.reason, who), now)


def reopen_address(
    session: Session, address: EmailAddress, because: str, who: Who, now: datetime
) -> SuppressionReason:
    """Let the owner of a closed address have the letter again; return why it was closed.

    Nobody is subscribed by it: whoever said “It was not me” signs up and confirms like everyone.

    :raises NotFound: if the address is not closed.
    :raises Conflict: if its owner reported the letter as unwanted, which is theirs to take back.
    """
    suppression = find_suppression(session, hash_address(session, address.key))
    if suppression is None:
        raise NotFound(f"{address} is not closed to our mail.")
    if suppression.reason is SuppressionReason.COMPLAINT:
        message = (
            f"{address} reported the letter as unwanted, so it stays closed"
            " until its owner signs up and confirms."
        )
        raise Conflict(message)
    session.delete(suppression)
    subscriber = find_subscriber_by_key(session, address.key)
    about = Thing(
        kind=ThingKind.SUPPRESSION, id=str(subscriber.id) if subscriber else "", label=str(address)
    )
    details: Details = {"reason": suppression.reason, "because": because}
    entry = Entry(who=who, act=Act.SUPPRESSION_LIFTED, about=about, details=details)
    record(session, entry, now)
    return suppression.reason


def _entry(act: Act, subscriber: SubscriberRow, reason: SuppressionReason, who: Who) -> Entry:
    about = Thing(
        kind=ThingKind.SUPPRESSION, id=str(subscriber.id), label=subscriber.address or "erased"
    )
    return Entry(who=who, act=act, about=about, details={"reason": reason})
