"""The embedded runner: APScheduler ticks, threads send, all in the process that starts it."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO

from apscheduler.schedulers.background import BackgroundScheduler

from topthree.domain.clock import utc_now
from topthree.jobs.schedule import JOBS, Job
from topthree.jobs.sender import Sender
from topthree.services.finish_run import take_up_again
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 3.0
#: A clock that is set back by more than this would keep the scheduler asleep.
_SET_BACK = timedelta(seconds=30)


class EmbeddedRunner:
    """Keeps the jobs going in this process, or stands by while another of the instance does."""

    def __init__(self, wiring: Wiring, *, instance: Path, connections: int) -> None:
        self._wiring = wiring
        self._lock_file = instance / "worker.lock"
        self._lock: IO[str] | None = None
        self._sender = Sender(wiring, connections)
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper")
        # A ticker and nothing more: what is due is in the database, so a late tick loses nothing.
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> bool:
        """Begin, and tell whether this process is the one; otherwise it stands by.

        The lock is the kernel's: it is free as soon as a killed process is gone, and then what
        that process held can be queued again at once.
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
        self._scheduler.shutdown(wait=True)
        self._sender.stop()
        self._lock.close()
        self._lock = None

    def _take_the_lead(self) -> bool:
        self._lock = _locked(self._lock_file)
        if self._lock is None:
            return False
        released = take_up_again(self._wiring)
        if released:
            _log.info("%d deliveries of a process that ended are queued again", released)
        for job in JOBS:
            self._scheduler.add_job(
                _guarded(job, self._wiring),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=utc_now(),
            )
        self._scheduler.start()
        self._sender.start()
        return True

    def _keep(self) -> None:
        """Take over when the other process ends, and tick on when the clock is set back."""
        latest = utc_now()
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            if self._lock is None:
                self._take_the_lead()
            elif utc_now() < latest - _SET_BACK:
                self._tick_now()
            latest = utc_now()

    def _tick_now(self) -> None:
        _log.warning("the clock was set back; every job is asked now")
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=utc_now())


def _guarded(job: Job, wiring: Wiring) -> Callable[[], None]:
    def run() -> None:
        try:
            job.service(wiring)
        except Exception:  # noqa: BLE001 - the next tick tries again; no job may end the others
            _log.exception("job “%s” failed", job.name)

    return run


def _locked(file: Path) -> IO[str] | None:
    opened = file.open("w", encoding="ascii")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        opened.close()
        return None
    return opened
