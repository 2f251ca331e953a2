"""The distributed runner: any number of hosts take batches from one queue in PostgreSQL."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from topthree.domain.refusal import Refusal
from topthree.jobs.queue.batch_job import BatchJobs
from topthree.jobs.queue.deferring import Deferrer
from topthree.jobs.queue.presence import Presence
from topthree.jobs.queue.tidying import batches_without_a_job
from topthree.jobs.queue.worker import Crew, QueueWorker
from topthree.jobs.runners.instance_lock import lock_instance
from topthree.jobs.schedule import JOBS, Job
from topthree.jobs.ticker import Ticker
from topthree.services.sending.finish_run import take_up_again
from topthree.services.sending.queue_batches import give_back
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

#: So many batches of each run wait for every connection, so that none is ever idle.
_AHEAD = 2
_LOOK_EVERY_SECONDS = 2.0
#: A worker that was killed a moment ago has let go of its name by then.
_NAME_SECONDS = 10


class DistributedRunner:
    """Asks what is due and sends batches from the queue, beside others that do the same.

    The ledger is the truth: a batch is a claim, and a job of the queue only says that it waits.
    """

    def __init__(self, wiring: Wiring, *, instance: Path, connections: int) -> None:
        engine: Engine = wiring.sessions.kw["bind"]
        self._wiring = wiring
        self._instance = instance
        self._lock: IO[str] | None = None
        self._stopping = threading.Event()
        self._presence = Presence(engine, wiring.worker)
        self._batches = BatchJobs(wiring, Deferrer(), self._stopping)
        # What waits has used its turn in the pace already, so that little should.
        window = connections * (_AHEAD if wiring.pacing.everything is None else 1)
        fill = Job(
            name="fill the queue",
            every=timedelta(seconds=1),
            service=lambda _wiring: self._batches.fill(window),
        )
        tidy = Job(name="tidy the queue", every=timedelta(seconds=5), service=_tidy)
        self._ticker = Ticker(wiring, (*JOBS, fill, tidy))
        crew = Crew(name=wiring.worker, threads=connections, send=self._batches.send)
        self._worker = QueueWorker(engine, crew)
        self._keeper = threading.Thread(target=self._keep, name="keeper")

    def start(self) -> bool:
        """Begin, beside whoever does already.

        :raises Refusal: if another process sends from the same instance folder, or a copy of it.
        """
        if not self._is_the_only_one():
            self._let_go()
            raise Refusal(
                "Another process with the same instance folder, or a copy of it, sends already."
                " Give each worker a TOPTHREE_INSTANCE of its own."
            )
        released = take_up_again(self._wiring)
        if released:
            _log.info("%d deliveries of a process that ended are queued again", released)
        self._ticker.start()
        self._worker.start()
        self._keeper.start()
        return True

    def stop(self) -> None:
        """End: no new tick and no new batch; the messages in flight are finished."""
        self._stopping.set()
        self._keeper.join()
        self._worker.stop()
        self._ticker.stop()
        self._batches.close()
        self._let_go()

    def _let_go(self) -> None:
        self._presence.drop()
        if self._lock is not None:
            self._lock.close()

    def _is_the_only_one(self) -> bool:
        """Take the instance, and its name before all workers; tell whether both were free."""
        self._lock = lock_instance(self._instance)
        if self._lock is None:
            return False
        for _ in range(_NAME_SECONDS):
            if self._presence.take():
                return True
            self._stopping.wait(1)
        return False

    def _keep(self) -> None:
        """Show the others that we live, and look after what a moment's trouble has left."""
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            self._presence.take()
            self._ticker.mind_the_clock()
            try:
                self._batches.look_after()
            except DBAPIError as error:
                _log.warning("the database is away: %s", error.orig)


def _tidy(wiring: Wiring) -> None:
    with wiring.reading() as session:
        left = batches_without_a_job(session)
    if left:
        _log.warning("%d batches had no job in the queue and are given back", len(left))
        give_back(wiring, left)
