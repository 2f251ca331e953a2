"""A letter says when the next one comes, in its own language, and it is noticed if it does."""

from __future__ import annotations

from datetime import date

import pytest

from topthree.render.next_line import names_day, next_line

DECEMBER = date(2026, 12, 17)


@pytest.mark.parametrize(
    ("language", "next_day", "line"),
    [
        ("en", date(2026, 12, 31), "The next letter comes on Thursday, December 31."),
        ("en", date(2027, 1, 14), "The next letter comes on Thursday, January 14, 2027."),
        ("es-MX", date(2027, 1, 14), "La próxima carta llega el jueves 14 de enero de 2027."),
        ("vi", date(2026, 12, 31), "The next letter comes on Thursday, December 31."),
    ],
)
def test_the_line_is_in_the_language_of_the_letter(
    language: str, next_day: date, line: str
) -> None:
    assert next_line(language, DECEMBER, next_day) == line
    assert names_day(f"Dear teachers,\n\n{line}", language, next_day)


@pytest.mark.parametrize(
    ("text", "language", "is_named"),
    [
        ("We are back on JANUARY 14!", "en", True),
        ("We are back on Thursday, January 14th.", "en", True),
        ("Seats close on January 1.", "en", False),
        ("January 141 and January 14", "en", True),
        ("January 145", "en", False),
        ("Volvemos el 14 de enero.", "es", True),
        ("Volvemos el 114 de enero.", "es", False),
        ("", "en", False),
    ],
)
def test_the_day_is_noticed_in_whatever_words(text: str, language: str, *, is_named: bool) -> None:
    assert names_day(text, language, date(2027, 1, 14)) is is_named
