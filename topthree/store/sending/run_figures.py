"""Figures of a run: each comes from one pass over its deliveries, of whatever number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow

_UNSENT = (
    DeliveryStatus.DEFERRED,
    DeliveryStatus.HELD,
    DeliveryStatus.FAILED,
    DeliveryStatus.CANCELLED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries are in each state, and how many were accepted lately."""

    counts: dict[DeliveryStatus, int]
    accepted_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """Deliveries that were not accepted, for one cause."""

    status: DeliveryStatus
    cause: Cause | None
    count: int
    #: When the first of them is due.
    due_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainCount:
    """Deliveries in one state to one domain; an empty domain is that of erased addresses."""

    domain: str
    status: DeliveryStatus
    count: int
    #: The one whose turn came last, as runs go by subscriber.
    last: SubscriberId


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the relay said about one delivery."""

    cause: Cause | None
    code: int
    reply: str


def tally(session: Session, run_id: RunId, *, since: datetime) -> Tally:
    """Count the run's deliveries by status, and those accepted after this instant.

    Sums in one pass: grouping would sort a million rows first.
    """
    of_each = [_sum(DeliveryRow.status == status) for status in DeliveryStatus]
    lately = _sum(
        and_(DeliveryRow.status == DeliveryStatus.SENT, DeliveryRow.ended_at > since),
    )
    query = select(lately, *of_each).where(DeliveryRow.run_id == run_id)
    accepted_since, *counts = session.execute(query).one()
    return Tally(
        counts=dict(zip(DeliveryStatus, counts, strict=True)), accepted_since=accepted_since
    )


def unsent_by_cause(session: Session, run_id: RunId) -> tuple[Unsent, ...]:
    """Count what was put off, held, refused or cancelled by status and cause, most first."""
    query = (
        select(
            DeliveryRow.status,
            DeliveryRow.cause,
            func.count().label("count"),
            func.min(DeliveryRow.due_at).label("due_from"),
        )
        .where(DeliveryRow.run_id == run_id, DeliveryRow.status.in_(_UNSENT))
        .group_by(DeliveryRow.status, DeliveryRow.cause)
    )
    found = (Unsent(**row) for row in session.execute(query).mappings())
    return tuple(sorted(found, key=lambda unsent: (-unsent.count, unsent.status)))


def count_by_domain(session: Session, run_id: RunId) -> tuple[DomainCount, ...]:
    """Count the run's deliveries by the domain of the address and by status."""
    domain = _domain(session).label("domain")
    query = (
        select(
            domain,
            DeliveryRow.status,
            func.count().label("count"),
            func.max(DeliveryRow.subscriber_id).label("last"),
        )
        .join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        .where(DeliveryRow.run_id == run_id)
        .group_by(domain, DeliveryRow.status)
    )
    return tuple(DomainCount(**row) for row in session.execute(query).mappings())


def said_about(
    session: Session, run_id: RunId, subscriber_ids: Collection[SubscriberId]
) -> dict[SubscriberId, Said]:
    """Return what the relay last said about the deliveries to these."""
    query = select(
        DeliveryRow.subscriber_id, DeliveryRow.cause, DeliveryRow.code, DeliveryRow.reply
    ).where(DeliveryRow.run_id == run_id, DeliveryRow.subscriber_id.in_(subscriber_ids))
    return {
        subscriber_id: Said(cause=cause, code=code, reply=reply)
        for subscriber_id, cause, code, reply in session.execute(query)
    }


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _domain(session: Session) -> ColumnElement[str]:
    """Return what stands behind the “@”; an address has one, since none is quoted."""
    address = SubscriberRow.address
    if session.get_bind().dialect.name == "postgresql":
        return func.coalesce(func.split_part(address, "@", 2), "")
    return func.coalesce(func.substr(address, func.instr(address, "@") + 1), "")
