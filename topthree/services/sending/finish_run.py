"""Closing runs that have nothing left to do, and noting what the relay says about a whole run."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import SERVICE, Details
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import UNFINISHED
from topthree.domain.sending.run import RunEvent, RunStatus, next_run_status
from topthree.domain.writing.issue import IssueEvent, next_status
from topthree.services.audit.entries import about_run
from topthree.services.audit.log import record
from topthree.services.sending.claim_batch import stretch_of
from topthree.services.sending.soft_bounces import close_those_bouncing_for_long
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import issue_to_change
from topthree.store.sending.claims import cancel_waiting, has_unfinished, unfinished_due
from topthree.store.sending.deliveries import count_finally
from topthree.store.sending.releases import release_claims, release_expired_claims
from topthree.store.sending.runs import RunRow, find_run, goes_on, lock_run, open_runs

_log = logging.getLogger(__name__)

#: So many deliveries are cancelled in one transaction: nobody waits long for the database.
_PART = 5_000


def unfinished_runs(wiring: Wiring) -> tuple[RunId, ...]:
    """Return the runs that something may be done for, oldest first."""
    with wiring.reading() as session:
        return tuple(
            run.id
            for run in open_runs(session)
            if run.prepared_at is not None and run.status is not RunStatus.PAUSED
        )


def finish_run(wiring: Wiring, run_id: RunId) -> bool:
    """Close the run if no delivery of it is left; tell whether it is closed. Twice is harmless.

    Of a cancelled run, what waits is cancelled first. What is not prepared yet is not closed.
    """
    with wiring.reading() as session:
        run = find_run(session, run_id)
    if run is not None and run.prepared_at is None:
        return False
    if run is not None and run.status is RunStatus.CANCELLED:
        while _cancel_part(wiring, run_id):
            pass
    with wiring.reading() as session:
        if has_unfinished(session, run_id):
            return False
    now = wiring.clock()
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is None or run.finished_at is not None:
            return True
        if run.status is RunStatus.PAUSED or has_unfinished(session, run_id):
            return False
        if not _close(session, run, now):
            session.rollback()
            _log.error("run %d has deliveries in no hand; it stays open", run_id)
            return False
        details: Details = {"status": run.status, **(run.final_counts or {})}
        record(session, about_run(SERVICE, Act.RUN_FINISHED, run, details), now)
    closed = close_those_bouncing_for_long(wiring, run_id)
    _log.info("run %d is %s; %d addresses closed for bouncing", run_id, run.status, closed)
    return True


def _cancel_part(wiring: Wiring, run_id: RunId) -> int:
    now = wiring.clock()
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is None or run.status is not RunStatus.CANCELLED:
            return 0
        return cancel_waiting(session, run_id, now=now, limit=_PART)


def _close(session: Session, run: RunRow, now: datetime) -> bool:
    """Close the run with its final counts, unless these show that it is not over."""
    count_finally(session, run)
    if any((run.final_counts or {})[status.value] for status in UNFINISHED):
        return False
    run.status = next_run_status(run.status, RunEvent.FINISH)
    run.finished_at, run.trouble = now, ""
    issue = issue_to_change(session, run.issue_id)
    issue.status = next_status(issue.status, IssueEvent.FINISH_RUN)
    return True


def has_due(wiring: Wiring, run_id: RunId) -> bool:
    """Tell whether anything of the run may be sent at this moment: before a relay is dialled."""
    now = wiring.clock()
    with wiring.reading() as session:
        run = find_run(session, run_id)
        if run is None or not goes_on(run):
            return False
        if not wiring.conduct.of(stretch_of(run)).is_ready(wiring.elapsed()):
            return False
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
        return release_expired_claims(session, now, wiring.doubts)


def take_up_again(wiring: Wiring) -> int:
    """Queue again what this worker held when it ended, and what others lost; return how many."""
    now = wiring.clock()
    with wiring.writing() as session:
        return release_claims(session, wiring.doubts, worker=wiring.worker, now=now)
