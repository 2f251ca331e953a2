"""What is promised about sending holds on one machine and on several: the same tests for both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from tests.support.watching import only_run, wait_until
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.jobs.queue.schema import upgrade_queue
from topthree.jobs.runners.distributed import DistributedRunner
from topthree.jobs.runners.embedded import EmbeddedRunner
from topthree.jobs.runners.kind import RunnerKind
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.steer_run import cancel_run, pause_run, resume_run
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.store.engine import make_engine
from topthree.store.subscribers.subscribers import find_subscriber_by_key
from topthree.tokens import Purpose

CONNECTIONS = 2
ADDRESSES = tuple(f"teacher-{number:03}@school.example" for number in range(120))
_DATABASES = {
    RunnerKind.EMBEDDED: "sqlite_databases",
    RunnerKind.DISTRIBUTED: "postgresql_databases",
}
_RUNNERS: dict[RunnerKind, type[EmbeddedRunner | DistributedRunner]] = {
    RunnerKind.EMBEDDED: EmbeddedRunner,
    RunnerKind.DISTRIBUTED: DistributedRunner,
}


@pytest.fixture(params=list(RunnerKind))
def kind(request: pytest.FixtureRequest) -> RunnerKind:
    chosen: RunnerKind = request.param
    return chosen


@pytest.fixture
def house(
    kind: RunnerKind, request: pytest.FixtureRequest, tmp_path: Path, relay: Relay
) -> Iterator[Installation]:
    """An installation whose slot has come, on the database that its runner is for."""
    databases: Databases = request.getfixturevalue(_DATABASES[kind])
    for url in databases.fresh():
        if kind is RunnerKind.DISTRIBUTED:
            engine = make_engine(url)
            upgrade_queue(engine)
            engine.dispose()
        installation = install(tmp_path / "instance", url, TOPTHREE_SMTP_URL=relay.url)
        installation.add_subscribers(*ADDRESSES)
        installation.schedule_approved_issue()
        installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
        yield installation
        dismantle(installation)


@contextmanager
def running(house: Installation, kind: RunnerKind) -> Iterator[None]:
    runner = _RUNNERS[kind](house.wiring, instance=house.folder, connections=CONNECTIONS)
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def is_over(house: Installation) -> bool:
    with house.wiring.reading() as session:
        return any(run.status is RunStatus.DONE for run in list_runs(session))


def slow_down(relay: Relay) -> None:
    """Let there be time to do something in the middle of a run."""
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, delay_seconds=0.03, times=40))


def opened(house: Installation) -> RunId:
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def leave(house: Installation, address: str) -> None:
    now = house.clock()
    with house.wiring.writing() as session:
        subscriber = find_subscriber_by_key(session, address)
        assert subscriber is not None
        token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber.id, now)
        unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=now)


def recipients(relay: Relay) -> list[str]:
    return sorted(message.recipients[0] for message in relay.accepted)


def test_a_slot_that_comes_is_sent_to_everybody_once(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    with running(house, kind):
        wait_until(lambda: is_over(house))

    assert recipients(relay) == list(ADDRESSES)
    assert only_run(house).counts[DeliveryStatus.SENT] == len(ADDRESSES)


def test_who_leaves_in_the_middle_of_the_run_gets_nothing(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    slow_down(relay)
    opened(house)
    with running(house, kind):
        relay.wait_for(5)
        leave(house, ADDRESSES[-1])
        wait_until(lambda: is_over(house))

    assert not relay.sent_to(ADDRESSES[-1])
    assert only_run(house).counts[DeliveryStatus.SKIPPED] == 1


def test_a_relay_that_is_away_for_a_while_costs_nobody_the_issue(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    relay.stop()
    opened(house)
    with running(house, kind):
        wait_until(lambda: bool(only_run(house).trouble))
        relay.start()
        wait_until(lambda: is_over(house))

    assert recipients(relay) == list(ADDRESSES)
    assert only_run(house).trouble == ""


def test_a_refused_recipient_is_recorded_and_stops_nobody_else(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, recipient=ADDRESSES[3], refuse="550 5.1.1 unknown"))
    opened(house)
    with running(house, kind):
        wait_until(lambda: is_over(house))

    counts = only_run(house).counts
    assert counts[DeliveryStatus.FAILED] == 1
    assert counts[DeliveryStatus.SENT] == len(ADDRESSES) - 1


def test_a_paused_run_rests_until_it_is_resumed(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    slow_down(relay)
    run_id = opened(house)
    with running(house, kind):
        relay.wait_for(5)
        pause_run(house.wiring, run_id, "a test", TERMINAL)
        rests_at = when_it_rests(relay)
        resume_run(house.wiring, run_id, TERMINAL)
        wait_until(lambda: is_over(house))

    assert rests_at < len(ADDRESSES)
    assert recipients(relay) == list(ADDRESSES)


def test_what_had_not_left_when_a_run_is_cancelled_never_does(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    slow_down(relay)
    run_id = opened(house)
    with running(house, kind):
        relay.wait_for(5)
        cancel_run(house.wiring, run_id, "a test", TERMINAL)
        wait_until(lambda: only_run(house).finished_at is not None)
        sent = when_it_rests(relay)

    counts = only_run(house).counts
    assert counts[DeliveryStatus.SENT] == sent < len(ADDRESSES)
    assert counts[DeliveryStatus.CANCELLED] == len(ADDRESSES) - sent


def test_a_runner_that_is_stopped_gives_back_what_it_had_and_the_next_one_sends_it(
    house: Installation, kind: RunnerKind, relay: Relay
) -> None:
    slow_down(relay)
    opened(house)
    with running(house, kind):
        relay.wait_for(5)
    stopped_at = len(relay.accepted)

    with running(house, kind):
        wait_until(lambda: is_over(house))

    assert stopped_at < len(ADDRESSES)
    assert recipients(relay) == list(ADDRESSES)


def when_it_rests(relay: Relay) -> int:
    """Return how many messages there are once no more come."""
    count = -1
    while count != len(relay.accepted):
        count = len(relay.accepted)
        time.sleep(0.3)
    return count
