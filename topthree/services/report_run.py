"""How a run is going: counts by state, and the relay's own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from topthree.domain.delivery import UNFINISHED, DeliveryStatus, RunStatus
from topthree.domain.ids import IssueId, RunId
from topthree.domain.refusal import NotFound
from topthree.services.read_desk import read_issue
from topthree.store.runs import RunRow, all_runs, count_deliveries, find_run


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
    return tuple(_view(session, run) for run in all_runs(session))


def read_run(session: Session, run_id: RunId) -> RunView:
    """Return the run with this id.

    :raises NotFound: if there is none.
    """
    run = find_run(session, run_id)
    if run is None:
        message = f"There is no run {run_id}. See the list of runs."
        raise NotFound(message)
    return _view(session, run)


def _view(session: Session, run: RunRow) -> RunView:
    issue = read_issue(session, run.issue_id)
    return RunView(
        id=run.id,
        issue_id=run.issue_id,
        subject=issue.content.subject,
        number=issue.number,
        day=run.day,
        status=run.status,
        audience=run.audience,
        counts=count_deliveries(session, run.id),
        opened_at=run.opened_at,
        finished_at=run.finished_at,
        trouble=run.trouble,
    )
