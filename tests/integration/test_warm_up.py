"""An issue of a new sender goes out over some days: exactly planned, and nobody gets it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from tests.support.installation import Installation, dismantle, install
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import GIVE_UP_AFTER, DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.subscribers.subscription import SubscriptionStatus
from topthree.services.sending import prepare_run as preparing
from topthree.services.sending.finish_run import finish_run
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.prepare_run import prepare_run
from topthree.services.sending.steer_run import cancel_run
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.sending.warm_up import RunDayRow
from topthree.store.subscribers.subscribers import SubscriberRow, SubscriptionRow

MANY = 3_000
OPENED_AT = datetime(2026, 12, 3, 11, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    warm_up = {"TOPTHREE_WARM_UP": "2026-12-03 200"}
    installation = install(tmp_path / "instance", database_url, **warm_up)
    yield installation
    dismantle(installation)


def add_confirmed(house: Installation, count: int) -> None:
    """Add subscribers of whom several at a time confirmed at the same moment, in no order."""
    with house.wiring.writing() as session:
        first = (session.scalar(select(func.max(SubscriberRow.id))) or 0) + 1
        for number in range(first, first + count):
            key = f"teacher-{number}@school.example"
            row = SubscriberRow(
                address=key,
                address_key=key,
                address_hash=number.to_bytes(32, "big"),
                created_at=OPENED_AT - 90 * DAY,
            )
            session.add(row)
        session.flush()
        for row in session.scalars(select(SubscriberRow).where(SubscriberRow.id >= first)):
            confirmed_at = OPENED_AT - timedelta(hours=1 + row.id * 7_919 % 400)
            session.add(
                SubscriptionRow(
                    subscriber_id=row.id,
                    status=SubscriptionStatus.CONFIRMED,
                    source="a test",
                    requested_at=confirmed_at,
                    confirmed_at=confirmed_at,
                )
            )


def schedule(house: Installation) -> None:
    house.schedule_approved_issue()
    house.clock.now = OPENED_AT


def opened(house: Installation) -> RunId:
    schedule(house)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def break_off_in_third_part(house: Installation) -> RunId:
    """Open the run, and let the machine go down while it is prepared."""
    parts = iter(range(9))

    def break_off(_one: object, _two: object, statement: str, *_rest: object) -> None:
        if "INSERT INTO deliveries" in statement and next(parts) == 2:
            raise OSError("the machine goes down")

    engine = house.wiring.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", break_off)
    schedule(house)
    assert open_due_runs(house.wiring) == ()
    event.remove(engine, "before_cursor_execute", break_off)
    with house.wiring.reading() as session:
        (run_id,) = session.scalars(select(RunRow.id))
        assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 600
    return run_id


def due(house: Installation, run_id: RunId) -> dict[int, datetime]:
    query = select(DeliveryRow.subscriber_id, DeliveryRow.due_at)
    with house.wiring.reading() as session:
        rows = session.execute(query.where(DeliveryRow.run_id == run_id))
        return {to: due_at for to, due_at in rows}  # noqa: C416


def shares_of(house: Installation, run_id: RunId) -> list[int]:
    """Return how many are due on each of the run's days."""
    counted = Counter(due(house, run_id).values())
    return [counted[due_at] for due_at in sorted(counted)]


def run_of(house: Installation, run_id: RunId) -> RunRow:
    with house.wiring.reading() as session:
        return session.get_one(RunRow, run_id)


def count_sent(house: Installation) -> int:
    query = select(func.count()).where(DeliveryRow.status == DeliveryStatus.SENT)
    with house.wiring.reading() as session:
        return session.scalars(query).one()


def confirmations(house: Installation) -> dict[int, tuple[datetime, int]]:
    query = select(SubscriptionRow.subscriber_id, SubscriptionRow.confirmed_at)
    with house.wiring.reading() as session:
        return {to: (at, to) for to, at in session.execute(query) if at is not None}


def test_each_day_has_exactly_its_share_and_the_newest_come_first(house: Installation) -> None:
    add_confirmed(house, MANY)

    run_id = opened(house)

    assert shares_of(house, run_id) == [200, 400, 800, 1_600]
    order, days = confirmations(house), due(house, run_id)
    assert len(days) == MANY
    newest_first = sorted(days, key=lambda to: order[to], reverse=True)
    assert [days[to] for to in newest_first] == sorted(days.values())
    run = run_of(house, run_id)
    assert run.give_up_at == OPENED_AT + GIVE_UP_AFTER + 3 * DAY
    assert run.audience == MANY


def test_the_parts_in_which_it_is_prepared_do_not_show(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_confirmed(house, 1_000)
    monkeypatch.setattr(preparing, "_PART", 77)

    run_id = opened(house)

    assert shares_of(house, run_id) == [200, 400, 400]


def test_an_interrupted_preparation_goes_on_as_it_was_planned(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_confirmed(house, 1_000)
    monkeypatch.setattr(preparing, "_PART", 300)
    run_id = break_off_in_third_part(house)
    # In between the days go by, and people confirm and leave.
    house.clock.advance(5 * DAY)
    with house.wiring.writing() as session:
        newest = select(SubscriptionRow).where(SubscriptionRow.subscriber_id > 900)
        for left in session.scalars(newest.limit(10)):
            left.status, left.ended_at = SubscriptionStatus.ENDED, house.clock.now

    prepare_run(house.wiring, run_id)

    days = due(house, run_id)
    with house.wiring.reading() as session:
        planned = session.scalars(select(RunDayRow).order_by(RunDayRow.number)).all()
    assert [day.share for day in planned] == [200, 400, 400]
    assert len(days) == 990
    assert all(
        here <= day.share for here, day in zip(shares_of(house, run_id), planned, strict=True)
    )
    assert run_of(house, run_id).give_up_at == OPENED_AT + GIVE_UP_AFTER + 2 * DAY


def test_all_get_it_on_their_day_and_the_run_ends_with_the_last(house: Installation) -> None:
    add_confirmed(house, 250)
    run_id = opened(house)

    send_what_is_due(house.wiring, run_id)
    first = run_of(house, run_id).status, count_sent(house)
    house.clock.advance(DAY - timedelta(seconds=1))
    send_what_is_due(house.wiring, run_id)
    early = count_sent(house)
    house.clock.advance(timedelta(seconds=1))
    send_what_is_due(house.wiring, run_id)

    assert first == (RunStatus.RUNNING, 200)
    assert early == 200
    assert run_of(house, run_id).status is RunStatus.DONE
    with house.wiring.reading() as session:
        statuses = session.execute(select(DeliveryRow.status, DeliveryRow.attempts)).all()
    assert Counter(map(tuple, statuses)) == {(DeliveryStatus.SENT, 1): 250}


def test_each_day_has_the_same_civil_time_also_when_clocks_change(
    database_url: str, tmp_path: Path
) -> None:
    warm_up = {"TOPTHREE_WARM_UP": "2027-03-11 10", "TOPTHREE_ANCHOR": "2027-03-11"}
    house = install(tmp_path / "instance", database_url, **warm_up)
    add_confirmed(house, 100)
    house.clock.now = datetime(2027, 3, 8, 15, tzinfo=UTC)
    house.schedule_approved_issue()
    house.clock.now = datetime(2027, 3, 11, 11, tzinfo=UTC)

    (run_id,) = open_due_runs(house.wiring)
    zone = house.wiring.cadence.zone
    local = sorted({due_at.astimezone(zone) for due_at in due(house, run_id).values()})
    dismantle(house)

    assert [moment.date() for moment in local] == [date(2027, 3, 11) + n * DAY for n in range(4)]
    assert {(moment.hour, moment.minute) for moment in local} == {(6, 0)}


def test_two_weeks_later_a_day_brings_twice_what_the_largest_one_had_brought(
    house: Installation,
) -> None:
    add_confirmed(house, 1_000)
    first = opened(house)
    second = opened_after(house, 14)

    assert shares_of(house, first) == [200, 400, 400]
    assert shares_of(house, second) == [800, 200]
    assert run_of(house, second).give_up_at == OPENED_AT + GIVE_UP_AFTER + 15 * DAY


def test_what_a_stopped_run_had_not_sent_has_shown_nobody_anything(house: Installation) -> None:
    add_confirmed(house, 1_000)
    stopped = opened(house)
    cancel_run(house.wiring, stopped, "a test", TERMINAL)
    finish_run(house.wiring, stopped)

    second = opened_after(house, 14)

    assert shares_of(house, second) == [400, 600]


def opened_after(house: Installation, days: int) -> RunId:
    """Open the run of the next issue, so many days after the last."""
    house.schedule_approved_issue()
    house.clock.advance(days * DAY)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def test_an_audience_that_the_day_can_take_gets_it_at_once(house: Installation) -> None:
    add_confirmed(house, 200)

    run_id = opened(house)

    assert set(due(house, run_id).values()) == {OPENED_AT}
    assert run_of(house, run_id).give_up_at == OPENED_AT + GIVE_UP_AFTER


def test_an_issue_for_nobody_can_be_opened(house: Installation) -> None:
    assert due(house, opened(house)) == {}
