"""What replies add up to: an address is suppressed, a run paused or probed, and nobody blamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.subscribers.subscription import SuppressionReason
from topthree.mail.transport import Phase as RelayPhase
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.finish_run import has_due
from topthree.services.sending.heed_reply import heed_relay
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.sending.send_batch import RunRests
from topthree.services.sending.steer_run import resume_run, send_to_missed
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow, SuppressionRow

ADDRESSES = tuple(f"teacher-{number:02}@school.example" for number in range(60))


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database_url, TOPTHREE_SMTP_URL=relay.url)
    installation.add_subscribers(*ADDRESSES)
    installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def run_of(house: Installation, run_id: RunId) -> RunView:
    with house.wiring.reading() as session:
        return read_run(session, run_id)


def standing_of(house: Installation, run_id: RunId) -> str:
    with house.wiring.reading() as session:
        return session.get_one(RunRow, run_id).standing


def suppressed(house: Installation) -> dict[str | None, SuppressionReason]:
    with house.wiring.reading() as session:
        query = select(SubscriberRow.address, SuppressionRow.reason).join(
            SuppressionRow, SuppressionRow.address_hash == SubscriberRow.address_hash
        )
        return {address: reason for address, reason in session.execute(query)}  # noqa: C416


def test_only_an_address_that_does_not_exist_is_suppressed(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    replies = ("550 5.1.1 no such user", "552 5.2.2 mailbox full", "550 5.7.1 not from you")
    for address, reply in zip(ADDRESSES, replies, strict=False):
        relay.add_fault(Fault(phase=Phase.RCPT, recipient=address, refuse=reply))

    send_what_is_due(house.wiring, run_id)

    assert suppressed(house) == {ADDRESSES[0]: SuppressionReason.HARD_BOUNCE}
    with house.wiring.reading() as session:
        failed = select(DeliveryRow.cause).where(DeliveryRow.status == DeliveryStatus.FAILED)
        assert sorted(cause for cause in session.scalars(failed) if cause) == [
            Cause.MAILBOX_UNAVAILABLE,
            Cause.NO_SUCH_MAILBOX,
            Cause.POLICY,
        ]


def test_a_relay_that_refuses_us_pauses_the_run_and_blames_no_subscriber(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, refuse="550 5.7.26 not authenticated"))

    send_what_is_due(house.wiring, run_id)

    run = run_of(house, run_id)
    assert run.status is RunStatus.PAUSED
    assert "refused for who we are" in standing_of(house, run_id)
    assert 20 <= run.counts[DeliveryStatus.FAILED] <= 22
    assert not suppressed(house)


def test_those_who_were_refused_for_who_we_are_get_it_once_that_is_mended(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, refuse="550 5.7.26 not authenticated", times=20))
    send_what_is_due(house.wiring, run_id)

    resume_run(house.wiring, run_id, TERMINAL)
    missed = send_to_missed(house.wiring, run_id, TERMINAL)
    send_what_is_due(house.wiring, run_id)

    run = run_of(house, run_id)
    assert missed == 20
    assert (run.status, run.counts[DeliveryStatus.SENT]) == (RunStatus.DONE, len(ADDRESSES))
    assert sorted(message.recipients[0] for message in relay.accepted) == list(ADDRESSES)


def test_a_message_that_is_refused_as_malformed_is_tried_on_nobody_else(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, refuse="552 5.3.4 message too big"))

    send_what_is_due(house.wiring, run_id)

    run = run_of(house, run_id)
    assert run.status is RunStatus.PAUSED
    assert run.counts[DeliveryStatus.FAILED] <= 2


@pytest.mark.parametrize("phase", [RelayPhase.SIGN_IN, RelayPhase.SENDER])
def test_a_sender_that_is_refused_pauses_the_run_and_costs_no_attempt(
    house: Installation, relay: Relay, run_id: RunId, phase: RelayPhase
) -> None:
    error = RelayUnavailable(phase, code=535, reply="5.7.8 bad credentials")

    heed_relay(house.wiring, run_id, error)

    run = run_of(house, run_id)
    assert run.status is RunStatus.PAUSED
    assert "5.7.8 bad credentials" in standing_of(house, run_id)
    assert run.counts[DeliveryStatus.QUEUED] == len(ADDRESSES)


def test_many_that_are_put_off_slow_the_run_to_a_message_a_minute(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, refuse="451 4.3.2 busy", times=41))

    with suppress(RunRests):
        send_what_is_due(house.wiring, run_id)
    before = len(relay.accepted)
    is_ready_at_once = has_due(house.wiring, run_id)
    house.clock.advance(timedelta(seconds=61))
    is_ready_later = has_due(house.wiring, run_id)
    with suppress(RunRests):
        send_what_is_due(house.wiring, run_id)

    assert not is_ready_at_once
    assert is_ready_later
    assert len(relay.accepted) - before <= 2
    assert "One message a minute" in run_of(house, run_id).trouble


def test_a_provider_that_asks_for_less_is_left_in_peace_and_costs_nobody_else_an_attempt(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=ADDRESSES[3], refuse="421 4.7.28 unusual rate", times=1)
    )
    with suppress(RelayUnavailable):
        send_what_is_due(house.wiring, run_id)
    before = len(relay.accepted)

    send_what_is_due(house.wiring, run_id)
    house.clock.advance(timedelta(minutes=9))
    send_what_is_due(house.wiring, run_id)
    during = len(relay.accepted)
    for _ in range(40):
        house.clock.advance(timedelta(minutes=1))
        send_what_is_due(house.wiring, run_id)

    run = run_of(house, run_id)
    assert before == during == 3
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    with house.wiring.reading() as session:
        tries = {row.attempts for row in session.scalars(select(DeliveryRow))}
    assert tries == {1, 2}


def test_a_greylist_keeps_each_recipient_waiting_once_and_nobody_for_another(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    for address in ADDRESSES[:10]:
        relay.add_fault(
            Fault(phase=Phase.RCPT, recipient=address, refuse="451 4.7.1 greylisted", times=1)
        )

    send_what_is_due(house.wiring, run_id)
    before = len(relay.accepted)
    house.clock.advance(timedelta(minutes=7))
    send_what_is_due(house.wiring, run_id)

    assert before == len(ADDRESSES) - 10
    assert run_of(house, run_id).counts[DeliveryStatus.SENT] == len(ADDRESSES)
