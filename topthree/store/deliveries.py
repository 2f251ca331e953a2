"""Deliveries and claims: the ledger that says who got an issue and who has yet to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.run import RunStatus
from topthree.store.base import Table
from topthree.store.runs import RunRow
from topthree.store.subscribers import mailable_subscribers

WAITING_INDEX = "ix_deliveries_waiting"
#: The words of the index, spelled alike in every query: with parameters in their place, neither
#: SQLite nor a prepared statement of PostgreSQL can tell that the index holds what is asked for.
IS_WAITING = "status in ('queued', 'deferred')"


class ClaimRow(Table, kw_only=True, repr=False):
    """A worker's hold on some deliveries, until the lease ends."""

    __tablename__ = "claims"

    id: Mapped[ClaimId] = mapped_column(primary_key=True, init=False)
    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), index=True)
    worker: Mapped[str] = mapped_column(index=True)
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime]


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
        Index(
            "ix_deliveries_claim_id",
            "claim_id",
            sqlite_where=sql("claim_id is not null"),
            postgresql_where=sql("claim_id is not null"),
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
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    #: SMTP reply code and text of the last attempt, in the relay's own words.
    code: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str] = mapped_column(default="")


def freeze_audience(session: Session, run_id: RunId, now: datetime) -> int:
    """Queue a delivery for everyone who may be mailed now, and return how many that is."""
    chosen = mailable_subscribers().add_columns(
        literal(run_id),
        literal(DeliveryStatus.QUEUED.value),
        literal(0),
        literal(now, DeliveryRow.due_at.type),
        literal(0),
        literal(""),
    )
    columns = ["subscriber_id", "run_id", "status", "attempts", "due_at", "code", "reply"]
    session.execute(insert(DeliveryRow).from_select(columns, chosen))
    counted = select(func.count()).where(DeliveryRow.run_id == run_id)
    return session.scalars(counted).one()


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


def close_run(session: Session, run: RunRow, now: datetime) -> bool:
    """Close the run with its final counts; tell whether it was open until now.

    Whoever else wants to close it waits for us, and is then told that it was not.
    """
    # A refresh would drop what is not written yet.
    session.flush()
    session.refresh(run, ["status"], with_for_update=True)
    if run.status is RunStatus.DONE:
        return False
    counts = count_deliveries(session, [run.id])[run.id]
    run.final_counts = {status.value: count for status, count in counts.items()}
    run.status, run.finished_at, run.trouble = RunStatus.DONE, now, ""
    # The record in the issues folder is written anew, with the final counts.
    run.recorded_at = None
    return True


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
