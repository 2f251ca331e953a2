"""Recurrence of whole days (RFC 5545 §3.3.10), as far as calendars of schools use it.

Expanded within bounds, day by day, so that no rule can keep us busy; what is not understood is
refused and not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYDAY", "BYMONTHDAY", "WKST"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"(?P<ordinal>[+-]?[1-5])?(?P<day>MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_DAY_OF_MONTH = re.compile(r"-?([1-9]|[12]\d|3[01])", re.ASCII)
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?", re.ASCII)
_LAST_MONTH = 12
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


class RuleNotUnderstood(ValueError):
    """The rule says something that is not expanded here; the text names what."""


class Every(StrEnum):
    """The unit that a rule counts in."""

    DAY = "DAILY"
    WEEK = "WEEKLY"
    MONTH = "MONTHLY"
    YEAR = "YEARLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """On which days something happens again."""

    every: Every
    interval: int = 1
    count: int | None = None
    until: date | None = None
    #: Empty: the rule says nothing about them.
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    #: Ordinal within the month (0: each) and weekday, Monday being 0.
    weekdays: frozenset[tuple[int, int]] = frozenset()
    week_start: int = 0


def parse_rule(text: str) -> Rule:
    """Read “FREQ=YEARLY;BYMONTH=11;BYDAY=4TH”.

    :raises RuleNotUnderstood: for anything that is not expanded here.
    """
    pairs = [part.partition("=") for part in text.strip().upper().split(";") if part]
    parts = {name: value for name, _, value in pairs}
    unknown = sorted(parts.keys() - _PARTS)
    if unknown or len(parts) != len(pairs):
        raise RuleNotUnderstood(unknown[0] if unknown else "a part twice")
    if parts.get("FREQ") not in set(Every):
        raise RuleNotUnderstood(f"FREQ={parts.get('FREQ', '')}")
    rule = Rule(
        every=Every(parts["FREQ"]),
        interval=_number(parts.get("INTERVAL", "1")),
        count=_number(parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        months=frozenset(_month(each) for each in _listed(parts, "BYMONTH")),
        month_days=frozenset(_month_day(each) for each in _listed(parts, "BYMONTHDAY")),
        weekdays=frozenset(_weekday(each) for each in _listed(parts, "BYDAY")),
        week_start=_weekday(parts.get("WKST", "MO"))[1],
    )
    _require_simple(rule)
    return rule


def occurrences(rule: Rule, start: date, *, horizon: date, most: int) -> tuple[date, ...]:
    """Return the days from the first one on, up to the horizon, and never more than ``most``.

    The first day always counts, as the standard has it.
    """
    found = [start]
    end = min(horizon, rule.until or horizon)
    limit = most if rule.count is None else min(most, rule.count)
    for day in _days_after(start, end):
        if len(found) >= limit:
            break
        if _matches(rule, start, day):
            found.append(day)
    return tuple(found)


def _require_simple(rule: Rule) -> None:
    has_ordinals = any(ordinal for ordinal, _ in rule.weekdays)
    if has_ordinals and rule.every not in (Every.MONTH, Every.YEAR):
        raise RuleNotUnderstood("BYDAY with a number")
    if has_ordinals and rule.every is Every.YEAR and not rule.months:
        raise RuleNotUnderstood("BYDAY counted within a year")
    if rule.month_days and rule.every is Every.WEEK:
        raise RuleNotUnderstood("BYMONTHDAY in a week")


def _days_after(start: date, end: date) -> Iterator[date]:
    day = start
    while day < end:
        day += _DAY
        yield day


def _matches(rule: Rule, start: date, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if not _is_in_step(rule, start, day):
        return False
    if rule.month_days and not _is_month_day(rule, day):
        return False
    if rule.weekdays:
        return _is_weekday(rule, day)
    return bool(rule.month_days) or _is_like_the_first(rule, start, day)


def _is_in_step(rule: Rule, start: date, day: date) -> bool:
    """Tell whether the unit of this day is one of those that the interval hits."""
    if rule.every is Every.DAY:
        steps = (day - start).days
    elif rule.every is Every.WEEK:
        steps = (_week(rule, day) - _week(rule, start)) // _WEEK
    elif rule.every is Every.MONTH:
        steps = (day.year - start.year) * _LAST_MONTH + day.month - start.month
    else:
        steps = day.year - start.year
    return steps % rule.interval == 0


def _week(rule: Rule, day: date) -> date:
    return day - timedelta(days=(day.weekday() - rule.week_start) % 7)


def _is_month_day(rule: Rule, day: date) -> bool:
    return bool(rule.month_days & {day.day, day.day - _length_of_month(day) - 1})


def _is_weekday(rule: Rule, day: date) -> bool:
    from_start = (day.day - 1) // 7 + 1
    from_end = -((_length_of_month(day) - day.day) // 7 + 1)
    weekday = day.weekday()
    return bool(rule.weekdays & {(0, weekday), (from_start, weekday), (from_end, weekday)})


def _is_like_the_first(rule: Rule, start: date, day: date) -> bool:
    """Tell whether the day is what the first one was, where the rule does not say more."""
    if rule.every is Every.DAY:
        return True
    if rule.every is Every.WEEK:
        return day.weekday() == start.weekday()
    if rule.every is Every.YEAR and not rule.months and day.month != start.month:
        return False
    return day.day == start.day


def _length_of_month(day: date) -> int:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - _DAY).day


def _listed(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise RuleNotUnderstood(f"the number {text[:12]}")
    return int(text)


def _month(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > _LAST_MONTH:
        raise RuleNotUnderstood(f"BYMONTH={text[:12]}")
    return int(text)


def _month_day(text: str) -> int:
    if not _DAY_OF_MONTH.fullmatch(text):
        raise RuleNotUnderstood(f"BYMONTHDAY={text[:12]}")
    return int(text)


def _weekday(text: str) -> tuple[int, int]:
    match = _BYDAY.fullmatch(text)
    if match is None:
        raise RuleNotUnderstood(f"BYDAY={text[:12]}")
    return int(match["ordinal"] or 0), _WEEKDAYS.index(match["day"])


def _until(text: str) -> date:
    match = _UNTIL.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> date:
    raise RuleNotUnderstood(f"UNTIL={text[:12]}")
