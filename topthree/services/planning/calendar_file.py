"""A calendar file (.ics, RFC 5545) as school breaks: its whole-day events within the years ahead.

Only the lines that say when, how often and what are handed to the parser, and of events alone, so
that neither a nest of components nor a megabyte of description costs anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from icalendar import Calendar, Event
from icalendar.error import BrokenCalendarProperty

from topthree.domain.planning.recurrence import RuleNotUnderstood, occurrences, parse_rule
from topthree.domain.planning.school_calendar import LONGEST, SchoolBreak, break_problems, tidy_name
from topthree.domain.refusal import Invalid, Problem
from topthree.domain.years import is_plausible

SIZE_LIMIT = 1_000_000
EVENT_LIMIT = 2_000
BREAK_LIMIT = 400
_RECURRING_LIMIT = 60
#: So many days of one event may lie ahead, and so many are looked at with those that are over.
_OCCURRENCES = 40
_EXPANDED = 4_000
_LINE_LIMIT = 2_000
#: Calendars of schools are made for a year or two.
_HORIZON = timedelta(days=3 * 366)
_DAY = timedelta(days=1)
_KEPT = re.compile(
    r"(BEGIN|END|DTSTART|DTEND|DURATION|SUMMARY|RRULE|EXDATE|UID|RECURRENCE-ID|STATUS)[:;]",
    re.IGNORECASE,
)
_FIELD = "file"


class PassedOver(StrEnum):
    """Why an event of the file is not offered; the value counts them for people."""

    TIMED = "with a time of day, which is no day off"
    OVER = "over already"
    CANCELLED = "cancelled"
    UNREADABLE = "with a date or a name that cannot be read"
    RULE = "repeating by a rule that is not understood here: paste its days below"
    TOO_OFTEN = "repeating so often that it can be no break"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReading:
    """What a calendar file offers, soonest first, and what was passed over."""

    breaks: tuple[SchoolBreak, ...]
    passed_over: tuple[tuple[PassedOver, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    first: date
    #: The days from the first to the last one.
    length: timedelta


class _Skipped(Exception):
    """An event that is no break ahead; the one argument says why."""


def read_calendar_file(raw: bytes, name: str, today: date) -> CalendarReading:
    """Return the whole-day events of the file that are not over, soonest first.

    :raises Invalid: naming the file, if it is none, too large, or holds nothing of the kind.
    """
    passed: Counter[PassedOver] = Counter()
    found: set[SchoolBreak] = set()
    events = list(_events(raw, name))
    moved = _moved_days(events)
    recurring = [event for event in events if "RRULE" in event]
    if len(recurring) > _RECURRING_LIMIT:
        raise _bad(name, f"{len(recurring):,} events repeat; at most {_RECURRING_LIMIT} may.")
    for event in events:
        try:
            found.update(_breaks_of(event, moved, today))
        except _Skipped as error:
            passed[error.args[0]] += 1
    if not found:
        why = "; ".join(f"{count:,} {each.value}" for each, count in passed.most_common())
        raise _bad(name, f"it holds no whole day ahead. {f'Its events: {why}.' if why else ''}")
    if len(found) > BREAK_LIMIT:
        raise _bad(name, f"it holds {len(found):,} days off; at most {BREAK_LIMIT} fit.")
    ordered = sorted(found, key=lambda each: (each.first, each.last, each.name))
    return CalendarReading(breaks=tuple(ordered), passed_over=tuple(passed.most_common()))


def _events(raw: bytes, name: str) -> Iterator[Event]:
    if len(raw) > SIZE_LIMIT:
        raise _bad(name, f"it has over {SIZE_LIMIT // 1_000_000} MB. Export one school year only.")
    lines = _sifted(_text(raw, name), name)
    if lines.count("BEGIN:VEVENT") > EVENT_LIMIT:
        raise _bad(name, f"it holds over {EVENT_LIMIT:,} events. Export one school year only.")
    try:
        calendar = Calendar.from_ical("\r\n".join([*lines, ""]))
    except ValueError:
        raise _bad(name, "its lines are not in order. Export it from its calendar anew.") from None
    for event in calendar.walk("VEVENT"):
        if isinstance(event, Event):
            yield event


def _text(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if "\0" in text or not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise _bad(name, "it is no calendar file. Export one that ends in .ics.")
    return text


def _sifted(text: str, name: str) -> list[str]:
    """Return the lines of the calendar and its events that matter here, unfolded."""
    kept: list[str] = []
    inside: list[str] = []
    for line in _unfolded(text):
        if not _KEPT.match(line):
            continue
        key, _, value = line.partition(":")
        if key.upper() == "BEGIN":
            inside.append(value.strip().upper())
        if inside in (["VCALENDAR"], ["VCALENDAR", "VEVENT"]):
            if len(line) > _LINE_LIMIT:
                raise _bad(name, f"a line of it has over {_LINE_LIMIT:,} characters.")
            is_frame = key.upper() in ("BEGIN", "END")
            kept.append(f"{key.upper()}:{value.strip().upper()}" if is_frame else line)
        if key.upper() == "END" and inside:
            inside.pop()
    return kept


def _unfolded(text: str) -> Iterator[str]:
    """Yield the lines; what a blank begins belongs to the line before (RFC 5545 §3.1)."""
    parts: list[str] = []
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        yield "".join(parts)
        parts = [line]
    yield "".join(parts)


def _moved_days(events: Iterable[Event]) -> frozenset[tuple[str, date]]:
    """Return the days of recurring events that have an event of their own in the file."""
    days = ((str(event.get("UID", "")), _day(event.get("RECURRENCE-ID"))) for event in events)
    return frozenset((uid, day) for uid, day in days if day is not None)


def _breaks_of(
    event: Event, moved: frozenset[tuple[str, date]], today: date
) -> Iterator[SchoolBreak]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        raise _Skipped(PassedOver.CANCELLED)
    span, name = _span(event), tidy_name(str(event.get("SUMMARY", "")))
    uid, is_moved = str(event.get("UID", "")), "RECURRENCE-ID" in event
    days = [
        day
        for day in _days(event, span, today)
        if is_moved or (uid, day) not in moved
        if today <= day + span.length and day <= today + _HORIZON
    ]
    if not days or len(days) > _OCCURRENCES:
        raise _Skipped(PassedOver.TOO_OFTEN if days else PassedOver.OVER)
    for day in days:
        found = SchoolBreak(first=day, last=day + span.length, name=name)
        if break_problems(_FIELD, found):
            raise _Skipped(PassedOver.UNREADABLE)
        yield found


def _span(event: Event) -> _Span:
    if event.errors:
        raise _Skipped(PassedOver.UNREADABLE)
    start, end = event.get("DTSTART"), event.get("DTEND")
    if isinstance(getattr(start, "dt", None), datetime):
        raise _Skipped(PassedOver.TIMED)
    first = _day(start)
    if first is None or not is_plausible(first):
        raise _Skipped(PassedOver.UNREADABLE)
    after = _day(end)
    # The end of a whole-day event is the day after its last (RFC 5545 §3.6.1).
    length = max(_duration(event) if after is None else after - first, _DAY) - _DAY
    if length >= LONGEST:
        raise _Skipped(PassedOver.UNREADABLE)
    return _Span(first=first, length=length)


def _days(event: Event, span: _Span, today: date) -> tuple[date, ...]:
    if "RRULE" not in event or "RECURRENCE-ID" in event:
        return (span.first,)
    rules = event.get("RRULE")
    try:
        rule = parse_rule(rules.to_ical().decode())
    except (RuleNotUnderstood, AttributeError, UnicodeDecodeError):
        raise _Skipped(PassedOver.RULE) from None
    days = occurrences(rule, span.first, horizon=today + _HORIZON, most=_EXPANDED)
    left_out = _left_out(event)
    return tuple(day for day in days if day not in left_out)


def _left_out(event: Event) -> frozenset[date]:
    given: Any = event.get("EXDATE", [])
    lists = given if isinstance(given, list) else [given]
    days = (_day(each) for listed in lists for each in getattr(listed, "dts", ()))
    return frozenset(day for day in days if day is not None)


def _day(value: Any) -> date | None:  # noqa: ANN401 - the package types none of its properties
    try:
        moment = getattr(value, "dt", None)
    except BrokenCalendarProperty:
        return None
    if isinstance(moment, datetime):
        return moment.date()
    return moment if isinstance(moment, date) else None


def _duration(event: Event) -> timedelta:
    length = getattr(event.get("DURATION"), "dt", None)
    return length if isinstance(length, timedelta) else _DAY


def _bad(name: str, why: str) -> Invalid:
    called = "".join(sign for sign in name if sign.isprintable())[:60] or "The file"
    return Invalid(Problem(field=_FIELD, message=f"{called} cannot be taken over: {why}".strip()))
