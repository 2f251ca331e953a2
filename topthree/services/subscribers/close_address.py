"""Closing an address to our mail, and opening it again; each is recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.act import Act
from topthree.domain.audit import Entry, Thing, ThingKind, Who
from topthree.domain.subscription import SuppressionReason
from topthree.services.audit.log import record
from topthree.store.subscribers import SubscriberRow, SuppressionRow, find_suppression


def close_address(
    session: Session,
    subscriber: SubscriberRow,
    reason: SuppressionReason,
    who: Who,
    now: datetime,
) -> None:
    """Never write to this address again; twice is harmless, and the first reason stays."""
    if find_suppression(session, subscriber.address_hash):
        return
    row = SuppressionRow(address_hash=subscriber.address_hash, reason=reason, at=now)
    session.add(row)
    record(session, _entry(Act.SUPPRESSED, subscriber, reason, who), now)


def open_address(session: Session, subscriber: SubscriberRow, who: Who, now: datetime) -> None:
    """Write to this address again if it was closed because it took no mail, and for nothing else.

    The address has just proved that it does.
    """
    suppression = find_suppression(session, subscriber.address_hash)
    if suppression is None or suppression.reason is not SuppressionReason.HARD_BOUNCE:
        return
    session.delete(suppression)
    record(session, _entry(Act.SUPPRESSION_LIFTED, subscriber, suppression.reason, who), now)


def _entry(act: Act, subscriber: SubscriberRow, reason: SuppressionReason, who: Who) -> Entry:
    about = Thing(
        kind=ThingKind.SUPPRESSION, id=str(subscriber.id), label=subscriber.address or "erased"
    )
    return Entry(who=who, act=act, about=about, details={"reason": reason})
