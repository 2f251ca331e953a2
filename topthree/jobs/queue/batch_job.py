"""What a job of the queue does: it begins a batch, sends it, and makes the next in its place."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from topthree.domain.ids import ClaimId, RunId
from topthree.domain.sending.backoff import reconnection_delay
from topthree.jobs.mishaps import note_our_trouble, wait_for_database
from topthree.jobs.queue.lanes import Lane, Lanes
from topthree.jobs.queue.presence import is_gone
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.claim_batch import Batch, begin_batch
from topthree.services.sending.finish_run import finish_run, note_trouble, unfinished_runs
from topthree.services.sending.heed_reply import heed_relay
from topthree.services.sending.letter_of_run import MessageChanged
from topthree.services.sending.queue_batches import (
    Defer,
    fill_queue,
    give_back,
    give_back_unattended,
    replace_batch,
    take_from_the_dead,
)
from topthree.services.sending.send_batch import ClaimLost, RunRests, send_batch
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import LedgerUnavailable

_log = logging.getLogger(__name__)

_REST_SECONDS = 1.0


class NotYet(Exception):
    """Another worker has the batch and lives; the job is asked again later."""


class BatchJobs:
    """Sends batches for as many threads as call it, and keeps the queue filled."""

    def __init__(self, wiring: Wiring, defer: Defer, stop: threading.Event) -> None:
        self._wiring = wiring
        self._defer = defer
        self._stop = stop
        self._lanes = Lanes(wiring)
        self._in_hand: set[ClaimId] = set()
        self._guard = threading.Lock()
        #: Runs that cannot be sent, how often that was found, and until when they are left alone.
        self._aside: dict[RunId, tuple[int, float]] = {}

    def send(self, claim_id: ClaimId) -> None:
        """Send the batch, unless it has ended or another worker has it. Twice is harmless.

        Whatever stands in the way, what was not tried is given back, and the ticks make batches of
        it again; so a job that returns is done with.

        :raises NotYet: if another worker has begun it and lives.
        :raises LedgerUnavailable: if the database is away.
        """
        with self._taken_in_hand(claim_id), self._lanes.borrowed() as lane:
            batch = self._begin(claim_id)
            if batch is not None:
                self._work(lane, batch)
            elif not take_from_the_dead(self._wiring, claim_id, is_gone):
                raise NotYet(claim_id)

    def fill(self, window: int) -> None:
        """Set batches of every open run aside until so many wait, and close runs that are over."""
        for run_id in unfinished_runs(self._wiring):
            if self._is_aside(run_id):
                continue
            try:
                if not finish_run(self._wiring, run_id):
                    fill_queue(self._wiring, run_id, self._defer, window)
            except Exception:  # noqa: BLE001 - a run that cannot be sent keeps no other waiting
                _log.exception("no batches can be made of run %d", run_id)
                self._put_aside(run_id)

    def look_after(self) -> None:
        """Give back what was left when the database went away; hang up where nothing is sent."""
        self._lanes.hang_up_idle()
        with self._guard:
            in_hand = frozenset(self._in_hand)
            left = give_back_unattended(self._wiring, in_hand)
        if left:
            _log.warning("%d batches that nobody was sending any more are given back", left)

    def close(self) -> None:
        """Let go of relay and ledger; every job has returned."""
        self._lanes.close()

    @contextmanager
    def _taken_in_hand(self, claim_id: ClaimId) -> Iterator[None]:
        with self._guard:
            if claim_id in self._in_hand:
                raise NotYet(claim_id)
            self._in_hand.add(claim_id)
        try:
            yield
        finally:
            with self._guard:
                self._in_hand.discard(claim_id)

    def _begin(self, claim_id: ClaimId) -> Batch | None:
        try:
            with self._wiring.writing() as session:
                return begin_batch(session, self._wiring, claim_id)
        except MessageChanged as error:
            _log.exception("a batch cannot be sent")
            (run_id,) = error.args
            self._put_aside(run_id)
            give_back(self._wiring, [claim_id])
            return None

    def _work(self, lane: Lane, batch: Batch) -> None:
        lane.ledger.take_in_hand(batch.claim_id, batch.subscriber_ids)
        trouble: RelayUnavailable | None = None
        is_well, pause = False, 0.0
        try:
            is_well = self._send(lane, batch)
        except RelayUnavailable as error:
            _log.warning("run %d waits: %s", batch.run_id, error)
            trouble, pause = error, lane.failed()
        except RunRests:
            _log.info("run %d rests until the next probe", batch.run_id)
            pause = _REST_SECONDS
        self._end(lane, batch, goes_on=is_well and not self._stop.is_set())
        if is_well:
            self._put_back(batch.run_id)
        if trouble is not None:
            # The relay's trouble costs no delivery an attempt.
            heed_relay(self._wiring, batch.run_id, trouble)
        # The thread waits, so that a machine that reaches no relay leaves the queue to others.
        self._stop.wait(pause)

    def _end(self, lane: Lane, batch: Batch, *, goes_on: bool) -> None:
        defer = self._defer if goes_on else None
        try:
            if not replace_batch(self._wiring, lane.ledger, batch, defer):
                finish_run(self._wiring, batch.run_id)
        except LedgerUnavailable as error:
            wait_for_database(self._wiring, lane.ledger, batch.run_id, error, self._stop)

    def _send(self, lane: Lane, batch: Batch) -> bool:
        """Send the batch; tell whether nothing stood in the way."""
        try:
            send_batch(self._wiring, lane.way(), batch, self._stop.is_set)
        except (RelayUnavailable, RunRests):
            raise
        except ClaimLost:
            _log.warning("run %d: another worker has taken over", batch.run_id)
            lane.hang_up()
            return False
        except LedgerUnavailable as error:
            lane.hang_up()
            wait_for_database(self._wiring, lane.ledger, batch.run_id, error, self._stop)
            return False
        except Exception:  # noqa: BLE001 - a run that cannot be sent keeps no other waiting
            _log.exception("run %d cannot be sent", batch.run_id)
            lane.hang_up()
            self._put_aside(batch.run_id)
            return False
        lane.succeeded()
        return True

    def _put_aside(self, run_id: RunId) -> None:
        failures = self._aside.get(run_id, (0, 0.0))[0] + 1
        until = self._wiring.elapsed() + reconnection_delay(failures).total_seconds()
        self._aside[run_id] = failures, until
        note_our_trouble(self._wiring, run_id)

    def _put_back(self, run_id: RunId) -> None:
        self._aside.pop(run_id, None)
        note_trouble(self._wiring, run_id, "")

    def _is_aside(self, run_id: RunId) -> bool:
        return self._aside.get(run_id, (0, 0.0))[1] > self._wiring.elapsed()
