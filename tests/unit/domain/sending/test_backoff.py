"""Who could not be reached is tried later each time, and not all at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.sending.backoff import domain_delay, jitter_of, reconnection_delay, retry_delay


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 300), (2, 600), (3, 1_200), (4, 2_400), (5, 4_000), (6, 4_000), (10_000, 4_000)],
)
def test_a_delivery_waits_five_minutes_and_twice_as_long_each_time(
    attempts: int, seconds: int
) -> None:
    assert retry_delay(attempts, jitter=0) == timedelta(seconds=seconds)
    assert domain_delay(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"),
    [(1, 1, 360), (1, -1, 240), (4, 0.5, 2_640), (5, -1, 3_200), (5, 1, 3_200), (9, 0.5, 3_600)],
)
def test_a_wait_departs_from_the_plan_by_a_fifth_at_the_most(
    attempts: int, jitter: float, seconds: int
) -> None:
    assert retry_delay(attempts, jitter=jitter) == timedelta(seconds=seconds)


@given(attempts=st.integers(), identity=st.tuples(st.integers(), st.text()))
def test_no_wait_is_longer_than_four_thousand_seconds_or_shorter_than_four_minutes(
    attempts: int, identity: tuple[int, str]
) -> None:
    wait = retry_delay(attempts, jitter=jitter_of(*identity))

    assert timedelta(minutes=4) <= wait <= timedelta(seconds=4_000)


def test_the_same_delivery_and_attempt_always_wait_as_long() -> None:
    assert jitter_of(7, 1234, 2) == jitter_of(7, 1234, 2) == pytest.approx(0.9747974374272854)
    assert jitter_of(1, 23) != jitter_of(12, 3)


def test_those_who_failed_together_come_back_spread_evenly() -> None:
    tenths = [0] * 10

    for subscriber in range(10_000):
        tenths[int((jitter_of(1, subscriber, 1) + 1) * 5)] += 1

    assert min(tenths) > 850
    assert max(tenths) < 1_150


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(-1, 0), (0, 0), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10_000, 60)],
)
def test_a_lost_connection_is_opened_again_after_a_second_and_a_minute_at_the_most(
    failures: int, seconds: int
) -> None:
    assert reconnection_delay(failures) == timedelta(seconds=seconds)
