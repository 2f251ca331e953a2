"""The sender's threads: nobody waits for somebody else's trouble, and no relay is dialled idly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import claim, opened_way, send_what_is_due
from tests.support.watching import PATIENCE_SECONDS, wait_until
from topthree.domain.clock import utc_now
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.jobs.runners.embedded import EmbeddedRunner
from topthree.jobs.runners.instance_lock import lock_instance
from topthree.jobs.sender import Sender
from topthree.mail.address_syntax import parse_address
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.claim_batch import BATCH, LEASE
from topthree.services.sending.finish_run import release_expired
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.report_run import RunView, list_runs
from topthree.services.sending.send_batch import ClaimLost, send_batch
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.store.notices.notices import NoticeRow
from topthree.store.sending.runs import RunRow

ADDRESSES = tuple(f"teacher-{number:02}@school.example" for number in range(20))


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database_url, TOPTHREE_SMTP_URL=relay.url)
    installation.add_subscribers(*ADDRESSES)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    return opened(house, 3)


def opened(house: Installation, day: int) -> RunId:
    house.schedule_approved_issue(complete_content(f"Issue of day {day}"))
    house.clock.now = house.clock.now.replace(month=12, day=day, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def runs(house: Installation) -> tuple[RunView, ...]:
    """Oldest first."""
    with house.wiring.reading() as session:
        return tuple(reversed(list_runs(session)))


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA])
def test_a_recipient_at_whom_the_relay_always_hangs_up_keeps_nobody_else_waiting(
    house: Installation, relay: Relay, run_id: RunId, phase: Phase
) -> None:
    relay.add_fault(Fault(phase=phase, recipient=ADDRESSES[0], refuse="421 4.3.2 going down"))

    for _ in range(3):
        try:
            send_what_is_due(house.wiring, run_id)
        except RelayUnavailable:
            continue

    (run,) = runs(house)
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES) - 1
    assert run.counts[DeliveryStatus.DEFERRED] == 1


def test_a_run_with_nothing_due_does_not_dial_the_relay(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, recipient=ADDRESSES[0], refuse="451 4.7.1 later"))
    send_what_is_due(house.wiring, run_id)
    dialled = relay.connection_count

    sender = Sender(house.wiring, 2)
    sender.start()
    time.sleep(2.5)
    sender.stop()

    assert relay.connection_count == dialled


def test_a_run_that_cannot_be_sent_says_so_and_keeps_no_other_waiting(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    with house.wiring.writing() as session:
        session.get_one(RunRow, run_id).message_digest = "not the one"
    opened(house, 17)

    sender = Sender(house.wiring, 1)
    sender.start()
    wait_until(lambda: runs(house)[1].status is RunStatus.DONE)
    sender.stop()

    broken, fine = runs(house)
    assert "on our side" in broken.trouble
    assert fine.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    assert len(relay.accepted) == len(ADDRESSES)


def test_a_delivery_that_waited_until_the_issue_was_stale_is_not_sent(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    house.clock.advance(timedelta(days=20))

    send_what_is_due(house.wiring, run_id)

    (run,) = runs(house)
    assert not relay.accepted
    assert (run.status, run.counts[DeliveryStatus.FAILED]) == (RunStatus.DONE, len(ADDRESSES))


def test_a_worker_that_lost_its_claim_stops_and_overwrites_nothing(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    calls = iter(range(100))

    def freeze_after_the_first_message() -> bool:
        if next(calls) == 1:
            # As if this process had been asleep, and another one had taken over.
            now = house.clock.now
            house.clock.advance(LEASE + timedelta(seconds=1))
            release_expired(house.wiring)
            house.clock.now = now
        return False

    batch = claim(house.wiring, run_id)
    with opened_way(house.wiring) as way, pytest.raises(ClaimLost):
        send_batch(house.wiring, way, batch, freeze_after_the_first_message)

    send_what_is_due(house.wiring, run_id)
    (run,) = runs(house)
    assert run.counts[DeliveryStatus.SENT] == len(ADDRESSES)
    assert len(relay.accepted) <= len(ADDRESSES) + 2


def test_no_message_is_begun_in_the_last_part_of_a_lease(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    calls = iter(range(100))

    def time_passes() -> bool:
        if next(calls) == 5:
            house.clock.advance(LEASE - timedelta(minutes=11))
        return False

    batch = claim(house.wiring, run_id)
    with opened_way(house.wiring) as way:
        send_batch(house.wiring, way, batch, time_passes)

    assert len(relay.accepted) == 5


def test_a_second_worker_stands_by_and_takes_over(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    first = EmbeddedRunner(house.wiring, instance=house.folder, connections=1)
    second = EmbeddedRunner(house.wiring, instance=house.folder, connections=1)
    # The first holds the instance but does not send: it is stopped before it can.
    assert first.start()
    assert not second.start()
    first.stop()

    wait_until(lambda: runs(house)[0].status is RunStatus.DONE)
    second.stop()

    assert len(relay.accepted) == len(ADDRESSES)


def test_who_only_stands_by_opens_nothing_to_send_with(house: Installation) -> None:
    lock = lock_instance(house.folder)
    assert lock is not None
    before = open_sockets()

    runner = EmbeddedRunner(house.wiring, instance=house.folder, connections=1)
    leads = runner.start()
    meanwhile = open_sockets()
    runner.stop()
    lock.close()

    assert not leads
    assert meanwhile == before


def open_sockets() -> list[str]:
    files = [str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return sorted(name for name in files if name.startswith("socket:"))


def test_a_clock_that_is_set_back_keeps_no_job_waiting(house: Installation, relay: Relay) -> None:
    runner = EmbeddedRunner(house.wiring, instance=house.folder, connections=1)
    runner.start()
    wait_until(runner_has_ticked(house))
    with time_machine.travel(utc_now() - timedelta(hours=2)):
        ask_for_the_letter(house, "second@school.example")

        wait_until(lambda: len(relay.accepted) == 2)
        runner.stop()


def runner_has_ticked(house: Installation) -> Callable[[], bool]:
    ask_for_the_letter(house, "first@school.example")
    return lambda: all(notice.recipient == "" for notice in waiting_notices(house))


def ask_for_the_letter(house: Installation, typed: str) -> None:
    sign_up = SignUp(address=parse_address(typed), source="a test", ip="192.0.2.1")
    with house.wiring.writing() as session:
        subscribe(session, sign_up, house.clock())


def waiting_notices(house: Installation) -> list[NoticeRow]:
    with house.wiring.reading() as session:
        return list(session.scalars(select(NoticeRow)))


def test_everybody_in_the_audience_got_the_issue_over_four_connections(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    sender = Sender(house.wiring, 4)
    sender.start()
    wait_until(lambda: runs(house)[0].status is RunStatus.DONE)
    sender.stop()

    assert sorted(message.recipients[0] for message in relay.accepted) == list(ADDRESSES)


def test_a_relay_that_takes_its_time_over_one_recipient_keeps_no_other_connection_waiting(
    house: Installation, relay: Relay
) -> None:
    more = [f"colleague-{number:02}@school.example" for number in range(BATCH)]
    house.add_subscribers(*more)
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=ADDRESSES[0], delay_seconds=PATIENCE_SECONDS, times=1)
    )
    opened(house, 3)
    others_batch = len(ADDRESSES) + len(more) - BATCH

    sender = Sender(house.wiring, 2)
    sender.start()
    wait_until(lambda: len(relay.accepted) >= others_batch)
    reached = {message.recipients[0] for message in relay.accepted}
    relay.stop()
    sender.stop()

    assert ADDRESSES[0] not in reached
