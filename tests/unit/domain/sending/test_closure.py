"""A provider that asks for less gets nothing for a while, and then a little more each minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from topthree.domain.sending.closure import (
    OPEN,
    ProviderState,
    closed,
    eased,
    is_closed,
    may_connect,
    needs_alert,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(minutes: float, since: datetime = NOON) -> datetime:
    return since + timedelta(minutes=minutes)


def closed_at(*minutes: float) -> ProviderState:
    state = OPEN
    for minute in minutes:
        state = closed(eased(state, after(minute)), after(minute))
    return state


def minutes_closed(state: ProviderState, now: datetime) -> float:
    assert state.closed_until is not None
    return (state.closed_until - now).total_seconds() / 60


def test_a_provider_that_never_complained_has_no_limit() -> None:
    assert eased(OPEN, NOON) == OPEN
    assert not is_closed(OPEN, NOON)
    assert may_connect(OPEN, NOON, 500)
    assert not needs_alert(OPEN)


def test_a_closure_lasts_ten_minutes_in_which_nothing_is_sent() -> None:
    state = closed_at(0)

    assert is_closed(state, after(9.99))
    assert not may_connect(eased(state, after(9.99)), after(9.99), 0)
    assert not is_closed(state, after(10))


@pytest.mark.parametrize(
    ("minutes", "connections"),
    [(10, 1), (10.9, 1), (11, 2), (12.5, 3), (17.9, 8), (18, None), (600, None)],
)
def test_it_opens_with_one_connection_and_one_more_for_each_quiet_minute(
    minutes: float, connections: int | None
) -> None:
    state = eased(closed_at(0), after(minutes))

    assert state.connections_allowed == connections
    assert may_connect(state, after(minutes), 0)
    assert may_connect(state, after(minutes), connections or 9) is (connections is None)


def test_asking_often_eases_no_faster() -> None:
    state = closed_at(0)

    for second in range(10 * 60, 13 * 60):
        state = eased(state, NOON + timedelta(seconds=second))

    assert state.connections_allowed == 3


def test_what_several_connections_hear_at_once_is_one_closure() -> None:
    state = closed_at(0, 0, 0.1, 9)

    assert state == closed_at(0)
    assert state.closures == 1


@pytest.mark.parametrize(
    ("times", "length"),
    [
        ((0,), 10),
        ((0, 10), 20),
        ((0, 69), 20),
        ((0, 70), 10),
        ((0, 11, 32), 40),
        ((0, 11, 32, 73), 60),
        ((0, 11, 32, 73, 134), 60),
        ((0, 11, 32, 73, 134, 300), 10),
    ],
)
def test_a_closure_soon_after_another_is_twice_as_long_and_an_hour_at_the_most(
    times: tuple[float, ...], length: float
) -> None:
    assert minutes_closed(closed_at(*times), after(times[-1])) == length


def test_three_closures_within_a_day_call_a_person() -> None:
    assert [needs_alert(closed_at(*times)) for times in [(0,), (0, 70), (0, 70, 140)]] == [
        False,
        False,
        True,
    ]


def test_closures_of_another_day_are_forgotten() -> None:
    assert closed_at(0, 70, 70 + 24 * 60).closures == 1
    assert closed_at(0, 70, 69 + 24 * 60).closures == 3


def test_a_clock_that_is_set_back_closes_a_provider_for_no_longer_than_before() -> None:
    yesterday = after(-24 * 60)

    state = eased(closed_at(0), yesterday)

    assert minutes_closed(state, yesterday) == 10
    assert eased(state, after(11, yesterday)).connections_allowed == 2


def test_a_clock_that_is_set_back_does_not_close_what_was_open() -> None:
    state = eased(closed_at(0), after(60))

    assert may_connect(eased(state, after(-60)), after(-60), 500)
    assert may_connect(eased(state, after(5)), after(5), 500)
