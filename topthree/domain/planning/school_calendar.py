"""School breaks: days on which teachers are away, and a letter would go unread."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from topthree.domain.calendar_words import short_day
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Problem
from topthree.domain.years import is_plausible

NAME_LIMIT = 120
#: The longest summer has eleven weeks; what is longer is a slip in a date.
LONGEST = timedelta(days=120)
_WEEK = timedelta(days=7)
#: A school year begins in July, when most schools are closed.
_JULY = 7
_DAY_OFF = re.compile(
    r"\b(break|breaks|holidays?|recess|vacation|closed|closure|no school|no classes|day off"
    r"|thanksgiving|christmas|winter|spring|summer|easter|labor day|memorial day|independence day"
    r"|columbus day|indigenous peoples|veterans day|presidents|martin luther king|mlk|juneteenth"
    r"|new year|rosh hashanah|yom kippur|diwali|lunar new year|eid)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolBreak:
    """A stretch of days without school, both ends included."""

    first: date
    last: date
    name: str

    def covers(self, day: date) -> bool:
        """Tell whether there is no school on this day."""
        return self.first <= day <= self.last

    @property
    def days_words(self) -> str:
        """The days for a list: “Thu, Nov 26 to Fri, Nov 27”."""
        if self.first == self.last:
            return short_day(self.first)
        return f"{short_day(self.first)} to {short_day(self.last)}"

    @property
    def sounds_like_one(self) -> bool:
        """Whether the name says that schools are closed; a calendar holds other days as well."""
        return _DAY_OFF.search(self.name) is not None


def break_problems(field: str, found: SchoolBreak) -> list[Problem]:
    """Say what keeps this from being a school break."""
    problems = line_problems(field, "The name", found.name, NAME_LIMIT)
    said = ""
    if not found.name:
        said = "The break has no name. Write one behind its dates."
    elif not is_plausible(found.first) or not is_plausible(found.last):
        said = "The year is a slip. Check the dates."
    elif found.last < found.first:
        said = f"It ends on {found.last}, before it begins on {found.first}. Turn them around."
    elif found.last - found.first >= LONGEST:
        said = f"It lasts over {LONGEST.days} days. Check the years."
    return [*problems, Problem(field=field, message=said)] if said else problems


def tidy_name(text: str) -> str:
    """Return the name of a break as it is kept: one line, single blanks."""
    return normalise_line(" ".join(text.split()))


def breaks_by_day(breaks: Iterable[SchoolBreak], days: Iterable[date]) -> dict[date, SchoolBreak]:
    """Return the break that each of these days falls into; days with school are left out.

    Where two overlap, the longer one has the better name for it.
    """
    longest_first = sorted(breaks, key=lambda each: each.first - each.last)
    found: dict[date, SchoolBreak] = {}
    for day in days:
        covering = next((each for each in longest_first if each.covers(day)), None)
        if covering is not None:
            found[day] = covering
    return found


def day_beside(
    day: date, breaks: Collection[SchoolBreak], *, after: date, taken: Collection[date]
) -> date | None:
    """Return the nearest same weekday that is in no break and not taken, rather before than after.

    :param after: what lies on this day or before it cannot be chosen any more.
    """
    for weeks in (1, 2, 3, 4, 5, 6, 8, 10, 12):
        for candidate in (day - weeks * _WEEK, day + weeks * _WEEK):
            is_school = not any(each.covers(candidate) for each in breaks)
            if is_school and candidate > after and candidate not in taken:
                return candidate
    return None


def school_year(day: date) -> int:
    """Return the year in which the school year of this day begins."""
    return day.year if day.month >= _JULY else day.year - 1


def school_year_words(start: int) -> str:
    """Return how schools call the year: “2026–27”."""
    return f"{start}–{(start + 1) % 100:02}"


def days_of_school_year(start: int) -> tuple[date, date]:
    """Return the first and the last day of the school year that begins in this year."""
    return date(start, _JULY, 1), date(start + 1, _JULY, 1) - timedelta(days=1)
