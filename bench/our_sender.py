"""Sending one issue as the service does: a run is opened, and sent in a process of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench.material import add_teachers, everyday_content, opened_house
from bench.measure import Usage, in_a_process, measured, seconds_for
from tests.support.network import LOOPBACK
from topthree.domain.permission import Role
from topthree.jobs.sender import Sender
from topthree.services.finish_run import unfinished_runs
from topthree.services.open_run import send_now
from topthree.services.wiring import Wiring

_LOOK_EVERY_SECONDS = 0.05
_START_SECONDS = 60
_SLOWEST_PER_SECOND = 10


def open_run(folder: Path, count: int, *, database_url: str = "") -> float:
    """Open a run for so many teachers in a new house; return the seconds that this took."""
    with opened_house(folder, database_url=database_url) as house:
        add_teachers(house, count)
        issue_id = house.schedule_approved_issue(everyday_content())
        publisher = house.add_editor("Sends", Role.PUBLISHER)
        return seconds_for(lambda: send_now(house.wiring, issue_id, publisher))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A run to be sent: where its house is, where the mail goes, and over how many connections."""

    folder: Path
    port: int
    connections: int
    count: int
    #: Empty: the SQLite file of the folder.
    database_url: str = ""


def send_run(sending: Sending) -> Usage:
    """Send the open run of this house to the last delivery, and record each in the ledger."""
    return in_a_process(_send_run, sending)


def _send_run(sending: Sending) -> Usage:
    relay = f"smtp+plain://{LOOPBACK}:{sending.port}"
    patience = _START_SECONDS + sending.count / _SLOWEST_PER_SECOND
    with opened_house(sending.folder, relay, database_url=sending.database_url) as house:
        sender = Sender(house.wiring, sending.connections)
        with measured() as usage:
            sender.start()
            try:
                _wait_for_the_end(house.wiring, patience)
            finally:
                sender.stop()
    return usage


def _wait_for_the_end(wiring: Wiring, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while unfinished_runs(wiring):
        if time.monotonic() > deadline:
            raise TimeoutError("The run is not sent to its end.")
        time.sleep(_LOOK_EVERY_SECONDS)
