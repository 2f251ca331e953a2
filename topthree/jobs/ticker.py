"""APScheduler as a ticker and nothing more: what is due is in the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from topthree.domain.clock import utc_now
from topthree.jobs.schedule import Job
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

#: A clock that is set back by more than this would keep the scheduler asleep.
_SET_BACK = timedelta(seconds=30)


class Ticker:
    """Asks each job, every so often, whether there is something to do."""

    def __init__(self, wiring: Wiring, jobs: Iterable[Job]) -> None:
        self._wiring = wiring
        self._jobs = tuple(jobs)
        self._latest = utc_now()
        # A late tick loses nothing.
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; every job is asked at once."""
        self._latest = utc_now()
        for job in self._jobs:
            self._scheduler.add_job(
                _guarded(job, self._wiring),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=self._latest,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Ask no more, and wait for the jobs that are at it."""
        self._scheduler.shutdown(wait=True)

    def mind_the_clock(self) -> None:
        """Tick on when the clock was set back; whoever started the ticker calls this often."""
        now = utc_now()
        if now < self._latest - _SET_BACK:
            _log.warning("the clock was set back; every job is asked now")
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=now)
        self._latest = now


def _guarded(job: Job, wiring: Wiring) -> Callable[[], None]:
    def run() -> None:
        try:
            job.service(wiring)
        except Exception:  # noqa: BLE001 - the next tick tries again; no job may end the others
            _log.exception("job “%s” failed", job.name)

    return run
