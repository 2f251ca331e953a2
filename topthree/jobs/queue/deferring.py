"""Putting a batch into the queue, in the transaction that makes the batch."""

from __future__ import annotations

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

from topthree.domain.ids import ClaimId
from topthree.jobs.queue.schema import SCHEMA

QUEUE = "batches"
SEND_BATCH = "send batch"

_SEE_THE_QUEUE = text(
    "SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''),"
    " cast(:schema AS text)), true)"
)


class Deferrer:
    """Defers jobs over the caller's connection; it opens none of its own."""

    def __init__(self) -> None:
        self._app = App(connector=SyncPsycopgConnector())

    def __call__(self, session: Session, claim_id: ClaimId) -> None:
        """Put the claim's batch into the queue when, and only if, the caller commits."""
        # For this transaction only: the queue's own functions name its tables without the schema.
        session.execute(_SEE_THE_QUEUE, {"schema": SCHEMA})
        connection = session.connection().connection.driver_connection
        job = self._app.configure_task(SEND_BATCH, queue=QUEUE, connection=connection)
        job.defer(claim_id=claim_id)
