"""Seed addresses: nobody gets an issue before mailboxes of our own have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.send_seeds import send_seeds
from topthree.services.sending.steer_run import resume_run
from topthree.store.sending.runs import RunRow

SEEDS = ("first@seeds.example", "second@seeds.example")
ADDRESSES = tuple(f"teacher-{number}@school.example" for number in range(5))


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    installation = install(
        tmp_path / "instance",
        database_url,
        TOPTHREE_SMTP_URL=relay.url,
        TOPTHREE_SEEDS=", ".join(SEEDS),
    )
    installation.add_subscribers(*ADDRESSES)
    installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def everybody_else(relay: Relay) -> list[str]:
    return sorted(
        message.recipients[0] for message in relay.accepted if message.recipients[0] not in SEEDS
    )


def run_row(house: Installation, run_id: RunId) -> RunRow:
    with house.wiring.reading() as session:
        return session.get_one(RunRow, run_id)


def test_everybody_else_waits_until_the_seeds_are_accepted(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    send_what_is_due(house.wiring, run_id)
    too_early = everybody_else(relay)

    send_seeds(house.wiring)
    send_what_is_due(house.wiring, run_id)

    assert too_early == []
    assert [message.recipients[0] for message in relay.accepted][:2] == list(SEEDS)
    assert everybody_else(relay) == list(ADDRESSES)


def test_a_seed_gets_the_bytes_that_everybody_gets(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    send_seeds(house.wiring)
    send_what_is_due(house.wiring, run_id)

    bodies = {message.content.partition(b"\r\n\r\n")[2][:200] for message in relay.accepted}
    assert len(relay.accepted) == len(SEEDS) + len(ADDRESSES)
    assert len(bodies) == 1


def test_a_seed_that_is_refused_pauses_the_run_before_anybody_else_has_it(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, recipient=SEEDS[1], refuse="554 5.7.1 spam"))

    send_seeds(house.wiring)
    send_what_is_due(house.wiring, run_id)

    run = run_row(house, run_id)
    assert run.status is RunStatus.PAUSED
    assert f"{SEEDS[1]} was not accepted: 554 5.7.1 spam" in run.standing
    assert everybody_else(relay) == []


def test_a_seed_that_is_put_off_is_tried_again_and_the_others_are_not_written_to_twice(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.RCPT, recipient=SEEDS[1], refuse="450 4.2.1 busy", times=1))

    send_seeds(house.wiring)
    send_seeds(house.wiring)
    said = run_row(house, run_id).trouble
    house.clock.advance(timedelta(minutes=1))
    send_seeds(house.wiring)
    send_what_is_due(house.wiring, run_id)

    assert "450 4.2.1 busy" in said
    assert [len(relay.sent_to(seed)) for seed in SEEDS] == [1, 1]
    assert everybody_else(relay) == list(ADDRESSES)


def test_after_a_person_has_looked_the_seeds_are_asked_again(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient=SEEDS[0], refuse="550 5.7.1 blocked", times=1)
    )
    send_seeds(house.wiring)

    resume_run(house.wiring, run_id, TERMINAL)
    send_seeds(house.wiring)
    send_what_is_due(house.wiring, run_id)

    assert everybody_else(relay) == list(ADDRESSES)
    with house.wiring.reading() as session:
        run = session.get_one(RunRow, run_id)
        assert run.final_counts is not None
        assert run.final_counts[DeliveryStatus.SENT] == len(ADDRESSES)
