"""Deliveries and claims: the ledger that says who got an issue and who has yet to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    TableClause,
    Update,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.store.base import Table
from topthree.store.sending.runs import RunRow

WAITING_INDEX = "ix_deliveries_waiting"
#: The words of the index, spelled alike in every query: with parameters in their place, neither
#: SQLite nor a prepared statement of PostgreSQL can tell that the index holds what is asked for.
IS_WAITING = "status in ('queued', 'deferred')"


class ClaimRow(Table, kw_only=True, repr=False):
    """A hold on some deliveries: a worker's, until the lease ends, or a queue's, until one begins.

    Nothing of a claim is sent before its worker and its lease are written down.
    """

    __tablename__ = "claims"
    #: SQLite would give the number of a claim that ended to the next one, and a worker that wakes
    #: up late would take that for its own.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[ClaimId] = mapped_column(primary_key=True, init=False)
    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), index=True)
    claimed_at: Mapped[datetime]
    #: Who sends it; empty: nobody has begun.
    worker: Mapped[str] = mapped_column(default="", index=True)
    #: Which start it was of what keeps commits that are not flushed; after another one they may be
    #: forgotten.
    boot: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    #: Providers being opened again a little at a time, of which this claim holds deliveries.
    recovering: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    #: Whose deliveries are under it, in the order in which they are sent. An index of deliveries by
    #: claim would say the same, and cost each message as much again as recording it.
    subscriber_ids: Mapped[list[SubscriberId]] = mapped_column(JSON, default_factory=list)


class DeliveryRow(Table, kw_only=True, repr=False):
    """One issue to one subscriber. The key makes a second one impossible."""

    __tablename__ = "deliveries"
    __table_args__ = (
        # What has been sent leaves it, so that its first entry is always the next to be sent.
        Index(
            WAITING_INDEX,
            "run_id",
            "due_at",
            "subscriber_id",
            sqlite_where=sql(IS_WAITING),
            postgresql_where=sql(IS_WAITING),
        ),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    subscriber_id: Mapped[SubscriberId] = mapped_column(
        ForeignKey("subscribers.id"), primary_key=True
    )
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.QUEUED)
    claim_id: Mapped[ClaimId | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    #: When its turn is, if a place was reserved for it in its provider's pace.
    turn_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    #: Why the last attempt ended as it did; None before the first.
    cause: Mapped[Cause | None] = mapped_column(default=None)
    #: SMTP reply code and text of the last attempt, in the relay's own words.
    code: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str] = mapped_column(default="")


def count_deliveries(
    session: Session, run_ids: Collection[RunId]
) -> dict[RunId, dict[DeliveryStatus, int]]:
    """Count the deliveries of these runs by status.

    The sum over a run is its audience in every committed state.
    """
    counts = {run_id: dict.fromkeys(DeliveryStatus, 0) for run_id in run_ids}
    if not run_ids:
        return counts
    query = select(DeliveryRow.run_id, DeliveryRow.status, func.count())
    query = query.where(DeliveryRow.run_id.in_(run_ids))
    for run_id, status, count in session.execute(
        query.group_by(DeliveryRow.run_id, DeliveryRow.status)
    ):
        counts[run_id][status] = count
    return counts


def count_finally(session: Session, run: RunRow) -> None:
    """Keep the counts of a run in which nothing is left to try."""
    counts = count_deliveries(session, [run.id])[run.id]
    run.final_counts = {status.value: count for status, count in counts.items()}
    # The record in the issues folder is written anew, with these counts.
    run.recorded_at = None


def deliveries_of(
    session: Session, subscriber_id: SubscriberId
) -> Sequence[tuple[date, DeliveryRow]]:
    """Return the days and deliveries of every issue that was meant for this person."""
    days = dict(iter(session.execute(select(RunRow.id, RunRow.day))))
    # Naming the runs makes this one look-up by key for each, where a join reads every delivery.
    query = select(DeliveryRow).where(
        DeliveryRow.run_id.in_(days), DeliveryRow.subscriber_id == subscriber_id
    )
    deliveries = session.scalars(query).all()
    return sorted(
        ((days[delivery.run_id], delivery) for delivery in deliveries), key=lambda pair: pair[0]
    )


def one_delivery() -> Update:
    """Begin an UPDATE of the delivery that is named by its key; see :func:`named_under`.

    Not by way of the rows' objects, which takes several times as long. One by one and by key: for
    a list of keys PostgreSQL reads the whole run while it has no statistics of it.
    """
    return update(_DELIVERIES).where(
        DeliveryRow.run_id == bindparam("of"), DeliveryRow.subscriber_id == bindparam("to")
    )


def named_under(claim: ClaimRow, subscriber_ids: Sequence[SubscriberId]) -> list[dict[str, object]]:
    """Return what names these deliveries, and the claim, for a statement about each."""
    return [{"of": claim.run_id, "to": to, "held_by": claim.id} for to in subscriber_ids]


_DELIVERIES = cast("TableClause", DeliveryRow.__table__)
