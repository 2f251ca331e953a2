"""Dates and times in words, the same on every page: “Thursday, December 3, 6:00 am EST”."""

from __future__ import annotations

from datetime import date, datetime


def day_words(day: date) -> str:
    """Return the whole date: “Thursday, November 19, 2026”."""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def short_day(day: date) -> str:
    """Return the date for a list: “Thu, Dec 3”."""
    return f"{day:%a}, {day:%b} {day.day}"


def moment_words(at: datetime) -> str:
    """Return day, time and zone: “Thursday, December 3, 6:00 am EST”."""
    hour = at.hour % 12 or 12
    half = "am" if at.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{at:%A}, {at:%B} {at.day}, {hour}:{at.minute:02} {half} {at.tzname()}"
