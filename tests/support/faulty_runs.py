"""Runs that are opened to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from tests.support.installation import Installation
from tests.support.sending import send_what_is_due
from tests.support.watching import wait_until
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.jobs.sender import Sender
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.open_run import send_now
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.sending.send_batch import RunRests
from topthree.services.wiring import Wiring

_PATIENCE_MINUTES = 400


def opened_run(house: Installation, count: int) -> RunId:
    """Let an approved issue go out at once to so many teachers."""
    house.add_subscribers(*(f"teacher-{n}@school-{n % 20}.example" for n in range(count)))
    issue_id = house.schedule_approved_issue()
    return send_now(house.wiring, issue_id, house.add_editor("Sends", Role.PUBLISHER))


def view_of(house: Installation, run_id: RunId) -> RunView:
    with house.wiring.reading() as session:
        return read_run(session, run_id)


def is_over(house: Installation, run_id: RunId) -> bool:
    return view_of(house, run_id).finished_at is not None


@contextmanager
def threads_sending(wiring: Wiring, connections: int = 4) -> Iterator[None]:
    """Send with so many threads of this process during the block."""
    sender = Sender(wiring, connections)
    sender.start()
    try:
        yield
    finally:
        sender.stop()


def send_to_the_end(house: Installation, run_id: RunId, connections: int = 4) -> None:
    """Send until the run is over."""
    with threads_sending(house.wiring, connections):
        wait_until(lambda: is_over(house, run_id))


def send_in_time(house: Installation, run_id: RunId) -> None:
    """Send over one connection, minute by minute of the test's clock, until the run is over."""
    for _ in range(_PATIENCE_MINUTES):
        with suppress(RelayUnavailable, RunRests):
            send_what_is_due(house.wiring, run_id)
        if is_over(house, run_id):
            return
        house.clock.advance(timedelta(minutes=1))
    raise AssertionError(f"After {_PATIENCE_MINUTES} minutes the run is not over.")
