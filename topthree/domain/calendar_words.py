"""Dates, times and spans in words, the same everywhere: “Thursday, December 3, 6:00 am EST”."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from topthree.domain.how_many import how_many

_NOON = 12
#: Days from which hours do not matter.
_LONG = 3


def day_words(day: date) -> str:
    """Return the whole date: “Thursday, November 19, 2026”."""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def short_day(day: date) -> str:
    """Return the date for a list: “Thu, Dec 3”."""
    return f"{day:%a}, {day:%b} {day.day}"


def clock_words(at: time) -> str:
    """Return the time of day: “6:00 am”."""
    return f"{at.hour % _NOON or _NOON}:{at.minute:02} {_half(at)}"


def second_words(at: datetime) -> str:
    """Return the time of day to the second, with its zone: “6:05:27 am EST”."""
    return f"{at.hour % _NOON or _NOON}:{at.minute:02}:{at.second:02} {_half(at)} {at.tzname()}"


def moment_words(at: datetime) -> str:
    """Return day, time and zone: “Thursday, December 3, 6:00 am EST”."""
    return f"{at:%A}, {at:%B} {at.day}, {clock_words(at.time())} {at.tzname()}"


def span_words(span: timedelta) -> str:
    """Return the span in words, in its two largest units while it is short: “1 day 15 hours”."""
    minutes = max(int(span.total_seconds() // 60), 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= _LONG:
        parts = [(days, "day")]
    elif days:
        parts = [(days, "day"), (hours, "hour")]
    else:
        parts = [(hours, "hour"), (minutes % 60, "minute")]
    words = [how_many(count, unit) for count, unit in parts if count]
    return " ".join(words) or "less than a minute"


def _half(at: time | datetime) -> str:
    return "am" if at.hour < _NOON else "pm"
