"""Runs: one sending of one issue, with the bytes that everybody gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    LargeBinary,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from topthree.domain.ids import IssueId, RunId, SubscriberId
from topthree.domain.sending.run import RunStatus
from topthree.store.base import Table


class RunRow(Table, kw_only=True, repr=False):
    """One sending of one issue, with the bytes that everybody gets."""

    __tablename__ = "runs"

    id: Mapped[RunId] = mapped_column(primary_key=True, init=False)
    #: Unique: whatever opens runs, an issue has one.
    issue_id: Mapped[IssueId] = mapped_column(ForeignKey("issues.id"), unique=True)
    day: Mapped[date]
    #: The run whose recipients it goes to, those who accepted it; None: all who subscribe.
    audience_of: Mapped[RunId | None] = mapped_column(ForeignKey("runs.id"), default=None)
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.RUNNING)
    #: In words for people, while the run is paused or cancelled: why, and by whom.
    standing: Mapped[str] = mapped_column(default="")
    #: How often a person has resumed it.
    resumptions: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    #: What has not been accepted by then has failed.
    give_up_at: Mapped[datetime]
    #: Whether everybody who gets it is in the ledger; before, nothing is sent.
    prepared_at: Mapped[datetime | None] = mapped_column(default=None)
    #: How far the ledger is prepared, and the last subscriber who was there when the run opened.
    prepared_to: Mapped[SubscriberId] = mapped_column(default=SubscriberId(0))
    prepare_until: Mapped[SubscriberId]
    #: Confirmed subscribers that were looked at = audience + excluded, those who are suppressed.
    candidates: Mapped[int] = mapped_column(default=0)
    excluded: Mapped[int] = mapped_column(default=0)
    #: The seed addresses that got it, when all had, and when the next try at the others is due.
    seeds_accepted: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    seeds_accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    seeds_due_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
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
    #: Up to which correction of its page its letter is corrected; 0: it sends what is below.
    corrected_to: Mapped[int] = mapped_column(default=0)
    # The large ones come last: SQLite reads a row from its beginning.
    #: The message with placeholders where each recipient's values go.
    message: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    html: Mapped[str] = mapped_column(deferred=True)
    text: Mapped[str] = mapped_column(deferred=True)


def goes_on(run: RunRow) -> bool:
    """Tell whether deliveries of the run may leave."""
    is_begun = run.prepared_at is not None and run.seeds_accepted_at is not None
    return is_begun and run.status is RunStatus.RUNNING


def find_run(session: Session, run_id: RunId) -> RunRow | None:
    """Return the run with this id."""
    return session.get(RunRow, run_id)


def find_run_and_message(session: Session, run_id: RunId) -> RunRow | None:
    """Return the run with this id, and with it what it sends."""
    return session.get(RunRow, run_id, options=[undefer(RunRow.message)])


def find_run_of_issue(session: Session, issue_id: IssueId) -> RunRow | None:
    """Return the run of this issue."""
    return session.scalars(select(RunRow).where(RunRow.issue_id == issue_id)).one_or_none()


def all_runs(session: Session) -> Sequence[RunRow]:
    """Return every run, newest first."""
    return session.scalars(select(RunRow).order_by(RunRow.id.desc())).all()


def open_runs(session: Session) -> Sequence[RunRow]:
    """Return the runs that are not finished, paused ones too, oldest first."""
    query = select(RunRow).where(RunRow.finished_at.is_(None)).order_by(RunRow.id)
    return session.scalars(query).all()


def newest_salts(session: Session, runs: int) -> list[tuple[RunId, str]]:
    """Return the newest so many runs with their salts, newest first."""
    query = select(RunRow.id, RunRow.salt).order_by(RunRow.id.desc()).limit(runs)
    return [(run_id, salt) for run_id, salt in session.execute(query)]


def lock_run(session: Session, run_id: RunId) -> RunRow | None:
    """Return the run as it is now; whoever else asks so waits for us."""
    query = select(RunRow).where(RunRow.id == run_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def unrecorded_runs(session: Session) -> Sequence[RunId]:
    """Return the runs whose files in the issues folder are missing or old."""
    return session.scalars(select(RunRow.id).where(RunRow.recorded_at.is_(None))).all()
