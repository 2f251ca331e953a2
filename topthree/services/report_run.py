"""How a run is going: counts by state, and the relay's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.delivery import UNFINISHED, DeliveryStatus
from topthree.domain.ids import IssueId, RunId
from topthree.domain.refusal import NotFound
from topthree.domain.run import RunStatus
from topthree.store.deliveries import count_deliveries
from topthree.store.issue_lists import IssueTitle, titles_of
from topthree.store.runs import RunRow, all_runs, find_run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One sending of one issue."""

    id: RunId
    issue_id: IssueId
    subject: str
    number: int
    day: date
    status: RunStatus
    #: How many it was opened for; the counts add up to it in every state.
    audience: int
    counts: dict[DeliveryStatus, int]
    opened_at: datetime
    finished_at: datetime | None
    #: What the relay last said that concerned the run as a whole; empty: nothing.
    trouble: str

    @property
    def unfinished(self) -> int:
        """How many are still to be tried."""
        return sum(self.counts[status] for status in UNFINISHED)


def list_runs(session: Session) -> tuple[RunView, ...]:
    """Return every run, newest first."""
    runs = all_runs(session)
    titles = titles_of(session, [run.issue_id for run in runs])
    counts = _counts(session, runs)
    return tuple(_view(run, titles[run.issue_id], counts[run.id]) for run in runs)


def read_run(session: Session, run_id: RunId) -> RunView:
    """Return the run with this id.

    :raises NotFound: if there is none.
    """
    run = find_run(session, run_id)
    if run is None:
        message = f"There is no run {run_id}. See the list of runs."
        raise NotFound(message)
    titles = titles_of(session, [run.issue_id])
    return _view(run, titles[run.issue_id], _counts(session, [run])[run.id])


def _counts(session: Session, runs: Sequence[RunRow]) -> dict[RunId, dict[DeliveryStatus, int]]:
    """Return the counts of these runs; only those that still change are counted."""
    final = {run.id: run.final_counts for run in runs if run.final_counts is not None}
    counts = count_deliveries(session, [run.id for run in runs if run.id not in final])
    return counts | {
        run_id: {status: counted[status] for status in DeliveryStatus}
        for run_id, counted in final.items()
    }


def _view(run: RunRow, title: IssueTitle, counts: dict[DeliveryStatus, int]) -> RunView:
    return RunView(
        id=run.id,
        issue_id=run.issue_id,
        subject=title.subject,
        number=title.number,
        day=run.day,
        status=run.status,
        audience=run.audience,
        counts=counts,
        opened_at=run.opened_at,
        finished_at=run.finished_at,
        trouble=run.trouble,
    )
