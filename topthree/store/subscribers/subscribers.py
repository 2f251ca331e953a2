"""Subscribers, their subscriptions, the record of consent, and the suppressed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import (
    Exists,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    delete,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import SubscriberId, SubscriptionId
from topthree.domain.subscribers.subscription import (
    ConsentKind,
    EndReason,
    SubscriptionStatus,
    SuppressionReason,
)
from topthree.store.base import Table


class SubscriberRow(Table, kw_only=True, repr=False):
    """A person's address; erased, the row stays without it so that counts stay true."""

    __tablename__ = "subscribers"

    id: Mapped[SubscriberId] = mapped_column(primary_key=True, init=False)
    address: Mapped[str | None]
    address_key: Mapped[str | None] = mapped_column(unique=True)
    #: Keyed hash of the key; what suppressions know an address by.
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None] = mapped_column(default=None)


class SubscriptionRow(Table, kw_only=True, repr=False):
    """A dated consent. A new sign-up after leaving is a new row, so old links cannot revive it."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index(
            "uq_subscriptions_open",
            "subscriber_id",
            unique=True,
            sqlite_where=text("status <> 'ended'"),
            postgresql_where=text("status <> 'ended'"),
        ),
        Index("ix_subscriptions_status", "status", "subscriber_id"),
    )

    id: Mapped[SubscriptionId] = mapped_column(primary_key=True, init=False)
    subscriber_id: Mapped[SubscriberId] = mapped_column(ForeignKey("subscribers.id"), index=True)
    status: Mapped[SubscriptionStatus]
    source: Mapped[str]
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_reason: Mapped[EndReason | None] = mapped_column(default=None)
    #: Wrong codes typed so far.
    tries: Mapped[int] = mapped_column(default=0)


class ConsentRow(Table, kw_only=True, repr=False):
    """One step of a subscription's history. Rows are only added; the database refuses the rest."""

    __tablename__ = "consent_records"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    subscription_id: Mapped[SubscriptionId] = mapped_column(
        ForeignKey("subscriptions.id"), index=True
    )
    kind: Mapped[ConsentKind]
    at: Mapped[datetime]
    #: What the person read, word for word, or what the importing operator stated.
    wording: Mapped[str]
    #: Where it came from: a page, a message, a file.
    source: Mapped[str]


class SuppressionRow(Table, kw_only=True, repr=False):
    """An address that must not be mailed; outlives the subscriber."""

    __tablename__ = "suppressions"

    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    reason: Mapped[SuppressionReason]
    at: Mapped[datetime]


class SignUpRow(Table, kw_only=True, repr=False):
    """One use of the form, counted for the limits and then forgotten."""

    __tablename__ = "sign_ups"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    at: Mapped[datetime] = mapped_column(index=True)
    #: The sender's IPv4 /24 or IPv6 /64, never the whole address.
    network: Mapped[str] = mapped_column(index=True)


def find_subscriber(session: Session, subscriber_id: SubscriberId) -> SubscriberRow | None:
    """Return the subscriber with this id."""
    return session.get(SubscriberRow, subscriber_id)


def find_subscriber_by_key(session: Session, address_key: str) -> SubscriberRow | None:
    """Return the subscriber with this address."""
    query = select(SubscriberRow).where(SubscriberRow.address_key == address_key)
    return session.scalars(query).one_or_none()


def lock_subscriber_by_key(session: Session, address_key: str) -> SubscriberRow | None:
    """Return the subscriber with this address; whoever else asks so waits for us."""
    query = select(SubscriberRow).where(SubscriberRow.address_key == address_key)
    return session.scalars(query.with_for_update()).one_or_none()


def take_turn(session: Session, name: str) -> None:
    """Wait until no other transaction holds this turn; it is ours until this one ends.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def find_subscription(session: Session, subscription_id: SubscriptionId) -> SubscriptionRow | None:
    """Return the subscription with this id."""
    return session.get(SubscriptionRow, subscription_id)


def newest_subscription(session: Session, subscriber_id: SubscriberId) -> SubscriptionRow | None:
    """Return the subscriber's open subscription, or else the one that ended last."""
    query = select(SubscriptionRow).where(SubscriptionRow.subscriber_id == subscriber_id)
    return session.scalars(query.order_by(SubscriptionRow.id.desc()).limit(1)).one_or_none()


def find_suppression(session: Session, address_hash: bytes) -> SuppressionRow | None:
    """Return why this address must not be mailed, if so."""
    return session.get(SuppressionRow, address_hash)


def is_suppressed() -> Exists:
    """Say, in a query over subscribers, that the address is suppressed."""
    return exists().where(SuppressionRow.address_hash == SubscriberRow.address_hash)


def mailable_subscribers() -> Select[SubscriberId]:
    """Select the ids of those whom an issue may be sent to: confirmed and not suppressed."""
    return (
        select(SubscriberRow.id)
        .join(SubscriptionRow, SubscriptionRow.subscriber_id == SubscriberRow.id)
        .where(
            SubscriptionRow.status == SubscriptionStatus.CONFIRMED,
            SubscriberRow.address.is_not(None),
            ~is_suppressed(),
        )
    )


def consent_history(session: Session, subscriber_id: SubscriberId) -> list[ConsentRow]:
    """Return every recorded step of this person, oldest first."""
    query = (
        select(ConsentRow)
        .join(SubscriptionRow, SubscriptionRow.id == ConsentRow.subscription_id)
        .where(SubscriptionRow.subscriber_id == subscriber_id)
        .order_by(ConsentRow.id)
    )
    return list(session.scalars(query))


def count_by_status(session: Session) -> dict[SubscriptionStatus, int]:
    """Count subscriptions by status."""
    query = select(SubscriptionRow.status, func.count()).group_by(SubscriptionRow.status)
    counted = {status: count for status, count in session.execute(query)}  # noqa: C416
    return {status: counted.get(status, 0) for status in SubscriptionStatus}


def count_mailable_now(session: Session) -> int:
    """Count those whom an issue may be sent to, without reading them one by one.

    From an index of the confirmed; those of them who are suppressed are few, and looked up.
    """
    is_confirmed = SubscriptionRow.status == SubscriptionStatus.CONFIRMED
    confirmed = select(func.count()).select_from(SubscriptionRow).where(is_confirmed)
    suppressed = (
        select(func.count())
        .select_from(SuppressionRow)
        .join(SubscriberRow, SubscriberRow.address_hash == SuppressionRow.address_hash)
        .join(SubscriptionRow, SubscriptionRow.subscriber_id == SubscriberRow.id)
        .where(is_confirmed)
    )
    return session.scalars(confirmed).one() - session.scalars(suppressed).one()


def count_sign_ups(session: Session, since: datetime, network: str | None = None) -> int:
    """Count uses of the form since then, from one network or from all."""
    query = select(func.count()).select_from(SignUpRow).where(SignUpRow.at > since)
    if network is not None:
        query = query.where(SignUpRow.network == network)
    return session.scalars(query).one()


def stale_pending_subscriptions(
    session: Session, before: datetime, limit: int
) -> Sequence[SubscriptionRow]:
    """Return subscriptions that were asked for before then and never confirmed."""
    query = select(SubscriptionRow).where(
        SubscriptionRow.status == SubscriptionStatus.PENDING, SubscriptionRow.requested_at < before
    )
    return session.scalars(query.order_by(SubscriptionRow.id).limit(limit)).all()


def subscription_count(session: Session, subscriber_id: SubscriberId) -> int:
    """Count the person's subscriptions, ended ones too."""
    query = select(func.count()).select_from(SubscriptionRow)
    return session.scalars(query.where(SubscriptionRow.subscriber_id == subscriber_id)).one()


def forget_sign_ups(session: Session, before: datetime) -> None:
    """Delete the uses of the form before then; they served the limits only."""
    session.execute(delete(SignUpRow).where(SignUpRow.at < before))


def subscribers_with_newest_subscription(
    session: Session,
) -> Iterator[tuple[SubscriberRow, SubscriptionRow]]:
    """Yield everyone whose address is known with their newest subscription, by id."""
    newest = (
        select(func.max(SubscriptionRow.id).label("id"))
        .group_by(SubscriptionRow.subscriber_id)
        .subquery()
    )
    query = (
        select(SubscriberRow, SubscriptionRow)
        .join(SubscriptionRow, SubscriptionRow.subscriber_id == SubscriberRow.id)
        .join(newest, newest.c.id == SubscriptionRow.id)
        .where(SubscriberRow.address.is_not(None))
        .order_by(SubscriberRow.id)
        .execution_options(yield_per=1_000)
    )
    yield from session.execute(query)


def known_subscribers(
    session: Session, address_keys: Sequence[str]
) -> dict[str, SubscriptionStatus]:
    """Return, for those of these addresses that are known, where their newest subscription is."""
    query = (
        select(SubscriberRow.address_key, SubscriptionRow.status)
        .join(SubscriptionRow, SubscriptionRow.subscriber_id == SubscriberRow.id)
        .where(SubscriberRow.address_key.in_(address_keys))
        .order_by(SubscriptionRow.id)
    )
    # Later rows replace earlier ones, so the newest is what stays.
    return {key: status for key, status in session.execute(query) if key is not None}


def suppressed_hashes(session: Session, hashes: Sequence[bytes]) -> frozenset[bytes]:
    """Return those of these addresses, by hash, that are suppressed."""
    query = select(SuppressionRow.address_hash).where(SuppressionRow.address_hash.in_(hashes))
    return frozenset(session.scalars(query))


def count_suppressions(session: Session) -> int:
    """Count the addresses that must not be mailed."""
    return session.scalars(select(func.count()).select_from(SuppressionRow)).one()
