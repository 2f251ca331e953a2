"""How a run is going: counts by state, and the relay's own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.archive.issue_key import IssueKey, key_of
from topthree.domain.ids import IssueId, RunId
from topthree.domain.sending.delivery import UNFINISHED, DeliveryStatus
from topthree.domain.sending.feedback import FeedbackKind
from topthree.domain.sending.run import NoSuchRun, RunStatus
from topthree.domain.sending.run_words import run_words
from topthree.store.sending.deliveries import count_deliveries
from topthree.store.sending.feedback import count_feedback
from topthree.store.sending.runs import RunRow, all_runs, find_run, open_runs
from topthree.store.writing.issue_lists import IssueTitle, titles_of

Counts = dict[DeliveryStatus, int]
#: Counts the deliveries of a run that still change, or remembers what was counted lately.
Counter = Callable[[Session, RunId], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One sending of one issue."""

    id: RunId
    issue_id: IssueId
    subject: str
    number: int
    day: date
    #: What names its issue in addresses.
    key: IssueKey
    status: RunStatus
    #: How many it was opened for; the counts add up to it in every state.
    audience: int
    counts: Counts
    opened_at: datetime
    #: When the list of those who get it was whole; None: it is being written.
    prepared_at: datetime | None
    #: When the seed addresses had got it, which go before all others.
    seeds_accepted_at: datetime | None
    finished_at: datetime | None
    #: What has not been accepted by then has failed.
    give_up_at: datetime
    #: While it is paused or cancelled: why, and by whom.
    standing: str
    #: What the relay last said that concerned the run as a whole; empty: nothing.
    trouble: str

    @property
    def state(self) -> str:
        """What the state is called, for people."""
        return run_words(
            self.status,
            is_prepared=self.prepared_at is not None,
            is_seeded=self.seeds_accepted_at is not None,
        )

    @property
    def unfinished(self) -> int:
        """How many are still to be tried."""
        return sum(self.counts[status] for status in UNFINISHED)


def list_runs(session: Session, count: Counter | None = None) -> tuple[RunView, ...]:
    """Return every run, newest first."""
    return _views(session, all_runs(session), count or count_now)


def list_open_runs(session: Session, count: Counter | None = None) -> tuple[RunView, ...]:
    """Return the runs that are not over, oldest first."""
    return _views(session, open_runs(session), count or count_now)


def read_run(session: Session, run_id: RunId, count: Counter | None = None) -> RunView:
    """Return the run with this id.

    :raises NotFound: if there is none.
    """
    run = run_there(session, run_id)
    (view,) = _views(session, [run], count or count_now)
    return view


def run_there(session: Session, run_id: RunId) -> RunRow:
    """Return the row of the run with this id.

    :raises NotFound: if there is none.
    """
    run = find_run(session, run_id)
    if run is None:
        raise NoSuchRun(run_id)
    return run


def count_now(session: Session, run_id: RunId) -> Counts:
    """Count the run's deliveries by status."""
    return count_deliveries(session, [run_id])[run_id]


def count_came_back(session: Session, run_id: RunId) -> dict[FeedbackKind, int]:
    """Count the bounces and complaints about the run; they go on coming when it is over."""
    counts = dict.fromkeys(FeedbackKind, 0)
    for (kind, _), count in count_feedback(session, run_id).items():
        counts[kind] += count
    return counts


def _views(session: Session, runs: Sequence[RunRow], count: Counter) -> tuple[RunView, ...]:
    titles = titles_of(session, [run.issue_id for run in runs])
    return tuple(_view(run, titles[run.issue_id], _counts(session, run, count)) for run in runs)


def _counts(session: Session, run: RunRow, count: Counter) -> Counts:
    """Return the counts of the run; only what still changes is counted."""
    if run.final_counts is None:
        return count(session, run.id)
    return {status: run.final_counts[status] for status in DeliveryStatus}


def _view(run: RunRow, title: IssueTitle, counts: Counts) -> RunView:
    return RunView(
        id=run.id,
        issue_id=run.issue_id,
        subject=title.subject,
        number=title.number,
        day=run.day,
        key=key_of(run.day, title.number, title.corrects),
        status=run.status,
        audience=run.audience,
        counts=counts,
        opened_at=run.opened_at,
        prepared_at=run.prepared_at,
        seeds_accepted_at=run.seeds_accepted_at,
        finished_at=run.finished_at,
        give_up_at=run.give_up_at,
        standing=run.standing,
        trouble=run.trouble,
    )
