"""An issue as the public page shows it, and an item in one sentence for lists and feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.newsletter import Edition, Newsletter
from topthree.domain.writing.item import Item
from topthree.render.item_view import ItemFrame, ItemView, view_items
from topthree.render.letter_words import letter_words
from topthree.render.markdown import Documents, to_page_html, to_words
from topthree.render.phrases import direction

SUMMARY_LIMIT = 160
_SENTENCE_END = re.compile(r"[.!?…]['\"’”)]*(?=\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """Everything the public page says; it names no reader and holds no token."""

    key: IssueKey
    number: int
    number_words: str
    day: date
    day_words: str
    title: str
    preheader: str
    greeting: tuple[str, ...]
    reading_words: str
    language: str
    #: Value of ``dir``.
    direction: str
    permalink: str
    items: tuple[ItemView, ...]
    next_day: date | None
    is_sample: bool


def issue_page(
    edition: Edition, newsletter: Newsletter, *, time_zone: ZoneInfo, today: date
) -> IssuePage:
    """Return the page's view of the issue.

    :param time_zone: in which the deadlines' civil times are meant.
    :param today: the civil date there; deadlines before it are shown as over.
    """
    frame = ItemFrame(
        edition=edition,
        newsletter=newsletter,
        time_zone=time_zone,
        to_html=_without_hue,
        today=today,
    )
    words = letter_words(edition)
    return IssuePage(
        key=edition.key,
        number=edition.number,
        number_words=words.number,
        day=edition.day,
        day_words=words.day,
        title=edition.content.subject,
        preheader=edition.content.preheader,
        greeting=words.greeting,
        reading_words=words.reading,
        language=edition.content.language,
        direction=direction(edition.content.language),
        permalink=newsletter.issue_url(edition.key),
        items=view_items(frame),
        next_day=edition.next_day,
        is_sample=edition.is_sample,
    )


def plain_summary(item: Item) -> str:
    """Return the first sentence of the body without its markup, at most ``SUMMARY_LIMIT`` long."""
    words = to_words(item.body)
    end = _SENTENCE_END.search(words)
    sentence = words[: end.end()] if end else words
    if len(sentence) <= SUMMARY_LIMIT:
        return sentence
    return sentence[: SUMMARY_LIMIT - 1].rsplit(maxsplit=1)[0].rstrip(",;:–-") + "…"


def _without_hue(text: str, _hue: str, documents: Documents) -> Markup:
    return to_page_html(text, documents)
