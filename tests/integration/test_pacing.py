"""No more leaves than the pace allows, whoever sends; who is put off loses neither turn nor try."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import Patience, send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.services.sending.claim_batch import Batch, claim_batch, end_batch, queue_batch
from topthree.services.sending.finish_run import finish_run
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.send_run import send_run
from topthree.services.sending.steer_run import cancel_run, pause_run
from topthree.services.wiring import Wiring
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.domains import DomainRow
from topthree.store.sending.paces import PaceRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow

SECOND = timedelta(seconds=1)
GOOGLE = tuple(f"teacher-{number:02}@gmail.com" for number in range(40))
SCHOOL = tuple(f"teacher-{number:02}@school.example" for number in range(40))

Start = Callable[..., Installation]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start the service with these settings on one and the same database, as often as wanted."""
    started: list[Installation] = []

    def begin(**environment: str) -> Installation:
        folder = tmp_path / f"instance-{len(started)}"
        house = install(folder, database_url, **environment)
        if started:
            house.clock.now = started[0].clock.now
        started.append(house)
        return house

    yield begin
    for house in started:
        dismantle(house)


def opened(house: Installation, *addresses: str, day: int = 3) -> RunId:
    if addresses:
        house.add_subscribers(*addresses)
    house.schedule_approved_issue(complete_content(f"Issue of day {day}"))
    house.clock.now = house.clock.now.replace(month=12, day=day, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def send_for(house: Installation, run_id: RunId, seconds: int) -> None:
    """Do what a sender does, which looks again each second, until nothing is left."""
    until = house.clock.now + seconds * SECOND
    while house.clock.now < until and status(house, run_id) is RunStatus.RUNNING:
        send_what_is_due(house.wiring, run_id)
        house.clock.advance(SECOND)


def status(house: Installation, run_id: RunId) -> RunStatus:
    with house.wiring.reading() as session:
        return session.get_one(RunRow, run_id).status


def deliveries(house: Installation, run_id: RunId) -> dict[str, DeliveryRow]:
    query = (
        select(SubscriberRow.address, DeliveryRow)
        .join(DeliveryRow, DeliveryRow.subscriber_id == SubscriberRow.id)
        .where(DeliveryRow.run_id == run_id)
    )
    with house.wiring.reading() as session:
        return {address or "": row for address, row in session.execute(query)}


def sent(house: Installation, run_id: RunId, domain: str = "") -> list[datetime]:
    """Return when each letter left, in order."""
    return sorted(
        row.ended_at
        for address, row in deliveries(house, run_id).items()
        if row.status is DeliveryStatus.SENT and row.ended_at and address.endswith(domain)
    )


def most_within(moments: Sequence[datetime], span: timedelta) -> int:
    return max(sum(first <= each <= first + span for each in moments) for first in moments)


def claimed(wiring: Wiring, run_id: RunId) -> Batch | None:
    with wiring.writing() as session:
        return claim_batch(session, wiring, run_id)


def put_down(wiring: Wiring, batch: Batch | None) -> None:
    assert batch is not None
    with wiring.writing() as session:
        end_batch(session, batch.claim_id)


def tokens(house: Installation, name: str = "") -> float:
    with house.wiring.reading() as session:
        return session.get_one(PaceRow, name).tokens


def test_over_any_span_no_more_leaves_than_the_pace_and_one_second_of_it(start: Start) -> None:
    house = start(TOPTHREE_PACE="600/min")
    run_id = opened(house, *GOOGLE, *SCHOOL)

    send_for(house, run_id, 20)

    moments = sent(house, run_id)
    assert len(moments) == len(GOOGLE) + len(SCHOOL)
    assert timedelta(seconds=6.9) <= moments[-1] - moments[0] < timedelta(seconds=9)
    for seconds in (0.5, 1, 3):
        assert most_within(moments, seconds * SECOND) <= 10 * seconds + 10


def test_a_restart_saves_up_nothing(start: Start) -> None:
    house = start(TOPTHREE_PACE="10/s")
    run_id = opened(house, *SCHOOL)
    first = claimed(house.wiring, run_id)

    again = start(TOPTHREE_PACE="10/s")
    at_once = claimed(again.wiring, run_id)
    again.clock.advance(SECOND / 2)
    later = claimed(again.wiring, run_id)

    assert first is not None
    assert len(first.subscriber_ids) == 10
    assert at_once is None
    assert later is not None
    assert len(later.subscriber_ids) == 5


def test_two_processes_have_one_pace_between_them(start: Start) -> None:
    here, there = start(TOPTHREE_PACE="40/s"), start(TOPTHREE_PACE="40/s")
    run_id = opened(here, *GOOGLE, *SCHOOL)
    there.clock.now = here.clock.now

    batches = [claimed(house.wiring, run_id) for house in (here, there, here, there)]

    assert sum(len(batch.subscriber_ids) for batch in batches if batch) == 40


def test_threads_that_claim_at_the_same_moment_have_one_pace_between_them(start: Start) -> None:
    house = start(TOPTHREE_PACE="40/s", TOPTHREE_PACE_PROVIDERS="* 30/s", TOPTHREE_LOOK_UP_MX="no")
    run_id = opened(house, *GOOGLE, *SCHOOL)
    together = threading.Barrier(4)

    def claim(_: int) -> int:
        together.wait()
        batch = claimed(house.wiring, run_id)
        return len(batch.subscriber_ids) if batch else 0

    with ThreadPoolExecutor(4) as hands:
        counts = list(hands.map(claim, range(4)))

    assert sum(counts) == 40
    assert tokens(house) == 0


def test_turns_that_nobody_needed_are_there_for_the_next(start: Start) -> None:
    house = start(TOPTHREE_PACE="10/s")
    run_id = opened(house, *SCHOOL[:3])

    send_what_is_due(house.wiring, run_id)

    assert status(house, run_id) is RunStatus.DONE
    assert tokens(house) == 7


def test_what_is_queued_for_workers_keeps_the_same_pace(start: Start) -> None:
    house = start(TOPTHREE_PACE="30/s")
    run_id = opened(house, *SCHOOL)

    with house.wiring.writing() as session:
        first = queue_batch(session, house.wiring, run_id)
    with house.wiring.writing() as session:
        second = queue_batch(session, house.wiring, run_id)

    assert first is not None
    assert second is None
    assert tokens(house) == 0


def test_the_relay_is_not_kept_waiting_for_a_turn_that_is_far_off(
    start: Start, relay: Relay
) -> None:
    house = start(TOPTHREE_PACE="60/h", TOPTHREE_SMTP_URL=relay.url)
    run_id = opened(house, *SCHOOL[:3])

    send_what_is_due(house.wiring, run_id)
    house.clock.advance(20 * SECOND)
    send_what_is_due(house.wiring, run_id)
    dialed, accepted = relay.connection_count, len(relay.accepted)
    house.clock.advance(20 * SECOND)
    send_what_is_due(house.wiring, run_id)

    assert (dialed, accepted) == (1, 1)
    # Twenty seconds before its turn, the connection is worth having.
    assert (relay.connection_count, len(relay.accepted)) == (2, 2)


@pytest.mark.parametrize("what", ["pause", "cancel", "stop"])
def test_who_waits_for_a_turn_sees_within_a_second_that_it_is_over(start: Start, what: str) -> None:
    house = start(TOPTHREE_PACE="240/h")
    run_id = opened(house, *SCHOOL)
    steps = {"pause": pause_run, "cancel": cancel_run}
    moments = iter(range(100))

    def is_it_time() -> bool:
        # It is asked before each claim and message, and after each second of waiting.
        moment = next(moments)
        if moment == 6 and what in steps:
            steps[what](house.wiring, run_id, "by hand", TERMINAL)
        return moment >= 6 and what == "stop"

    patience = Patience(house.wiring, is_it_time)
    with house.wiring.ledger() as ledger:
        send_run(house.wiring, ledger, run_id, patience)

    assert set(patience.waits) == {1.0}
    assert len(patience.waits) <= 3
    assert len(sent(house, run_id)) == 1


def test_a_provider_gets_no_more_than_its_pace_and_keeps_no_other_waiting(start: Start) -> None:
    house = start(TOPTHREE_PACE_PROVIDERS="google 5/s", TOPTHREE_LOOK_UP_MX="no")
    run_id = opened(house, *GOOGLE, *SCHOOL)
    opened_at = house.clock.now

    send_what_is_due(house.wiring, run_id)
    schools_left = sent(house, run_id, "school.example")
    turns = {
        address: row.turn_at
        for address, row in deliveries(house, run_id).items()
        if row.status is DeliveryStatus.DEFERRED
    }
    send_for(house, run_id, 15)

    assert schools_left == [opened_at] * len(SCHOOL)
    # Five at once, five within a second, and a place for each of the others, one after another.
    assert len(turns) == len(set(turns.values())) == len(GOOGLE) - 10
    moments = sent(house, run_id, "gmail.com")
    assert len(moments) == len(GOOGLE)
    assert moments[-1] - moments[0] >= 6 * SECOND
    for seconds in (1, 3):
        assert most_within(moments, seconds * SECOND) <= 5 * (seconds + 1) + 5
    after = deliveries(house, run_id)
    assert {row.attempts for row in after.values()} == {1}
    assert {address: after[address].turn_at for address in turns} == turns, "put off twice"


def test_a_school_whose_mail_google_takes_goes_by_googles_pace(start: Start) -> None:
    house = start(TOPTHREE_PACE_PROVIDERS="google 5/s, * 20/s", TOPTHREE_LOOK_UP_MX="no")
    run_id = opened(house, *SCHOOL[:20], *(f"t{n}@other.example" for n in range(20)))
    with house.wiring.writing() as session:
        session.add(DomainRow(name="school.example", provider="google", due_at=house.clock.now))

    send_what_is_due(house.wiring, run_id)

    assert len(sent(house, run_id, "school.example")) == 10
    assert len(sent(house, run_id, "other.example")) == 20


def test_turns_that_were_missed_do_not_all_come_at_once(start: Start) -> None:
    house = start(TOPTHREE_PACE_PROVIDERS="google 5/s", TOPTHREE_LOOK_UP_MX="no")
    run_id = opened(house, *GOOGLE)
    send_what_is_due(house.wiring, run_id)

    house.clock.advance(timedelta(hours=1))
    back_at = house.clock.now
    send_what_is_due(house.wiring, run_id)
    at_once = [moment for moment in sent(house, run_id) if moment == back_at]
    send_for(house, run_id, 20)

    assert len(at_once) == 10
    assert status(house, run_id) is RunStatus.DONE


def test_the_places_of_a_cancelled_run_are_free_for_the_next(start: Start) -> None:
    house = start(TOPTHREE_PACE_PROVIDERS="google 1/min", TOPTHREE_LOOK_UP_MX="no")
    run_id = opened(house, *GOOGLE)
    send_what_is_due(house.wiring, run_id)
    cancel_run(house.wiring, run_id, "a slip", TERMINAL)
    finish_run(house.wiring, run_id)

    house.schedule_approved_issue(complete_content("The next"))
    house.clock.now += timedelta(minutes=1)
    with house.wiring.writing() as session:
        session.get_one(PaceRow, "google").at = house.clock.now
        session.get_one(PaceRow, "google").tokens = -1_000_000
    next_id = opened(house, day=17)
    send_what_is_due(house.wiring, next_id)

    soon = house.clock.now + timedelta(minutes=len(GOOGLE) + 1)
    assert all(row.due_at <= soon for row in deliveries(house, next_id).values())


def test_a_claim_looks_at_no_address_while_nothing_is_paced_or_closed(start: Start) -> None:
    house = start()
    run_id = opened(house, *SCHOOL)
    statements: list[str] = []
    engine = house.wiring.sessions.kw["bind"]

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    put_down(house.wiring, claimed(house.wiring, run_id))
    event.remove(engine, "before_cursor_execute", note)

    assert not [each for each in statements if "subscribers." in each or "paces" in each]
    assert len([each for each in statements if "closures" in each]) == 1
