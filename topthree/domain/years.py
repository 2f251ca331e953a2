"""Which years a date can lie in; any other is a slip of the keyboard."""

from __future__ import annotations

from datetime import date

YEARS = range(2000, 2200)


def is_plausible(day: date) -> bool:
    """Tell whether somebody may have meant this day."""
    return day.year in YEARS
