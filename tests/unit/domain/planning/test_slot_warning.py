"""When a slot is near enough to warn of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from topthree.domain.planning.slot_warning import Stage, stage_at

SLOT = datetime(2026, 12, 3, 6, 0, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        (timedelta(days=9), None),
        (timedelta(hours=48, seconds=1), None),
        (timedelta(hours=48), Stage.TWO_DAYS),
        (timedelta(hours=4, seconds=1), Stage.TWO_DAYS),
        (timedelta(hours=4), Stage.FOUR_HOURS),
        (timedelta(seconds=1), Stage.FOUR_HOURS),
        (timedelta(0), None),
        (-timedelta(hours=1), None),
    ],
)
def test_each_stage_begins_so_long_before_the_slot(before: timedelta, stage: Stage | None) -> None:
    assert stage_at(SLOT, SLOT.astimezone(UTC) - before) is stage


def test_the_hours_are_those_that_pass_and_not_those_on_the_clock() -> None:
    # Clocks in New York go back on November 1, 2026, so that two civil days have 49 hours.
    slot = datetime(2026, 11, 2, 6, 0, tzinfo=ZoneInfo("America/New_York"))

    assert stage_at(slot, datetime(2026, 10, 31, 6, 30, tzinfo=slot.tzinfo)) is None
    assert stage_at(slot, datetime(2026, 10, 31, 7, 0, tzinfo=slot.tzinfo)) is Stage.TWO_DAYS
