"""What takes part when workers share a queue; loaded by nobody else, since it loads much."""

from __future__ import annotations

from sqlalchemy import Engine

from topthree.domain.clock import utc_now
from topthree.jobs.queue import presence
from topthree.jobs.queue.host_clock import refuse_wrong_clock
from topthree.jobs.queue.schema import is_queue_current, upgrade_queue
from topthree.jobs.runners.distributed import DistributedRunner
from topthree.services.wiring import Wiring
from topthree.settings import Settings


def make_runner(settings: Settings, wiring: Wiring, engine: Engine) -> DistributedRunner:
    """Return this machine's worker.

    :raises Refusal: if its clock is wrong.
    """
    refuse_wrong_clock(engine, utc_now)
    return DistributedRunner(wiring, instance=settings.instance, connections=settings.connections)


def is_current(engine: Engine) -> bool:
    """Tell whether the queue's tables have every step."""
    return is_queue_current(engine)


def count_workers(wiring: Wiring) -> int:
    """Count the workers that are at work, on whatever machine."""
    with wiring.reading() as session:
        return presence.count_workers(session)


def upgrade(engine: Engine) -> None:
    """Bring the queue's tables up to date."""
    upgrade_queue(engine)
