"""A run under way, and the editors who watch it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tests.support.client import PageClient
from tests.support.colleague import signed_in
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation
from tests.support.relay import Relay
from tests.support.sending import never, send_what_is_due
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.open_run import open_due_runs

AUDIENCE = (
    "ana@mail.example",
    "ben@mail.example",
    "cid@mail.example",
    "gone@gone.example",
    "maybe@slow.example",
    "policy@strict.example",
    "later@slow.example",
    "=dan@mail.example",
)


def begin_run(house: Installation) -> RunId:
    """Let the slot of an approved issue come; nothing is sent yet."""
    house.add_subscribers(*AUDIENCE)
    house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def spoil(relay: Relay) -> None:
    """Let one be refused, one be put off, one be refused for us, and one be left unanswered."""
    for recipient, refuse in (
        ("gone@gone.example", "550 5.1.1 No such mailbox"),
        ("later@slow.example", "451 4.7.1 Greylisted, please try again"),
        ("policy@strict.example", "550 5.7.1 We do not want your mail"),
    ):
        relay.add_fault(Fault(phase=Phase.RCPT, recipient=recipient, refuse=refuse))
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, recipient="maybe@slow.example", drop=True))


def send_all_that_is_due(
    house: Installation, run_id: RunId, should_stop: Callable[[], bool] = never
) -> None:
    """Send until nothing is due, through a relay that hangs up now and then."""
    for _ in range(3):
        with suppress(RelayUnavailable):
            send_what_is_due(house.wiring, run_id, should_stop)


def come_in(house: Installation, name: str, role: Role) -> PageClient:
    """Add an editor and return the browser in which they are signed in."""
    return signed_in(house, name, role).browser
