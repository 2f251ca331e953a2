"""Spans and times of day in words."""

from __future__ import annotations

from datetime import datetime, time, timedelta

_NOON = 12
#: Days from which hours do not matter.
_LONG = 3


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
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(words) or "less than a minute"


def clock_words(at: time) -> str:
    """Return the time of day: “6:00 am”."""
    return f"{at.hour % _NOON or _NOON}:{at.minute:02} {'am' if at.hour < _NOON else 'pm'}"


def second_words(at: datetime) -> str:
    """Return the time of day to the second, with its zone: “6:05:27 am EST”."""
    hour, half = at.hour % _NOON or _NOON, "am" if at.hour < _NOON else "pm"
    return f"{hour}:{at.minute:02}:{at.second:02} {half} {at.tzname()}"
