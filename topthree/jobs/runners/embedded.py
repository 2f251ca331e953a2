"""The embedded runner: APScheduler ticks, threads send, all in the process that starts it."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO

from apscheduler.schedulers.background import BackgroundScheduler

from topthree.jobs.schedule import JOBS, Job
from topthree.jobs.sender import Sender
from topthree.services.wiring import Wiring
from topthree.store.engine import writing
from topthree.store.runs import release_claims

_log = logging.getLogger(__name__)


class EmbeddedRunner:
    """Keeps the jobs going in this process, if no other process of this instance does."""

    def __init__(self, wiring: Wiring, *, instance: Path, connections: int) -> None:
        self._wiring = wiring
        self._lock_file = instance / "worker.lock"
        self._lock: IO[str] | None = None
        self._sender = Sender(wiring, connections)
        # A ticker and nothing more: what is due is in the database, so a late tick loses nothing.
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> bool:
        """Begin, and tell whether this process is the one; another may hold the instance.

        The lock is the kernel's: it is free as soon as a killed process is gone, and then what
        that process held can be queued again at once.
        """
        self._lock = _locked(self._lock_file)
        if self._lock is None:
            _log.warning("another process of this instance sends; this one does not")
            return False
        with writing(self._wiring.sessions) as session:
            released = release_claims(session, worker=self._wiring.worker, now=self._wiring.clock())
        if released:
            _log.info("%d deliveries of a process that ended are queued again", released)
        for job in JOBS:
            self._scheduler.add_job(
                _guarded(job, self._wiring),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=self._wiring.clock(),
            )
        self._scheduler.start()
        self._sender.start()
        return True

    def stop(self) -> None:
        """End: no new tick, the messages in flight are finished. Twice is harmless."""
        if self._lock is None:
            return
        self._scheduler.shutdown(wait=True)
        self._sender.stop()
        self._lock.close()
        self._lock = None


def _guarded(job: Job, wiring: Wiring) -> Callable[[], None]:
    def run() -> None:
        try:
            job.service(wiring)
        except Exception:  # noqa: BLE001 - a job may fail in any way; see below
            # The next tick tries again; one failing job must not end the others.
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
