"""Preparing a run: everybody who gets it is written into the ledger before anything is sent."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import date

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from topthree.domain.ids import RunId
from topthree.domain.sending.warm_up import shares
from topthree.services.wiring import Wiring
from topthree.store.engine import is_contention, writing_on_a_snapshot
from topthree.store.sending.preparation import (
    count_part,
    count_prepared,
    due_at_once,
    end_of_part,
    queue_part,
)
from topthree.store.sending.runs import RunRow, lock_run, open_runs
from topthree.store.sending.warm_up import (
    count_mailable,
    due_by_rank,
    has_days,
    plan_days,
    planned_shares,
)

_log = logging.getLogger(__name__)

#: So many subscribers are looked at in one transaction: nobody waits long for the database.
_PART = 5_000
_BREATH_SECONDS = 0.005


class AudienceIncomplete(Exception):
    """The ledger does not hold those whom it should; nothing is sent from it."""


def prepare_runs(wiring: Wiring) -> int:
    """Prepare every run that is not, wherever its preparation broke off; return how many were."""
    with wiring.reading() as session:
        waiting = [run.id for run in open_runs(session) if run.prepared_at is None]
    for run_id in waiting:
        prepare_run(wiring, run_id)
    return len(waiting)


def prepare_run(wiring: Wiring, run_id: RunId) -> None:
    """Prepare the run to the end, in parts that commit by themselves.

    Several processes may do so at once: each part is taken up where the last one ended.
    """
    try:
        _plan_days(wiring, run_id)
        while _prepare_part(wiring, run_id):
            # Otherwise the next part would be begun before those who wait have noticed.
            time.sleep(_BREATH_SECONDS)
    except DBAPIError as error:
        if not is_contention(error):
            raise
        _log.info("run %d is being prepared by another process", run_id)


def _plan_days(wiring: Wiring, run_id: RunId) -> None:
    """Spread the run over some days if the sender is new (R-38); what is planned stays so."""
    if wiring.warm_up is None:
        return
    with writing_on_a_snapshot(wiring.sessions) as session:
        run = lock_run(session, run_id)
        if run is None or run.prepared_to or run.prepared_at or has_days(session, run_id):
            return
        opened_at = run.opened_at.astimezone(wiring.cadence.zone)
        today = opened_at.date()
        planned = Counter[date]()
        for due_at, share in planned_shares(session):
            planned[wiring.cadence.day_at(due_at)] += share
        days = shares(wiring.warm_up, today, count_mailable(session, run), planned)
        # By the civil clock: teachers get it at the same time on each day.
        plan_days(session, run, [(opened_at + (day - today), share) for day, share in days])
        if days:
            run.give_up_at += days[-1][0] - today
    if len(days) > 1:
        _log.info("run %d is spread over %d days, to warm up", run_id, len(days))


def _prepare_part(wiring: Wiring, run_id: RunId) -> bool:
    """Prepare the next part; tell whether there may be another."""
    with writing_on_a_snapshot(wiring.sessions) as session:
        run = lock_run(session, run_id)
        if run is None or run.prepared_at is not None:
            return False
        if run.prepared_to < run.prepare_until:
            _queue_next(session, run)
            return True
    _declare_prepared(wiring, run_id)
    return False


def _declare_prepared(wiring: Wiring, run_id: RunId) -> None:
    """Let the run be sent, now that the parts of its ledger are written and nobody adds to them.

    That rows exist does not prove that they are all: they are counted (reliability §2.8), which
    takes a while, so that nobody is kept from writing meanwhile.
    """
    with wiring.reading() as session:
        prepared = count_prepared(session, run_id)
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is None or run.prepared_at is not None:
            return
        _require_complete(run, prepared, run.audience)
        run.prepared_at = wiring.clock()
        if not wiring.seeds:
            run.seeds_accepted_at = run.prepared_at
    _log.info("run %d is prepared for %d subscribers", run_id, prepared)


def _queue_next(session: Session, run: RunRow) -> None:
    until = end_of_part(session, run, _PART)
    candidates, excluded = count_part(session, run, until)
    due_at = due_by_rank(session, run)
    if due_at is None:
        due_at = due_at_once(run.opened_at)
    queued = queue_part(session, run, until, due_at)
    _require_complete(run, queued + excluded, candidates)
    run.candidates += candidates
    run.excluded += excluded
    run.audience += queued
    run.prepared_to = until


def _require_complete(run: RunRow, found: int, expected: int) -> None:
    if found != expected:
        message = f"Run {run.id}: {found} deliveries where {expected} belong."
        raise AudienceIncomplete(message)
