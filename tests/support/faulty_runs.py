"""Runs that are opened to go wrong."""

from __future__ import annotations

from tests.support.installation import Installation
from topthree.domain.ids import RunId
from topthree.domain.permission import Role
from topthree.services.open_run import send_now
from topthree.services.report_run import RunView, read_run


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
