from __future__ import annotations

from dataclasses import fields
from datetime import date, time
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from topthree.domain.writing.item import Section
from topthree.render.phrased_dates import day_words, reading_words, time_words
from topthree.render.phrases import Phrases, direction, phrases_for

ENGLISH = phrases_for("en")
SPANISH = phrases_for("es")
WINTER = date(2026, 12, 3)
SUMMER = date(2026, 7, 2)


def test_a_day_is_said_in_full() -> None:
    assert day_words(ENGLISH, WINTER) == "Thursday, December 3, 2026"
    assert day_words(SPANISH, WINTER) == "jueves 3 de diciembre de 2026"


def test_the_year_may_be_left_out() -> None:
    assert day_words(ENGLISH, WINTER, with_year=False) == "Thursday, December 3"
    assert day_words(SPANISH, WINTER, with_year=False) == "jueves 3 de diciembre"


@pytest.mark.parametrize(
    ("at", "on", "zone", "said"),
    [
        (time(6, 0), WINTER, "America/New_York", "6:00 am EST"),
        (time(6, 0), SUMMER, "America/New_York", "6:00 am EDT"),
        (time(17, 5), WINTER, "America/New_York", "5:05 pm EST"),
        (time(0, 0), WINTER, "America/New_York", "12:00 am EST"),
        (time(12, 0), WINTER, "America/New_York", "12:00 pm EST"),
        (time(23, 59), WINTER, "America/Chicago", "11:59 pm CST"),
        (time(17, 0), WINTER, "America/Sao_Paulo", "5:00 pm UTC-03"),
        (time(17, 0), WINTER, "UTC", "5:00 pm UTC"),
    ],
)
def test_a_time_is_said_with_its_zone_as_of_that_day(
    at: time, on: date, zone: str, said: str
) -> None:
    assert time_words(ENGLISH, at, on=on, zone=ZoneInfo(zone)) == said


def test_a_time_in_spanish_does_not_break_inside_its_abbreviation() -> None:
    said = time_words(SPANISH, time(17, 0), on=WINTER, zone=ZoneInfo("America/New_York"))

    assert said == "5:00 p.\u00a0m. EST"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "one-minute read"),
        (200, "one-minute read"),
        (201, "two-minute read"),
        (600, "three-minute read"),
        (2_400, "twelve-minute read"),
        (2_401, "13-minute read"),
    ],
)
def test_reading_takes_a_minute_for_200_words(count: int, said: str) -> None:
    assert reading_words(ENGLISH, count) == said


def test_minutes_are_counted_in_spanish_too() -> None:
    assert reading_words(SPANISH, 1) == "un minuto de lectura"
    assert reading_words(SPANISH, 500) == "tres minutos de lectura"


@pytest.mark.parametrize("phrases", [ENGLISH, SPANISH], ids=["en", "es"])
def test_every_language_has_every_phrase_with_the_same_places_to_fill_in(phrases: Phrases) -> None:
    assert (len(phrases.months), len(phrases.weekdays)) == (12, 7)
    assert {phrases.section(section) for section in Section} == {
        phrases.resource,
        phrases.reflection,
        phrases.opportunity,
    }
    for field in fields(Phrases):
        mine, english = getattr(phrases, field.name), getattr(ENGLISH, field.name)
        assert mine
        if isinstance(mine, str):
            assert places(mine) == places(english), field.name


def places(shape: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(shape) if name}


@pytest.mark.parametrize("tag", ["en-US", "fr", "zh-Hans", ""])
def test_a_language_without_a_table_speaks_english(tag: str) -> None:
    assert phrases_for(tag) is ENGLISH


def test_regions_share_the_table_of_their_language() -> None:
    assert phrases_for("es-MX") is SPANISH


@pytest.mark.parametrize(("tag", "said"), [("ar", "rtl"), ("he-IL", "rtl"), ("en", "ltr")])
def test_a_language_knows_its_direction(tag: str, said: str) -> None:
    assert direction(tag) == said
