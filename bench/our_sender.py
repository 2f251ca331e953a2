"""Sending one issue as the service does: a run is opened, and sent in a process of its own."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.material import add_teachers, database_of, everyday_content, opened_house
from bench.measure import Usage, in_a_process, measured, seconds_for
from tests.support.network import LOOPBACK
from topthree.domain.editors.permission import Role
from topthree.jobs.sender import Sender
from topthree.services.sending import claim_batch
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.sending.open_run import send_now
from topthree.store.sending.deliveries import IS_WAITING, WAITING_INDEX

#: As many connections as the service has unless told otherwise.
CONNECTIONS = 4
#: The constant that says how many deliveries a connection claims at a time.
_BATCH = "BATCH"

_LOOK_EVERY_SECONDS = 0.05
_START_SECONDS = 60
_SLOWEST_PER_SECOND = 10
# Asked often, in the process that is measured: so it reads no more of a large run than of a small.
_IN_HAND = f"""
    SELECT EXISTS (SELECT 1 FROM claims) OR EXISTS (
        SELECT 1 FROM deliveries INDEXED BY {WAITING_INDEX}
        WHERE {IS_WAITING} AND status = 'queued'
    )
"""  # noqa: S608 - nothing in it is anyone else's


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A run to be sent: where its house is, where the mail goes, and over how many connections."""

    folder: Path
    port: int
    count: int
    connections: int = CONNECTIONS
    #: Deliveries to claim at a time; None: as the service does.
    batch: int | None = None
    #: The run has a delivery that is not due for long, so that it is never closed.
    stays_open: bool = False
    #: Empty: the SQLite file of the folder.
    database_url: str = ""


def open_run(folder: Path, count: int, *, database_url: str = "") -> float:
    """Open a run for so many teachers in a new house; return the seconds that this took."""
    with opened_house(folder, database_url=database_url) as house:
        add_teachers(house, count)
        issue_id = house.schedule_approved_issue(everyday_content())
        publisher = house.add_editor("Sends", Role.PUBLISHER)
        return seconds_for(lambda: send_now(house.wiring, issue_id, publisher))


def send_run(sending: Sending) -> Usage:
    """Send all that is due of the open run of this house, and record each in the ledger."""
    return in_a_process(_send_run, sending)


def open_and_send(sending: Sending) -> tuple[float, Usage]:
    """Open a run in a new house and send it; return the seconds to open it, and the sending."""
    opening = in_a_process(
        open_run, sending.folder, sending.count, database_url=sending.database_url
    )
    return opening, send_run(sending)


def batch_can_be_set() -> bool:
    """Tell whether the sender lets its batch size be set."""
    return hasattr(claim_batch, _BATCH)


def _send_run(sending: Sending) -> Usage:
    if sending.batch is not None:
        setattr(claim_batch, _BATCH, sending.batch)
    relay = f"smtp+plain://{LOOPBACK}:{sending.port}"
    patience = _START_SECONDS + sending.count / _SLOWEST_PER_SECOND
    with opened_house(sending.folder, relay, database_url=sending.database_url) as house:
        is_going: Callable[[], object] = partial(unfinished_runs, house.wiring)
        if sending.stays_open:
            is_going = partial(_has_in_hand, sending.folder)
        sender = Sender(house.wiring, sending.connections)
        with measured() as usage:
            sender.start()
            try:
                _wait_while(is_going, patience)
            finally:
                sender.stop()
    return usage


def _has_in_hand(folder: Path) -> bool:
    with closing(sqlite3.connect(database_of(folder))) as connection:
        (answer,) = connection.execute(_IN_HAND).fetchone()
        return bool(answer)


def _wait_while(is_going: Callable[[], object], patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while is_going():
        if time.monotonic() > deadline:
            raise TimeoutError("The run is not sent to its end.")
        time.sleep(_LOOK_EVERY_SECONDS)
