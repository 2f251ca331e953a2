"""Closing runs that have nothing left to do, and noting what the relay says about a whole run."""

from __future__ import annotations

import logging

from topthree.domain.ids import RunId
from topthree.domain.issue import IssueEvent, next_status
from topthree.services.compose_issue import issue_to_change
from topthree.services.wiring import Wiring
from topthree.store.claims import (
    has_unfinished,
    release_claims,
    release_expired_claims,
    unfinished_due,
)
from topthree.store.deliveries import close_run
from topthree.store.runs import find_run, running_runs

_log = logging.getLogger(__name__)


def unfinished_runs(wiring: Wiring) -> tuple[RunId, ...]:
    """Return the runs that are still going, oldest first."""
    with wiring.reading() as session:
        return tuple(run.id for run in running_runs(session))


def finish_run(wiring: Wiring, run_id: RunId) -> bool:
    """Close the run if no delivery of it is left; tell whether it is closed. Twice is harmless."""
    with wiring.reading() as session:
        if has_unfinished(session, run_id):
            return False
    now = wiring.clock()
    with wiring.writing() as session:
        run = find_run(session, run_id)
        if run is None or not close_run(session, run, now):
            return True
        issue = issue_to_change(session, run.issue_id)
        issue.status = next_status(issue.status, IssueEvent.FINISH_RUN)
    _log.info("run %d done", run_id)
    return True


def has_due(wiring: Wiring, run_id: RunId) -> bool:
    """Tell whether anything of the run may be sent at this moment: before a relay is dialled."""
    now = wiring.clock()
    with wiring.reading() as session:
        return unfinished_due(session, run_id, now)


def note_trouble(wiring: Wiring, run_id: RunId, trouble: str) -> None:
    """Keep what the relay said for the desk; empty: it is well again."""
    with wiring.reading() as session:
        run = find_run(session, run_id)
        if run is None or run.trouble == trouble:
            return
    with wiring.writing() as session:
        run = find_run(session, run_id)
        if run is not None:
            run.trouble = trouble


def release_expired(wiring: Wiring) -> int:
    """Queue again what workers hold that have not been heard of since their lease ended."""
    now = wiring.clock()
    with wiring.writing() as session:
        return release_expired_claims(session, now)


def take_up_again(wiring: Wiring) -> int:
    """Queue again what this worker held when it ended, and what others lost; return how many."""
    now = wiring.clock()
    with wiring.writing() as session:
        return release_claims(session, worker=wiring.worker, now=now)
