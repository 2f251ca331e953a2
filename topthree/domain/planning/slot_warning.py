"""When the desk is warned that nothing is approved for a slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """How near a slot is; each is warned of once."""

    TWO_DAYS = "two days"
    FOUR_HOURS = "four hours"


#: The nearest first.
_BEGINS = {Stage.FOUR_HOURS: timedelta(hours=4), Stage.TWO_DAYS: timedelta(hours=48)}


def stage_at(slot: datetime, now: datetime) -> Stage | None:
    """Return the stage that has begun; None while the slot is far, and once it has come.

    Whoever looks late, after a restart, finds the stage of that moment and none of those before.
    """
    ahead = slot.astimezone(UTC) - now.astimezone(UTC)
    if ahead <= timedelta(0):
        return None
    return next((stage for stage, begins in _BEGINS.items() if ahead <= begins), None)
