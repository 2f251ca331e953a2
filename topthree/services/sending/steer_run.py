"""Steering a run: pause, resume, cancel, send to those who were missed, decide about the uncertain.

A sender sees each of these before its next message.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import Details, Who
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.delivery import GIVE_UP_AFTER, DeliveryEvent
from topthree.domain.sending.run import NoSuchRun, RunEvent, RunStatus, next_run_status
from topthree.domain.writing.issue import IssueEvent, next_status
from topthree.services.audit.entries import about_run
from topthree.services.audit.log import record
from topthree.services.sending.letter_of_run import require_no_known_slip
from topthree.services.wiring import Wiring
from topthree.services.writing.compose_issue import issue_to_change
from topthree.store.sending.decisions import change_held, requeue_missed
from topthree.store.sending.deliveries import count_finally
from topthree.store.sending.runs import RunRow, lock_run

_log = logging.getLogger(__name__)

#: So many deliveries change in one transaction: nobody waits long for the database.
_PART = 5_000


def pause_run(wiring: Wiring, run_id: RunId, reason: str, who: Who) -> None:
    """Stop the run until a person resumes it; the reason is shown to people.

    The first reason stays: what comes after it is no news.

    :raises Conflict: if it is over.
    """
    with wiring.writing() as session:
        run = _run_to_change(session, run_id)
        if run.status is not RunStatus.PAUSED:
            _move(run, RunEvent.PAUSE, reason)
            entry = about_run(who, Act.RUN_PAUSED, run, {"reason": reason})
            record(session, entry, wiring.clock())


def resume_run(wiring: Wiring, run_id: RunId, who: Who) -> None:
    """Let a paused run go on; what waited has the usual time again. Twice is harmless.

    :raises Conflict: if it is over, or would send a slip that was corrected on its page.
    """
    now = wiring.clock()
    with wiring.writing() as session:
        run = _run_to_change(session, run_id)
        if run.status is RunStatus.RUNNING:
            return
        _move(run, RunEvent.RESUME, "")
        require_no_known_slip(session, run)
        run.resumptions += 1
        run.give_up_at = max(run.give_up_at, now + GIVE_UP_AFTER)
        details = {"resumptions": run.resumptions}
        record(session, about_run(who, Act.RUN_RESUMED, run, details), now)


def cancel_run(wiring: Wiring, run_id: RunId, reason: str, who: Who) -> None:
    """Stop the run for good; what was sent stays sent, and what waits is cancelled.

    The first reason stays, as when it is paused.

    :raises Conflict: if it is over.
    """
    with wiring.writing() as session:
        run = _run_to_change(session, run_id)
        if run.status is not RunStatus.CANCELLED:
            _move(run, RunEvent.CANCEL, reason)
            entry = about_run(who, Act.RUN_CANCELLED, run, {"reason": reason})
            record(session, entry, wiring.clock())


def send_to_missed(wiring: Wiring, run_id: RunId, who: Who) -> int:
    """Queue again what failed for no fault of the address, and what was cancelled; return how many.

    The run goes on, and has the usual time again. Who cancels it meanwhile has the last word.

    :raises Conflict: if they would get a slip that was corrected on its page.
    """
    began = wiring.clock()
    missed = part = _requeue_part(wiring, run_id, began, first_by=who)
    while part:
        part = _requeue_part(wiring, run_id, began)
        missed += part
    _log.info("run %d: %d deliveries are queued again", run_id, missed)
    return missed


def settle_held(
    wiring: Wiring,
    run_id: RunId,
    decision: DeliveryEvent,
    subscriber_ids: Sequence[SubscriberId],
    who: Who,
) -> int:
    """Decide about deliveries that may have been accepted; return how many it was about.

    `decision` is COUNT_AS_SENT (“they got it”) or SEND_AGAIN. What is no longer held is left alone.

    :raises Conflict: if they would get a slip that was corrected on its page.
    """
    now = wiring.clock()
    with wiring.writing() as session:
        run = _run_to_change(session, run_id)
        if decision is DeliveryEvent.SEND_AGAIN:
            require_no_known_slip(session, run)
        settled = change_held(session, run_id, decision, subscriber_ids, now=now)
        if settled and decision is DeliveryEvent.SEND_AGAIN:
            _reopen(session, run, now)
        elif run.finished_at is not None:
            count_finally(session, run)
        if settled:
            details: Details = {"decision": decision, "letters": settled}
            record(session, about_run(who, Act.RUN_HELD_SETTLED, run, details), now)
    return settled


def _requeue_part(
    wiring: Wiring, run_id: RunId, began: datetime, *, first_by: Who | None = None
) -> int:
    """Queue again the next part of who was missed before that, in the run that goes on for it."""
    with wiring.writing() as session:
        run = _run_to_change(session, run_id)
        if first_by is None and run.status is RunStatus.CANCELLED:
            return 0
        require_no_known_slip(session, run)
        requeued = requeue_missed(session, run_id, now=began, limit=_PART)
        if requeued:
            # With the rows and not before them, or it would be closed again in between.
            _reopen(session, run, began)
            if first_by is not None:
                record(session, about_run(first_by, Act.RUN_SENT_TO_MISSED, run), began)
        return requeued


def _reopen(session: Session, run: RunRow, now: datetime) -> None:
    _move(run, RunEvent.SEND_AGAIN, run.standing if run.status is RunStatus.PAUSED else "")
    run.finished_at = run.final_counts = run.recorded_at = None
    run.give_up_at = max(run.give_up_at, now + GIVE_UP_AFTER)
    issue = issue_to_change(session, run.issue_id)
    issue.status = next_status(issue.status, IssueEvent.SEND_AGAIN)


def _run_to_change(session: Session, run_id: RunId) -> RunRow:
    run = lock_run(session, run_id)
    if run is None:
        raise NoSuchRun(run_id)
    return run


def _move(run: RunRow, event: RunEvent, standing: str) -> None:
    run.status = next_run_status(run.status, event)
    run.standing = standing
    _log.info("run %d is %s: %s", run.id, run.status, standing)
