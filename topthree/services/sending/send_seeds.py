"""Seed addresses: mailboxes of our own that must get an issue before anybody else does."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from topthree.domain.audit.entry import SERVICE
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import Conflict
from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.domain.sending.run import RunStatus
from topthree.mail.message import Splicer, issue_message_id
from topthree.mail.transport import Envelope, RelayUnavailable
from topthree.services.sending.finish_run import note_trouble
from topthree.services.sending.heed_reply import heed_relay
from topthree.services.sending.letter_of_run import letter_of
from topthree.services.sending.steer_run import pause_run
from topthree.services.wiring import Wiring
from topthree.store.sending.runs import RunRow, find_run, lock_run, open_runs
from topthree.tokens import Purpose

_log = logging.getLogger(__name__)

_TRY_AGAIN_AFTER = timedelta(minutes=1)


def send_seeds(wiring: Wiring) -> None:
    """Send each run that is about to begin to the seed addresses; it begins when all are accepted.

    A seed that is refused pauses the run, for what is refused there will be refused elsewhere. One
    that is put off, or a relay that is away, keeps the run waiting, and it is tried each minute.
    """
    now = wiring.clock()
    with wiring.reading() as session:
        waiting = [run.id for run in open_runs(session) if _is_waiting(run, now)]
    for run_id in waiting:
        _send_to_seeds(wiring, run_id)


def _is_waiting(run: RunRow, now: datetime) -> bool:
    is_ready = run.status is RunStatus.RUNNING and run.prepared_at is not None
    is_due = run.seeds_due_at is None or run.seeds_due_at <= now
    return is_ready and is_due and run.seeds_accepted_at is None


def _send_to_seeds(wiring: Wiring, run_id: RunId) -> None:
    try:
        _send_to_the_rest(wiring, run_id)
    except RelayUnavailable as error:
        _log.warning("run %d waits for its seeds: %s", run_id, error)
        heed_relay(wiring, run_id, error)
        _wait(wiring, run_id)


def _send_to_the_rest(wiring: Wiring, run_id: RunId) -> None:
    with wiring.reading() as session:
        run = find_run(session, run_id)
        accepted = () if run is None else run.seeds_accepted
    for seed in wiring.seeds:
        if seed not in accepted and not _is_accepted(wiring, run_id, seed):
            return
    now = wiring.clock()
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is not None:
            run.seeds_accepted_at, run.trouble = now, ""
    _log.info("run %d: its seeds are accepted", run_id)


def _is_accepted(wiring: Wiring, run_id: RunId, seed: str) -> bool:
    outcome = _send(wiring, run_id, seed)
    if outcome.verdict is Verdict.ACCEPTED:
        with wiring.writing() as session:
            run = lock_run(session, run_id)
            if run is not None:
                run.seeds_accepted = [*run.seeds_accepted, seed]
        return True
    said = f"The seed address {seed} was not accepted: {outcome.code} {outcome.reply}"
    if outcome.verdict is Verdict.REFUSED:
        with suppress(Conflict):
            pause_run(wiring, run_id, f"{said} Nobody else has got it.", SERVICE)
    else:
        note_trouble(wiring, run_id, f"{said} It is tried again each minute, and the others wait.")
        _wait(wiring, run_id)
    return False


def _send(wiring: Wiring, run_id: RunId, seed: str) -> Outcome:
    """Send the very bytes that everybody gets, with links that name nobody."""
    now = wiring.clock()
    with wiring.reading() as session:
        run = find_run(session, run_id)
        if run is None:
            raise LookupError(run_id)
        splicer, salt, date = Splicer(letter_of(session, run)), run.salt, run.opened_at
    message = splicer.splice(
        recipient=seed,
        token=wiring.tokens.sign(Purpose.UNSUBSCRIBE, SubscriberId(0), now),
        message_id=issue_message_id(
            run_id, SubscriberId(0), domain=wiring.newsletter.domain, salt=f"{salt} {seed}"
        ),
        date=date,
    )
    envelope = Envelope(sender=wiring.newsletter.sender_address, recipient=seed)
    with wiring.transport.connect() as connection:
        return connection.send(envelope, message)


def _wait(wiring: Wiring, run_id: RunId) -> None:
    again = wiring.clock() + _TRY_AGAIN_AFTER
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is not None:
            run.seeds_due_at = again
