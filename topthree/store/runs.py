"""Runs and their deliveries: the ledger that says who got an issue and who has yet to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeVarTuple, cast

from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    ForeignKey,
    Index,
    LargeBinary,
    Result,
    Select,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.delivery import DeliveryStatus, RunStatus
from topthree.domain.ids import ClaimId, IssueId, RunId, SubscriberId
from topthree.store.base import Table
from topthree.store.subscribers import mailable_subscribers

_Selected = TypeVarTuple("_Selected")
#: Where a delivery stands in the order in which they are claimed.
_Place = tuple[datetime, SubscriberId]

_WAITING_INDEX = "ix_deliveries_waiting"
#: The words of the index, spelled alike in every query: with parameters in their place, neither
#: SQLite nor a prepared statement of PostgreSQL can tell that the index holds what is asked for.
_IS_WAITING = "status in ('queued', 'deferred')"


class RunRow(Table, kw_only=True, repr=False):
    """One sending of one issue, with the bytes that everybody gets."""

    __tablename__ = "runs"

    id: Mapped[RunId] = mapped_column(primary_key=True, init=False)
    #: Unique: whatever opens runs, an issue has one.
    issue_id: Mapped[IssueId] = mapped_column(ForeignKey("issues.id"), unique=True)
    day: Mapped[date]
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.RUNNING, index=True)
    opened_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    audience: Mapped[int] = mapped_column(default=0)
    #: Deliveries by status, counted once when the run is closed; None before.
    final_counts: Mapped[dict[str, int] | None] = mapped_column(
        JSON(none_as_null=True), default=None
    )
    message_digest: Mapped[str]
    #: Goes into the Message-IDs, so that nobody can tell a subscriber from one.
    salt: Mapped[str]
    #: The relay's last complaint that concerned the run and not one recipient.
    trouble: Mapped[str] = mapped_column(default="")
    #: Whether the issues folder holds this run's record yet.
    recorded_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    #: How far claims have come, on PostgreSQL: where the next may begin to look.
    reached_due_at: Mapped[datetime | None] = mapped_column(default=None)
    reached_id: Mapped[SubscriberId | None] = mapped_column(default=None)
    # The large ones come last: SQLite reads a row from its beginning.
    #: The message with placeholders where each recipient's values go.
    message: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    html: Mapped[str] = mapped_column(deferred=True)
    text: Mapped[str] = mapped_column(deferred=True)


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
            _WAITING_INDEX,
            "run_id",
            "due_at",
            "subscriber_id",
            sqlite_where=sql(_IS_WAITING),
            postgresql_where=sql(_IS_WAITING),
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


def find_run(session: Session, run_id: RunId) -> RunRow | None:
    """Return the run with this id."""
    return session.get(RunRow, run_id)


def find_run_of_issue(session: Session, issue_id: IssueId) -> RunRow | None:
    """Return the run of this issue."""
    return session.scalars(select(RunRow).where(RunRow.issue_id == issue_id)).one_or_none()


def all_runs(session: Session) -> Sequence[RunRow]:
    """Return every run, newest first."""
    return session.scalars(select(RunRow).order_by(RunRow.id.desc())).all()


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


def running_runs(session: Session) -> Sequence[RunRow]:
    """Return the runs that have deliveries left, oldest first."""
    query = select(RunRow).where(RunRow.status == RunStatus.RUNNING).order_by(RunRow.id)
    return session.scalars(query).all()


def unrecorded_runs(session: Session) -> Sequence[RunId]:
    """Return the runs whose files in the issues folder are missing or old."""
    return session.scalars(select(RunRow.id).where(RunRow.recorded_at.is_(None))).all()


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


def has_unfinished(session: Session, run_id: RunId) -> bool:
    """Tell whether the run has anything left to do, now or later, here or in other hands."""
    return next_due_at(session, run_id) is not None or _has_claimed(session, run_id)


def next_due_at(session: Session, run_id: RunId) -> datetime | None:
    """Return when the run's next waiting delivery is, or was, due; None: none waits."""
    _read_in_order(session)
    query = _waiting(select(DeliveryRow.due_at), run_id).order_by(DeliveryRow.due_at)
    return session.scalars(query.limit(1)).one_or_none()


def unfinished_due(session: Session, run_id: RunId, now: datetime) -> bool:
    """Tell whether anything of the run may be claimed at this moment."""
    due_at = next_due_at(session, run_id)
    return due_at is not None and due_at <= now


def claim_due(
    session: Session, claim: ClaimRow, *, now: datetime, limit: int
) -> Sequence[SubscriberId]:
    """Put the run's next due deliveries under this claim and return whose they are.

    In the order of the index: who has waited longest first, and those who have waited equally
    long, as everybody has when a run opens, by subscriber.
    """
    _read_in_order(session)
    reached = _reached(session, claim.run_id)
    chosen = _lock_due(session, claim.run_id, now=now, limit=limit, reached=reached)
    if reached and len(chosen) < limit:
        # Of what was passed, something may wait again: a claim that was never committed.
        chosen = _lock_due(session, claim.run_id, now=now, limit=limit)
    if not chosen:
        return []
    subscriber_ids = [subscriber_id for _, subscriber_id in chosen]
    held = {"run_id": claim.run_id, "status": DeliveryStatus.CLAIMED, "claim_id": claim.id}
    # One by one by key: for a list of keys PostgreSQL reads the whole run while it has no
    # statistics of it.
    session.execute(
        update(DeliveryRow),
        [{**held, "subscriber_id": subscriber_id} for subscriber_id in subscriber_ids],
    )
    _note_reached(session, claim.run_id, chosen[-1])
    return subscriber_ids


def _lock_due(
    session: Session,
    run_id: RunId,
    *,
    now: datetime,
    limit: int,
    reached: _Place | None = None,
) -> Sequence[_Place]:
    place = (DeliveryRow.due_at, DeliveryRow.subscriber_id)
    due = _waiting(select(*place), run_id).where(DeliveryRow.due_at <= now)
    if reached is not None:
        due = due.where(tuple_(*place) > tuple_(*reached))
    due = due.order_by(*place).limit(limit).with_for_update(skip_locked=True)
    return [(due_at, subscriber_id) for due_at, subscriber_id in session.execute(due)]


def _reached(session: Session, run_id: RunId) -> _Place | None:
    query = select(RunRow.reached_due_at, RunRow.reached_id).where(RunRow.id == run_id)
    due_at, subscriber_id = session.execute(query).one()
    return None if due_at is None or subscriber_id is None else (due_at, subscriber_id)


def _note_reached(session: Session, run_id: RunId, place: _Place) -> None:
    """Let the next claim begin where this one ends, if the database needs to be told.

    PostgreSQL steps over every entry that has left the index until a vacuum takes it away;
    SQLite takes it away at once, and would write the whole message anew to keep this.
    """
    if not _is_postgresql(session):
        return
    due_at, subscriber_id = place
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(reached_due_at=due_at, reached_id=subscriber_id)
        .execution_options(synchronize_session=False)
    )


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _read_in_order(session: Session) -> None:
    """Keep PostgreSQL, for this transaction, from sorting a whole run to find its first rows.

    It does so while it has no statistics of a run yet, which is when everything still waits.
    """
    if _is_postgresql(session):
        session.execute(sql("SET LOCAL enable_sort = off"))


def _waiting(query: Select[*_Selected], run_id: RunId) -> Select[*_Selected]:
    """Narrow the query to what waits in this run, by way of the index that holds nothing else."""
    of_run = query.where(DeliveryRow.run_id == run_id, sql(_IS_WAITING))
    return of_run.with_hint(DeliveryRow, f"INDEXED BY {_WAITING_INDEX}", "sqlite")


def _has_claimed(session: Session, run_id: RunId) -> bool:
    query = (
        select(ClaimRow.id)
        .join(DeliveryRow, DeliveryRow.claim_id == ClaimRow.id)
        .where(ClaimRow.run_id == run_id)
    )
    return session.scalars(query.limit(1)).first() is not None


def release_claims(session: Session, *, worker: str, now: datetime) -> int:
    """Queue again what dead claims hold: this worker's own of before, and any whose lease ended."""
    return _release(session, or_(ClaimRow.worker == worker, ClaimRow.lease_until < now))


def release_expired_claims(session: Session, now: datetime) -> int:
    """Queue again what claims hold whose lease has ended."""
    return _release(session, ClaimRow.lease_until < now)


def release_claim(session: Session, claim_id: ClaimId) -> int:
    """Queue again what this claim still holds, and end it."""
    return _release(session, ClaimRow.id == claim_id)


def _release(session: Session, which: ColumnElement[bool]) -> int:
    chosen = select(ClaimRow.id).where(which)
    released = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.status == DeliveryStatus.CLAIMED, DeliveryRow.claim_id.in_(chosen))
        .values(status=DeliveryStatus.QUEUED, claim_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(ClaimRow).where(which).execution_options(synchronize_session=False))
    if _row_count(released):
        _look_from_the_beginning(session)
    return _row_count(released)


def _look_from_the_beginning(session: Session) -> None:
    session.execute(
        update(RunRow)
        .where(RunRow.status == RunStatus.RUNNING, RunRow.reached_due_at.is_not(None))
        .values(reached_due_at=None, reached_id=None)
        .execution_options(synchronize_session=False)
    )


def _row_count(result: Result[Any]) -> int:
    """Return how many rows an UPDATE changed; its result is a cursor's, whatever its type says."""
    return cast("CursorResult[Any]", result).rowcount


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
