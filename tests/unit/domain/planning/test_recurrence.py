"""Whole days recur as the standard says, and what is not expanded here is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.planning.recurrence import RuleNotUnderstood, occurrences, parse_rule

# Of a package that has no types.
other_reading = import_module("dateutil.rrule").rrulestr

START = date(2026, 11, 26)
HORIZON = date(2031, 12, 31)

_weekdays = st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))
_ends = st.sampled_from(("", ";COUNT=7", ";UNTIL=20280229"))
_steps = st.integers(1, 5).map(lambda step: f";INTERVAL={step}")
_rules = st.one_of(
    st.builds("FREQ=DAILY{}{}".format, _steps, _ends),
    st.builds("FREQ=WEEKLY;BYDAY={}{}{}".format, _weekdays, _steps, _ends),
    st.builds("FREQ=WEEKLY;WKST=SU;BYDAY={},{}{}".format, _weekdays, _weekdays, _steps),
    st.builds(
        "FREQ=MONTHLY;BYDAY={}{}{}{}".format,
        st.sampled_from((1, 2, 3, 4, -1, -2)),
        _weekdays,
        _steps,
        _ends,
    ),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}{}".format, st.sampled_from((1, 15, 29, 31, -1)), _ends),
    st.builds(
        "FREQ=YEARLY;BYMONTH={};BYDAY={}{}{}".format,
        st.integers(1, 12),
        st.sampled_from((1, 4, -1)),
        _weekdays,
        _ends,
    ),
    st.builds("FREQ=YEARLY{}{}".format, _steps, _ends),
)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


@given(_rules, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_days_recur_as_another_implementation_of_the_standard_has_it(
    rule: str, start: date
) -> None:
    known = other_reading(
        f"RRULE:{rule}".replace(";UNTIL=20280229", ";UNTIL=20280229T000000Z"),
        dtstart=midnight(start),
    )
    expected = [
        each.date()
        for each in known.between(midnight(date(2023, 1, 1)), midnight(HORIZON), inc=True)
    ]

    found = occurrences(parse_rule(rule), start, horizon=HORIZON, most=100_000)

    # The first day counts whether or not it is like the others; the count then ends earlier.
    if expected[:1] == [start]:
        assert list(found) == expected
    else:
        assert found[0] == start
        assert list(found[1:]) == expected[: len(found) - 1]


def test_thanksgiving_is_the_fourth_thursday_of_november() -> None:
    rule = parse_rule("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")

    days = occurrences(rule, START, horizon=date(2029, 1, 1), most=10)

    assert days == (START, date(2027, 11, 25), date(2028, 11, 23))


def test_a_leap_day_comes_in_leap_years_only() -> None:
    days = occurrences(parse_rule("FREQ=YEARLY"), date(2028, 2, 29), horizon=HORIZON, most=10)

    assert days == (date(2028, 2, 29),)


def test_a_rule_without_an_end_stops_at_the_bound() -> None:
    assert len(occurrences(parse_rule("FREQ=DAILY"), START, horizon=HORIZON, most=10)) == 10


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=YEARLY;BYSETPOS=1;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=99999",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;WKST=XX",
    ],
)
def test_what_is_not_expanded_here_is_refused(rule: str) -> None:
    with pytest.raises(RuleNotUnderstood):
        parse_rule(rule)
