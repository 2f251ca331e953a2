"""Procrastinate's worker in a thread of its own, started again whenever the database went away."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from topthree.domain.ids import ClaimId
from topthree.jobs.queue.batch_job import NotYet
from topthree.jobs.queue.deferring import QUEUE, SEND_BATCH
from topthree.jobs.queue.schema import SCHEMA
from topthree.store.sending.ledger import LedgerUnavailable

_log = logging.getLogger(__name__)

_POLL_SECONDS = 2.0
_HEARTBEAT_SECONDS = 2.0
#: A worker that was not heard of for so long has its jobs asked again. That it is dead is not
#: concluded from it: see `presence`.
_SILENT_SECONDS = 6.0
_ASK_AGAIN_SECONDS = 10
_AFTER_TROUBLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """How many threads do which work, under whose name."""

    name: str
    threads: int
    send: Callable[[ClaimId], None]


class QueueWorker:
    """Runs jobs until it is stopped; stopping waits for those that have begun."""

    def __init__(self, engine: Engine, crew: Crew) -> None:
        self._engine = engine
        self._crew = crew
        self._stopping = threading.Event()
        self._interrupt: Callable[[], object] = self._stopping.set
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue")

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def stop(self) -> None:
        """Take no new job, and wait for those that have begun."""
        self._stopping.set()
        self._began.wait()
        self._interrupt()
        self._thread.join()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._keep_working())

    async def _keep_working(self) -> None:
        loop, main = asyncio.get_running_loop(), asyncio.current_task()
        if main is not None:
            self._interrupt = partial(loop.call_soon_threadsafe, main.cancel)
        # A sending job keeps its thread busy, and the loop's own pool goes by the processors.
        threads = ThreadPoolExecutor(self._crew.threads + 1, thread_name_prefix="sender")
        loop.set_default_executor(threads)
        self._began.set()
        while not self._stopping.is_set():
            try:
                await self._work()
            except (ConnectorException, PoolTimeout) as error:
                _log.warning("the queue does not answer: %s", error)
            except Exception:  # noqa: BLE001 - a worker that ends for good would end the sending
                _log.exception("the queue's worker ended")
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def _work(self) -> None:
        # An app serves for one run: its worker closes what it has opened.
        app = self._app()
        asking = asyncio.create_task(_ask_silent_jobs_again(app))
        try:
            await app.open_async()
            await app.run_worker_async(
                queues=[QUEUE],
                name=self._crew.name,
                concurrency=self._crew.threads,
                fetch_job_polling_interval=_POLL_SECONDS,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_SILENT_SECONDS,
                # What became of a batch stands in the ledger.
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        finally:
            asking.cancel()
            await app.close_async()

    def _app(self) -> App:
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        options = f"{arguments.pop('options', '')} -c search_path={SCHEMA}".strip()
        connector = PsycopgConnector(
            min_size=1, max_size=4, kwargs={**arguments, "options": options}
        )
        app = App(connector=connector)
        later = RetryStrategy(
            wait=_ASK_AGAIN_SECONDS, retry_exceptions=[NotYet, LedgerUnavailable, DBAPIError]
        )

        @app.task(name=SEND_BATCH, queue=QUEUE, retry=later)
        def send_batch(claim_id: int) -> None:
            self._crew.send(ClaimId(claim_id))

        return app


async def _ask_silent_jobs_again(app: App) -> None:
    """Put jobs back into the queue whose workers have fallen silent, for as long as we live.

    Procrastinate leaves that to its users. A job is harmless to ask twice.
    """
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        try:
            for job in await app.job_manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=_SILENT_SECONDS
            ):
                _log.info("a job of a worker that fell silent is asked again")
                await app.job_manager.retry_job(job)
        except Exception as error:  # noqa: BLE001 - the next round tries again
            # Another worker may have been first, or the database be away.
            _log.info("silent jobs are not asked again at this moment: %s", error)
