"""Checks of dates: deadlines that leave time, and weekdays that are those of their dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta

from topthree.domain.calendar_words import day_words
from topthree.domain.how_many import how_many
from topthree.domain.preflight.finding import Flaw
from topthree.domain.preflight.proof import Passage, Proof
from topthree.domain.writing.issue import PLACES
from topthree.domain.writing.item import Section

_SHORT_NOTICE = timedelta(days=3)
#: Characters before a date in which another weekday can belong to it.
_LOOK_BACK = 30
_ENGLISH_DAYS = {
    "Mon": 0, "Tue": 1, "Tues": 1, "Wed": 2, "Thu": 3, "Thur": 3, "Thurs": 3, "Fri": 4, "Sat": 5,
    "Sun": 6, "Monday": 0, "Tuesday": 1, "Wednesday": 2, "Thursday": 3, "Friday": 4, "Saturday": 5,
    "Sunday": 6,
}  # fmt: skip
_ENGLISH_MONTHS = {
    "January": 1, "February": 2, "March": 3, "April": 4, "May": 5, "June": 6, "July": 7,
    "August": 8, "September": 9, "October": 10, "November": 11, "December": 12, "Jan": 1, "Feb": 2,
    "Mar": 3, "Apr": 4, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Sept": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
_SPANISH_DAYS = {
    "lunes": 0, "martes": 1, "miércoles": 2, "jueves": 3, "viernes": 4, "sábado": 5, "domingo": 6,
}  # fmt: skip
_SPANISH_MONTHS = {
    "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7,
    "agosto": 8, "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
}  # fmt: skip


def _any_of(names: dict[str, int]) -> str:
    # The longest first, or “Mon” would be taken for “Monday”.
    return "|".join(sorted(names, key=len, reverse=True))


_YEAR = r"(?:,?\s+(?P<year>\d{4})\b)?"
_ENGLISH = (
    re.compile(
        rf"\b(?P<weekday>{_any_of(_ENGLISH_DAYS)})\.?,?\s+(?:the\s+)?"
        rf"(?P<month>{_any_of(_ENGLISH_MONTHS)})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}"
    ),
    re.compile(
        rf"\b(?P<weekday>{_any_of(_ENGLISH_DAYS)})\.?,?\s+(?:the\s+)?"
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_any_of(_ENGLISH_MONTHS)})\b"
        rf"{_YEAR}"
    ),
)
_SPANISH = (
    re.compile(
        rf"\b(?P<weekday>{_any_of(_SPANISH_DAYS)}),?\s+(?P<day>\d{{1,2}})\s+de\s+"
        rf"(?P<month>{_any_of(_SPANISH_MONTHS)})\b(?:\s+del?\s+(?P<year>\d{{4}})\b)?",
        re.IGNORECASE,
    ),
)
# In “Monday–Friday, July 27–31” and “Monday and Tuesday, July 27 and 28” the weekday next to the
# date is another day's.
_AFTER_ANOTHER = re.compile(
    rf"\b(?:{_any_of(_ENGLISH_DAYS)}|{_any_of(_SPANISH_DAYS)})s?\.?\s*"
    r"(?:[-–—&,/]|,?\s*\b(?:to|through|thru|and|or|a|y|o)\b)\s*$",
    re.IGNORECASE,
)  # fmt: skip


def past_deadlines(proof: Proof) -> Iterator[Flaw]:
    """Find what is over when the letter comes."""
    for place, item in zip(PLACES, proof.content.items, strict=True):
        closes_on, happens_on = item.participation.closes_on, item.participation.happens_on
        if closes_on is not None and _is_over(proof, closes_on, item.participation.closes_at):
            message = f"Item {place} closes on {day_words(closes_on)}, {_when(proof, closes_on)}."
            todo = "Correct the date, or take another item."
            yield Flaw(field=f"item-{place}-closes-on", message=message, todo=todo)
        is_opportunity = item.section is Section.OPPORTUNITY
        if is_opportunity and happens_on is not None and happens_on < proof.goes_on:
            when = _when(proof, happens_on)
            message = f"Item {place} takes place on {day_words(happens_on)}, {when}."
            todo = "Correct the date, or take another item."
            yield Flaw(field=f"item-{place}-happens-on", message=message, todo=todo)


def close_deadlines(proof: Proof) -> Iterator[Flaw]:
    """Find deadlines that leave hardly anybody the time to act."""
    for place, item in zip(PLACES, proof.content.items, strict=True):
        closes_on = item.participation.closes_on
        if proof.slot is None or closes_on is None:
            continue
        left = closes_on - proof.slot
        if timedelta() <= left <= _SHORT_NOTICE:
            when = (
                "the day it goes out"
                if not left
                else f"{how_many(left.days, 'day')} after it goes out"
            )
            message = f"Item {place} closes on {day_words(closes_on)}, {when}."
            todo = "Ask for a later deadline, or move the issue to an earlier slot."
            yield Flaw(field=f"item-{place}-closes-on", message=message, todo=todo)


def wrong_weekdays(proof: Proof) -> Iterator[Flaw]:
    """Find dates whose weekday is another day's, and days that no calendar has."""
    for passage, block in proof.each_block():
        patterns, weekdays, months = _language(passage)
        for pattern in patterns:
            for found in pattern.finditer(block.words):
                before = block.words[max(0, found.start() - _LOOK_BACK) : found.start()]
                if _AFTER_ANOTHER.search(before):
                    continue
                weekday = weekdays[_spelled(found["weekday"], weekdays)]
                month = months[_spelled(found["month"], months)]
                year = int(found["year"]) if found["year"] else None
                said = _said(proof.goes_on, (year, month, int(found["day"])), weekday)
                if said:
                    message = f"“{found[0]}”: {said}"
                    todo = "Look into the calendar, and correct the day or the date."
                    yield Flaw(field=passage.field, message=message, todo=todo)


def _is_over(proof: Proof, day: date, at: time | None) -> bool:
    if day == proof.slot and at is not None and proof.goes_at is not None:
        return at <= proof.goes_at
    return day < proof.goes_on


def _language(
    passage: Passage,
) -> tuple[tuple[re.Pattern[str], ...], dict[str, int], dict[str, int]]:
    if passage.language.partition("-")[0] == "es":
        return _SPANISH, _SPANISH_DAYS, _SPANISH_MONTHS
    if passage.is_english:
        return _ENGLISH, _ENGLISH_DAYS, _ENGLISH_MONTHS
    return (), {}, {}


def _spelled(word: str, names: dict[str, int]) -> str:
    return word if word in names else word.lower()


def _said(near: date, typed: tuple[int | None, int, int], weekday: int) -> str:
    """Say what is wrong with the date; empty if its weekday is right."""
    year, month, day = typed
    years = (year,) if year else (near.year - 1, near.year, near.year + 1)
    dates = [made for each in years if (made := _date(each, month, day))]
    if not dates:
        return "there is no such day."
    # The year that nobody writes is the one that brings the date closest to the letter.
    meant = min(dates, key=lambda each: abs(each - near))
    if meant.weekday() == weekday:
        return ""
    return f"{meant:%B} {meant.day}, {meant.year} is a {meant:%A}."


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _when(proof: Proof, day: date) -> str:
    if day < proof.today:
        return "which has passed"
    return f"before the letter goes out on {day_words(proof.goes_on)}"
