"""How long a text is."""

from __future__ import annotations

import pytest

from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Item, Section
from topthree.domain.writing.length import (
    WORD_TARGETS,
    count_letter_words,
    count_words,
    reading_minutes,
    reading_seconds,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t ", 0),
        ("one", 1),
        ("Who decides? Ask it on a Monday.", 7),
        ("twenty-one don’t", 2),
        ("- one\n- two\n\n> three **four**", 4),
        ("1. one 2. two", 4),
        ("### A heading – and a dash", 5),
        ("[The worksheet](https://www.example.gov/a-b)", 2),
        ("¿Quién decide?", 2),
        ("老师很好", 4),
        ("* * *\n---\n***", 0),
    ],
)
def test_a_word_is_what_has_a_letter_or_a_digit(text: str, count: int) -> None:
    assert count_words(text) == count


def test_a_million_characters_are_counted() -> None:
    assert count_words("word " * 200_000) == 200_000
    assert count_words("!" * 1_000_000) == 0


def test_all_that_is_read_counts_and_nothing_else() -> None:
    item = Item(headline="Two words", body="three more words")
    content = IssueContent(
        subject="not counted",
        preheader="not counted",
        greeting="Dear all",
        items=(item, item, item),
    )

    counted = count_letter_words(content)

    assert counted == 2 + 3 * 5


@pytest.mark.parametrize(
    ("words", "seconds", "minutes"),
    [(0, 0, 1), (1, 5, 1), (9, 5, 1), (75, 25, 1), (118, 35, 1), (200, 60, 1), (201, 60, 2)],
)
def test_two_hundred_words_take_a_minute(words: int, seconds: int, minutes: int) -> None:
    assert (reading_seconds(words), reading_minutes(words)) == (seconds, minutes)


def test_every_section_has_a_target_and_the_three_take_less_than_three_minutes() -> None:
    assert set(WORD_TARGETS) == set(Section)
    assert reading_minutes(sum(WORD_TARGETS.values())) <= 3
