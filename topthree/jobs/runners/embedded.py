"""The embedded runner: APScheduler ticks, threads send, all in the process that starts it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import IO

from topthree.jobs.runners.instance_lock import lock_instance
from topthree.jobs.schedule import JOBS
from topthree.jobs.sender import Sender
from topthree.jobs.ticker import Ticker
from topthree.services.sending.finish_run import take_up_again
from topthree.services.sending.queue_batches import empty_queue
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 3.0


class EmbeddedRunner:
    """Keeps the jobs going in this process, or stands by while another of the instance does."""

    def __init__(self, wiring: Wiring, *, instance: Path, connections: int) -> None:
        self._wiring = wiring
        self._instance = instance
        self._lock: IO[str] | None = None
        self._sender = Sender(wiring, connections)
        self._ticker = Ticker(wiring, JOBS)
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper")

    def start(self) -> bool:
        """Begin, and tell whether this process is the one; otherwise it stands by.

        The lock is free as soon as a killed process is gone, and then what that process held can
        be queued again at once.
        """
        leads = self._take_the_lead()
        if not leads:
            _log.warning("another process of this instance sends; this one stands by")
        self._keeper.start()
        return leads

    def stop(self) -> None:
        """End: no new tick, the messages in flight are finished."""
        self._stopping.set()
        self._keeper.join()
        if self._lock is None:
            return
        self._ticker.stop()
        self._sender.stop()
        self._lock.close()
        self._lock = None

    def _take_the_lead(self) -> bool:
        self._lock = lock_instance(self._instance)
        if self._lock is None:
            return False
        released = take_up_again(self._wiring)
        if released:
            _log.info("%d deliveries of a process that ended are queued again", released)
        if empty_queue(self._wiring):
            _log.info("what waited for workers that share a queue is sent by this process")
        self._ticker.start()
        self._sender.start()
        return True

    def _keep(self) -> None:
        """Take over when the other process ends, and tick on when the clock is set back."""
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            if self._lock is None:
                self._take_the_lead()
            else:
                self._ticker.mind_the_clock()
