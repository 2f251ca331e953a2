"""Which runner is started, and what it needs of the database."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Engine

from topthree.domain.refusal import Refusal
from topthree.jobs.runners.embedded import EmbeddedRunner
from topthree.jobs.runners.kind import RunnerKind
from topthree.services.wiring import Wiring
from topthree.settings import Settings
from topthree.store import migration


class Runner(Protocol):
    """Keeps the jobs going."""

    def start(self) -> bool:
        """Begin, and tell whether this process does it; otherwise it stands by."""
        ...

    def stop(self) -> None:
        """End; the messages in flight are finished."""
        ...


class _SharedQueue(Protocol):
    def make_runner(self, settings: Settings, wiring: Wiring, engine: Engine) -> Runner: ...

    def is_current(self, engine: Engine) -> bool: ...

    def count_workers(self, wiring: Wiring) -> int: ...

    def upgrade(self, engine: Engine) -> None: ...


def make_runner(settings: Settings, wiring: Wiring, engine: Engine) -> Runner:
    """Return the runner that the settings ask for.

    :raises Refusal: if this machine cannot take part.
    """
    queue = _shared_queue(settings)
    if queue is not None:
        return queue.make_runner(settings, wiring, engine)
    return EmbeddedRunner(wiring, instance=settings.instance, connections=settings.connections)


def is_current(settings: Settings, engine: Engine) -> bool:
    """Tell whether the database has every step, and the queue's if there is one."""
    queue = _shared_queue(settings)
    return migration.is_current(engine) and (queue is None or queue.is_current(engine))


def upgrade(settings: Settings, engine: Engine) -> None:
    """Bring the database up to date, and the queue's tables if there is one."""
    queue = _shared_queue(settings)
    migration.upgrade(engine)
    if queue is not None:
        queue.upgrade(engine)


def count_workers(settings: Settings, wiring: Wiring) -> int | None:
    """Count the workers that share the queue; None where there is no queue."""
    queue = _shared_queue(settings)
    return None if queue is None else queue.count_workers(wiring)


def _shared_queue(settings: Settings) -> _SharedQueue | None:
    if settings.jobs is RunnerKind.EMBEDDED:
        return None
    try:
        # It loads much that one machine does not need, and may not have.
        from topthree.app import shared_queue  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise Refusal(
            "TOPTHREE_JOBS=procrastinate needs the extra “postgres”."
            " Install it with: pip install 'topthree[postgres]'"
        ) from error
    return shared_queue
