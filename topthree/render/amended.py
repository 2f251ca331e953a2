"""What a page says about its corrections, in the language of the letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from topthree.domain.archive.correction import Correction
from topthree.domain.archive.issue_key import IssueKey
from topthree.render.phrased_dates import date_words
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
    #: The corrections that were sent to its readers, and the issue that it corrects: key and words.
    links: tuple[tuple[IssueKey, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendments:
    """Everything by which a letter and its corrections are tied to each other."""

    #: Newest first.
    corrections: tuple[Correction, ...] = ()
    #: The correcting letters that went out.
    sent: tuple[IssueKey, ...] = ()
    #: The day of the letter that this one corrects.
    corrects: date | None = None


def amended_words(
    language: str, day: date, amendments: Amendments, *, time_zone: ZoneInfo
) -> Amended:
    """Put the corrections of the letter of this day into words.

    :param time_zone: in which the day of a correction is told.
    """
    phrases = phrases_for(language)
    return Amended(
        notes=tuple(
            phrases.corrected.format(
                day=date_words(phrases, each.at.astimezone(time_zone).date()), note=each.note
            )
            for each in amendments.corrections
        ),
        record=phrases.record.format(day=date_words(phrases, day)),
        record_corrected=phrases.record_corrected,
        to_record=phrases.to_record,
        to_page=phrases.to_page,
        links=tuple(_links(phrases, amendments)),
    )


def _links(phrases: Phrases, amendments: Amendments) -> Iterator[tuple[IssueKey, str]]:
    if amendments.corrects is not None:
        words = phrases.correction_of.format(day=date_words(phrases, amendments.corrects))
        yield IssueKey(day=amendments.corrects), words
    for key in amendments.sent:
        yield key, phrases.correction_sent.format(day=date_words(phrases, key.day))
