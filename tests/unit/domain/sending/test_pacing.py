"""A pace is kept over any span of time, whatever is asked for, stored, or done to the clock."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.sending.pacing import (
    Bucket,
    Level,
    forgiven,
    full,
    next_token_at,
    parse_pace,
    reserve,
    take,
)

START = datetime(2026, 11, 24, 11, tzinfo=UTC)
TEN_A_SECOND = Bucket(rate_per_second=10, burst=20)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def stored(level: Level) -> Level:
    """What comes back when a level has been a row."""
    row = json.loads(json.dumps(asdict(level), default=str))
    return Level(tokens=row["tokens"], at=datetime.fromisoformat(row["at"]))


def test_a_burst_may_leave_at_once_and_then_the_pace_holds() -> None:
    first, level = take(TEN_A_SECOND, full(TEN_A_SECOND, START), START, 100)
    second, level = take(TEN_A_SECOND, level, START, 100)
    third, level = take(TEN_A_SECOND, level, START + seconds(0.55), 100)
    fourth, level = take(TEN_A_SECOND, level, START + seconds(0.6), 100)

    assert (first, second, third, fourth) == (20, 0, 5, 1)


def test_no_more_is_granted_than_was_wanted() -> None:
    granted, level = take(TEN_A_SECOND, full(TEN_A_SECOND, START), START, 3)

    assert granted == 3
    assert level == Level(tokens=17, at=START)


@pytest.mark.parametrize("wanted", [0, -5])
def test_who_wants_nothing_gets_and_loses_nothing(wanted: int) -> None:
    level = full(TEN_A_SECOND, START)

    assert take(TEN_A_SECOND, level, START, wanted) == (0, level)


def test_a_long_rest_saves_up_a_burst_and_no_more() -> None:
    empty = Level(tokens=0, at=START)

    granted, _ = take(TEN_A_SECOND, empty, START + timedelta(days=1), 1_000_000)

    assert granted == 20


def test_a_smaller_bucket_holds_less_of_what_was_saved() -> None:
    saved = full(Bucket(rate_per_second=10, burst=1_000), START)

    assert take(TEN_A_SECOND, saved, START, 1_000_000)[0] == 20


def test_the_next_message_leaves_when_its_token_is_there() -> None:
    empty = Level(tokens=0, at=START)

    assert next_token_at(TEN_A_SECOND, empty, START) == START + seconds(0.1)
    assert next_token_at(TEN_A_SECOND, empty, START + seconds(0.07)) == START + seconds(0.1)
    assert next_token_at(TEN_A_SECOND, empty, START + seconds(9)) == START + seconds(9)


def test_a_clock_that_goes_back_brings_no_tokens() -> None:
    empty = Level(tokens=0, at=START)

    granted, level = take(TEN_A_SECOND, empty, START - timedelta(hours=1), 100)

    assert (granted, level.tokens) == (0, 0)


def test_a_clock_that_goes_back_an_hour_keeps_nobody_waiting_for_an_hour() -> None:
    earlier = START - timedelta(hours=1)

    _, level = take(TEN_A_SECOND, Level(tokens=0, at=START), earlier, 1)

    assert next_token_at(TEN_A_SECOND, level, earlier) == earlier + seconds(5.1)


def test_two_hosts_whose_clocks_differ_by_seconds_get_one_pace_between_them() -> None:
    level, granted = Level(tokens=0, at=START), 0

    for tenth in range(600):
        skew = seconds(3 if tenth % 2 else 0)
        more, level = take(TEN_A_SECOND, level, START + seconds(tenth / 10) + skew, 100)
        granted += more

    assert granted <= 10 * (60 + 3)


def test_places_are_reserved_ahead_one_token_after_the_other() -> None:
    nearly_empty = Level(tokens=1, at=START)

    turns, level = reserve(TEN_A_SECOND, nearly_empty, START, 4)

    assert turns == (START, START + seconds(0.1), START + seconds(0.2), START + seconds(0.3))
    assert level == Level(tokens=-3, at=START)


def test_who_asks_for_tokens_waits_until_the_reserved_places_are_over() -> None:
    _, level = reserve(TEN_A_SECOND, full(TEN_A_SECOND, START), START, 30)

    assert take(TEN_A_SECOND, level, START + seconds(1), 5) == (
        0,
        Level(tokens=0, at=START + seconds(1)),
    )
    assert next_token_at(TEN_A_SECOND, level, START) == START + seconds(1.1)


def test_several_tokens_come_together_but_never_more_than_the_bucket_holds() -> None:
    empty = Level(tokens=0, at=START)

    assert next_token_at(TEN_A_SECOND, empty, START, 5) == START + seconds(0.5)
    assert next_token_at(TEN_A_SECOND, empty, START, 500) == START + seconds(2)


def test_places_for_which_nobody_waits_any_more_are_free_again() -> None:
    _, level = reserve(TEN_A_SECOND, Level(tokens=0, at=START), START, 1_000)

    (turn,), _ = reserve(
        TEN_A_SECOND, forgiven(TEN_A_SECOND, level, START, START + seconds(2)), START, 1
    )
    (at_once,), _ = reserve(
        TEN_A_SECOND, forgiven(TEN_A_SECOND, level, START, START - seconds(2)), START, 1
    )

    assert turn == START + seconds(2.1)
    assert at_once == START + seconds(0.1)


def test_a_full_bucket_has_nothing_to_forgive() -> None:
    level = full(TEN_A_SECOND, START)

    assert forgiven(TEN_A_SECOND, level, START, START + seconds(9)) == level


BUCKETS = st.builds(
    Bucket,
    rate_per_second=st.floats(1 / 3_600, 100_000),
    burst=st.integers(1, 5_000),
)
STEPS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 2_000), st.integers(0, 10**9)),
        st.integers(0, 10_000),
        st.booleans(),
    ),
    max_size=30,
)


@given(bucket=BUCKETS, steps=STEPS)
def test_no_window_of_time_sees_more_than_its_pace_and_one_burst(
    bucket: Bucket, steps: list[tuple[int, int, bool]]
) -> None:
    now, level = START, full(bucket, START)
    left: list[tuple[datetime, int]] = []

    for microseconds, wanted, is_restarted in steps:
        now += timedelta(microseconds=microseconds)
        granted, level = take(bucket, stored(level) if is_restarted else level, now, wanted)
        left.append((now, granted))

    for first, (begin, _) in enumerate(left):
        total = 0
        for end, granted in left[first:]:
            total += granted
            span = (end - begin).total_seconds()
            assert total <= span * bucket.rate_per_second + bucket.burst + 0.001


@given(bucket=BUCKETS, steps=STEPS)
def test_reserved_places_come_in_order_and_keep_the_pace_over_any_span(
    bucket: Bucket, steps: list[tuple[int, int, bool]]
) -> None:
    now, level = START, full(bucket, START)
    turns: list[datetime] = []

    for microseconds, wanted, is_restarted in steps:
        now += timedelta(microseconds=microseconds)
        few = wanted % 20
        got, level = reserve(bucket, stored(level) if is_restarted else level, now, few)
        assert len(got) == few
        turns += got

    assert turns == sorted(turns)
    for first, begin in enumerate(turns):
        for count, end in enumerate(turns[first:], start=1):
            # A turn is a whole microsecond, rounded up: the first of two may be late by nearly one.
            span = (end - begin).total_seconds() + 1e-6
            assert count <= span * bucket.rate_per_second + bucket.burst + 0.01


@given(
    bucket=BUCKETS,
    steps=st.lists(st.tuples(st.integers(-(10**10), 10**9), st.integers(0, 10_000)), max_size=30),
)
def test_a_clock_that_jumps_earns_only_by_going_forward(
    bucket: Bucket, steps: list[tuple[int, int]]
) -> None:
    now, level = START, full(bucket, START)
    granted, forward = 0, 0.0

    for microseconds, wanted in steps:
        now += timedelta(microseconds=microseconds)
        more, level = take(bucket, level, now, wanted)
        granted += more
        forward += max(0, microseconds) / 1e6

    assert granted <= forward * bucket.rate_per_second + bucket.burst + 0.001


@given(bucket=BUCKETS, tokens=st.floats(0, 1), microseconds=st.integers(-(10**10), 10**10))
def test_who_comes_when_told_to_is_let_through_and_waits_no_longer_than_for_one_token(
    bucket: Bucket, tokens: float, microseconds: int
) -> None:
    level = Level(tokens=tokens, at=START)
    now = START + timedelta(microseconds=microseconds)

    then = next_token_at(bucket, level, now)

    assert now <= then <= now + seconds(5 + 1 / bucket.rate_per_second + 0.00001)
    _, level = take(bucket, level, now, 0)
    assert take(bucket, level, then, 1)[0] == 1


@pytest.mark.parametrize(
    ("text", "rate", "burst"),
    [
        ("10/s", 10, 10),
        ("600/min", 10, 10),
        ("20000/h", 20_000 / 3_600, 6),
        (" 90 / MIN ", 1.5, 2),
        ("1/h", 1 / 3_600, 1),
    ],
)
def test_a_pace_is_read_as_it_is_said(text: str, rate: float, burst: int) -> None:
    assert parse_pace(text) == Bucket(rate_per_second=rate, burst=burst)


@pytest.mark.parametrize(
    "text",
    ["", "fast", "10", "/s", "-1/s", "1.5/s", "10/day", "10/s/s", "9" * 400 + "/s", "\u0663/s"],
)
def test_what_is_no_pace_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no pace\. Write a whole number .* as in 600/min\."):
        parse_pace(text)


def test_a_pace_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="would let nothing leave"):
        parse_pace("0/min")


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_bucket_needs_a_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        Bucket(rate_per_second=rate, burst=1)


def test_a_bucket_holds_a_message() -> None:
    with pytest.raises(ValueError, match="At least one message"):
        Bucket(rate_per_second=1, burst=0)
