"""What a page says about its corrections, in the language of the letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from topthree.domain.correction import Correction
from topthree.render.phrases import Phrases, phrases_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The notes, newest first, and the words of the ways between the page and the record."""

    #: “Corrected on December 4, 2026: …”
    notes: tuple[str, ...]
    record: str
    record_corrected: str
    to_record: str
    to_page: str


def amended_words(
    language: str, day: date, corrections: Iterable[Correction], *, time_zone: ZoneInfo
) -> Amended:
    """Put the corrections of the letter of this day into words.

    :param time_zone: in which the day of a correction is told.
    """
    phrases = phrases_for(language)
    return Amended(
        notes=tuple(
            phrases.corrected.format(
                day=_date(phrases, each.at.astimezone(time_zone).date()), note=each.note
            )
            for each in corrections
        ),
        record=phrases.record.format(day=_date(phrases, day)),
        record_corrected=phrases.record_corrected,
        to_record=phrases.to_record,
        to_page=phrases.to_page,
    )


def _date(phrases: Phrases, day: date) -> str:
    return phrases.date.format(month=phrases.months[day.month - 1], day=day.day, year=day.year)
