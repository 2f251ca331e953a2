"""A sender whom providers do not know yet begins small and at most doubles each day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.sending.warm_up import Plan, parse_warm_up, shares

START = date(2026, 12, 1)
DAY = timedelta(days=1)
PLAN = Plan(start=START, first_day=500)


def sent(**days: int) -> dict[date, int]:
    """So many on these days of the plan: ``d0`` is its first."""
    return {START + int(day[1:]) * DAY: count for day, count in days.items()}


def in_days(days_in: int, audience: int, planned: dict[date, int]) -> list[tuple[int, int]]:
    """Return on which days of the plan how many of the audience get it."""
    found = shares(PLAN, START + days_in * DAY, audience, planned)
    return [((day - START).days, share) for day, share in found]


@pytest.mark.parametrize(
    ("day", "planned", "most"),
    [
        (-30, {}, 500),
        (0, {}, 500),
        (14, {}, 500),
        (1, sent(d0=500), 1_000),
        # However much later: what counts is what went out, and the largest day of it.
        (90, sent(d0=500), 1_000),
        (9, sent(d0=500, d1=1_000, d2=40), 2_000),
        (9, sent(d0=100), 500),
        # What lies ahead, or before the plan began, has shown nobody anything.
        (3, sent(d4=8_000), 500),
        (3, {START - DAY: 8_000}, 500),
    ],
)
def test_a_day_may_bring_twice_the_largest_before_it(
    day: int, planned: dict[date, int], most: int
) -> None:
    assert shares(PLAN, START + day * DAY, 10**9, planned)[0][1] == most


def test_issues_every_other_week_grow_from_one_to_the_next() -> None:
    """The table of docs/pacing.md."""
    planned: dict[date, int] = {}
    issues = []
    for days_in in (0, 14, 28):
        found = shares(PLAN, START + days_in * DAY, 75_000, planned)
        planned |= dict(found)
        issues.append([share for _, share in found])

    assert issues == [
        [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 11_500],
        [64_000, 11_000],
        [75_000],
    ]


@pytest.mark.parametrize(
    ("days_in", "audience", "planned", "expected"),
    [
        (0, 500, {}, [(0, 500)]),
        (0, 501, {}, [(0, 500), (1, 1)]),
        (14, 1_200, {}, [(14, 500), (15, 700)]),
        (-2, 2_600, {}, [(-2, 500), (-1, 500), (0, 500), (1, 1_000), (2, 100)]),
        # A correction, while the letter that it corrects is still going out.
        (1, 700, sent(d0=500, d1=1_000, d2=1_500), [(2, 500), (3, 200)]),
        (0, 0, {}, []),
        (0, -1, {}, []),
    ],
)
def test_an_issue_goes_out_in_as_many_days_as_the_plan_needs(
    days_in: int, audience: int, planned: dict[date, int], expected: list[tuple[int, int]]
) -> None:
    assert in_days(days_in, audience, planned) == expected


@given(
    first_day=st.integers(1, 10_000),
    starts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 100_000)), max_size=5),
)
def test_all_get_it_and_no_day_brings_more_than_twice_the_largest_before(
    first_day: int, starts: list[tuple[int, int]]
) -> None:
    plan, totals = Plan(start=START, first_day=first_day), Counter[date]()

    for days_in, audience in starts:
        found = shares(plan, START + days_in * DAY, audience, totals)
        totals.update(dict(found))
        assert sum(share for _, share in found) == audience
        for day, share in found:
            largest = max((count for other, count in totals.items() if other < day), default=0)
            assert 1 <= share <= max(first_day, 2 * largest)


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
