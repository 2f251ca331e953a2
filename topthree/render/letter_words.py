"""The words around the three items: number, day, reading time, greeting, the next day."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.newsletter import Edition
from topthree.domain.writing.length import count_letter_words
from topthree.render.phrased_dates import date_words, day_words, reading_words
from topthree.render.phrases import phrases_for


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """What an issue says about itself, in its language."""

    #: “No. 27”
    number: str
    #: “Thursday, November 19, 2026”
    day: str
    #: “three-minute read”
    reading: str
    #: Paragraphs, each without line breaks.
    greeting: tuple[str, ...]
    #: “This corrects the letter of November 19, 2026”; empty if it corrects none.
    corrects: str
    #: “Thursday, December 3”; empty if it is not known.
    next_day: str


def letter_words(edition: Edition) -> LetterWords:
    """Put what surrounds the items into words."""
    content = edition.content
    phrases = phrases_for(content.language)
    next_day = edition.next_day
    return LetterWords(
        number=phrases.number.format(number=edition.number),
        day=day_words(phrases, edition.day),
        reading=reading_words(phrases, count_letter_words(content)),
        greeting=_paragraphs(content.greeting),
        corrects=phrases.correction_of.format(day=date_words(phrases, content.corrects))
        if content.corrects
        else "",
        next_day=day_words(phrases, next_day, with_year=next_day.year != edition.day.year)
        if next_day
        else "",
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    blocks = (" ".join(block.split()) for block in text.split("\n\n"))
    return tuple(block for block in blocks if block)
