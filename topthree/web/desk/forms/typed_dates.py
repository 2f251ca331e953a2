"""Dates and times as people type them, where a browser has no field of its own for them."""

from __future__ import annotations

import re
from datetime import date, time

from topthree.domain.years import is_plausible

#: What a form says of a text that is no day, and where none of those offered was chosen.
NO_DAY = "This is no date. Write it like 2026-12-04."
NO_DAY_CHOSEN = "Choose one of the days."

_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_AMERICAN_DAY = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})", re.ASCII)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(:(?P<minute>\d{2})(:\d{2})?)? ?(?P<half>[ap])?\.?(m\.?)?", re.ASCII
)
_NOON = 12


def parse_day(text: str) -> date | None:
    """Return the day of “2026-12-04” or “12/4/2026”; None if it is no such thing."""
    match = _ISO_DAY.fullmatch(text.strip()) or _AMERICAN_DAY.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(match[part]) for part in ("year", "month", "day"))
    try:
        typed = date(year, month, day)
    except ValueError:
        return None
    return typed if is_plausible(typed) else None


def parse_time(text: str) -> time | None:
    """Return the time of “17:00” or “5:00 pm”, without seconds; None if it is no such thing."""
    match = _TIME.fullmatch(text.strip().lower())
    if match is None or (match["minute"] is None and match["half"] is None):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if match["half"] == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None
