"""Slots are civil dates: the hour and the fortnight stay through any change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from topthree.domain.planning.cadence import (
    FORTNIGHT,
    Cadence,
    CadenceException,
    ExceptionKind,
    Lateness,
    instant_of,
    is_slot,
    is_unsteady,
    lateness,
    slots_from,
)

NEW_YORK = ZoneInfo("America/New_York")
CADENCE = Cadence(anchor=date(2026, 10, 8), at=time(6), zone=NEW_YORK)


def change(kind: ExceptionKind, on: date, until: date | None = None) -> CadenceException:
    return CadenceException(kind=kind, on=on, until=until)


def days(*changes: CadenceException, first: date = date(2026, 10, 8), count: int = 6) -> list[date]:
    return [slot.day for slot in slots_from(CADENCE, changes, first, count)]


def test_every_slot_until_2031_is_a_thursday_at_six_local_time_fourteen_days_apart() -> None:
    slots = slots_from(CADENCE, (), date(2026, 10, 8), 70)

    assert {slot.at.timetuple()[3:5] for slot in slots} == {(6, 0)}
    assert {slot.day.isoweekday() for slot in slots} == {4}
    assert {b.day - a.day for a, b in pairwise(slots)} == {FORTNIGHT}


def test_a_year_with_53_weeks_keeps_the_fortnight_over_new_year() -> None:
    cadence = Cadence(anchor=date(2026, 12, 29), at=time(6), zone=NEW_YORK)

    slots = slots_from(cadence, (), date(2026, 12, 29), 2)

    assert [slot.day for slot in slots] == [date(2026, 12, 29), date(2027, 1, 12)]


def test_the_first_day_asked_for_may_itself_be_a_slot() -> None:
    assert days(first=date(2026, 11, 5), count=1) == [date(2026, 11, 5)]
    assert days(first=date(2026, 11, 6), count=1) == [date(2026, 11, 19)]


def test_no_slot_comes_before_the_anchor() -> None:
    assert days(first=date(2026, 1, 1), count=1) == [CADENCE.anchor]


def test_a_time_that_spring_leaves_out_is_read_with_the_offset_before() -> None:
    cadence = Cadence(anchor=date(2027, 3, 14), at=time(2, 30), zone=NEW_YORK)

    at = instant_of(cadence, date(2027, 3, 14))

    assert at.astimezone(UTC) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert (at.hour, at.minute, at.tzname()) == (3, 30, "EDT")


def test_a_time_that_autumn_repeats_is_the_first_of_the_two() -> None:
    cadence = Cadence(anchor=date(2026, 11, 1), at=time(1, 30), zone=NEW_YORK)

    at = instant_of(cadence, date(2026, 11, 1))

    assert at.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_skipping_a_slot_keeps_the_parity_of_the_rest() -> None:
    skip = change(ExceptionKind.SKIP, date(2026, 11, 5))

    assert days(skip, count=3) == [date(2026, 10, 8), date(2026, 10, 22), date(2026, 11, 19)]


def test_a_moved_slot_comes_on_its_new_day_only() -> None:
    move = change(ExceptionKind.MOVE, date(2026, 10, 22), date(2026, 10, 27))

    assert days(move, count=3) == [date(2026, 10, 8), date(2026, 10, 27), date(2026, 11, 5)]


def test_an_extra_slot_stands_between_the_regular_ones() -> None:
    extra = change(ExceptionKind.EXTRA, date(2026, 10, 15))

    assert days(extra, count=3) == [date(2026, 10, 8), date(2026, 10, 15), date(2026, 10, 22)]


def test_a_pause_silences_its_days_and_ends_on_the_grid() -> None:
    pause = change(ExceptionKind.PAUSE, date(2026, 10, 20), date(2026, 11, 10))

    assert days(pause, count=3) == [date(2026, 10, 8), date(2026, 11, 19), date(2026, 12, 3)]


def test_a_letter_can_be_sent_after_all_within_a_pause() -> None:
    pause = change(ExceptionKind.PAUSE, date(2026, 10, 20), date(2026, 11, 10))
    after_all = change(ExceptionKind.EXTRA, date(2026, 11, 5))

    assert date(2026, 11, 5) in days(pause, after_all)


def test_the_last_word_about_a_day_counts() -> None:
    skip = change(ExceptionKind.SKIP, date(2026, 11, 5))
    after_all = change(ExceptionKind.EXTRA, date(2026, 11, 5))

    assert date(2026, 11, 5) in days(skip, after_all)
    assert date(2026, 11, 5) not in days(after_all, skip)


def test_a_new_anchor_shifts_what_follows_and_nothing_before() -> None:
    anchor = change(ExceptionKind.REANCHOR, date(2026, 11, 12))

    assert days(anchor, count=5) == [
        date(2026, 10, 8),
        date(2026, 10, 22),
        date(2026, 11, 5),
        date(2026, 11, 12),
        date(2026, 11, 26),
    ]


def test_a_day_off_the_grid_is_no_slot() -> None:
    assert is_slot(CADENCE, (), date(2026, 10, 22))
    assert not is_slot(CADENCE, (), date(2026, 10, 23))


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(seconds=-1), Lateness.AHEAD),
        (timedelta(0), Lateness.DUE),
        (timedelta(hours=14), Lateness.DUE),
        (timedelta(hours=14, seconds=1), Lateness.HELD),
        (timedelta(days=20), Lateness.HELD),
    ],
)
def test_a_slot_is_sent_within_the_grace_and_held_after_it(
    late: timedelta, expected: Lateness
) -> None:
    at = instant_of(CADENCE, date(2026, 10, 22))

    assert lateness(at, at + late, timedelta(hours=14)) is expected


@pytest.mark.parametrize("day", [date(2200, 1, 2), date(9999, 12, 31), date.max])
def test_a_day_beyond_every_calendar_is_no_slot(day: date) -> None:
    assert not is_slot(CADENCE, (), day)
    assert days(first=day) == []


@pytest.mark.parametrize(
    ("at", "zone", "is_so"),
    [
        (time(0, 59), "America/New_York", False),
        (time(1), "America/New_York", True),
        (time(2, 59), "America/New_York", True),
        (time(3), "America/New_York", False),
        (time(2, 30), "America/Phoenix", False),
        (time(1, 30), "Europe/London", True),
        (time(2, 30), "Europe/London", False),
    ],
)
def test_an_hour_is_unsteady_where_clocks_leave_it_out_or_repeat_it(
    at: time, zone: str, *, is_so: bool
) -> None:
    cadence = Cadence(anchor=date(2026, 10, 8), at=at, zone=ZoneInfo(zone))

    assert is_unsteady(cadence, date(2026, 11, 23)) is is_so
