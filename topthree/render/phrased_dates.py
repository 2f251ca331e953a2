"""Dates, times and durations in the language of the letter."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from topthree.domain.writing.length import reading_minutes
from topthree.render.phrases import Phrases

_NOON = 12


def day_words(phrases: Phrases, day: date, *, with_year: bool = True) -> str:
    """Return the date in full: “Thursday, November 19, 2026”."""
    shape = phrases.day_with_year if with_year else phrases.day
    return shape.format(
        weekday=phrases.weekdays[day.weekday()],
        month=phrases.months[day.month - 1],
        day=day.day,
        year=day.year,
    )


def date_words(phrases: Phrases, day: date) -> str:
    """Return the date without its weekday: “November 19, 2026”."""
    return phrases.date.format(month=phrases.months[day.month - 1], day=day.day, year=day.year)


def time_words(phrases: Phrases, at: time, *, on: date, zone: ZoneInfo) -> str:
    """Return the civil time with the zone as it is called on that day: “5:00 pm EST”."""
    half = phrases.am if at.hour < _NOON else phrases.pm
    name = datetime.combine(on, at, tzinfo=zone).strftime("%Z")
    # Zones without a name of their own are called by their offset.
    called = name if name[:1].isalpha() else f"UTC{name}"
    return f"{at.hour % _NOON or _NOON}:{at.minute:02} {half} {called}"


def reading_words(phrases: Phrases, word_count: int) -> str:
    """Return how long so many words take: “three-minute read”."""
    minutes = reading_minutes(word_count)
    if minutes == 1:
        return phrases.reading_one
    spelled = phrases.counts[minutes - 1] if minutes <= len(phrases.counts) else str(minutes)
    return phrases.reading_many.format(minutes=spelled)
