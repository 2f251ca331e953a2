"""School breaks as people paste them: a line each, dates in any of several plain shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from topthree.domain.planning.school_calendar import SchoolBreak, break_problems, tidy_name
from topthree.domain.refusal import Problem

TEXT_LIMIT = 60_000
LINE_LIMIT = 400
#: So many lines are named when they cannot be read; whoever mends them sees the pattern.
_NAMED = 20
_SHOWN = 60
UNDERSTOOD: Final = (
    "November 26–27, 2026 Thanksgiving",
    "2026-12-24 to 2027-01-03 Winter break",
    "4/5/2027 - 4/9/2027 Spring break",
    "Monday, January 18, 2027: Martin Luther King Jr. Day",
)

_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday|s|rs?)?\.?,? +"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_YEAR = r"(?:,? +(?P<year>\d{4})(?!\d))?"
_WORDED = re.compile(rf"(?<![a-z0-9])(?:{_WEEKDAY})?{_MONTH} +{_DAY}{_YEAR}", re.ASCII)
_DAY_ONLY = re.compile(rf"{_DAY}{_YEAR}(?![a-z/])", re.ASCII)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<numbered>\d{1,2})-(?P<day>\d{1,2})(?!\d)", re.ASCII)
_AMERICAN = re.compile(
    r"(?<!\d)(?P<numbered>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?!\d)", re.ASCII
)
_TO = re.compile(r" *(?:-|to\b|through\b|thru\b|until\b|till\b) *", re.ASCII)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_AROUND_A_NAME = " \t:;,.-*•|–—()"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedBreaks:
    """What a text holds, and which of its lines cannot be read."""

    breaks: tuple[SchoolBreak, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """A date as it was typed, perhaps without its year."""

    year: int | None
    month: int
    day: int
    weekday: str = ""


class _Unreadable(Exception):
    """Why a line holds no break; the text stands behind the line's number."""


def parse_breaks(text: str) -> PastedBreaks:
    """Read a break from each line that is not blank; what cannot be read is named by its line."""
    lines = text.splitlines() if len(text) <= TEXT_LIMIT else []
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if len(text) > TEXT_LIMIT or len(filled) > LINE_LIMIT:
        return PastedBreaks(problems=(_too_much(text),))
    breaks: dict[SchoolBreak, None] = {}
    problems: list[Problem] = []
    for number, line in filled:
        try:
            breaks[_parse_line(line)] = None
        except _Unreadable as error:
            message = f"Line {number}, “{_shortened(line)}”: {error}"
            problems.append(Problem(field="dates", message=message))
    if len(problems) > _NAMED:
        message = f"And {len(problems) - _NAMED} more lines like these."
        problems[_NAMED:] = [Problem(field="dates", message=message)]
    if not filled:
        problems = [Problem(field="dates", message="Paste the dates, one break a line.")]
    return PastedBreaks(breaks=tuple(breaks), problems=tuple(problems))


def _too_much(text: str) -> Problem:
    lines = text.count("\n") + 1
    message = (
        f"This has {lines:,} lines and {len(text):,} characters; at most {LINE_LIMIT} lines and"
        f" {TEXT_LIMIT:,} characters are read. A school year has about twenty breaks."
    )
    return Problem(field="dates", message=message)


def _parse_line(line: str) -> SchoolBreak:
    plain = _DASHES.sub("-", " ".join(line.split()))
    folded = plain.lower() if len(plain.lower()) == len(plain) else plain
    begin = _earliest(folded)
    if begin is None:
        raise _Unreadable(f"there is no date in it. Write it like “{UNDERSTOOD[0]}”.")
    first, end = _typed(begin), begin.end()
    last, end = _second(folded, first, end)
    first_day, last_day = _days(first, last)
    name = f"{plain[: begin.start()].strip(_AROUND_A_NAME)} {plain[end:].strip(_AROUND_A_NAME)}"
    found = SchoolBreak(first=first_day, last=last_day, name=tidy_name(name))
    problems = break_problems("dates", found)
    if problems:
        raise _Unreadable(_continued(problems[0].message))
    return found


def _earliest(text: str) -> re.Match[str] | None:
    matches = (shape.search(text) for shape in (_ISO, _AMERICAN, _WORDED))
    return min((match for match in matches if match), key=lambda each: each.start(), default=None)


def _second(text: str, first: _Typed, end: int) -> tuple[_Typed, int]:
    """Return the last day, which is the first one again if the line has no other."""
    between = _TO.match(text, end)
    if between is None:
        return first, end
    for shape in (_ISO, _AMERICAN, _WORDED):
        match = shape.match(text, between.end())
        if match is not None:
            return _typed(match), match.end()
    match = _DAY_ONLY.match(text, between.end())
    if match is None:
        return first, end
    year = int(match["year"]) if match["year"] else first.year
    return _Typed(year=year, month=first.month, day=int(match["day"])), match.end()


def _typed(match: re.Match[str]) -> _Typed:
    parts = match.groupdict()
    month = int(parts["numbered"]) if "numbered" in parts else _MONTHS.index(parts["month"]) + 1
    year = int(parts["year"]) if parts["year"] else None
    return _Typed(year=year, month=month, day=int(parts["day"]), weekday=parts.get("weekday") or "")


def _days(first: _Typed, last: _Typed) -> tuple[date, date]:
    """Give the date without a year that of the other; a break may reach into the next year."""
    known = first.year or last.year
    if known is None:
        raise _Unreadable("which year is it? Write the year behind the day.")
    turns = (first.month, first.day) > (last.month, last.day)
    last_year = last.year or (known + 1 if turns else known)
    first_year = first.year or (known - 1 if turns else known)
    return _date(first, first_year), _date(last, last_year)


def _date(typed: _Typed, year: int) -> date:
    try:
        day = date(year, typed.month, typed.day)
    except ValueError:
        raise _Unreadable(f"there is no {year}-{typed.month:02}-{typed.day:02}.") from None
    if typed.weekday and _WEEKDAYS[day.weekday()] != typed.weekday:
        raise _Unreadable(f"{day:%B} {day.day}, {day.year} is a {day:%A}. Which of the two is it?")
    return day


def _shortened(line: str) -> str:
    plain = "".join(sign for sign in " ".join(line.split()) if sign.isprintable())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1].rstrip() + "…"


def _continued(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
