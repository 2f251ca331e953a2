"""A sender whom providers do not know yet begins small and at most doubles each day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.warm_up import Plan, parse_warm_up, shares

START = date(2026, 12, 1)
PLAN = Plan(start=START, first_day=500)


@pytest.mark.parametrize(
    ("day", "most"),
    [(-30, 500), (-1, 500), (0, 500), (1, 1_000), (2, 2_000), (7, 64_000), (10, 512_000)],
)
def test_each_day_may_bring_twice_as_much_as_the_one_before(day: int, most: int) -> None:
    assert shares(PLAN, START + timedelta(days=day), 10**9)[0] == most


def test_an_audience_of_a_hundred_thousand_takes_eight_days() -> None:
    assert shares(PLAN, START, 100_000) == (
        *(500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000),
        36_500,
    )


@pytest.mark.parametrize(
    ("days_in", "audience", "expected"),
    [
        (0, 500, (500,)),
        (0, 501, (500, 1)),
        (3, 10_000, (4_000, 6_000)),
        (14, 75_000, (75_000,)),
        (-2, 2_600, (500, 500, 500, 1_000, 100)),
        (0, 0, ()),
        (0, -1, ()),
    ],
)
def test_an_issue_goes_out_in_as_many_days_as_the_plan_needs(
    days_in: int, audience: int, expected: tuple[int, ...]
) -> None:
    assert shares(PLAN, START + timedelta(days=days_in), audience) == expected


@given(
    first_day=st.integers(1, 10_000),
    days_in=st.integers(0, 50_000),
    audience=st.integers(0, 10_000_000),
)
def test_all_get_it_and_no_day_brings_more_than_twice_the_day_before(
    first_day: int, days_in: int, audience: int
) -> None:
    plan, today = Plan(start=START, first_day=first_day), START + timedelta(days=days_in)

    found = shares(plan, today, audience)

    assert sum(found) == audience
    assert all(share >= 1 for share in found)
    assert all(later <= 2 * earlier for earlier, later in pairwise(found))
    for number, share in enumerate(found):
        assert share <= shares(plan, today + timedelta(days=number), 10**12)[0]


def test_a_plan_is_read_as_it_is_said() -> None:
    assert parse_warm_up(" 2026-12-01  500 ") == PLAN


@pytest.mark.parametrize(
    "text", ["", "500", "2026-12-01", "2026-12-01 -5", "1.12.2026 500", "2026-12-01 500 2"]
)
def test_what_is_no_plan_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no warm-up\. .* as in 2026-12-01 500\."):
        parse_warm_up(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-02-30 500", "There is no day 2026-02-30 to begin a warm-up on."),
        ("0026-12-01 500", "A warm-up begins between 2000 and 2199."),
        ("2026-12-01 0", "A warm-up begins with at least one message on its first day."),
    ],
)
def test_a_plan_that_cannot_be_says_why(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_warm_up(text)
