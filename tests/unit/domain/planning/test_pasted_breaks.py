"""School breaks are read from what people paste, and each line that cannot be is named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.planning.pasted_breaks import LINE_LIMIT, TEXT_LIMIT, UNDERSTOOD, parse_breaks
from topthree.domain.planning.school_calendar import SchoolBreak

THANKSGIVING = SchoolBreak(
    first=date(2026, 11, 26), last=date(2026, 11, 27), name="Thanksgiving break"
)
WINTER = SchoolBreak(first=date(2026, 12, 24), last=date(2027, 1, 3), name="Winter break")


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in parse_breaks(text).problems]


@pytest.mark.parametrize(
    "line",
    [
        "November 26–27, 2026 Thanksgiving break",
        "Nov. 26 - 27, 2026: Thanksgiving break",
        "Thanksgiving break: November 26 through November 27, 2026",
        "Thanksgiving break (November 26th to 27th, 2026)",
        "• Thursday, November 26, 2026 – Friday, November 27, 2026\tThanksgiving break",
        "2026-11-26 to 2026-11-27 Thanksgiving break",
        "11/26/2026 – 11/27/2026, Thanksgiving break",
    ],
)
def test_one_break_is_understood_in_many_shapes(line: str) -> None:
    assert parse_breaks(line).breaks == (THANKSGIVING,)


@pytest.mark.parametrize(
    "line",
    [
        "2026-12-24 to 2027-01-03 Winter break",
        "December 24, 2026 – January 3 Winter break",
        "December 24 – January 3, 2027 Winter break",
    ],
)
def test_a_break_may_reach_into_the_next_year(line: str) -> None:
    assert parse_breaks(line).breaks == (WINTER,)


def test_every_shape_that_the_page_shows_is_understood() -> None:
    read = parse_breaks("\n".join(UNDERSTOOD))

    assert (len(read.breaks), read.problems) == (len(UNDERSTOOD), ())


def test_blank_lines_and_repetitions_are_no_matter() -> None:
    line = "2026-12-24 to 2027-01-03 Winter break"

    assert parse_breaks(f"\r\n{line}\r\n\r\n{line}\n").breaks == (WINTER,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("No school", "there is no date in it"),
        ("Market 5, 2026 fair", "there is no date in it"),
        ("November 26 Thanksgiving", "which year is it?"),
        ("February 29, 2027 No school", "there is no 2027-02-29"),
        ("2026-11-31 No school", "there is no 2026-11-31"),
        ("Friday, November 26, 2026 Thanksgiving", "November 26, 2026 is a Thursday"),
        ("2027-01-03 to 2026-12-24 Winter", "before it begins"),
        ("2026-12-24 to 2027-12-31 Winter", "lasts over 120 days"),
        ("1026-11-26 Thanksgiving", "The year is a slip".lower()),
        ("2026-11-26", "no name"),
        (f"2026-11-26 {'x' * 200}", "at most 120 fit"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_the_reason(line: str, said: str) -> None:
    problems = problems_of(f"2026-12-24 to 2027-01-03 Winter break\n{line}")

    assert len(problems) == 1
    assert problems[0].startswith("Line 2, “")
    assert said in problems[0]


def test_the_leap_day_of_a_leap_year_is_a_day() -> None:
    (found,) = parse_breaks("February 29, 2028 Teachers’ day off").breaks

    assert (found.first, found.last) == (date(2028, 2, 29), date(2028, 2, 29))


def test_a_million_lines_are_refused_in_one_sentence() -> None:
    (said,) = problems_of("2026-11-26 x\n" * 1_000_000)

    assert "1,000,001 lines" in said


def test_many_bad_lines_are_counted_and_not_all_named() -> None:
    problems = problems_of("no date\n" * LINE_LIMIT)

    assert len(problems) == 21
    assert problems[-1] == f"And {LINE_LIMIT - 20} more lines like these."


def test_an_empty_text_asks_for_dates() -> None:
    assert problems_of(" \n ") == ["Paste the dates, one break a line."]


@given(st.text(alphabet="Nov 26–-to, 2026/\n\x00İThu.", max_size=200) | st.text(max_size=200))
def test_no_text_is_too_odd_to_be_answered(text: str) -> None:
    read = parse_breaks(text)

    assert read.breaks or read.problems
    assert all(each.first <= each.last and each.name for each in read.breaks)


def test_a_line_as_long_as_the_text_may_be_is_answered() -> None:
    assert problems_of("Nov 26 - " * (TEXT_LIMIT // 9))
