"""A provider that asks for less is left in peace, then opened a little at a time; nobody pays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.installation import Installation, dismantle, install
from tests.support.sending import send_what_is_due
from topthree.domain.ids import ClaimId, RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.services.sending.claim_batch import Batch, claim_batch, end_batch
from topthree.services.sending.close_provider import close_provider, hold_domain
from topthree.services.sending.open_run import open_due_runs
from topthree.store.sending.deliveries import ClaimRow, DeliveryRow
from topthree.store.sending.domains import DomainRow
from topthree.store.sending.paces import ClosureRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow

GOOGLE = tuple(f"teacher-{number:03}@gmail.com" for number in range(130))
SCHOOL = tuple(f"teacher-{number:03}@school.example" for number in range(10))
TEN_MINUTES = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    installation = install(tmp_path / "instance", database_url)
    installation.add_subscribers(*GOOGLE, *SCHOOL)
    installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def deliveries(house: Installation, run_id: RunId, domain: str) -> list[DeliveryRow]:
    query = (
        select(DeliveryRow)
        .join(SubscriberRow, DeliveryRow.subscriber_id == SubscriberRow.id)
        .where(DeliveryRow.run_id == run_id, SubscriberRow.address.endswith(domain))
    )
    with house.wiring.reading() as session:
        return list(session.scalars(query))


def statuses(house: Installation, run_id: RunId, domain: str) -> set[DeliveryStatus]:
    return {row.status for row in deliveries(house, run_id, domain)}


def claimed(house: Installation, run_id: RunId) -> Batch | None:
    with house.wiring.writing() as session:
        return claim_batch(session, house.wiring, run_id)


def put_down(house: Installation, claim_id: ClaimId) -> None:
    with house.wiring.writing() as session:
        end_batch(session, claim_id)


def trouble(house: Installation, run_id: RunId) -> str:
    with house.wiring.reading() as session:
        return session.get_one(RunRow, run_id).trouble


def closed_until(house: Installation, name: str) -> datetime:
    with house.wiring.reading() as session:
        return session.get_one(ClosureRow, name).closed_until


def come_back_together_when_it_opens(house: Installation) -> None:
    at = closed_until(house, "google")
    with house.wiring.writing() as session:
        for row in session.scalars(select(DeliveryRow)):
            row.due_at = min(row.due_at, at)
    house.clock.now = at + timedelta(seconds=1)


def wait_until_all_are_due(house: Installation, run_id: RunId) -> None:
    """Let the clock go on to where all of a provider's letters have come back."""
    house.clock.now = max(row.due_at for row in deliveries(house, run_id, "gmail.com"))


def test_a_closed_provider_gets_nothing_and_the_others_get_theirs(
    house: Installation, run_id: RunId
) -> None:
    opened_at = house.clock.now
    close_provider(house.wiring, "gmail.com")

    send_what_is_due(house.wiring, run_id)

    waiting = deliveries(house, run_id, "gmail.com")
    assert statuses(house, run_id, "school.example") == {DeliveryStatus.SENT}
    assert {(row.status, row.attempts, row.cause) for row in waiting} == {
        (DeliveryStatus.DEFERRED, 0, None)
    }
    assert all(opened_at + TEN_MINUTES <= row.due_at for row in waiting)
    assert all(row.due_at <= opened_at + 2 * TEN_MINUTES for row in waiting)


def test_those_who_waited_come_back_spread_over_minutes(house: Installation, run_id: RunId) -> None:
    close_provider(house.wiring, "gmail.com")
    send_what_is_due(house.wiring, run_id)

    due = sorted(row.due_at for row in deliveries(house, run_id, "gmail.com"))

    assert due[-1] - due[0] > 5 * MINUTE
    # One connection at first, and more later: so do the letters.
    in_the_first_half = [at for at in due if at < due[0] + (due[-1] - due[0]) / 2]
    assert len(in_the_first_half) < len(due) / 2


def test_all_of_them_get_it_in_the_end_and_nobody_twice(house: Installation, run_id: RunId) -> None:
    close_provider(house.wiring, "gmail.com")

    for _ in range(4 * 60):
        send_what_is_due(house.wiring, run_id)
        house.clock.advance(MINUTE / 4)
        if statuses(house, run_id, "") == {DeliveryStatus.SENT}:
            break

    everyone = deliveries(house, run_id, "")
    assert {(row.status, row.attempts) for row in everyone} == {(DeliveryStatus.SENT, 1)}
    with house.wiring.reading() as session:
        assert session.get_one(RunRow, run_id).status is RunStatus.DONE


def test_it_is_opened_to_one_claim_and_to_one_more_each_quiet_minute(
    house: Installation, run_id: RunId
) -> None:
    close_provider(house.wiring, "gmail.com")
    send_what_is_due(house.wiring, run_id)
    come_back_together_when_it_opens(house)

    first, second = claimed(house, run_id), claimed(house, run_id)
    house.clock.advance(MINUTE + timedelta(seconds=20))
    third, fourth = claimed(house, run_id), claimed(house, run_id)

    assert first is not None
    assert len(first.subscriber_ids) == 50
    assert second is None
    assert third is not None
    assert fourth is None
    with house.wiring.reading() as session:
        held = session.scalars(select(ClaimRow.recovering)).all()
    assert held == [["google"], ["google"]]


def test_the_next_may_hold_it_when_the_first_has_ended(house: Installation, run_id: RunId) -> None:
    close_provider(house.wiring, "gmail.com")
    send_what_is_due(house.wiring, run_id)
    come_back_together_when_it_opens(house)
    first = claimed(house, run_id)
    assert first is not None

    put_down(house, first.claim_id)
    again = claimed(house, run_id)

    assert again is not None
    assert again.subscriber_ids == first.subscriber_ids


def test_after_quiet_minutes_any_number_of_claims_may_hold_it(
    house: Installation, run_id: RunId
) -> None:
    close_provider(house.wiring, "gmail.com")
    send_what_is_due(house.wiring, run_id)
    wait_until_all_are_due(house, run_id)
    house.clock.advance(MINUTE)

    batches = [claimed(house, run_id) for _ in range(3)]

    assert [len(batch.subscriber_ids) for batch in batches if batch] == [50, 50, 30]


def test_who_is_sending_is_told_that_a_provider_was_closed_meanwhile(
    house: Installation, run_id: RunId
) -> None:
    with house.wiring.writing() as session:
        session.add(DomainRow(name="district.example", provider="google", due_at=house.clock.now))
    closures, now = house.wiring.closures, house.clock.now
    before = closures.closed_until("gmail.com", now)

    close_provider(house.wiring, "district.example")

    assert before is None
    assert closures.closed_until("gmail.com", now) == now + TEN_MINUTES
    assert closures.closed_until("district.example", now) == now + TEN_MINUTES
    assert closures.closed_until("school.example", now) is None
    assert closures.closed_until("gmail.com", now + TEN_MINUTES) is None


def test_another_process_knows_of_it_by_its_next_claim(
    house: Installation, run_id: RunId, database_url: str, tmp_path: Path
) -> None:
    other = install(tmp_path / "other", database_url)
    other.clock.now = house.clock.now

    close_provider(other.wiring, "gmail.com")
    dismantle(other)
    claimed(house, run_id)

    now = house.clock.now
    assert house.wiring.closures.closed_until("gmail.com", now) == now + TEN_MINUTES


def test_several_connections_that_hear_it_close_it_once(house: Installation, run_id: RunId) -> None:
    close_provider(house.wiring, "gmail.com")
    house.clock.advance(MINUTE)
    close_provider(house.wiring, "googlemail.com")

    assert closed_until(house, "google") == house.clock.now + 9 * MINUTE
    assert trouble(house, run_id) == ""


def test_the_third_time_in_a_day_a_person_is_asked_to_look(
    house: Installation, run_id: RunId
) -> None:
    for _ in range(2):
        close_provider(house.wiring, "gmail.com")
        house.clock.advance(timedelta(hours=3))
    before = trouble(house, run_id)

    close_provider(house.wiring, "gmail.com")

    assert before == ""
    assert "google has asked us 3 times in a day to send less" in trouble(house, run_id)


def test_a_domain_that_is_held_keeps_nobody_else_waiting(
    house: Installation, run_id: RunId
) -> None:
    opened_at = house.clock.now
    hold_domain(house.wiring, "school.example")

    send_what_is_due(house.wiring, run_id)

    held = deliveries(house, run_id, "school.example")
    assert statuses(house, run_id, "gmail.com") == {DeliveryStatus.SENT}
    assert {(row.status, row.attempts) for row in held} == {(DeliveryStatus.DEFERRED, 0)}
    assert all(opened_at + 5 * MINUTE <= row.due_at <= opened_at + 6 * MINUTE for row in held)
    assert house.wiring.closures.closed_until("school.example", opened_at) is not None


def test_a_domain_that_asks_again_is_held_for_longer(house: Installation) -> None:
    waits = []
    for _ in range(3):
        hold_domain(house.wiring, "school.example")
        hold_domain(house.wiring, "school.example")
        waits.append(closed_until(house, "@school.example") - house.clock.now)
        house.clock.now += waits[-1] + MINUTE
    house.clock.advance(timedelta(days=1))
    hold_domain(house.wiring, "school.example")

    assert waits == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert closed_until(house, "@school.example") == house.clock.now + 5 * MINUTE


def test_a_clock_that_is_set_back_keeps_nobody_closed_for_long(
    house: Installation, run_id: RunId
) -> None:
    house.clock.advance(timedelta(days=1))
    close_provider(house.wiring, "gmail.com")
    hold_domain(house.wiring, "school.example")
    house.clock.advance(-timedelta(days=1))
    set_back_at = house.clock.now

    send_what_is_due(house.wiring, run_id)

    assert statuses(house, run_id, "school.example") == {DeliveryStatus.SENT}
    due = [row.due_at for row in deliveries(house, run_id, "gmail.com")]
    assert max(due) <= set_back_at + 2 * TEN_MINUTES
