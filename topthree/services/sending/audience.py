"""Whom an issue goes to: all who subscribe, or those who got the issue that it corrects."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from topthree.domain.ids import RunId
from topthree.domain.refusal import Conflict
from topthree.store.sending.runs import RunRow, find_run_of_issue
from topthree.store.writing.issues import IssueRow, find_published_issue


def run_corrected_by(session: Session, issue: IssueRow) -> RunId | None:
    """Return the run to whose recipients this issue goes; None: to all who subscribe.

    :raises Conflict: if it corrects an issue of which nobody knows who got it, or not yet.
    """
    if issue.corrects is None:
        return None
    run = run_of_day(session, issue.corrects)
    if run is None:
        message = (
            f"It is not known who got the issue of {issue.corrects}, so a correction of it cannot"
            " be sent to them. Write an ordinary issue instead."
        )
        raise Conflict(message)
    if run.finished_at is None:
        message = (
            f"The issue of {issue.corrects} is still going out, and who gets it later would miss"
            " the correction. Wait until it is done, or stop it for good; then send this one."
        )
        raise Conflict(message)
    return run.id


def run_of_day(session: Session, day: date) -> RunRow | None:
    """Return the run of the issue that was published on this day."""
    first = find_published_issue(session, day)
    return None if first is None else find_run_of_issue(session, first.id)
